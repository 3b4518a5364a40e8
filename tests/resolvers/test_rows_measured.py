"""Flat rows of figures: the planner's values, each once, with the local clock beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import AGENTS, Event, Measuring, source_of

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.reports.catalogue import ReportDefinition
from resolvers.rows.asking import read_request
from resolvers.rows.registry import STANDARD, tables
from resolvers.rows.reports import report_table
from resolvers.rows.table import RowPage, RowTable, read_all
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformServerError
from vendors.measures import Dimension, Grain
from vendors.port import Platform
from vendors.records import Agent

INDICATORS = STANDARD["indicators"]
PERFORMANCE = STANDARD["report_agent_performance"]


DAYS = {"from": "2026-03-14", "to": "2026-03-18"}
EVENTS = [
    Event(NOW - timedelta(hours=7 * at), channel, agent, 60 * at, answered=at % 2 == 0)
    for at, (agent, channel) in enumerate(
        zip(("ann", "bob", "cem") * 4, ("chat", "phone") * 6, strict=True), 1
    )
]


class Named:
    """The names of those who are measured."""

    fails = False
    lists = 0

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self.lists += 1
        if self.fails:
            raise PlatformServerError("no", platform="one", operation="agents")
        return tuple(Agent(platform="one", native_id=one, name=f"{one} Smith") for one in AGENTS)


def port(key: str = "one", **changes: Any) -> Measuring:  # noqa: ANN401 (any member of a source)
    return Measuring(EVENTS, source_of(**changes), key=key)


def house(*ports: Measuring) -> list[Platform]:
    return [platform_of(key, measures=one) for key, one in zip(("one", "two"), ports, strict=False)]


async def read(
    table: RowTable, context: RequestContext, size: int = 10_000, /, **asked: str
) -> tuple[list[dict[str, Any]], list[RowPage]]:
    """Return the rows of all pages by name, and the pages."""
    request = read_request(context, table, {**DAYS, **asked})
    pages = [page async for page in read_all(table, context, request, size=size)]
    rows = [dict(zip(table.names, row, strict=True)) for page in pages for row in page.rows]
    assert len({tuple(row[name] for name in table.key) for row in rows}) == len(rows)
    return rows, pages


async def test_each_value_is_the_one_that_is_measured() -> None:
    rows, _ = await read(
        INDICATORS,
        context_of(*house(port())),
        keys="CONVERSATIONS_STARTED,HANDLE_TIME",
        group="agent",
    )
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED", "HANDLE_TIME"),
        start=datetime(2026, 3, 14, tzinfo=UTC),
        end=datetime(2026, 3, 18, tzinfo=UTC),
        zone="UTC",
        grain=Grain.DAY,
        group_by=(Dimension.AGENT,),
    )
    context = context_of(*house(port()))
    answer = await measure(context, request, tuple(context.platforms.values()))
    expected = {
        (one.item, one.group[0].id, start): (amount.value, amount.weight)
        for one in answer.series
        for (start, _), amount in zip(one.buckets, one.amounts, strict=True)
    }

    assert len(expected) == 2 * 3 * 4
    assert {
        (row["indicator"], row["member_1_id"], row["bucket_start"]): (row["value"], row["weight"])
        for row in rows
    } == expected
    assert {row["dimension_1"] for row in rows} == {"agent"}
    assert {row["dimension_2"] for row in rows} == {None}
    assert {(row["indicator"], row["unit"], row["merge"]) for row in rows} == {
        ("CONVERSATIONS_STARTED", "count", "sum"),
        ("HANDLE_TIME", "seconds", "mean"),
    }


@pytest.mark.parametrize("table", [INDICATORS, PERFORMANCE], ids=lambda one: one.name)
@pytest.mark.parametrize("size", [1, 3, 7])
async def test_pages_joined_are_one_big_page(table: RowTable, size: int) -> None:
    measuring = port(), port("two")
    small, pages = await read(table, context_of(*house(*measuring)), size)
    calls = [len(one.calls) for one in measuring]
    whole, _ = await read(table, context_of(*house(port(), port("two"))))

    assert small == whole != []
    assert all(len(page.rows) == size for page in pages[:-1])
    assert all(page.end_cursor for page in pages)
    alone = port()
    await read(table, context_of(*house(alone)))
    assert calls == [len(alone.calls)] * 2, "something was asked twice"


async def test_who_appears_between_two_pages_shifts_nobody() -> None:
    clock = FakeClock()
    cache, measuring = FakeCache(clock), Measuring(EVENTS[:2], source_of())
    asked = {"from": "2026-03-18", "to": "2026-03-19"}

    async def page(after: str | None, first: int) -> RowPage:
        context = context_of(*house(measuring), clock=clock, cache=cache)
        request = read_request(context, PERFORMANCE, asked)
        return await PERFORMANCE.page(context, request, first=first, after=after)

    began = await page(None, 1)
    clock.pass_(minutes=10)
    measuring.events += [Event(NOW - timedelta(minutes=1), "chat", "abe", 5, answered=True)]
    rest = await page(began.end_cursor, 10)

    agents = [str(row[1]) for row in (*began.rows, *rest.rows)]
    assert agents == sorted(set(agents))
    assert (began.has_next, rest.has_next) == (True, False)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-30", 24)]
)
async def test_days_on_which_clocks_change_have_the_hours_that_they_have(
    day: str, hours: int
) -> None:
    clock = FakeClock(datetime(2026, 11, 2, tzinfo=UTC))
    stop = f"{day[:-2]}{int(day[-2:]) + 1:02}"
    rows, _ = await read(
        INDICATORS,
        context_of(*house(port()), clock=clock),
        tz="Europe/Paris",
        bucket="hour",
        keys="CONVERSATIONS_STARTED",
        **{"from": day, "to": stop},
    )

    assert len(rows) == hours
    assert {str(row["local_date"]) for row in rows} == {day}
    shown = Counter(row["local_hour"] for row in rows)
    assert set(shown) <= set(range(24))
    assert shown[2] == hours - 23


async def test_hours_of_the_day_belong_to_no_date() -> None:
    rows, _ = await read(
        INDICATORS,
        context_of(*house(port())),
        bucket="hour_of_day",
        keys="CONVERSATIONS_STARTED",
    )

    assert [row["local_hour"] for row in rows] == list(range(24))
    assert {row["local_date"] for row in rows} == {None}


async def test_what_can_still_change_is_not_final() -> None:
    rows, _ = await read(
        INDICATORS, context_of(*house(port())), keys="CONVERSATIONS_STARTED", to="2026-03-19"
    )

    assert [row["final"] for row in rows] == [True] * 4 + [False]
    rows, _ = await read(PERFORMANCE, context_of(*house(port())), to="2026-03-19")
    assert {row["final"] for row in rows if str(row["local_date"]) < "2026-03-18"} == {True}
    assert {row["final"] for row in rows if str(row["local_date"]) == "2026-03-18"} == {False}


async def test_a_column_that_nobody_measures_stays_in_its_place_and_holds_nothing_back() -> None:
    table = STANDARD["report_satisfaction"]
    rows, _ = await read(table, context_of(*house(port())))

    assert rows
    assert {row["nps"] for row in rows} == {None}
    assert {row["final"] for row in rows} == {True}
    assert [one.type for one in table.columns if one.name == "nps"] == ["number"]


async def test_a_platform_that_fails_costs_its_own_rows_alone() -> None:
    broken = port("two")
    broken.fails = PlatformServerError("no", platform="two", operation="measure")

    rows, pages = await read(PERFORMANCE, context_of(*house(port(), broken)))

    assert {row["platform"] for row in rows} == {"one"}
    assert {one.platform for page in pages for one in page.failures} == {"two"}


@pytest.mark.parametrize(
    "table", [PERFORMANCE, INDICATORS, STANDARD["report_volume"]], ids=lambda one: one.name
)
async def test_a_platform_that_is_back_goes_on_where_it_was(table: RowTable) -> None:
    clock = FakeClock()
    one, two = port(), port("two")
    whole, _ = await read(table, context_of(*house(port(), port("two")), clock=clock))

    async def page(after: str | None, size: int) -> RowPage:
        context = context_of(*house(one, two), clock=clock)
        request = read_request(context, table, DAYS)
        return await table.page(context, request, first=size, after=after)

    one.fails = PlatformServerError("no", platform="one", operation="measure")
    first = await page(None, 2)
    rest = await page(first.end_cursor, 1000)
    nothing = await page(rest.end_cursor, 1000)
    one.fails = None
    begun = await page(rest.end_cursor, 2)
    one.fails = PlatformServerError("no", platform="one", operation="measure")
    again = await page(begun.end_cursor, 1000)
    one.fails = None
    last = await page(begun.end_cursor, 1000)

    told = [each.has_next for each in (first, rest, nothing, begun, again, last)]
    assert told == [True, True, False, True, False, False]
    assert (nothing.rows, nothing.end_cursor, again.rows) == ([], None, [])
    rows = [row for each in (first, rest, begun, last) for row in each.rows]
    assert {row[0] for row in (*first.rows, *rest.rows)} == {"two"}
    assert sorted(map(str, rows)) == sorted(str(tuple(row.values())) for row in whole)


@pytest.mark.parametrize("fails", [False, True], ids=["told", "not told"])
async def test_agents_have_the_names_of_the_directory_where_it_can_be_had(*, fails: bool) -> None:
    staff = Named()
    platform = platform_of("one", measures=port(), agents=staff)
    staff.fails = fails
    rows, pages = await read(PERFORMANCE, context_of(platform))

    names = {row["agent_id"]: row["agent_name"] for row in rows}
    assert names == {one: None if fails else f"{one} Smith" for one in AGENTS}
    assert [page.failures for page in pages] == [()]
    staff.lists = 0
    await read(PERFORMANCE, context_of(platform), fields="agent_id")
    assert staff.lists == 0


async def test_a_copy_is_brought_up_to_date_by_whole_buckets() -> None:
    asked = {"keys": "CONVERSATIONS_STARTED", "updated_since": "2026-03-16T15:00:00Z"}

    rows, _ = await read(INDICATORS, context_of(*house(port())), **asked)
    assert [str(row["local_date"]) for row in rows] == ["2026-03-16", "2026-03-17"]
    for bucket in ("total", "hour_of_day"):
        with pytest.raises(BadInputError):
            await read(INDICATORS, context_of(*house(port())), bucket=bucket, **asked)
    asked["updated_since"] = "2026-03-20"
    rows, (page,) = await read(INDICATORS, context_of(*house(port())), **asked)
    assert (rows, page.end_cursor, page.has_next) == ([], None, False)


async def test_native_figures_stand_in_the_same_rows() -> None:
    measuring = port()
    rows, _ = await read(INDICATORS, context_of(*house(measuring)), native="fake.duration")

    assert {(row["indicator"], row["unit"]) for row in rows} == {("fake.duration", "seconds")}
    with pytest.raises(BadInputError):
        await read(INDICATORS, context_of(*house(measuring)), native="fake.nothing")


async def test_channels_have_our_words_beside_the_platforms_own() -> None:
    rows, _ = await read(
        INDICATORS,
        context_of(*house(port())),
        keys="CONVERSATIONS_STARTED",
        group="channel",
        channel="call",
    )

    assert {(row["member_1_id"], row["member_1_name"]) for row in rows} == {("phone", "call")}


async def test_a_vendors_own_report_is_a_table_that_the_caller_groups() -> None:
    measuring = port()
    measuring.measurables = measuring.measurables.with_reports(
        {"Contacts/perDay": ("contacts", "answer_rate", "duration")}
    )
    platforms = house(measuring)
    every = tables(platforms)
    assert [*every][: len(STANDARD)] == [*STANDARD]
    table = every["report_fake_contacts_per_day"]

    plain, _ = await read(table, context_of(*platforms))
    grouped, _ = await read(table, context_of(*platforms), group="agent", bucket="total")

    assert {"contacts", "answer_rate", "duration"} < set(table.names)
    assert [row["local_date"].day for row in plain] == [14, 15, 16, 17]
    assert {row["member_1_id"] for row in grouped} == {"ann", "bob", "cem"}
    assert sum(row["contacts"] for row in plain) == sum(row["contacts"] for row in grouped) > 0


async def test_a_table_of_the_present_has_no_buckets_unless_they_are_asked_for() -> None:
    measuring = port(snapshot=True)
    measuring.measurables = measuring.measurables.with_reports({"now": ("contacts",)})
    table = tables(house(measuring))["report_fake_now"]

    assert [one.default for one in table.arguments if one.name == "bucket"] == [("total",)]


@pytest.mark.parametrize("names", [("a", "A"), ("one/x", "one_x"), ("platform", "final")], ids=str)
def test_columns_never_share_a_name(names: Sequence[str]) -> None:
    report = ReportDefinition(
        key="v.r",
        title="r",
        description="R.",
        items=tuple(f"v.{name}" for name in names),
        platform_keys=("one",),
    )
    table = report_table(report, ())

    assert len(set(table.names)) == len(table.names)
