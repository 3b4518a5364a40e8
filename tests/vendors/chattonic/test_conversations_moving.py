from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.chattonic.upstream import (
    MovingList,
    Upstream,
    asked,
    case,
    instant,
    minutes,
    saying,
    settings_of,
)

from vendors.calls import Call
from vendors.chattonic.client import ChatTonicClient
from vendors.chattonic.walking import Position
from vendors.port import ConversationQuery, Page
from vendors.records import Conversation, ConversationState

START = instant("2021-11-01T00:00")
END = instant("2021-12-01T00:00")


@asynccontextmanager
async def client_of(upstream: Upstream, **changes: object) -> AsyncIterator[ChatTonicClient]:
    client = ChatTonicClient(settings_of(**changes), upstream.wiring())
    try:
        yield client
    finally:
        await client.aclose()


# Steps of whole minutes, so that many share an instant.
_AGES = st.integers(1, 60).flatmap(lambda most: st.lists(st.integers(1, most), max_size=80))
_EVENTS = st.lists(st.sampled_from(["arrives", "leaves", "nothing"]), max_size=30)


@settings(max_examples=150, deadline=None)
@given(
    ages=_AGES,
    events=_EVENTS,
    limit=st.integers(1, 40),
    room=st.integers(2, 20),
    leaving=st.integers(1, 12),
    seed=st.integers(0, 999),
    from_age=st.integers(0, 60),
)
async def test_no_query_is_skipped_or_given_twice_while_the_list_moves(
    ages: list[int],
    events: list[str],
    limit: int,
    room: int,
    leaving: int,
    seed: int,
    from_age: int,
) -> None:
    # Queries of one instant come in any order: a page that holds them all tells them apart.
    page_size = min(100, max(10, room + max(Counter(ages).values(), default=0)))
    pinned = END - minutes(from_age)
    moving = MovingList([case(n, END - minutes(age)) for n, age in enumerate(ages)], seed=seed)
    before = {one["_id"]: one["createdAt"] for one in moving.cases}
    left: set[str] = set()

    def happen(_: MovingList) -> None:
        event = events.pop() if events else "nothing"
        if event == "arrives":
            moving.arrive(END + minutes(moving.pages))
        for one in moving.cases[:leaving] if event == "leaves" else ():
            one["status"] = "progress"
            left.add(one["_id"])

    moving.between = happen
    upstream = Upstream(moving)
    async with client_of(upstream, lists={"page_size": page_size, "max_pages": 500}) as client:
        found = await _read_all(client, pinned, limit, Call.within(30))

    assert len(found) == len({one.native_id for one in found})
    stayed = {
        name
        for name, written in before.items()
        if name not in left and datetime.fromisoformat(written) < pinned
    }
    given_out = {one.native_id for one in found}
    assert stayed <= given_out <= stayed | left
    starts = [one.started_at for one in found if one.started_at]
    assert starts == sorted(starts, reverse=True)
    assert all(START <= one < pinned for one in starts)


async def _read_all(
    client: ChatTonicClient, end: datetime, limit: int, call: Call
) -> list[Conversation]:
    found: list[Conversation] = []
    after = None
    while True:
        query = ConversationQuery(
            start=START, end=end, limit=limit, states=(ConversationState.WAITING,), after=after
        )
        page = await client.conversations(query, call)
        assert not page.truncated
        assert len(page.items) <= limit
        found += page.items
        if not page.has_more:
            return found
        after = page.positions[-1]


async def test_a_list_that_shrinks_below_the_place_that_is_searched_for_loses_nothing() -> None:
    def shrink(moving: MovingList) -> None:
        if moving.pages == 6:
            moving.cases = [one for one in moving.cases if int(one["_id"][1:]) > 290]

    moving = MovingList([case(n, END - minutes(n)) for n in range(1, 400)], shrink)
    async with client_of(Upstream(moving), lists={"page_size": 10}) as client:
        query = ConversationQuery(start=START, end=END - minutes(300), limit=4)
        page = await client.conversations(query, Call.within(5))
    assert [one.native_id for one in page.items] == ["q301", "q302", "q303", "q304"]
    assert moving.pages < 30


@pytest.mark.parametrize("limit", [None, 0, -1])
async def test_an_empty_list_has_no_more_whatever_limit_it_tells(limit: int | None) -> None:
    told: dict[str, object] = {"limit": limit, "objects": []}
    async with client_of(Upstream(saying(told))) as client:
        query = ConversationQuery(start=START, end=END, limit=4)
        page = await client.conversations(query, Call.within(5))
    assert page == Page((), (), has_more=False, truncated=False)


@pytest.mark.parametrize("seed", range(6))
async def test_queries_of_one_instant_may_come_in_another_order_every_time(seed: int) -> None:
    moving = MovingList([case(n, END - minutes(1)) for n in range(30)], seed=seed)
    async with client_of(Upstream(moving)) as client:
        found = await _read_all(client, END, 1, Call.within(30))
    assert sorted(one.native_id for one in found) == sorted(one["_id"] for one in moving.cases)


async def test_a_page_of_arrivals_and_of_what_is_known_leads_on_without_a_gap() -> None:
    tied = [case(n, END - minutes(1)) for n in range(8)]
    older = [case(n, END - minutes(2)) for n in range(8, 20)]
    arrived = [case(n, END + minutes(n)) for n in range(104, 100, -1)]
    pages = [
        [*tied, *older],
        [*arrived, *tied, *older],
        # Those that were not given yet come before the others now.
        [*arrived, *tied[6:], *tied[:6], *older],
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        wanted = asked(request)
        skip, limit = int(wanted["skip"]), int(wanted["limit"])
        listed = pages.pop(0) if len(pages) > 1 else pages[0]
        return httpx.Response(200, json={"objects": listed[skip : skip + limit]})

    async with client_of(Upstream(answer), lists={"page_size": 10}) as client:
        query = ConversationQuery(start=START, end=END, limit=6)
        first = await client.conversations(query, Call.within(5))
        behind = msgspec.structs.replace(query, after=first.positions[-1], limit=3)
        second = await client.conversations(behind, Call.within(5))
    assert [one.native_id for one in first.items] == [f"q{n}" for n in range(6)]
    assert [one.native_id for one in second.items] == ["q6", "q7", "q8"]


@given(
    second=st.integers(946_684_800, 4_102_444_800),
    milliseconds=st.integers(0, 999),
    names=st.lists(st.text(), max_size=3),
    skip=st.integers(0, 10**6),
)
def test_a_position_survives_being_written(
    second: int, milliseconds: int, names: list[str], skip: int
) -> None:
    at = datetime.fromtimestamp(second, UTC).replace(microsecond=milliseconds * 1000)
    position = Position(at, tuple(names), skip)
    assert Position.parse(str(position)) == position
