"""Every table over every vendor's simulator: it answers, its types hold, its keys tell rows apart.

A further vendor is found by the registry and run through all of this without an edit here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.fakes import FakeCache, FakeClock, context_of
from tests.simulators import VENDORS, opened, serving

from resolvers.context import Limits, RequestContext
from resolvers.reports.catalogue import UNIFIED
from resolvers.rows.asking import read_request
from resolvers.rows.columns import Cell, RowType
from resolvers.rows.registry import STANDARD, tables
from resolvers.rows.table import RowPage, RowTable, read_all
from vendors.measures import Grain
from vendors.port import Platform

PERIOD = {"from": "-4d", "to": "-1d", "tz": "Europe/Paris"}
OWN = 12
"""How many of a vendor's own reports are read; they are made of the same parts."""
TYPES: Mapping[RowType, type] = {
    RowType.TEXT: str,
    RowType.INTEGER: int,
    RowType.NUMBER: float,
    RowType.BOOLEAN: bool,
    RowType.INSTANT: datetime,
    RowType.DATE: date,
}
SMALL = 2**31


@pytest.fixture(scope="module")
def reached() -> Iterator[Mapping[str, Mapping[str, Any]]]:
    with ExitStack() as stack:
        yield {vendor: stack.enter_context(serving(vendor)) for vendor in VENDORS}


@pytest.fixture
async def platforms(reached: Mapping[str, Mapping[str, Any]]) -> AsyncIterator[list[Platform]]:
    every = [opened(vendor, table) for vendor, table in reached.items()]
    yield every
    for one in every:
        await one.close()


class House:
    """All platforms at one moment, over several operations."""

    def __init__(self, platforms: list[Platform]) -> None:
        self._platforms = platforms
        self._clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
        self._cache = FakeCache(self._clock)

    def context(self) -> RequestContext:
        return context_of(
            *self._platforms,
            clock=self._clock,
            cache=self._cache,
            limits=Limits(most_calls=10_000),
            seconds=120.0,
        )

    async def pages(self, table: RowTable, size: int, most: int = 4, **told: str) -> list[RowPage]:
        """Return some pages; those of one operation are enough to see how they join."""
        context = self.context()
        request = read_request(context, table, {**PERIOD, **told} if table.dated else told)
        found: list[RowPage] = []
        async for page in read_all(table, context, request, size=size):
            found.append(page)
            if len(found) == most:
                break
        return found


def fits(cell: Cell, kind: RowType) -> bool:
    """Return whether a cell has the type of its column, and no other that passes for it."""
    if cell is None:
        return True
    if type(cell) is int:
        return kind in {RowType.INTEGER, RowType.NUMBER} and -SMALL <= cell < SMALL
    if type(cell) is datetime:
        return kind is RowType.INSTANT and cell.utcoffset() == timedelta(0)
    return type(cell) is TYPES[kind]


def check(table: RowTable, pages: list[RowPage]) -> None:
    """Hold pages to what the table declares."""
    rows = [row for page in pages for row in page.rows]
    assert [one for page in pages for one in page.failures] == []
    keys = {table.key_of(row) for row in rows}
    assert len(keys) == len(rows)
    assert not {cell for key in keys for cell in key} & {None}, "a copy is merged by its keys"
    assert table.personal.isdisjoint(table.key)
    for row in rows:
        assert len(row) == len(table.columns)
        odd = [
            (column.name, cell)
            for column, cell in zip(table.columns, row, strict=True)
            if not fits(cell, column.type)
        ]
        assert odd == []


@pytest.mark.parametrize("name", STANDARD)
async def test_every_table_answers_and_its_keys_tell_rows_apart(
    platforms: list[Platform], name: str
) -> None:
    table = STANDARD[name]
    pages = await House(platforms).pages(table, 200)

    check(table, pages)
    assert pages[0].rows, "the sandbox has something in every table"
    assert {one.platform for page in pages for one in page.sources} <= set(VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_vendors_own_reports_are_tables_too(
    platforms: list[Platform], vendor: str
) -> None:
    own = [
        table
        for table in tables(platforms).values()
        if table.name not in STANDARD and table.name.startswith(f"report_{vendor}_")
    ]
    assert own
    house = House(platforms)
    for table in own[:OWN]:
        pages = await house.pages(table, 10_000)
        check(table, pages)
        assert {row[0] for page in pages for row in page.rows} <= {vendor}


@pytest.mark.parametrize("bucket", Grain)
@pytest.mark.parametrize("group", ["", "agent", "channel,agent"])
async def test_keys_tell_rows_apart_whatever_they_are_grouped_by(
    platforms: list[Platform], group: str, bucket: Grain
) -> None:
    keys = "CONVERSATIONS_STARTED,SALES_AMOUNT,HANDLE_TIME"
    house, table = House(platforms), STANDARD["indicators"]
    pages = await house.pages(table, 10_000, keys=keys, group=group, bucket=bucket.value)

    check(table, pages)
    assert pages[0].rows


def test_there_is_a_table_for_each_report() -> None:
    assert {f"report_{key.lower()}" for key in UNIFIED} <= set(STANDARD)


@pytest.mark.parametrize("name", ["conversations", "transactions", "agents", "report_volume"])
async def test_pages_joined_are_one_big_page(platforms: list[Platform], name: str) -> None:
    table = STANDARD[name]
    house = House(platforms)
    small = await house.pages(table, 41, most=1000)
    (whole,) = await house.pages(table, 10_000)

    rows = [row for page in small for row in page.rows]
    assert len(small) > 1 or len(rows) < 41
    assert sorted(map(str, rows)) == sorted(map(str, whole.rows))
    assert all(len(page.rows) == 41 for page in small[:-1])


async def test_days_of_conversations_cost_the_calls_of_their_lists(
    platforms: list[Platform],
) -> None:
    rows, house = STANDARD["conversations"], House(platforms)
    context = house.context()
    request = read_request(context, rows, PERIOD)
    (page,) = [one async for one in read_all(rows, context, request)]
    listed = sum(one.calls for one in page.sources)

    assert len(page.rows) > 500
    assert len([one for one in context.call.log.records if not one.credential]) == listed
    endpoints = {one.endpoint for one in context.call.log.records if not one.credential}
    assert len(endpoints) <= len(VENDORS), "nothing but lists is asked for"
