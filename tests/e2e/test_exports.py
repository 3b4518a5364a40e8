"""Tables as files, from the simulated platforms through the whole gateway."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.e2e.asked import WEEK, day_before, days
from tests.e2e.running import Gateway

FIRST = day_before(WEEK + 3)
PERIOD = {
    "from": f"{FIRST}",
    "to": f"{FIRST + timedelta(days=WEEK)}",
    "time_zone": "Europe/London",
}
CATALOGUE = """{
  exportCatalogue { name path granularities platform { key }
                    parameters { name required choices } }
  platforms { key capabilities }
}"""
FIGURES = """query Figures($native: [String!], $period: PeriodInput!) {
  indicators(native: $native, period: $period, platforms: ["gnatta"], granularity: DAY,
             timeZone: "Europe/London") {
    series { value points { value } } failures { code }
  }
}"""


@pytest.fixture(scope="module")
def tables(gateway: Gateway) -> list[dict[str, Any]]:
    answer = gateway.ask(CATALOGUE).data
    giving = {one["key"] for one in answer["platforms"] if "EXPORTS" in one["capabilities"]}
    listed: list[dict[str, Any]] = answer["exportCatalogue"]
    assert {one["platform"]["key"] for one in listed} == giving == {"gnatta"}
    return listed


def get(gateway: Gateway, path: str, **more: str) -> httpx.Response:
    asked = {**PERIOD, **more}
    return httpx.get(f"{gateway.origin}{path}", params=asked, timeout=75, trust_env=False)


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def measured(gateway: Gateway, figure: str) -> dict[str, Any]:
    asked = {"native": [f"gnatta.{figure}"], "period": days(FIRST, WEEK)}
    found = gateway.ask(FIGURES, asked).data["indicators"]
    assert found["failures"] == []
    (series,) = found["series"]
    return dict(series)


def test_a_file_tells_what_queries_tell(gateway: Gateway) -> None:
    told = measured(gateway, "interactionsClosed")
    by_day = rows(get(gateway, "/exports/gnatta/interactions-closed.csv", granularity="DAY"))
    (whole,) = rows(get(gateway, "/exports/gnatta/interactions-closed.csv"))
    values = [float(one["value"]) for one in by_day]
    assert values == [point["value"] for point in told["points"]]
    assert float(whole["value"]) == told["value"] == sum(values) > 0


def test_a_file_holds_every_row(gateway: Gateway) -> None:
    path = "/exports/gnatta/view-interactions-messages.csv"
    answer = get(gateway, path, of="messageVolume/Outbound", context="User", order="Ascending")
    found = rows(answer)
    assert len(found) == measured(gateway, "messageVolume/Outbound")["value"] > 1000
    times = [one["timestamp"] for one in found]
    assert times == sorted(times)
    assert {"reference", "channel", "timestamp", "user"} <= set(found[0])
    name = f"gnatta_view-interactions-messages_{PERIOD['from']}_{PERIOD['to']}.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


def test_a_file_is_restricted_as_queries_are(gateway: Gateway) -> None:
    path = "/exports/gnatta/interactions-closed-by-channel.csv"
    found = rows(get(gateway, path, channel="EMAIL"))
    assert [one["name"] for one in found] == ["Email"]
    refused = get(gateway, path, channel="TELEX").json()["errors"][0]["extensions"]
    assert (refused["code"], refused["argument"]) == ("BAD_USER_INPUT", "channel")
    assert "EMAIL" in refused["accepted"]


def test_whoever_hangs_up_leaves_room_for_the_next(gateway: Gateway) -> None:
    path = f"{gateway.origin}/exports/gnatta/view-interactions-messages.csv"
    asked = {**PERIOD, "of": "messageVolume/Inbound"}
    for _ in range(6):
        with httpx.stream("GET", path, params=asked, timeout=75, trust_env=False) as answer:
            assert answer.status_code == 200
            assert next(answer.iter_bytes()).startswith(b"reference,channel,timestamp")
    assert rows(get(gateway, "/exports/gnatta/interactions-received.csv"))


def test_every_path_of_the_catalogue_is_there(
    gateway: Gateway, tables: list[dict[str, Any]]
) -> None:
    for one in tables:
        required = {p["name"]: p["choices"][0] for p in one["parameters"] if p["required"]}
        asked = {**PERIOD, **required, "granularity": one["granularities"][-1]}
        url = f"{gateway.origin}{one['path']}"
        answer = httpx.head(url, params=asked, timeout=75, trust_env=False)
        assert answer.status_code == 200, one["name"]


@pytest.mark.parametrize(
    ("path", "more", "status", "code"),
    [
        ("/exports/gnatta/interactions-close.csv", {}, 404, "NOT_FOUND"),
        ("/exports/livechat/interactions-closed.csv", {}, 404, "NOT_FOUND"),
        (
            "/exports/gnatta/interactions-closed.csv",
            {"granularity": "HOUR"},
            400,
            "BAD_USER_INPUT",
        ),
    ],
)
def test_what_cannot_be_had_is_an_error_as_elsewhere(
    gateway: Gateway, path: str, more: dict[str, str], status: int, code: str
) -> None:
    answer = get(gateway, path, **more)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
