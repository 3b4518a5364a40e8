"""Flat rows over real sockets: every table answers, whole, by the calls of its lists alone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.e2e.accounts import through, written
from tests.e2e.asked import capable, day_before, days
from tests.e2e.running import Gateway, Table, running_gateway, running_sandbox

from gateway.security.keys import hash_of
from resolvers.rows.registry import STANDARD

DAY = """query Day($from: String, $to: String, $first: Int, $after: String) {
  page: conversationRows(
    from: $from, to: $to, tz: "Europe/Paris", first: $first, after: $after
  ) {
    nodes { platform conversationId eventId startedAt startedAtDate }
    pageInfo { hasNextPage endCursor }
    failures { platform code }
    sources { platform freshness calls }
  }
}"""
LISTED = """query Listed($period: PeriodInput, $after: String) {
  page: conversations(period: $period, timeZone: "Europe/Paris", first: 200, after: $after) {
    nodes { nativeId platform { key } }
    pageInfo { hasNextPage endCursor }
  }
}"""
FIGURES = """query Figures($from: String, $to: String, $period: PeriodInput) {
  rows: indicatorRows(
    from: $from, to: $to, tz: "Europe/Paris", bucket: "day", keys: "CONVERSATIONS_STARTED"
  ) { nodes { platform localDate value final } }
  wide: reportVolumeRows(from: $from, to: $to, tz: "Europe/Paris") {
    nodes { platform localDate conversationsStarted }
  }
  indicators(
    keys: [CONVERSATIONS_STARTED], period: $period, timeZone: "Europe/Paris", granularity: DAY
  ) { series { platform { key } points { value } } }
}"""
CUSTOMERS = """{
  customerRows(first: 50) { nodes { customerId email familyName city } failures { code } }
}"""


def window(days_ago: int, count: int = 1) -> Table:
    """Return the bounds of some local days as callers of rows write them."""
    first = day_before(days_ago)
    return {"from": str(first), "to": str(first + timedelta(days=count))}


def read(gateway: Gateway, query: str, variables: Table) -> list[Table]:
    """Return every node, read on until a page has no cursor, as some tools do."""
    nodes: list[Table] = []
    after = None
    for _ in range(300):
        page = gateway.ask(query, {**variables, "after": after}).data["page"]
        assert page.get("failures", []) == []
        nodes += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if after is None:
            assert page["nodes"] == []
            return nodes
        if "sources" not in page and not page["pageInfo"]["hasNextPage"]:
            return nodes
    raise AssertionError("the pages do not end")


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(one.capitalize() for one in rest)


@pytest.mark.parametrize("name", STANDARD)
def test_every_table_answers_all_of_its_columns(gateway: Gateway, name: str) -> None:
    table = STANDARD[name]
    columns = " ".join(map(camel, table.names))
    shown = f"nodes {{ {columns} }} failures {{ code }}"
    page = gateway.ask(f"{{ page: {camel(table.noun)}Rows(first: 100) {{ {shown} }} }}").data[
        "page"
    ]

    assert page["failures"] == []
    assert page["nodes"]


def test_a_day_is_the_same_in_rows_and_in_lists(gateway: Gateway) -> None:
    small = read(gateway, DAY, {**window(3), "first": 37})
    large = read(gateway, DAY, {**window(3), "first": 10_000})
    listed = read(gateway, LISTED, {"period": days(day_before(3))})

    def told(rows: list[Table]) -> list[tuple[str, ...]]:
        return sorted(tuple(map(str, one.values())) for one in rows)

    assert told(small) == told(large)
    assert len(large) == len(listed) > 100
    assert {one["startedAtDate"] for one in large} == {str(day_before(3))}
    assert {one["platform"] for one in large} == capable(gateway, "CONVERSATIONS")
    assert sorted((one["platform"], one["conversationId"]) for one in large) == sorted(
        (one["platform"]["key"], one["nativeId"]) for one in listed
    )


def test_a_week_costs_the_calls_of_its_pages(cold_gateway: Gateway) -> None:
    answer = cold_gateway.ask(DAY, {**window(8, 7), "first": 10_000})

    page = answer.data["page"]
    assert len(page["nodes"]) > 500
    for source in page["sources"]:
        assert answer.calls_to(source["platform"]) == source["calls"]
    endpoints = {(call["platform"], call["endpoint"]) for call in answer.calls}
    assert len(endpoints) <= len(page["sources"])
    again = cold_gateway.ask(DAY, {**window(8, 7), "first": 10_000})
    assert again.calls == []


def test_figures_are_those_of_the_indicators(gateway: Gateway) -> None:
    asked = {**window(6, 3), "period": days(day_before(6), 3)}
    data = gateway.ask(FIGURES, asked).data
    dates = [str(day_before(6) + timedelta(days=n)) for n in range(3)]
    expected = {
        (one["platform"]["key"], day): point["value"]
        for one in data["indicators"]["series"]
        for day, point in zip(dates, one["points"], strict=True)
    }

    rows, wide = data["rows"]["nodes"], data["wide"]["nodes"]
    assert {(row["platform"], row["localDate"]): row["value"] for row in rows} == expected
    assert {
        (row["platform"], row["localDate"]): row["conversationsStarted"] for row in wide
    } == expected
    assert all(date.fromisoformat(row["localDate"]) for row in rows)
    assert all(row["final"] for row in rows if row["value"] is not None)


SUPERSET = """
import json, sys
from sqlalchemy import create_engine, text

origin, table, query = sys.argv[1:]
engine = create_engine(f"graphql://{origin}/graphql?is_https=0")
with engine.connect() as connection:
    rows = connection.execute(text(query.replace("TABLE", f"'{table}'"))).fetchall()
print(json.dumps([list(row) for row in rows]))
"""
"""What Superset does with a GraphQL database, in a process of its own."""


def by_superset(
    gateway: Gateway, query: str, field: str, **arguments: str | int
) -> list[list[Any]]:
    """Return what SQL finds in the rows of a field, which tools see as a table."""
    told = {
        f"{'iarg' if isinstance(value, int) else 'arg'}_{name.rstrip('_')}": value
        for name, value in arguments.items()
    }
    table = f"{field}?{urlencode(told)}"
    origin = gateway.origin.removeprefix("http://")
    command = [sys.executable, "-W", "ignore", "-c", SUPERSET, origin, table, query]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: list[list[Any]] = json.loads(done.stdout)
    return found


def test_superset_reads_conversations_as_a_table(gateway: Gateway) -> None:
    bounds = window(3)
    query = (
        "select platform, count(*), min(startedAtDate), max(durationSeconds) from TABLE group by 1"
    )
    found = by_superset(
        gateway,
        query,
        "conversationRows",
        from_=bounds["from"],
        to=bounds["to"],
        tz="Europe/Paris",
        first=10_000,
    )

    rows = read(gateway, DAY, {**bounds, "first": 10_000})
    counted = Counter(one["platform"] for one in rows)
    assert {platform: count for platform, count, _, _ in found} == counted
    assert all(isinstance(day, str) for _, _, day, _ in found)


def test_superset_adds_up_figures(gateway: Gateway) -> None:
    bounds = window(6, 3)
    query = "select platform, sum(value), min(final) from TABLE where value > 0 group by platform"
    found = by_superset(
        gateway,
        query,
        "indicatorRows",
        from_=bounds["from"],
        to=bounds["to"],
        tz="Europe/Paris",
        keys="CONVERSATIONS_STARTED",
        # Fewer than there are: it reads on by the cursor.
        first=5,
    )

    nodes = gateway.ask(FIGURES, {**bounds, "period": days(day_before(6), 3)}).data["rows"]["nodes"]
    sums: Counter[str] = Counter()
    for node in nodes:
        sums[node["platform"]] += node["value"] or 0
    assert {platform: value for platform, value, _ in found} == {
        platform: value for platform, value in sums.items() if value
    }


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Table]]:
    """A gateway with keys, and one platform that nobody answers for; asks by the named key."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as tables:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        scopes = {"reader": ["read"], "confidant": ["read", "personal"]}
        keys = [
            {"name": name, "hash": hash_of(f"key of {name}"), "scopes": own}
            for name, own in scopes.items()
        ]
        gone = [through(one, nowhere, f"{one['key']}-gone") for one in tables]
        folder: Path = tmp_path_factory.mktemp("guarded")
        file = written(
            [*tables, *gone], folder / "settings.toml", require_api_key=True, api_keys=keys
        )
        with running_gateway(folder, "--config", str(file)) as gateway:

            def ask(name: str, query: str) -> Table:
                return gateway.ask(query, None, {"authorization": f"Bearer key of {name}"}).body

            yield ask


def test_platforms_that_are_gone_cost_their_own_rows_alone(
    guarded: Callable[[str, str], Table],
) -> None:
    query = "{ page: conversationRows { nodes { platform } failures { platform code } } }"
    page = guarded("reader", query)["data"]["page"]

    told = {one["platform"] for one in page["failures"]}
    assert told
    assert all(one.endswith("-gone") for one in told)
    rows = {one["platform"] for one in page["nodes"]}
    assert rows == {one.removesuffix("-gone") for one in told}


def test_the_table_of_platforms_tells_which_one_failed(
    guarded: Callable[[str, str], Table],
) -> None:
    asked = "{ page: conversationRows { failures { platform code } } }"
    lost = {
        one["platform"]: one["code"] for one in guarded("reader", asked)["data"]["page"]["failures"]
    }
    query = "{ page: platformRows { nodes { platform lastFailureCode lastSuccessAt } } }"
    told = guarded("reader", query)["data"]["page"]["nodes"]

    failed = {one["platform"]: one["lastFailureCode"] for one in told if one["lastFailureCode"]}
    assert lost
    assert set(lost) <= set(failed)
    assert all(platform.endswith("-gone") for platform in failed)
    assert not any(one["lastSuccessAt"] for one in told if one["platform"] in failed)


def test_personal_columns_are_for_keys_that_may_read_them(
    guarded: Callable[[str, str], Table],
) -> None:
    told = guarded("confidant", CUSTOMERS)["data"]["customerRows"]["nodes"]
    withheld = guarded("reader", CUSTOMERS)["data"]["customerRows"]["nodes"]

    assert any(one["email"] for one in told)
    assert [one["customerId"] for one in told] == [one["customerId"] for one in withheld]
    assert {(one["email"], one["familyName"], one["city"]) for one in withheld} == {
        (None, None, None)
    }
