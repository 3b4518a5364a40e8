"""Flat rows of relative periods: pages are of the moment of the first one, however late they come.

Each page is asked for by the same words, as tools do it, at a moment of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import Measuring, source_of
from tests.resolvers.test_conversations import Listing
from tests.resolvers.test_rows import CONVERSATIONS, house
from tests.resolvers.test_rows_measured import EVENTS, INDICATORS

from resolvers.context import RequestContext
from resolvers.rows.asking import read_request
from resolvers.rows.columns import Row
from resolvers.rows.moments import read_period
from resolvers.rows.table import RowTable
from vendors.buckets import zone
from vendors.errors import BadInputError
from vendors.port import Platform

AGES = st.lists(st.integers(0, 200_000), max_size=20)
BACK = st.sampled_from(["-1h", "-24h", "-26h", "-1d", "-3d", "-1w", "today", "yesterday", None])
PAUSES = st.lists(st.integers(0, 200_000), min_size=1, max_size=4)
ASKED = st.fixed_dictionaries(
    {
        "from": BACK,
        "to": st.sampled_from(["now", "today", f"{NOW:%Y-%m-%dT%H:%M:%SZ}", None]),
        "updated_since": BACK,
        "tz": st.sampled_from(["UTC", "Pacific/Auckland", "America/St_Johns"]),
    }
)
Asked = Mapping[str, str | None]


async def read(
    table: RowTable, platforms: Sequence[Platform], asked: Asked, size: int, pauses: Sequence[int]
) -> list[Row]:
    """Return the rows of all pages, between which so many seconds pass."""
    clock = FakeClock(NOW + timedelta(seconds=1))
    cache = FakeCache(clock)
    rows: list[Row] = []
    after: str | None = None
    for page_number in range(500):
        context = context_of(*platforms, clock=clock, cache=cache)
        request = read_request(context, table, asked, after=after)
        page = await table.page(context, request, first=size, after=after)
        rows += page.rows
        if not page.has_next:
            return rows
        after = page.end_cursor
        clock.pass_(seconds=pauses[page_number % len(pauses)])
    raise AssertionError("pages without end")


def is_period(asked: Asked) -> bool:
    """Return whether that is a period at the moment of the first page."""
    where = zone(asked["tz"] or "UTC")
    try:
        read_period(asked["from"], asked["to"], where, NOW + timedelta(seconds=1))
    except BadInputError:
        return False
    return True


@given(one=AGES, other=AGES, asked=ASKED.filter(is_period), size=st.integers(1, 8), pauses=PAUSES)
def test_pages_of_a_list_follow_each_other_over_any_clock(
    one: list[int], other: list[int], asked: Asked, size: int, pauses: list[int]
) -> None:
    async def both() -> tuple[list[Row], list[Row]]:
        platforms = house(Listing("one", one), Listing("two", other))
        return (
            await read(CONVERSATIONS, platforms, asked, 1_000, [0]),
            await read(CONVERSATIONS, platforms, asked, size, pauses),
        )

    whole, paged = asyncio.run(both())
    assert sorted(map(str, paged)) == sorted(map(str, whole))


@given(
    asked=ASKED.filter(is_period),
    size=st.integers(1, 40),
    pauses=PAUSES,
    bucket=st.sampled_from(["hour", "day", "week"]),
)
def test_pages_of_figures_follow_each_other_over_any_clock(
    asked: Asked, size: int, pauses: list[int], bucket: str
) -> None:
    told = {**asked, "keys": "CONVERSATIONS_STARTED", "bucket": bucket}

    async def both() -> tuple[list[Row], list[Row]]:
        measuring = Measuring(EVENTS, source_of(), key="one")
        platforms = [platform_of("one", measures=measuring)]
        return (
            await read(INDICATORS, platforms, told, 10_000, [0]),
            await read(INDICATORS, platforms, told, size, pauses),
        )

    whole, paged = asyncio.run(both())
    assert [INDICATORS.key_of(row) for row in paged] == [INDICATORS.key_of(row) for row in whole]


@pytest.mark.parametrize("name", ["from", "to", "updated_since", "tz"])
async def test_other_words_are_another_question(name: str) -> None:
    asked = {"from": "-7d", "to": "now", "updated_since": "-24h", "tz": "UTC"}
    other = {"from": "-6d", "to": "today", "updated_since": "-48h", "tz": "Europe/Paris"}
    clock = FakeClock(NOW + timedelta(seconds=1))

    async def page(asked: Asked, after: str | None) -> str | None:
        context = context_of(*house(Listing("one", range(9))), clock=clock)
        request = read_request(context, CONVERSATIONS, asked, after=after)
        return (await CONVERSATIONS.page(context, request, first=2, after=after)).end_cursor

    cursor = await page(asked, None)
    clock.pass_(days=1)
    assert await page(asked, cursor) is not None
    with pytest.raises(BadInputError) as refused:
        await page({**asked, name: other[name]}, cursor)
    assert refused.value.extensions["argument"] == "after"


def test_the_moment_is_that_of_the_first_page_and_no_other() -> None:
    async def moments() -> list[datetime | None]:
        clock = FakeClock(NOW)
        told: list[datetime | None] = []
        after: str | None = None
        for _ in range(3):
            context: RequestContext = context_of(*house(Listing("one", range(9))), clock=clock)
            request = read_request(context, CONVERSATIONS, {"updated_since": "-1h"}, after=after)
            after = (await CONVERSATIONS.page(context, request, first=2, after=after)).end_cursor
            told.append(request.updated_since)
            clock.pass_(hours=5)
        return told

    hour = datetime(NOW.year, NOW.month, NOW.day, NOW.hour, tzinfo=UTC) - timedelta(hours=1)
    assert asyncio.run(moments()) == [hour] * 3
