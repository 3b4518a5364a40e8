"""Agents of several platforms: each once, by name, with a presence that is asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of

from resolvers.agents import AgentFilter, agents
from resolvers.context import RequestContext
from resolvers.outcomes import Freshness
from resolvers.paging import Connection
from schema import build_schema
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformServerError
from vendors.records import Agent, AgentPresence, PresenceStatus

SCHEMA = build_schema()
ALL = AgentFilter()
AVAILABLE = AgentFilter(statuses=(PresenceStatus.AVAILABLE,))


class Staff:
    """A platform's directory; every second agent is available."""

    def __init__(self, key: str, *names: str, clock: FakeClock | None = None) -> None:
        self.key = key
        self.names = list(names)
        self.lists = 0
        self.looks: list[int] = []
        self.fails: Exception | None = None
        self._clock = clock or FakeClock()

    def _answer(self) -> datetime:
        if self.fails is not None:
            raise self.fails
        return self._clock.now()

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self._answer()
        self.lists += 1
        return tuple(Agent(platform=self.key, native_id=f"id {n}", name=n) for n in self.names)

    async def presence(self, asked: Sequence[Agent], _call: Call) -> tuple[AgentPresence, ...]:
        at = self._answer()
        self.looks.append(len(asked))
        return tuple(
            AgentPresence(
                platform=self.key,
                agent_id=one.native_id,
                status=PresenceStatus.AVAILABLE if place % 2 == 0 else PresenceStatus.AWAY,
                as_of=at,
            )
            for place, one in enumerate(asked)
        )


def _house(*staffs: Staff, **changes: Any) -> RequestContext:  # noqa: ANN401 - of the context
    platforms = [platform_of(one.key, agents=one, presence=one) for one in staffs]
    return context_of(*platforms, **changes)


async def _page(
    context: RequestContext, first: int, after: str | None = None, wanted: AgentFilter = ALL
) -> Connection[Agent]:
    platforms = tuple(context.platforms.values())
    return await agents(context, wanted, platforms, first=first, after=after)


async def test_every_agent_is_read_once_platform_by_platform_by_name() -> None:
    staffs = Staff("one", "cem", "Ann", "bob"), Staff("two", "dee", "ann")
    read: list[str] = []
    after: str | None = None
    for _ in range(5):
        page = await _page(_house(*staffs), 2, after)
        read += [f"{one.platform} {one.name}" for one in page.items]
        if not page.has_next_page:
            break
        after = page.end_cursor

    assert read == ["one Ann", "one bob", "one cem", "two ann", "two dee"]


async def test_who_comes_and_who_goes_between_two_pages_moves_nobody_else() -> None:
    staff = Staff("one", "ann", "bob", "cem", "dee")
    page = await _page(_house(staff), 2)
    staff.names = ["aaron", "bob", "cem", "dee", "eve"]

    further = await _page(_house(staff), 9, page.end_cursor)

    assert [one.name for one in page.items] == ["ann", "bob"]
    assert [one.name for one in further.items] == ["cem", "dee", "eve"]


async def test_a_platform_that_failed_is_read_when_it_is_back() -> None:
    good, bad = Staff("good", "ann"), Staff("bad", "bob")
    bad.fails = PlatformServerError()
    page = await _page(_house(bad, good), 1)
    bad.fails = None

    further = await _page(_house(bad, good), 9, page.end_cursor)

    assert [(one.platform, one.code) for one in page.failures] == [("bad", "PLATFORM_ERROR")]
    assert [one.name for one in (*page.items, *further.items)] == ["ann", "bob"]


async def test_a_cursor_of_another_question_is_refused() -> None:
    staff = Staff("one", "ann", "bob")
    page = await _page(_house(staff), 1)

    with pytest.raises(BadInputError):
        await _page(_house(staff), 1, page.end_cursor, AgentFilter(name="b"))


async def test_who_is_available_is_asked_once_for_the_list_and_each_agent() -> None:
    staff = Staff("one", "ann", "bob", "cem")

    result = await SCHEMA.execute(
        "{ agents(filter: {statuses: [AVAILABLE]}) { nodes { name live { status asOf } } } }",
        context_value=_house(staff),
    )

    assert result.errors is None
    assert result.data is not None
    live = {"status": "AVAILABLE", "asOf": "2026-03-18T10:30:00Z"}
    assert result.data["agents"]["nodes"] == [
        {"name": "ann", "live": live},
        {"name": "cem", "live": live},
    ]
    assert (staff.lists, staff.looks) == (1, [3])


async def test_a_presence_that_is_older_than_it_should_be_is_marked() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    staff = Staff("one", "ann", "bob", clock=clock)
    await _page(_house(staff, clock=clock, cache=cache), 9, wanted=AVAILABLE)
    clock.pass_(seconds=60)
    staff.fails = PlatformServerError()

    page = await _page(_house(staff, clock=clock, cache=cache), 9, wanted=AVAILABLE)

    assert [one.name for one in page.items] == ["ann"]
    assert [(one.freshness, one.as_of) for one in page.sources] == [(Freshness.STALE, NOW)]
    assert [(one.platform, one.stale_age_seconds) for one in page.failures] == [("one", 60.0)]
    assert page.errors == ()


async def test_a_presence_that_cannot_be_had_is_a_failure_of_the_list_that_needs_it() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    staff = Staff("one", "ann", clock=clock)
    await _page(_house(staff, clock=clock, cache=cache), 9)
    staff.fails = PlatformServerError()

    page = await _page(_house(staff, clock=clock, cache=cache), 9, wanted=AVAILABLE)

    assert page.items == ()
    assert [one.code for one in page.failures] == ["PLATFORM_ERROR"]


async def test_names_of_people_are_kept_for_minutes() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    await _page(_house(Staff("one", "ann"), clock=clock, cache=cache), 9, wanted=AVAILABLE)

    assert cache.entries
    assert all(until - NOW <= timedelta(minutes=15) for until, _ in cache.entries.values())
    assert not any("ann" in key for key in cache.entries)


KNOWN = (
    Agent(platform="one", native_id="1", name="Ann", email="Ann.Lee@example.com", external_id="E1"),
    Agent(platform="one", native_id="2", name="Bob", email="bob@example.com", external_id="E2"),
    Agent(platform="one", native_id="3", name="Cem"),
)


class Known(Staff):
    """Agents of whom the company knows more."""

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        return KNOWN


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"externalIds": ["E2", "E9"]}, ["Bob"]),
        ({"externalIds": ["e2"]}, []),
        ({"emails": ["ann.lee@EXAMPLE.com"]}, ["Ann"]),
        ({"emails": ["ann"]}, []),
        ({"emails": [""]}, []),
        ({"emails": ["bob@example.com"], "externalIds": ["E1"]}, []),
        ({"nativeIds": ["3", "1"], "externalIds": []}, ["Ann", "Cem"]),
        ({"name": "LEE@"}, ["Ann"]),
    ],
    ids=str,
)
async def test_agents_are_found_by_what_the_company_calls_them(
    wanted: dict[str, Any], found: list[str]
) -> None:
    result = await SCHEMA.execute(
        "query ($filter: AgentFilter) { agents(filter: $filter) { nodes { name } } }",
        variable_values={"filter": wanted},
        context_value=_house(Known("one")),
    )

    assert result.errors is None
    assert result.data is not None
    assert [one["name"] for one in result.data["agents"]["nodes"]] == found
