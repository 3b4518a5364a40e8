"""What the doors of rows refuse, and how they tell it; and days on which clocks change."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
from tests.e2e.asked import rows_of

STRANGER = "nobody"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/", {"GET", "HEAD"}),
        ("DELETE", "/healthz", {"GET", "HEAD"}),
        ("PUT", "/graphql", {"GET", "HEAD", "POST"}),
        ("POST", "/v1/", {"GET", "HEAD"}),
        ("POST", "/v1/agents.csv", {"GET", "HEAD"}),
        ("DELETE", "/v1/nothing", {"GET", "HEAD"}),
        ("PUT", "/v1/jobs/none", {"GET", "HEAD", "DELETE"}),
        ("PATCH", "/odata/agents", {"GET", "HEAD"}),
        ("POST", "/q/", {"GET", "HEAD"}),
    ],
)
def test_what_is_asked_by_another_method_is_told_by_which(
    client: httpx.Client, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    told_as_json(answer)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/v1/nothing", "/v1/agents", "/v1/jobs/none", "/odata/nothing", "/static/x"],
)
def test_what_is_not_there_is_told_as_json(client: httpx.Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    told_as_json(answer)


def told_as_json(answer: httpx.Response) -> None:
    inside = answer.request.url.path.startswith(("/v1/", "/q/"))
    kind = "application/problem+json" if inside else "application/json"
    assert answer.headers["content-type"].startswith(kind)
    assert "NOT_FOUND" in answer.text or "METHOD_NOT_ALLOWED" in answer.text


def test_nothing_leads_to_a_page_of_another_question(client: httpx.Client) -> None:
    first = client.get("/v1/agents.json?limit=1&shape=page").json()["next_cursor"]
    assert first
    turned = first[:-2] + ("A" if first[-2] != "A" else "B") + first[-1]

    for path in (
        f"/v1/agents.csv?limit=1&cursor={turned}",
        f"/v1/conversations.csv?limit=1&cursor={first}",
        f"/v1/agents.csv?limit=1&platform={STRANGER}&cursor={first}",
    ):
        answer = client.get(path)
        assert answer.status_code == 400, path
        assert answer.json()["parameter"] in {"cursor", "platform"}
        assert answer.json()["accepts"]


def test_a_day_on_which_clocks_change_has_its_own_hours(client: httpx.Client) -> None:
    for day, hours in (("2026-03-29", 23), ("2025-10-26", 25), ("2026-03-28", 24)):
        first = date.fromisoformat(day)
        asked = {
            "from": day,
            "to": str(first + timedelta(days=1)),
            "tz": "Europe/Paris",
            "bucket": "hour",
            "keys": "CONVERSATIONS_STARTED",
            "fields": "platform,bucket_start,local_date",
        }
        rows = rows_of(client.get("/v1/indicators.csv", params=asked))
        assert {row["local_date"] for row in rows} == {day}
        assert all(row["bucket_start"].endswith("Z") for row in rows)
        buckets = {row["bucket_start"] for row in rows}
        assert len(buckets) == hours, day
        sheet = rows_of(client.get("/v1/indicators.csv", params={**asked, "dates": "excel"}))
        assert [f"{row['bucket_start'].replace(' ', 'T')}Z" for row in sheet] == [
            row["bucket_start"] for row in rows
        ]
