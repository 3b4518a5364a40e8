"""Tables: no row lost, none doubled, and totals that are true or null."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.fakes import NOW, platform_of
from tests.resolvers.measuring import Measuring, source_of

from resolvers.merge import Amount
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import GroupMember, MeasureAnswer, Series
from resolvers.reports import ReportDefinition, Table, definition, definitions, table
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


def _table(*series: Series) -> Table:
    request = MeasureRequest(items=REPORT.items, start=SLOT[0], end=SLOT[1], zone="UTC")
    return table(REPORT, MeasureAnswer(request, series, (), ()), ())


def _cells(rows: Table) -> list[tuple[str | None, tuple[float | None, ...]]]:
    return [(row.currency, row.values) for row in rows.rows]


def test_amounts_of_one_currency_stand_beside_the_counts() -> None:
    told = _table(_series("fake.sold", 3.0), _series("fake.turnover", 90.0, currency="EUR"))

    assert _cells(told) == [("EUR", (3.0, 90.0))]
    assert told.totals is not None
    assert (told.totals.currency, told.totals.values) == ("EUR", (3.0, 90.0))


def test_amounts_of_several_currencies_have_rows_of_their_own_and_no_total() -> None:
    told = _table(
        _series("fake.sold", 3.0),
        _series("fake.turnover", 90.0, currency="EUR"),
        _series("fake.turnover", 50.0, currency="GBP"),
    )

    assert _cells(told) == [(None, (3.0, None)), ("EUR", (None, 90.0)), ("GBP", (None, 50.0))]
    assert told.totals is not None
    assert (told.totals.currency, told.totals.values) == (None, (3.0, None))


def test_platforms_of_different_currencies_have_no_total_in_either() -> None:
    told = _table(
        _series("fake.turnover", 90.0, currency="EUR"),
        _series("fake.turnover", 50.0, currency="GBP", platform="two", platforms=("two",)),
    )

    assert _cells(told) == [("EUR", (None, 90.0)), ("GBP", (None, 50.0))]
    assert told.totals is not None
    assert told.totals.values == (None, None)


def test_rows_have_one_order_whatever_order_the_platform_answers_in() -> None:
    def of(agent: str) -> Series:
        return _series("fake.sold", 1.0, group=(GroupMember(Dimension.AGENT, agent, "one"),))

    there, back = _table(of("bob"), of("ann")), _table(of("ann"), of("bob"))

    assert [row.group[0].id for row in there.rows] == ["ann", "bob"]
    assert there.rows == back.rows
    assert there.totals is None


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

    told = table(report, MeasureAnswer(request, (), (), ()), platforms[::-1])

    assert report.platform_keys == ("one", "two")
    assert report.items == ("fake.contacts", "fake.busy", "fake.answered")
    assert [column.title for column in told.columns] == ["Platform", "c", "b", "a"]
    assert len({one.key for one in definitions(platforms)}) == len(definitions(platforms))
