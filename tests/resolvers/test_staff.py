"""What is told of one agent at a time: once for each, kept, counted, and each failing alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of

from resolvers.context import Limits, RequestContext
from resolvers.node_ids import NodeKind, node_id
from schema import build_schema
from vendors.calls import Call, CallRecord
from vendors.errors import PlatformServerError
from vendors.records import Agent, Channel, ChannelSetting
from vendors.staff import AgentLifetime, AgentProfile

SCHEMA = build_schema()
PROFILES = "{ agents { nodes { nativeId profile { status city } } } }"
BOTH = "{ agents { nodes { profile { status } lifetime { conversations experience } } } }"


class Staff:
    """A platform that tells of one agent at a time, but fails for the one that is `broken`."""

    def __init__(self, key: str, *numbers: int, broken: int | None = None) -> None:
        self.key = key
        self.numbers = numbers
        self.broken = broken
        self.asked: list[str] = []
        self.most_at_once = 0
        self._at_once = 0

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        return tuple(Agent(platform=self.key, native_id=f"{n:03d}") for n in self.numbers)

    async def profile(self, native_id: str, call: Call) -> AgentProfile | None:
        await self._answer("profile", native_id, call)
        if native_id == "009":
            return None
        told = f"I am {native_id}"
        return AgentProfile(platform=self.key, agent_id=native_id, status=told, city="Lille")

    async def lifetime(self, native_id: str, call: Call) -> AgentLifetime | None:
        await self._answer("lifetime", native_id, call)
        number = int(native_id)
        return AgentLifetime(platform=self.key, agent_id=native_id, conversations=number)

    async def _answer(self, endpoint: str, native_id: str, call: Call) -> None:
        self.asked.append(f"{endpoint} {native_id}")
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        call.log.add(CallRecord(platform=self.key, endpoint=endpoint, status=200, seconds=0.0))
        if self.broken is not None and native_id == f"{self.broken:03d}":
            raise PlatformServerError("broken", platform=self.key)


def _house(*staffs: Staff, **changes: Any) -> RequestContext:  # noqa: ANN401 - of the context
    platforms = [platform_of(one.key, agents=one, profiles=one, lifetimes=one) for one in staffs]
    return context_of(*platforms, **changes)


async def _nodes(context: RequestContext, query: str = PROFILES) -> list[Any]:
    result = await SCHEMA.execute(query, context_value=context)
    assert result.errors is None, result.errors
    assert result.data is not None
    found: list[Any] = result.data["agents"]["nodes"]
    return found


async def test_each_agent_of_a_page_costs_one_call_and_all_are_asked_side_by_side() -> None:
    staff = Staff("one", 1, 2, 3)
    context = _house(staff)

    nodes = await _nodes(context, BOTH)

    assert nodes == [
        {
            "profile": {"status": f"I am 00{n}"},
            "lifetime": {"conversations": n, "experience": None},
        }
        for n in (1, 2, 3)
    ]
    assert sorted(staff.asked) == sorted(
        f"{kind} 00{n}" for kind in ("profile", "lifetime") for n in (1, 2, 3)
    )
    assert staff.most_at_once >= 3
    assert context.call.log.count("one") == 6


async def test_the_same_agent_is_asked_for_once_in_an_operation() -> None:
    staff = Staff("one", 1)
    twice = (
        "{ a: agents { nodes { profile { status } } } b: agents { nodes { profile { city } } } }"
    )

    result = await SCHEMA.execute(twice, context_value=_house(staff))

    assert result.errors is None
    assert staff.asked == ["profile 001"]


async def test_nothing_is_asked_that_nobody_selects() -> None:
    staff = Staff("one", 1)

    await _nodes(_house(staff), "{ agents { nodes { nativeId } } }")

    assert staff.asked == []


async def test_one_that_fails_costs_its_own_field() -> None:
    staff = Staff("one", 1, 2, 3, broken=2)

    result = await SCHEMA.execute(PROFILES, context_value=_house(staff))

    assert result.data is not None
    nodes = result.data["agents"]["nodes"]
    assert [one["profile"] and one["profile"]["status"] for one in nodes] == [
        "I am 001",
        None,
        "I am 003",
    ]
    assert [error.path for error in result.errors or ()] == [["agents", "nodes", 1, "profile"]]


async def test_who_has_none_and_platforms_that_tell_none_are_null() -> None:
    told, silent = Staff("told", 9), Staff("silent", 1)
    context = context_of(
        platform_of("told", agents=told, profiles=told), platform_of("silent", agents=silent)
    )

    nodes = await _nodes(context, BOTH)

    assert nodes == [{"profile": None, "lifetime": None}] * 2
    assert (told.asked, silent.asked) == (["profile 009"], [])


async def test_a_profile_is_kept_for_minutes_and_a_lifetime_for_less() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    staff = Staff("one", 1)
    await _nodes(_house(staff, clock=clock, cache=cache), BOTH)
    clock.pass_(minutes=2)

    await _nodes(_house(staff, clock=clock, cache=cache), BOTH)

    assert staff.asked.count("profile 001") == 1
    assert staff.asked.count("lifetime 001") == 2


async def test_what_an_agent_shows_is_kept_as_what_is_personal_is() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)

    await _nodes(_house(Staff("one", 1), clock=clock, cache=cache), BOTH)

    told = {key: until for key, (until, value) in cache.entries.items() if b"I am 001" in value}
    assert [key.partition(":")[0] for key in told] == ["record"]
    assert all(until - NOW <= timedelta(minutes=15) for until, _ in cache.entries.values())


@pytest.mark.parametrize(("most", "refused"), [(7, False), (6, True)])
async def test_more_calls_than_an_operation_may_make_are_refused(most: int, refused: bool) -> None:
    staff = Staff("one", 1, 2, 3)

    result = await SCHEMA.execute(BOTH, context_value=_house(staff, limits=Limits(most_calls=most)))

    assert bool(result.errors) is refused
    # Beside the list of agents.
    assert len(staff.asked) == (3 if refused else 6)
    for error in result.errors or ():
        assert "Ask for smaller pages" in error.message


async def test_platforms_that_tell_nothing_do_not_count() -> None:
    silent = Staff("silent", 1, 2, 3)
    context = context_of(platform_of("silent", agents=silent), limits=Limits(most_calls=1))

    assert await _nodes(context) == [{"nativeId": f"00{n}", "profile": None} for n in (1, 2, 3)]


async def test_what_the_list_tells_of_channels_costs_nothing_more() -> None:
    class Set(Staff):
        async def agents(self, _call: Call) -> tuple[Agent, ...]:
            return (
                Agent(
                    platform="one",
                    native_id="1",
                    channel_settings=(
                        ChannelSetting(
                            channel=Channel.CHAT, enabled=True, most_at_once=4, priority=10
                        ),
                        ChannelSetting(channel=Channel.VIDEO, from_chat=True),
                    ),
                    several_channels=True,
                    admin_language="fr",
                    last_connected_at=NOW,
                ),
                Agent(platform="one", native_id="2"),
            )

    staff = Set("one")
    nodes = await _nodes(
        _house(staff),
        "{ agents { nodes { channelSettings { channel enabled mostAtOnce priority fromChat } "
        "severalChannels adminLanguage lastConnectedAt } } }",
    )

    assert nodes == [
        {
            "channelSettings": [
                {
                    "channel": "CHAT",
                    "enabled": True,
                    "mostAtOnce": 4,
                    "priority": 10,
                    "fromChat": None,
                },
                {
                    "channel": "VIDEO",
                    "enabled": None,
                    "mostAtOnce": None,
                    "priority": None,
                    "fromChat": True,
                },
            ],
            "severalChannels": True,
            "adminLanguage": "fr",
            "lastConnectedAt": "2026-03-18T10:30:00Z",
        },
        {
            "channelSettings": None,
            "severalChannels": None,
            "adminLanguage": None,
            "lastConnectedAt": None,
        },
    ]
    assert staff.asked == []


class Apart(Staff):
    """A platform that also fetches an agent by the id, and knows one more than it lists."""

    fetched_kinds = frozenset({Agent})

    async def fetch(self, kind: type[Any], native_id: str, _call: Call) -> Any:  # noqa: ANN401 - of any kind
        assert kind is Agent
        self.asked.append(f"agent {native_id}")
        return Agent(platform=self.key, native_id=native_id) if native_id == "077" else None


async def _found(context: RequestContext, *native_ids: str) -> list[Any]:
    sealer = context.services.sealer
    ids = [node_id(sealer, NodeKind.AGENT, "one", one) for one in native_ids]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Agent { nativeId } } }"
    result = await SCHEMA.execute(query, variable_values={"ids": ids}, context_value=context)
    assert result.errors is None, result.errors
    assert result.data is not None
    found: list[Any] = result.data["nodes"]
    return found


async def test_an_agent_is_found_in_the_list_or_by_itself() -> None:
    staff = Apart("one", 1, 2)
    context = context_of(platform_of("one", agents=staff, fetches=staff))

    found = await _found(context, "001", "077", "099", "002")

    assert [one and one["nativeId"] for one in found] == ["001", "077", None, "002"]
    assert sorted(staff.asked) == ["agent 077", "agent 099"]


async def test_where_none_is_fetched_the_list_is_all_there_is() -> None:
    staff = Staff("one", 1)

    assert await _found(_house(staff), "001", "077") == [{"nativeId": "001"}, None]
