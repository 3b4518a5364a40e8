"""Agents of all platforms, and whether they can take a conversation now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from resolvers.cached import Held
from resolvers.fanout import ask_each
from resolvers.keys import cache_key
from resolvers.label_pages import label_page, shares
from resolvers.outcomes import Freshness
from resolvers.paging import Connection, Cursor, fingerprint, resumed
from vendors.calls import Call
from vendors.port import Platform
from vendors.records import Agent, AgentPresence, PresenceStatus

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["AgentFilter", "agents", "directory", "presences"]


class AgentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which agents are wanted; empty means all."""

    native_ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    """Whole addresses, in whatever case."""
    name: str | None = None
    """A part of the name, display name or e-mail, in whatever case."""
    statuses: tuple[PresenceStatus, ...] = ()
    team_ids: tuple[str, ...] = ()
    skill_ids: tuple[str, ...] = ()
    site_ids: tuple[str, ...] = ()


async def agents(
    context: RequestContext,
    wanted: AgentFilter,
    platforms: tuple[Platform, ...],
    *,
    first: int,
    after: str | None,
) -> Connection[Agent]:
    """Return one page of the agents, platform by platform, by name.

    Raises BadInputError for a cursor that is not of this question.
    """
    keys = tuple(platform.key for platform in platforms)
    question = fingerprint("agents", wanted, keys)
    sealer = context.services.sealer
    begun = resumed(sealer, after, Cursor(question))

    async def ask(platform: Platform, call: Call) -> Held[tuple[Agent, ...]]:
        listed = await directory(context, platform, call)
        matching = tuple(one for one in listed.value if _matches(one, wanted))
        if not wanted.statuses:
            return Held.made_of(matching, listed)
        told = await presences(context, platform, listed, matching, call)
        context.loaders.presence_by_agent.prime_many(
            {(platform.key, one.native_id): told.value.get(one.native_id) for one in matching}
        )
        kept = tuple(one for one in matching if _status(one, told.value) in wanted.statuses)
        return Held.made_of(kept, listed, told)

    answers = await ask_each(
        platforms, context.call, ask, lambda platform: _unsupported(platform, wanted)
    )
    return label_page(answers, begun, first, sealer)


def _unsupported(platform: Platform, wanted: AgentFilter) -> str | None:
    if platform.agents is None:
        return "The platform does not list agents."
    if wanted.statuses and platform.presence is None:
        return "The platform does not tell who is available."
    return None


def _matches(agent: Agent, wanted: AgentFilter) -> bool:
    return (
        (not wanted.native_ids or agent.native_id in wanted.native_ids)
        and (not wanted.external_ids or agent.external_id in wanted.external_ids)
        and (not wanted.emails or _addressed(agent, wanted.emails))
        and (wanted.name is None or _named(agent, wanted.name))
        and shares(wanted.team_ids, agent.team_ids)
        and shares(wanted.skill_ids, agent.skill_ids)
        and shares(wanted.site_ids, agent.site_ids)
    )


def _addressed(agent: Agent, emails: Sequence[str]) -> bool:
    own = (agent.email or "").casefold()
    return any(own == one.casefold() for one in emails if one)


def _named(agent: Agent, part: str) -> bool:
    names = (agent.name, agent.display_name, agent.email)
    return any(part.casefold() in name.casefold() for name in names if name)


def _status(agent: Agent, states: Mapping[str, AgentPresence]) -> PresenceStatus:
    state = states.get(agent.native_id)
    return PresenceStatus.UNKNOWN if state is None else state.status


async def directory(
    context: RequestContext, platform: Platform, call: Call
) -> Held[tuple[Agent, ...]]:
    """Return every agent of the platform: one list, shared by all who ask within minutes."""
    port = platform.agents
    if port is None:
        return Held((), context.clock.now(), Freshness.LIVE)

    key = cache_key("agents", platform)
    lifetime = context.services.lifetimes.agents
    return await context.entities.read(key, tuple[Agent, ...], lifetime, call, port.agents)


async def presences(
    context: RequestContext,
    platform: Platform,
    listed: Held[tuple[Agent, ...]],
    asked: Sequence[Agent],
    call: Call,
) -> Held[dict[str, AgentPresence]]:
    """Return the state now of those of the listed agents that the platform tells, by agent's id.

    Where the list of agents told it, and lately, nothing is asked.
    """
    told = _told_with_the_list(context, listed, asked)
    if told:
        return Held.made_of(told, listed)
    port = platform.presence
    if port is None or not asked:
        return Held.made_of({}, listed)

    async def fetch(budget: Call) -> tuple[AgentPresence, ...]:
        return await port.presence(asked, budget)

    key = cache_key("presence", platform, sorted(one.native_id for one in asked))
    lifetime = context.services.lifetimes.presence
    held = await context.entities.read(key, tuple[AgentPresence, ...], lifetime, call, fetch)
    return Held.made_of({one.agent_id: one for one in held.value}, held)


def _told_with_the_list(
    context: RequestContext, listed: Held[tuple[Agent, ...]], asked: Sequence[Agent]
) -> dict[str, AgentPresence]:
    """Return the states that the list of agents told itself, while they are fresh enough."""
    if context.clock.now() - listed.at > context.services.lifetimes.presence.fresh:
        return {}
    return {
        one.native_id: AgentPresence(
            platform=one.platform, agent_id=one.native_id, status=one.status, as_of=listed.at
        )
        for one in asked
        if one.status is not None
    }
