"""Flat rows of lists of which a platform fails on the way: later pages go on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeClock, context_of
from tests.resolvers.test_rows import AGES, CONVERSATIONS, Counted, house

from resolvers.rows.asking import read_request
from resolvers.rows.columns import Row
from resolvers.rows.table import RowPage
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.port import ConversationQuery, Page
from vendors.records import Conversation


async def test_a_platform_that_is_back_goes_on_where_it_was() -> None:
    one, two = Counted("one", range(30)), Counted("two", range(30))

    async def read(after: str | None) -> RowPage:
        context = context_of(*house(one, two))
        request = read_request(context, CONVERSATIONS, {})
        return await CONVERSATIONS.page(context, request, first=20, after=after)

    first = await read(None)
    two.fails = PlatformServerError("no", platform="two", operation="list")
    without = await read(first.end_cursor)
    last = await read(without.end_cursor)
    nothing = await read(last.end_cursor)
    two.fails = None
    rest = await read(last.end_cursor)

    told = [page.has_next for page in (first, without, last, nothing, rest)]
    assert told == [True, True, True, False, False]
    assert [one.platform for one in nothing.failures] == ["two"]
    assert (nothing.rows, nothing.end_cursor) == ((), None)
    rows = [row for page in (first, without, last, rest) for row in page.rows]
    assert len({CONVERSATIONS.key_of(row) for row in rows}) == len(rows) == 60


class Unsteady(Counted):
    """Fails now and then."""

    def __init__(self, key: str, ages: Sequence[int], failing: Sequence[bool]) -> None:
        super().__init__(key, ages)
        self._failing = iter(failing)

    async def conversations(self, query: ConversationQuery, call: Call) -> Page[Conversation]:
        if next(self._failing, False):
            raise PlatformServerError("no", platform=self.key, operation="list")
        return await super().conversations(query, call)


@given(
    one=AGES,
    other=AGES,
    failing=st.tuples(*[st.lists(st.booleans(), max_size=8)] * 2),
    size=st.integers(1, 12),
)
def test_whatever_fails_on_the_way_nothing_is_lost_or_doubled(
    one: list[int], other: list[int], failing: tuple[list[bool], list[bool]], size: int
) -> None:
    lists = Unsteady("one", one, failing[0]), Unsteady("two", other, failing[1])

    async def read() -> list[Row]:
        clock = FakeClock(NOW + timedelta(seconds=1))
        rows: list[Row] = []
        after: str | None = None
        while True:
            context = context_of(*house(*lists), clock=clock)
            request = read_request(context, CONVERSATIONS, {"from": "-7d"})
            page = await CONVERSATIONS.page(context, request, first=size, after=after)
            rows += page.rows
            assert page.has_next or not (page.rows and page.failures)
            if not page.has_next and not page.failures:
                return rows
            after = page.end_cursor or after

    rows = asyncio.run(read())
    assert len({CONVERSATIONS.key_of(row) for row in rows}) == len(rows) == len(one) + len(other)
