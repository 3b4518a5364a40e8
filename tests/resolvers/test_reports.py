"""Tables: no row lost, none doubled, and totals that are true or null."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.fakes import NOW, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.merge import Amount
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import GroupMember, MeasureAnswer, Series
from resolvers.reports.catalogue import ReportDefinition, definition, definitions
from resolvers.reports.table import ReportRow, columns_of, rows_of
from resolvers.reports.totals import totals_of
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.measures import (
    Dimension,
    Grain,
    Grouping,
    IndicatorRow,
    Measurables,
    MeasureCall,
    Merge,
    Reading,
    Term,
    Unit,
)

SLOT = (NOW, NOW + timedelta(days=1))
REPORT = ReportDefinition(
    key="fake.sales", title="Sales", description="", items=("fake.sold", "fake.turnover")
)


def _series(item: str, value: float | None, **members: Any) -> Series:  # noqa: ANN401 - any member
    amount = Amount(value)
    return Series(
        **{
            "item": item,
            "unit": Unit.MONEY if members.get("currency") else Unit.COUNT,
            "merge": Merge.SUM,
            "platform": "one",
            "group": (),
            "currency": None,
            "buckets": (SLOT,),
            "amounts": (amount,),
            "final": (True,),
            "total": amount,
            "grain": Grain.TOTAL,
            "platforms": ("one",),
            **members,
        }
    )


REQUEST = MeasureRequest(items=REPORT.items, start=SLOT[0], end=SLOT[1], zone="UTC")
BY_AGENT = msgspec.structs.replace(REQUEST, group_by=(Dimension.AGENT,))


def _cells(rows: Iterable[ReportRow]) -> list[tuple[str | None, tuple[float | None, ...]]]:
    return [(row.currency, row.values) for row in rows]


async def _totals(
    *series: Series, request: MeasureRequest = REQUEST, port: Measuring | None = None
) -> tuple[ReportRow, ...]:
    context = context_of(platform_of("one", measures=port or Measuring([], source_of())))
    report = REPORT if port is None else MEASURED
    return (await totals_of(context, report, MeasureAnswer(request, series, (), ()))).rows


async def test_amounts_of_one_currency_stand_beside_the_counts() -> None:
    series = _series("fake.sold", 3.0), _series("fake.turnover", 90.0, currency="EUR")

    assert _cells(rows_of(REPORT, series)) == [("EUR", (3.0, 90.0))]
    assert _cells(await _totals(*series)) == [("EUR", (3.0, 90.0))]


async def test_amounts_of_several_currencies_have_rows_and_totals_of_their_own() -> None:
    series = (
        _series("fake.sold", 3.0),
        _series("fake.turnover", 90.0, currency="EUR"),
        _series("fake.turnover", 50.0, currency="GBP"),
    )
    expected = [(None, (3.0, None)), ("EUR", (None, 90.0)), ("GBP", (None, 50.0))]

    assert _cells(rows_of(REPORT, series)) == expected
    assert _cells(await _totals(*series)) == expected


async def test_platforms_of_different_currencies_have_a_total_each() -> None:
    series = (
        _series("fake.turnover", 90.0, currency="EUR"),
        _series("fake.turnover", 50.0, currency="GBP", platform="two", platforms=("two",)),
    )

    assert _cells(await _totals(*series)) == [("EUR", (None, 90.0)), ("GBP", (None, 50.0))]


def _of(agent: str, value: float = 1.0, item: str = "fake.sold", **members: Any) -> Series:  # noqa: ANN401 - any member
    return _series(item, value, group=(GroupMember(Dimension.AGENT, agent, "one"),), **members)


def test_rows_have_one_order_whatever_order_the_platform_answers_in() -> None:
    there = rows_of(REPORT, [_of("bob"), _of("ann")])
    back = rows_of(REPORT, [_of("ann"), _of("bob")])

    assert [row.group[0].id for row in there] == ["ann", "bob"]
    assert there == back


async def test_groups_that_add_up_are_added_up() -> None:
    port = Measuring([], source_of())

    totals = await _totals(_of("ann", 2.0), _of("bob", 3.0), request=BY_AGENT)

    assert [(row.group, row.values) for row in totals] == [((), (5.0, None))]
    assert port.calls == []


MEASURED = ReportDefinition(key="m", title="m", description="", items=("fake.contacts",))


async def test_groups_that_overlap_are_asked_for_the_whole_and_that_is_said() -> None:
    happened = [Event(NOW, "chat", agent, 60, answered=True) for agent in ("ann", "bob")]
    port = Measuring(happened, source_of())
    apart = frozenset(Dimension) - {Dimension.AGENT}
    request = msgspec.structs.replace(BY_AGENT, items=MEASURED.items, start=NOW, end=SLOT[1])

    totals = await _totals(
        *(_of(agent, 2.0, "fake.contacts", additive_over=apart) for agent in ("ann", "bob")),
        request=msgspec.structs.replace(request, start=NOW - timedelta(days=1)),
        port=port,
    )

    assert [row.values for row in totals] == [(2.0,)]
    assert "stands in no row" in str(totals[0].notes[0])
    assert [call.group_by for call in port.calls] == [()]


async def test_a_platform_that_is_missing_is_said_to_be() -> None:
    totals = await _totals(
        _series("fake.sold", 3.0),
        _series("fake.sold", None, platform="two", platforms=("two",), note=BROKEN),
    )

    assert totals[0].values == (3.0, None)
    assert totals[0].notes == ("Without two, whose values could not be fetched.", None)


BY_WEIGHT = ReportDefinition(
    key="w", title="w", description="", items=("HANDLE_TIME", "CONVERSATIONS_STARTED")
)
TODAY = NOW.replace(hour=0, minute=0)
TALKS = [
    Event(TODAY - timedelta(hours=hour), "chat", agent, 60 * hour, answered=True)
    for hour in (2, 30)
    for agent in ("ann", "bob")
]
DAYS = MeasureRequest(
    items=BY_WEIGHT.items,
    start=TODAY - timedelta(days=2),
    end=TODAY,
    zone="UTC",
    grain=Grain.DAY,
)


class Weightless(Measuring):
    """A vendor that tells nothing by which its mean could be weighed."""

    def __init__(self) -> None:
        super().__init__(TALKS, source_of(), key="two")
        mean = IndicatorRow(indicator="HANDLE_TIME", value=(Term("duration"),))
        tables = self.measurables
        self.measurables = msgspec.structs.replace(
            tables,
            figures={
                **tables.figures,
                "duration": msgspec.structs.replace(tables.figures["duration"], weight=()),
            },
            indicators={**tables.indicators, "HANDLE_TIME": mean},
        )


async def test_what_is_merged_stands_beside_what_is_asked_for_the_whole() -> None:
    context = context_of(
        platform_of("one", measures=Measuring(TALKS, source_of())),
        platform_of("two", measures=Weightless()),
    )
    answer = await measure(context, DAYS, list(context.platforms.values()))

    (total,) = (await totals_of(context, BY_WEIGHT, answer)).rows

    assert total.values == (None, 8.0)
    assert total.notes == ("It is a mean, and not every part of it comes with a weight.", None)


async def test_what_would_cost_too_much_to_ask_for_the_whole_is_said() -> None:
    context = context_of(
        platform_of("one", measures=Measuring(TALKS, source_of())),
        platform_of("two", measures=Weightless()),
        limits=Limits(most_calls=2),
    )
    answer = await measure(context, DAYS, list(context.platforms.values()))

    (total,) = (await totals_of(context, BY_WEIGHT, answer)).rows

    assert total.values == (16 * 60.0, 8.0)
    assert total.notes == ("Without two, whose values could not be fetched.", None)


class Partly(Measuring):
    """Answers for some agents, who are asked about one by one."""

    def __init__(self, *unreachable: str) -> None:
        groupings = {Dimension.AGENT: Grouping.EACH}
        super().__init__(TALKS, source_of(groupings=groupings))
        self._unreachable = frozenset(unreachable)

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        if self._unreachable.intersection(measure.filtered(Dimension.AGENT)):
            raise PlatformServerError(platform="one")
        return await super().measure(measure, call)


@pytest.mark.parametrize("unreachable", [("ann",), ("ann", "bob", "cem")], ids=len)
async def test_groups_that_could_not_be_fetched_leave_no_total(unreachable: tuple[str]) -> None:
    context = context_of(
        platform_of("one", measures=Partly(*unreachable)),
        platform_of("two", measures=Measuring(TALKS, source_of())),
    )
    request = msgspec.structs.replace(DAYS, grain=Grain.TOTAL, group_by=(Dimension.AGENT,))
    answer = await measure(context, request, list(context.platforms.values()))

    (total,) = (await totals_of(context, BY_WEIGHT, answer)).rows

    assert total.values == (16 * 60.0, 4.0)
    assert total.notes == ("Without one, whose values could not be fetched.",) * 2


async def test_a_group_that_does_not_add_up_is_not_left_out_of_the_total() -> None:
    port = Measuring(TALKS, source_of())
    note = "It is a mean, and not every part of it comes with a weight."
    ann = _of("ann", 60.0, "fake.contacts")
    bob = replace(_of("bob", 0.0, "fake.contacts"), total=Amount(None), note=note)

    (total,) = await _totals(
        ann, bob, request=msgspec.structs.replace(DAYS, group_by=(Dimension.AGENT,)), port=port
    )

    assert total.values == (4.0,)
    assert [call.group_by for call in port.calls] == [()]


def _with(*figures: str) -> Measuring:
    port = Measuring([], source_of())
    tables = port.measurables
    port.measurables = Measurables(
        sources=tables.sources,
        figures={name: tables.figures[name] for name in figures},
        indicators={},
        reports={"desk": figures},
    )
    return port


def test_a_vendors_table_has_the_columns_of_all_its_platforms() -> None:
    """Two accounts of one vendor need not be able to tell the same."""
    platforms = [
        platform_of("one", measures=_with("contacts", "busy")),
        platform_of("two", measures=_with("contacts", "answered")),
    ]
    report = definition("fake.desk", platforms)
    request = MeasureRequest(items=report.items, start=SLOT[0], end=SLOT[1], zone="UTC")

    columns = columns_of(report, request, platforms[::-1])

    assert report.platform_keys == ("one", "two")
    assert report.items == ("fake.contacts", "fake.busy", "fake.answered")
    assert [column.title for column in columns] == ["Platform", "c", "b", "a"]
    assert len({one.key for one in definitions(platforms)}) == len(definitions(platforms))
