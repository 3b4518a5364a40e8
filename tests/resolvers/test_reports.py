"""Tables: no row lost, none doubled, and totals that are true or null."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
from tests.fakes import NOW, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.merge import Amount
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import GroupMember, Series
from resolvers.reports.catalogue import ReportDefinition, definition, definitions
from resolvers.reports.table import ReportRow, columns_of, rows_of
from resolvers.reports.totals import totals_of
from vendors.measures import Dimension, Grain, Measurables, Merge, Unit

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
    return await totals_of(context, report, request, series)


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
