"""Calls are counted as they are made: a page that takes many leaves less for what comes after."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, Tasks, context_of, platform_of

from resolvers.agents import directory
from resolvers.availability import follow_availability
from resolvers.context import Limits, RequestContext
from resolvers.rows.asking import read_request
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import read_all
from vendors.calls import Call, CallRecord
from vendors.errors import PlatformServerError, TooComplexError
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import Agent, AgentPresence, Customer, Dated, PresenceStatus

CUSTOMERS = STANDARD["customers"]
EACH = 10
"""How many customers one call gives."""
MOST = 5
"""How many calls one page takes at most."""


def sent(call: Call, platform: str, *, attempt: int = 1, credential: bool = False) -> None:
    call.log.add(
        CallRecord(
            platform=platform,
            endpoint="list",
            status=200,
            seconds=0.1,
            attempt=attempt,
            credential=credential,
        )
    )


class Register:
    """A platform's customers, of whom few come with a call."""

    history_filters: Mapping[type[Dated], frozenset[str]] = {Customer: frozenset()}

    def __init__(self, key: str, held: int) -> None:
        self.key, self.held = key, held
        self.calls = 0

    async def history(self, _kind: type[Dated], query: HistoryQuery, call: Call) -> Page[Customer]:
        begin = int(query.after or 0)
        end = min(self.held, begin + min(query.limit, EACH * MOST))
        for _ in range(max(1, -(-(end - begin) // EACH))):
            sent(call, self.key)
            self.calls += 1
        numbers = range(begin, end)
        return Page(
            tuple(
                Customer(platform=self.key, native_id=f"{one}", at=NOW - timedelta(seconds=one))
                for one in numbers
            ),
            tuple(str(one + 1) for one in numbers),
            has_more=end < self.held,
        )


def house(*lists: Register) -> list[Platform]:
    return [platform_of(one.key, histories=one) for one in lists]


def context_with(most_calls: int, *lists: Register) -> RequestContext:
    return context_of(*house(*lists), limits=Limits(most_calls=most_calls))


async def test_all_calls_of_a_page_are_counted() -> None:
    register = Register("one", 45)
    context = context_with(200, register)
    page = await CUSTOMERS.page(context, read_request(context, CUSTOMERS, {}), first=1_000)

    assert (len(page.rows), register.calls, context.spending.planned) == (45, 5, 5)


async def test_what_comes_after_finds_less_room() -> None:
    register = Register("one", 200)
    context = context_with(5, register)
    request = read_request(context, CUSTOMERS, {})
    page = await CUSTOMERS.page(context, request, first=50)

    with pytest.raises(TooComplexError) as refused:
        await CUSTOMERS.page(context, request, first=50, after=page.end_cursor)
    assert refused.value.extensions == {"calls": 6, "callLimit": 5}
    assert register.calls == 5


async def test_a_page_ends_where_there_is_no_room_for_more_and_loses_nothing() -> None:
    registers = Register("one", 300), Register("two", 120)
    context = context_with(11, *registers)
    request = read_request(context, CUSTOMERS, {})
    page = await CUSTOMERS.page(context, request, first=1_000)

    assert (len(page.rows), page.has_next, page.failures) == (100, True, ())
    after, keys = page.end_cursor, {CUSTOMERS.key_of(row) for row in page.rows}
    while after is not None:
        context = context_with(11, *registers)
        page = await CUSTOMERS.page(context, request, first=1_000, after=after)
        keys |= {CUSTOMERS.key_of(row) for row in page.rows}
        after = page.end_cursor if page.has_next else None
    assert len(keys) == 420


@given(
    held=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    size=st.integers(1, 400),
    most_calls=st.integers(2, 40),
)
def test_files_are_whole_whatever_the_budget_and_no_block_makes_many_more(
    held: tuple[int, int], size: int, most_calls: int
) -> None:
    async def read() -> tuple[list[object], int, int]:
        registers = Register("one", held[0]), Register("two", held[1])
        context = context_with(most_calls, *registers)
        request = read_request(context, CUSTOMERS, {})
        keys: list[object] = []
        before, most = 0, 0
        async for page in read_all(CUSTOMERS, context, request, size=size, seconds=30.0):
            keys += [CUSTOMERS.key_of(row) for row in page.rows]
            assert page.failures == ()
            made = sum(one.calls for one in registers)
            before, most = made, max(most, made - before)
        return keys, before, most

    keys, made, most = asyncio.run(read())
    assert len(set(keys)) == len(keys) == sum(held)
    # The turn that is begun while there is room is made to its end.
    assert most <= most_calls + 2 * (MOST - 1)
    assert made >= sum(-(-one // EACH) for one in held)


class Staff:
    """A list of agents that takes several calls."""

    fails = False

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        sent(call, "one", credential=True)
        for attempt in (1, 2, 1, 1):
            sent(call, "one", attempt=attempt)
        if self.fails:
            raise PlatformServerError("no", platform="one", operation="list")
        return (Agent(platform="one", native_id="1", name="Ana"),)


async def test_tokens_and_what_is_tried_again_are_not_counted() -> None:
    context = context_of(platform := platform_of("one", agents=Staff()))
    await directory(context, platform, context.call)

    assert (context.spending.planned, context.call.log.count("one")) == (3, 4)


async def test_what_fails_is_counted_too() -> None:
    staff = Staff()
    staff.fails = True
    context = context_of(platform := platform_of("one", agents=staff))
    with pytest.raises(PlatformServerError):
        await directory(context, platform, context.call)

    assert context.spending.planned == 3


async def test_what_is_kept_shared_or_fetched_behind_the_answer_is_not_counted() -> None:
    clock = FakeClock()
    cache, tasks = FakeCache(clock), Tasks()
    platform = platform_of("one", agents=Staff())

    def context() -> RequestContext:
        return context_of(platform, clock=clock, cache=cache, tasks=tasks)

    first, again, later = context(), context(), context()
    await asyncio.gather(*(directory(first, platform, first.call) for _ in range(5)))
    await directory(again, platform, again.call)
    clock.pass_(minutes=6)
    await directory(later, platform, later.call)
    await tasks.done()

    assert [one.spending.planned for one in (first, again, later)] == [3, 0, 0]


class Shift(Staff):
    """Agents whose state takes a call of its own."""

    async def presence(self, asked: Sequence[Agent], call: Call) -> tuple[AgentPresence, ...]:
        sent(call, "one")
        return tuple(
            AgentPresence(
                platform="one", agent_id=one.native_id, status=PresenceStatus.AVAILABLE, as_of=NOW
            )
            for one in asked
        )


async def test_what_is_followed_is_no_part_of_the_budget_of_who_follows() -> None:
    shift = Shift()
    platform = platform_of("one", agents=shift, presence=shift)
    context = context_of(platform, limits=Limits(most_calls=1))

    async with aclosing(follow_availability(context, [platform], 5.0)) as changes:
        change = await anext(changes)

    assert [one.name for one in change.agents] == ["Ana"]
    assert (change.failure, context.spending.planned) == (None, 0)


async def test_each_event_has_the_budget_of_its_operation_anew() -> None:
    context = context_of(platform := platform_of("one", agents=Staff()))
    context.spending.most_calls = 3
    for _ in range(3):
        await directory(context, platform, context.call)
        context.renew(5.0)
        assert (context.spending.planned, context.spending.room) == (0, 3)
