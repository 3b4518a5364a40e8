"""The earlier period that figures are compared with, and its series beside those of now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.comparisons import Comparison, earlier
from resolvers.periods import CalendarPeriod, Period, PeriodUnit, between, calendar, last
from schema import build_schema
from vendors.buckets import local_midnight, zone
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.measures import Grain, MeasureCall, Partition, Reading, Unit

SCHEMA = build_schema()
PARIS = ZoneInfo("Europe/Paris")
BEFORE, YEAR = Comparison.PREVIOUS_PERIOD, Comparison.PREVIOUS_YEAR


def _days(first: str, stop: str) -> Period:
    return between(
        local_midnight(date.fromisoformat(first), PARIS),
        local_midnight(date.fromisoformat(stop), PARIS),
        PARIS,
    )


@pytest.mark.parametrize(
    ("first", "stop", "how", "expected"),
    [
        # The day of 23 hours, and the one of 24 before it.
        ("2026-03-29", "2026-03-30", BEFORE, ("2026-03-28", "2026-03-29")),
        ("2026-03-23", "2026-03-30", BEFORE, ("2026-03-16", "2026-03-23")),
        ("2026-03-01", "2026-04-01", BEFORE, ("2026-02-01", "2026-03-01")),
        ("2026-01-01", "2026-04-01", BEFORE, ("2025-10-01", "2026-01-01")),
        ("2026-01-01", "2027-01-01", BEFORE, ("2025-01-01", "2026-01-01")),
        ("2026-03-02", "2026-03-09", YEAR, ("2025-03-02", "2025-03-09")),
        ("2025-02-01", "2025-03-01", YEAR, ("2024-02-01", "2024-03-01")),
        ("2024-02-29", "2024-03-01", YEAR, ("2023-02-28", "2023-03-01")),
        ("2024-02-28", "2024-02-29", YEAR, ("2023-02-28", "2023-03-01")),
        ("2024-02-28", "2024-03-02", YEAR, ("2023-02-28", "2023-03-02")),
    ],
)
def test_the_earlier_period_is_the_calendars(
    first: str, stop: str, how: Comparison, expected: tuple[str, str]
) -> None:
    found = earlier(_days(first, stop), how)

    wanted = _days(*expected)
    assert (found.start, found.end, found.time_zone) == (wanted.start, wanted.end, "Europe/Paris")


def test_hours_are_compared_with_as_many_before_and_with_the_same_clock_time() -> None:
    period = last(6, PeriodUnit.HOUR, PARIS, datetime(2026, 3, 29, 10, 30, tzinfo=UTC))

    before, year = earlier(period, BEFORE), earlier(period, YEAR)

    assert (before.start, before.end) == (period.start - timedelta(hours=6), period.start)
    assert year.start.astimezone(PARIS).isoformat() == "2025-03-29T07:00:00+01:00"


@given(
    st.integers(0, 29 * 366 * 24 * 60),
    st.integers(1, 800),
    st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata", "America/St_Johns"]),
    st.sampled_from(["hours", "days"]),
    st.sampled_from(Comparison),
)
def test_every_period_has_one_before_it(
    minutes: int, length: int, name: str, unit: str, how: Comparison
) -> None:
    where = zone(name)
    first = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    stop = first + timedelta(**{unit: length})
    if unit == "days":
        first = local_midnight(first.date(), where)
        stop = local_midnight(stop.date(), where)
    period = between(first, stop, where)

    found = earlier(period, how)

    assert found.start < found.end
    if how is BEFORE:
        assert found.end == period.start
    assert abs((found.end - found.start) - (period.end - period.start)) <= timedelta(days=4)


@pytest.mark.parametrize(
    ("named", "before"),
    [
        (CalendarPeriod.TODAY, CalendarPeriod.YESTERDAY),
        (CalendarPeriod.THIS_WEEK, CalendarPeriod.LAST_WEEK),
        (CalendarPeriod.THIS_MONTH, CalendarPeriod.LAST_MONTH),
        (CalendarPeriod.THIS_YEAR, CalendarPeriod.LAST_YEAR),
    ],
)
def test_the_period_before_this_one_is_the_last_one(
    named: CalendarPeriod, before: CalendarPeriod
) -> None:
    found = earlier(calendar(named, PARIS, NOW), BEFORE)

    expected = calendar(before, PARIS, NOW)
    assert (found.start, found.end) == (expected.start, expected.end)


QUERY = """
query($by: [Dimension!], $with: Comparison, $grain: Granularity! = TOTAL, $keys: [IndicatorKey!]
      $native: [String!]) {
  indicators(keys: $keys, native: $native, period: {calendar: YESTERDAY}, granularity: $grain
             groupBy: $by, compareWith: $with, combined: true) {
    comparedPeriod { start end }
    series { key group { nativeId } currency value note change
             comparison { currency value note points { value } } platform { key } }
    sources { platform calls freshness }
  }
}
"""


def _event(days: int, agent: str = "ann", seconds: int = 60) -> Event:
    return Event(NOW - timedelta(days=days), "chat", agent, seconds, answered=True)


async def _ask(*ports: Measuring, **variables: Any) -> dict[str, Any]:  # noqa: ANN401 - any variable
    platforms = [platform_of(f"p{at}", measures=port) for at, port in enumerate(ports)]
    variables.setdefault("keys", ["CONVERSATIONS_STARTED"])
    result = await SCHEMA.execute(
        QUERY, context_value=context_of(*platforms), variable_values=variables
    )
    assert result.errors is None, result.errors
    answer: dict[str, Any] = (result.data or {})["indicators"]
    return answer


async def test_a_value_stands_beside_the_earlier_one() -> None:
    port = Measuring([_event(1), _event(1), _event(1), _event(2), _event(2)], source_of())

    answer = await _ask(port, **{"with": "PREVIOUS_PERIOD"})

    own, across = answer["series"]
    assert (own["value"], own["comparison"]["value"], own["change"]) == (3.0, 2.0, 0.5)
    assert (across["value"], across["comparison"]["value"]) == (3.0, 2.0)
    assert answer["comparedPeriod"]["end"] == "2026-03-17T00:00:00Z"


async def test_periods_that_adjoin_share_their_calls() -> None:
    port = Measuring([_event(1)], source_of(grains={Grain.HOUR: None}))

    answer = await _ask(port, grain="HOUR", **{"with": "PREVIOUS_PERIOD"})

    assert len(port.calls) == 1
    assert answer["sources"] == [{"platform": "p0", "calls": 1, "freshness": "LIVE"}]


async def test_nothing_is_a_change_from_nothing() -> None:
    answer = await _ask(Measuring([_event(1)], source_of()), **{"with": "PREVIOUS_YEAR"})

    own = answer["series"][0]
    assert (own["value"], own["comparison"]["value"], own["change"]) == (1.0, 0.0, None)


async def test_an_agent_who_has_left_is_told_as_not_measured_now() -> None:
    class Rows(Measuring):
        """Tells the agents who had contacts alone, as reports do."""

        async def measure(self, measure: Any, call: Any) -> Any:  # noqa: ANN401 - as it comes
            rows = await super().measure(measure, call)
            return tuple(row for row in rows if row.value)

    answer = await _ask(
        Rows([_event(1, "ann"), _event(2, "bob")], source_of()),
        by=["AGENT"],
        **{"with": "PREVIOUS_PERIOD"},
    )

    told = {one["group"][0]["nativeId"]: one for one in answer["series"]}
    assert told["ann"]["comparison"] is None
    assert (told["bob"]["value"], told["bob"]["comparison"]["value"]) == (None, 1.0)
    assert "Nothing was told" in told["bob"]["note"]


class Broken(Measuring):
    """Fails for calls that begin at certain instants; its seconds are money."""

    def __init__(self, events: list[Event], *at: datetime, **source: Any) -> None:  # noqa: ANN401 - any member
        partitions = (Partition(key="eur", currency="EUR"),)
        super().__init__(events, source_of(**source), partitions=partitions)
        self._at = at
        tables = self.measurables
        busy = msgspec.structs.replace(tables.figures["busy"], unit=Unit.MONEY)
        self.measurables = msgspec.structs.replace(tables, figures={**tables.figures, "busy": busy})

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        self.fails = PlatformServerError(platform="p") if measure.start in self._at else None
        return await super().measure(measure, call)


YESTERDAY = NOW.replace(hour=0, minute=0) - timedelta(days=1)
DAY_BEFORE = YESTERDAY - timedelta(days=1)
CALLS_APART: dict[str, Any] = {"grains": {}}


@pytest.mark.parametrize(
    ("down", "expected"),
    [
        (YESTERDAY, [(None, None, True), ("EUR", 60.0, False)]),
        (DAY_BEFORE, [("EUR", 60.0, False), (None, None, True)]),
    ],
    ids=["now", "earlier"],
)
async def test_money_stands_beside_money_that_could_not_be_had(
    down: datetime, expected: list[tuple[object, ...]]
) -> None:
    port = Broken([_event(1), _event(2)], down, **CALLS_APART)

    answer = await _ask(port, keys=None, native=["fake.busy"], **{"with": "PREVIOUS_PERIOD"})

    for own in answer["series"]:
        told = [(one["currency"], one["value"], bool(one["note"])) for one in _both(own)]
        assert (told, own["change"]) == (expected, None)
    assert len(answer["series"]) == 2


def _both(own: dict[str, Any]) -> list[dict[str, Any]]:
    return [own, own["comparison"]]


async def test_what_one_platform_lacks_now_is_no_change_of_all() -> None:
    broken = Broken([_event(1), _event(2)], YESTERDAY, **CALLS_APART)
    whole = Measuring([_event(1), _event(2)], source_of())

    answer = await _ask(broken, whole, **{"with": "PREVIOUS_PERIOD"})

    across = answer["series"][-1]
    assert (across["value"], across["comparison"]["value"]) == (1.0, 2.0)
    assert across["change"] is None
    assert "p0" in across["note"]


async def test_a_group_that_could_not_be_had_now_is_not_said_to_be_gone() -> None:
    port = Broken([_event(1), _event(2)], YESTERDAY, **CALLS_APART)

    answer = await _ask(port, by=["AGENT"], **{"with": "PREVIOUS_PERIOD"})

    assert {one["note"] for one in answer["series"]} == {"A part of it could not be fetched."}


async def test_the_whole_is_told_though_a_bucket_could_not_be_had() -> None:
    begin = YESTERDAY + timedelta(hours=5)
    port = Broken([_event(1, seconds=70)], begin, grains={})

    answer = await _ask(port, grain="HOUR", keys=None, native=["fake.longest"])

    assert answer["series"][0]["value"] == 70.0
    assert answer["series"][0]["note"] == "A part of it could not be fetched."


async def test_no_comparison_is_asked_unless_it_is_wanted() -> None:
    port = Measuring([_event(1)], source_of())

    answer = await _ask(port)

    assert answer["comparedPeriod"] is None
    assert answer["series"][0]["comparison"] is None
    assert len(port.calls) == 1


async def test_what_does_not_add_up_is_asked_for_the_whole_period_if_its_value_is_read() -> None:
    port = Measuring([_event(1, seconds=70), _event(1, seconds=40)], source_of())

    answer = await _ask(port, grain="HOUR", keys=None, native=["fake.longest"])

    assert (answer["series"][0]["value"], answer["series"][0]["note"]) == (70.0, None)
    assert [call.grain for call in port.calls].count(Grain.TOTAL) == 1


async def test_what_does_not_add_up_is_asked_by_bucket_only_if_no_value_is_read() -> None:
    port = Measuring([_event(1)], source_of())
    query = """{ indicators(native: ["fake.longest"], period: {calendar: YESTERDAY}
                            granularity: HOUR) { series { ...own } } }
               fragment own on IndicatorSeries { points { value } }"""

    result = await SCHEMA.execute(query, context_value=context_of(platform_of("p", measures=port)))

    assert result.errors is None
    assert [call.grain for call in port.calls] == [Grain.HOUR]


PAGE = """
query($first: Int, $after: String) {
  indicators(keys: [CONVERSATIONS_STARTED, HANDLE_TIME], groupBy: [AGENT]) {
    seriesCount series(first: $first, after: $after) { key group { nativeId } cursor }
  }
}
"""


async def test_series_are_read_in_pages_each_once() -> None:
    port = Measuring([_event(1, one) for one in ("ann", "bob", "cem")], source_of())
    context = context_of(platform_of("p", measures=port))

    seen: list[tuple[str, str]] = []
    after = None
    while True:
        result = await SCHEMA.execute(
            PAGE, context_value=context, variable_values={"first": 4, "after": after}
        )
        assert result.errors is None
        page = (result.data or {})["indicators"]
        assert page["seriesCount"] == 6
        if not page["series"]:
            break
        seen += [(one["key"], one["group"][0]["nativeId"]) for one in page["series"]]
        after = page["series"][-1]["cursor"]

    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize("after", ["nothing", "series:00"])
async def test_a_cursor_of_no_series_is_refused(after: str) -> None:
    context = context_of(platform_of("p", measures=Measuring([_event(1)], source_of())))

    result = await SCHEMA.execute(PAGE, context_value=context, variable_values={"after": after})

    assert result.errors is not None
    assert "no series of this cursor" in result.errors[0].message
