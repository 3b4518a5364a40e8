"""Pages of a report: each row once, in the window that the first page was about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import AGENTS, Event, Measuring, source_of

from schema import build_schema
from vendors.errors import PlatformServerError

SCHEMA = build_schema()
PAGES = """
query($after: String, $order: ReportOrder, $first: Int = 2) {
  report(
    key: "AGENT_PERFORMANCE", period: {last: {count: 2, unit: DAY}}, first: $first, after: $after
    orderBy: $order
  ) {
    period { start end }
    totalCount
    rows { group { nativeId } values }
    pageInfo { hasNextPage endCursor }
  }
}
"""


class Desk:
    """A platform with one contact an agent, over several operations."""

    def __init__(self, agents: Iterable[str] = AGENTS) -> None:
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)
        self.port = Measuring(
            [
                Event(NOW - timedelta(hours=1 + at), "chat", one, 60 * (at + 1), answered=True)
                for at, one in enumerate(agents)
            ],
            source_of(),
        )

    async def page(self, **variables: Any) -> dict[str, Any]:  # noqa: ANN401 - any variable
        context = context_of(
            platform_of("one", measures=self.port), clock=self.clock, cache=self.cache
        )
        result = await SCHEMA.execute(PAGES, context_value=context, variable_values=variables)
        assert result.errors is None, result.errors
        assert result.data is not None
        report: dict[str, Any] = result.data["report"]
        return report


def _agents(page: dict[str, Any]) -> list[str]:
    return [row["group"][0]["nativeId"] for row in page["rows"]]


async def test_every_row_is_read_once() -> None:
    desk = Desk()
    first = await desk.page()

    second = await desk.page(after=first["pageInfo"]["endCursor"])

    assert (_agents(first), _agents(second)) == (["ann", "bob"], ["cem"])
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert second["pageInfo"]["hasNextPage"] is False


async def test_the_next_page_is_about_the_same_window_though_a_day_has_passed() -> None:
    desk = Desk()
    first = await desk.page()
    desk.clock.pass_(hours=20)

    second = await desk.page(after=first["pageInfo"]["endCursor"])

    assert second["period"] == first["period"]
    assert _agents(second) == ["cem"]


async def test_reading_goes_on_behind_the_row_whatever_was_ordered_before_it() -> None:
    """Between two pages an agent overtakes the others: no row is skipped for it."""
    desk = Desk()
    order = {"column": "handle_time", "descending": True}
    first = await desk.page(order=order, first=1)
    desk.clock.pass_(hours=1)
    desk.port.events.append(Event(NOW, "chat", "ann", 9000, answered=True))

    second = await desk.page(order=order, first=1, after=first["pageInfo"]["endCursor"])

    assert (_agents(first), _agents(second)) == (["cem"], ["bob"])


async def test_a_cursor_whose_row_is_gone_goes_on_at_its_place() -> None:
    desk = Desk()
    first = await desk.page(first=3)
    again = await Desk(agents=()).page(first=3, after=first["pageInfo"]["endCursor"])

    assert again["rows"] == []
    assert again["pageInfo"] == {"hasNextPage": False, "endCursor": None}


HOURS = """
query($order: ReportOrder) {
  report(key: "VOLUME", period: {calendar: YESTERDAY}, granularity: HOUR_OF_DAY, orderBy: $order
         first: 3) {
    columns { name type }
    rows { hour start values notes }
    totals { hour values }
    totalCount
  }
}
"""


async def test_hours_of_the_day_are_rows_that_say_which_hour_they_are() -> None:
    at = NOW.replace(hour=14, minute=5) - timedelta(days=1)
    port = Measuring([Event(at, "chat", "ann", 60, answered=True)] * 2, source_of())
    context = context_of(platform_of("one", measures=port))
    order = {"column": "conversations_started", "descending": True}

    result = await SCHEMA.execute(HOURS, context_value=context, variable_values={"order": order})

    assert result.errors is None, result.errors
    report = (result.data or {})["report"]
    assert [one["name"] for one in report["columns"]][:2] == ["platform", "hour"]
    assert report["columns"][1]["type"] == "INTEGER"
    assert report["totalCount"] == 24
    assert [row["hour"] for row in report["rows"]] == [14, 0, 1]
    assert report["rows"][0]["values"][0] == 2
    assert [(row["hour"], row["values"][0]) for row in report["totals"]] == [(None, 2)]


async def test_rows_can_be_ordered_by_any_column_and_by_no_other() -> None:
    desk = Desk(["ann", "bob", "cem"])

    downwards = await desk.page(order={"column": "agent", "descending": True})

    assert _agents(downwards) == ["cem", "bob"]
    context = context_of(platform_of("one", measures=desk.port))
    result = await SCHEMA.execute(
        PAGES, context_value=context, variable_values={"order": {"column": "mood"}}
    )
    assert result.errors is not None
    assert "Rows cannot be ordered by 'mood'." in result.errors[0].message


WHOLE = """
query($totals: Boolean!) {
  report(key: "fake.peak", period: {last: {count: 2, unit: DAY}}, groupBy: [AGENT]) {
    rows { values }
    ...Sums @include(if: $totals)
    sources { platform freshness calls }
    failures { platform code }
  }
}
fragment Sums on Report { totals { values notes } }
"""


class Peak(Desk):
    """A desk with a report of what no row can tell of all rows: the longest contact."""

    def __init__(self) -> None:
        super().__init__()
        reports = {"peak": ("longest",)}
        self.port.measurables = msgspec.structs.replace(self.port.measurables, reports=reports)

    async def ask(self, **variables: Any) -> dict[str, Any]:  # noqa: ANN401 - any variable
        context = context_of(
            platform_of("one", measures=self.port), clock=self.clock, cache=self.cache
        )
        result = await SCHEMA.execute(WHOLE, context_value=context, variable_values=variables)
        assert result.errors is None, result.errors
        report: dict[str, Any] = (result.data or {})["report"]
        return report


async def test_what_totals_cost_is_told_with_the_report_and_spent_for_readers_only() -> None:
    desk = Peak()

    without = await desk.ask(totals=False)
    with_totals = await Peak().ask(totals=True)

    assert len(desk.port.calls) == 1
    assert without["sources"] == [{"platform": "one", "freshness": "LIVE", "calls": 1}]
    assert with_totals["totals"][0]["values"] == [180.0]
    assert with_totals["sources"] == [{"platform": "one", "freshness": "LIVE", "calls": 2}]


async def test_what_totals_cannot_be_made_of_is_a_failure_of_the_report() -> None:
    desk = Peak()
    await desk.ask(totals=False)
    desk.port.fails = PlatformServerError(platform="one")

    report = await desk.ask(totals=True)

    assert [row["values"] for row in report["rows"]] == [[60.0], [120.0], [180.0]]
    assert report["totals"][0]["values"] == [None]
    assert report["failures"] == [{"platform": "one", "code": "PLATFORM_ERROR"}]
    assert report["sources"] == [{"platform": "one", "freshness": "PARTIAL", "calls": 1}]
