"""Lists of which a platform fails on the way: whoever follows pages is led to the rest of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeClock, context_of, platform_of
from tests.resolvers.test_agents import Staff
from tests.resolvers.test_conversations import PERIOD, Listing
from tests.resolvers.test_rows import house
from tests.resolvers.test_rows_failing import Unsteady

from resolvers.agents import AgentFilter, agents
from resolvers.context import RequestContext
from resolvers.conversations import ConversationFilter, conversations
from resolvers.paging import Connection
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.port import Platform
from vendors.records import Agent

FAILURE = PlatformServerError("no", platform="two", operation="list")
AGES = st.lists(st.integers(0, 500), max_size=15)
FAILING = st.lists(st.booleans(), max_size=8)
Ask: TypeAlias = Callable[[RequestContext, int, str | None], Awaitable[Connection[Any]]]


async def ask_conversations(
    context: RequestContext, first: int, after: str | None
) -> Connection[Any]:
    whom = tuple(context.platforms.values())
    return await conversations(
        context, PERIOD, ConversationFilter(), whom, first=first, after=after
    )


async def ask_agents(context: RequestContext, first: int, after: str | None) -> Connection[Any]:
    whom = tuple(context.platforms.values())
    return await agents(context, AgentFilter(), whom, first=first, after=after)


async def followed(
    ask: Ask, platforms: Sequence[Platform], first: int, after: str | None = None
) -> list[Connection[Any]]:
    """Return the pages that a client reads which follows them as it is told."""
    clock = FakeClock(NOW + timedelta(seconds=1))
    pages: list[Connection[Any]] = []
    while not pages or pages[-1].has_next_page:
        assert len(pages) < 100, "pages without end"
        pages.append(await ask(context_of(*platforms, clock=clock), first, after))
        after = pages[-1].end_cursor
    return pages


def ids(pages: Sequence[Connection[Any]]) -> list[tuple[str, str]]:
    return [(one.platform, one.native_id) for page in pages for one in page.items]


async def test_the_rest_of_who_failed_follows_when_it_is_back() -> None:
    one, two = Listing("one", range(4)), Listing("two", range(4))
    two.fails = FAILURE
    first = await ask_conversations(context_of(*house(one, two)), 10, None)
    two.fails = None
    rest = await followed(ask_conversations, house(one, two), 10, first.end_cursor)

    assert (first.has_next_page, [each.platform for each in first.failures]) == (True, ["two"])
    assert len(set(ids([first, *rest]))) == len(ids([first, *rest])) == 8
    assert rest[-1].has_next_page is False


async def test_who_stays_down_does_not_make_pages_without_end() -> None:
    one, two = Listing("one", range(4)), Listing("two", range(4))
    two.fails = FAILURE

    pages = await followed(ask_conversations, house(one, two), 3)

    assert [len(page.items) for page in pages] == [3, 1, 0]
    assert (pages[-1].end_cursor, len(pages[-1].failures)) == (None, 1)
    two.fails = None
    rest = await followed(ask_conversations, house(one, two), 3, pages[-2].end_cursor)
    assert len(set(ids([*pages, *rest]))) == 8


async def test_a_first_page_of_which_all_fail_is_the_last() -> None:
    down = Listing("two", range(4))
    down.fails = FAILURE

    (page,) = await followed(ask_conversations, house(down), 3)

    assert (page.items, page.has_next_page, page.end_cursor) == ((), False, None)


class UnsteadyStaff(Staff):
    """Fails now and then."""

    def __init__(self, key: str, names: Sequence[int], failing: Sequence[bool]) -> None:
        super().__init__(key, *(f"agent {one}" for one in names))
        self._failing = iter(failing)

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        if next(self._failing, False):
            raise PlatformServerError("no", platform=self.key, operation="list")
        return await super().agents(call)


async def all_of(ask: Ask, platforms: Sequence[Platform], first: int) -> list[Connection[Any]]:
    """Return all pages; where the last one is a failure, it is asked for again."""
    pages: list[Connection[Any]] = []
    after: str | None = None
    while True:
        pages += await followed(ask, platforms, first, after)
        if not pages[-1].errors:
            return pages
        after = next((page.end_cursor for page in reversed(pages) if page.end_cursor), None)


@given(one=AGES, other=AGES, failing=st.tuples(FAILING, FAILING), first=st.integers(1, 9))
def test_nothing_of_a_long_list_is_lost_or_doubled(
    one: list[int], other: list[int], failing: tuple[list[bool], list[bool]], first: int
) -> None:
    platforms = house(Unsteady("one", one, failing[0]), Unsteady("two", other, failing[1]))
    found = ids(asyncio.run(all_of(ask_conversations, platforms, first)))

    assert len(set(found)) == len(found) == len(one) + len(other)


NAMES = st.lists(st.integers(0, 500), max_size=15, unique=True)


@given(one=NAMES, other=NAMES, failing=st.tuples(FAILING, FAILING), first=st.integers(1, 9))
def test_nothing_of_a_short_list_is_lost_or_doubled(
    one: list[int], other: list[int], failing: tuple[list[bool], list[bool]], first: int
) -> None:
    staff = UnsteadyStaff("one", one, failing[0]), UnsteadyStaff("two", other, failing[1])
    platforms = [platform_of(each.key, agents=each) for each in staff]
    found = ids(asyncio.run(all_of(ask_agents, platforms, first)))

    assert len(set(found)) == len(found) == len(one) + len(other)
