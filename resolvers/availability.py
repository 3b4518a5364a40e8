"""Who can take a conversation, as it changes: one question to a platform serves all who follow."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from sys import maxsize
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from resolvers.agents import directory, presences
from resolvers.cached import Held
from resolvers.context import Principal, RequestContext, Scope
from resolvers.fanout import Part, ask_each
from resolvers.outcomes import PlatformFailure, SourceStatus
from vendors.calls import Call
from vendors.port import Platform
from vendors.records import Agent, AgentPresence

if TYPE_CHECKING:
    from resolvers.context import Services

__all__ = ["AvailabilityChange", "follow_availability"]

_FOLLOWER = Principal("subscriptions", frozenset(Scope))
"""Asks for all who follow; each of them is told of the platforms that its key sees."""

_States: TypeAlias = Mapping[str, tuple[Agent, AgentPresence | None]]


class AvailabilityChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is new of one platform."""

    platform: Platform
    snapshot: bool
    """Whether `agents` are all that the platform lists, rather than those that changed."""
    agents: tuple[Agent, ...] = ()
    presences: Mapping[str, AgentPresence | None]
    """The states of these agents, by the platform's id of the agent."""
    removed: tuple[str, ...] = ()
    """The platform's ids of agents that it no longer lists."""
    source: SourceStatus
    failure: PlatformFailure | None = None


async def follow_availability(
    context: RequestContext, platforms: Sequence[Platform], seconds: float
) -> AsyncGenerator[AvailabilityChange, None]:
    """Give all agents of each platform first, and then what has changed, for ever.

    Each question to a platform may take that many seconds. One that fails is told so once.
    """
    services = context.services
    sources = {
        ("availability", one.key): partial(_present, services, one, seconds) for one in platforms
    }
    told = {one.key: _Told() for one in platforms}
    with services.hub.follow(sources) as follower:
        async for (_, key), part in follower:
            change = told[key].news_of(part)
            if change is not None:
                yield change


async def _present(services: Services, platform: Platform, seconds: float) -> Part[_States]:
    """Return the present state of every agent of the platform, or why it cannot be had."""
    call = Call.within(seconds, request_id=_FOLLOWER.name)
    context = RequestContext(services, _FOLLOWER, call)
    # It is asked once for all who follow, so that none of them can make it cost more.
    context.spending.most_calls = maxsize

    async def ask(platform: Platform, call: Call) -> Held[_States]:
        listed = await directory(context, platform, call)
        states = await presences(context, platform, listed, listed.value, call)
        known: _States = {
            one.native_id: (one, states.value.get(one.native_id)) for one in listed.value
        }
        return Held.made_of(known, listed, states)

    return (await ask_each((platform,), call, ask, _unsupported)).parts[0]


def _unsupported(platform: Platform) -> str | None:
    if platform.agents is None or platform.presence is None:
        return "The platform does not tell who is available."
    return None


class _Told:
    """What one follower has been told of one platform."""

    def __init__(self) -> None:
        self._states: _States | None = None
        self._outcome: str | None = None

    def news_of(self, part: Part[_States]) -> AvailabilityChange | None:
        """Return what the follower does not know yet, None where that is nothing."""
        failure = part.stand_in if part.error is None else PlatformFailure.of(part.error)
        outcome = part.unsupported or (failure.code if failure else "")
        changed, removed = self._compared(part)
        snapshot = self._states is None and part.held is not None
        if not (snapshot or changed or removed) and outcome == self._outcome:
            return None
        self._outcome = outcome
        if part.held is not None:
            self._states = part.held.value
        return AvailabilityChange(
            platform=part.platform,
            snapshot=snapshot,
            agents=tuple(agent for agent, _ in changed.values()),
            presences={key: presence for key, (_, presence) in changed.items()},
            removed=removed,
            source=part.source,
            failure=failure,
        )

    def _compared(self, part: Part[_States]) -> tuple[_States, tuple[str, ...]]:
        if part.held is None:
            return {}, ()
        known, present = self._states or {}, part.held.value
        changed = {
            key: state
            for key, state in present.items()
            if key not in known or _said(known[key][1]) != _said(state[1])
        }
        return changed, tuple(key for key in known if key not in present)


def _said(presence: AgentPresence | None) -> object:
    """Return what a state says, whenever it was said."""
    return presence and (presence.status, presence.connected, presence.channels)
