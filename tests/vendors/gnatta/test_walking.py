"""Lists of audits read in other orders than newest first, of which an answer shows 1000 rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.gnatta.test_events import QUERY
from tests.vendors.gnatta.test_paging import audits_of
from tests.vendors.gnatta.upstream import Audit, Upstream, settings_of, view_interactions

from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.gnatta.client import GnattaClient
from vendors.gnatta.walking import Order, Question, Row
from vendors.gnatta.wire import VIEW_INTERACTIONS
from vendors.port import Page

OLDEST_FIRST = Order(descending=False)
WINDOW = (QUERY.start, QUERY.end)


async def pages_of(
    upstream: Upstream, order: Order, limit: int, window: tuple[datetime, datetime] = WINDOW
) -> list[Page[Row]]:
    """All pages, each begun behind the last row of the one before."""
    client = GnattaClient(settings_of(), upstream.wiring())
    pages: list[Page[Row]] = []
    after: str | None = None
    try:
        while not pages or pages[-1].has_more:
            question = Question(window=window, limit=limit, after=after, order=order)
            pages.append(await client.walk(VIEW_INTERACTIONS, question, Call.within(30.0)))
            after = pages[-1].positions[-1] if pages[-1].positions else after
    finally:
        await client.aclose()
    return pages


def rows_of(pages: list[Page[Row]]) -> list[Row]:
    return [row for page in pages for row in page.items]


def told(rows: list[Row]) -> list[tuple[str, datetime]]:
    return sorted((row.event.reference, row.position.at) for row in rows)


def kept(audits: list[Audit]) -> list[tuple[str, datetime]]:
    return sorted((one.reference, one.at) for one in audits)


@given(
    seconds=st.lists(st.integers(0, 5), max_size=40),
    limit=st.integers(1, 12),
    seed=st.integers(0, 99),
    field=st.sampled_from(("Timestamp", "Reference")),
    descending=st.booleans(),
)
async def test_pages_give_every_row_once_in_order(
    seconds: list[int], limit: int, seed: int, field: str, *, descending: bool
) -> None:
    random = Random(seed)
    audits = audits_of(seconds, random, fractions=True)
    order = Order(field, descending)
    pages = await pages_of(Upstream(view_interactions(audits, random)), order, limit)
    rows = rows_of(pages)
    assert told(rows) == kept(audits)
    assert len({row.position for row in rows}) == len(rows)
    keys = [row.event.reference if field == "Reference" else row.position.at for row in rows]
    assert keys == sorted(keys, reverse=descending)
    assert all(order.is_behind(later.position, one.position) for one, later in pairwise(rows))
    assert not any(page.truncated for page in pages)


@settings(max_examples=10, deadline=None)
@given(
    busiest=st.integers(1, 990),
    limit=st.sampled_from((300, 1500, 4000)),
    seed=st.integers(0, 99),
    fractions=st.booleans(),
)
async def test_oldest_first_more_rows_than_an_answer_holds_are_read_to_the_end(
    busiest: int, limit: int, seed: int, *, fractions: bool
) -> None:
    random = Random(seed)
    seconds = [second for second in range(4) for _ in range(busiest)]
    seconds += [random.randrange(100, 4000) for _ in range(800)]
    audits = audits_of(seconds, random, fractions=fractions)
    pages = await pages_of(Upstream(view_interactions(audits, random)), OLDEST_FIRST, limit)
    assert told(rows_of(pages)) == kept(audits)
    assert not any(page.truncated for page in pages)


async def test_oldest_first_a_second_with_more_rows_than_an_answer_cuts_the_list() -> None:
    random = Random(7)
    audits = audits_of([*[3] * 50, *[10] * 1200, *[20] * 5], random)
    pages = await pages_of(Upstream(view_interactions(audits, Random(1))), OLDEST_FIRST, 5000)
    assert pages[-1].truncated
    rows = rows_of(pages)
    assert told(rows[:50]) == kept(audits[:50])
    assert all(row.position.at != audits[-1].at for row in rows)


@pytest.mark.parametrize("descending", [True, False])
async def test_by_reference_the_first_thousand_are_told_and_that_there_are_more(
    descending: bool,
) -> None:
    audits = [
        Audit(f"A-{number:04}", at, at.isoformat().replace("+00:00", "Z"))
        for number in range(1500)
        for at in (QUERY.start + timedelta(seconds=number % 7),)
    ]
    upstream = Upstream(view_interactions(audits, Random(1)))
    pages = await pages_of(upstream, Order("Reference", descending), 600)
    found = [row.event.reference for row in rows_of(pages)]
    every = sorted((one.reference for one in audits), reverse=descending)
    assert found == every[:1000]
    assert [page.truncated for page in pages] == [True, True]
    assert len(upstream.requests) == 2


async def test_by_time_long_windows_are_cut_and_by_reference_refused() -> None:
    years = (QUERY.start, QUERY.start + timedelta(days=1600))
    upstream = Upstream(view_interactions([], Random(1)))
    assert (await pages_of(upstream, OLDEST_FIRST, 5, years))[0].items == ()
    asked = [(body["filters"]["from"][:10], body["filters"]["to"][:10]) for body in upstream.bodies]
    assert asked == [
        ("2023-01-05", "2025-01-04"),
        ("2025-01-04", "2027-01-04"),
        ("2027-01-04", "2027-05-24"),
    ]
    with pytest.raises(BadInputError, match="24 months"):
        await pages_of(upstream, Order("Reference"), 5, years)
