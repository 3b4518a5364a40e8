"""Pages of a list of which an answer shows 1000 rows, and nothing tells the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.gnatta.test_events import QUERY
from tests.vendors.gnatta.upstream import Audit, Upstream, settings_of, view_interactions

from vendors.calls import Call
from vendors.gnatta.client import GnattaClient
from vendors.port import ConversationQuery, Page
from vendors.records import Conversation


def audits_of(seconds: Sequence[int], random: Random, *, fractions: bool = False) -> list[Audit]:
    """Audits at these seconds of the window, references repeating now and then."""
    made = []
    for number, second in enumerate(seconds):
        at = QUERY.start + timedelta(seconds=second)
        if fractions:
            at += timedelta(milliseconds=random.randrange(1000))
        reference = f"A-{random.randrange(number + 1)}"
        made.append(Audit(reference, at, at.isoformat().replace("+00:00", "Z")))
    return made


async def pages_of(upstream: Upstream, limit: int) -> list[Page[Conversation]]:
    """All pages from the newest on, each begun behind the last item of the one before."""
    client = GnattaClient(settings_of(), upstream.wiring())
    pages: list[Page[Conversation]] = []
    after: str | None = None
    try:
        while not pages or pages[-1].has_more:
            query = ConversationQuery(start=QUERY.start, end=QUERY.end, limit=limit, after=after)
            pages.append(await client.conversations(query, Call.within(30.0)))
            after = pages[-1].positions[-1] if pages[-1].positions else after
    finally:
        await client.aclose()
    return pages


def items_of(pages: Sequence[Page[Conversation]]) -> list[Conversation]:
    return [one for page in pages for one in page.items]


def told(audits: Sequence[Audit]) -> list[tuple[str, float]]:
    return sorted((one.reference, one.at.timestamp()) for one in audits)


def given_out(items: Sequence[Conversation]) -> list[tuple[str, float]]:
    return sorted(
        (one.native_id, one.started_at.timestamp()) for one in items if one.started_at is not None
    )


@given(
    seconds=st.lists(st.integers(0, 5), max_size=40),
    limit=st.integers(1, 12),
    seed=st.integers(0, 99),
    fractions=st.booleans(),
)
async def test_pages_give_every_event_once_and_newest_first(
    seconds: list[int], limit: int, seed: int, *, fractions: bool
) -> None:
    random = Random(seed)
    audits = audits_of(seconds, random, fractions=fractions)
    pages = await pages_of(Upstream(view_interactions(audits, random)), limit)
    items = items_of(pages)
    assert given_out(items) == told(audits)
    assert len({one.event_id for one in items}) == len(items)
    starts = [one.started_at for one in items if one.started_at is not None]
    assert starts == sorted(starts, reverse=True)
    assert all(len(page.items) == limit for page in pages[:-1])
    assert not any(page.truncated for page in pages)


@settings(max_examples=15, deadline=None)
@given(
    busiest=st.integers(1, 990),
    limit=st.sampled_from((300, 700, 1500, 4000)),
    seed=st.integers(0, 99),
    fractions=st.booleans(),
)
async def test_more_rows_than_an_answer_holds_are_read_to_the_end(
    busiest: int, limit: int, seed: int, *, fractions: bool
) -> None:
    random = Random(seed)
    seconds = [second for second in range(4) for _ in range(busiest)]
    seconds += [random.randrange(100, 4000) for _ in range(800)]
    audits = audits_of(seconds, random, fractions=fractions)
    pages = await pages_of(Upstream(view_interactions(audits, random)), limit)
    assert given_out(items_of(pages)) == told(audits)
    assert not any(page.truncated for page in pages)


@pytest.mark.parametrize("limit", [400, 5000])
async def test_a_second_with_more_rows_than_an_answer_cuts_the_list(limit: int) -> None:
    random = Random(7)
    newer, older = [20] * 5, [3] * 50
    audits = audits_of([*newer, *[10] * 1200, *older], random)
    upstream = Upstream(view_interactions(audits, Random(1)))
    pages = await pages_of(upstream, limit)
    items = items_of(pages)
    assert pages[-1].truncated
    assert set(given_out(items)) <= set(told(audits))
    assert len({one.event_id for one in items}) == len(items)
    assert given_out(items[:5]) == told(audits[:5])
    assert all(one.started_at != audits[-1].at for one in items)


async def test_a_thousand_rows_in_all_are_not_cut() -> None:
    random = Random(3)
    audits = audits_of([*range(1000)], random)
    pages = await pages_of(Upstream(view_interactions(audits, random)), 600)
    assert given_out(items_of(pages)) == told(audits)
    assert not any(page.truncated for page in pages)


async def test_a_page_within_one_answer_is_one_call() -> None:
    random = Random(3)
    upstream = Upstream(view_interactions(audits_of([*range(3000)], random), random))
    client = GnattaClient(settings_of(), upstream.wiring())
    query = ConversationQuery(start=QUERY.start, end=QUERY.end, limit=20)
    page = await client.conversations(query, Call.within(30.0))
    await client.aclose()
    assert len(page.items) == 20
    assert len(upstream.requests) == 1
