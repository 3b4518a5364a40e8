"""Whatever has a global id, fetched by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from resolvers.context import RequestContext
from resolvers.conversations import conversation_by_id
from resolvers.histories import fetched
from resolvers.node_ids import NodeId, NodeKind, read_node_id
from vendors.errors import BadInputError, UnsupportedError
from vendors.port import Platform
from vendors.records import (
    Agent,
    Client,
    Conversation,
    Customer,
    Dated,
    Listed,
    Site,
    Skill,
    SurveyResponse,
    Tag,
    Team,
    Transaction,
)

__all__ = ["Thing", "fetch", "node", "nodes"]

Thing: TypeAlias = Platform | Conversation | Agent | Listed | Dated

_LISTED: Mapping[NodeKind, type[Listed]] = {
    NodeKind.TEAM: Team,
    NodeKind.SKILL: Skill,
    NodeKind.TAG: Tag,
    NodeKind.SITE: Site,
    NodeKind.CLIENT: Client,
}
_DATED: Mapping[NodeKind, type[Dated]] = {
    NodeKind.CUSTOMER: Customer,
    NodeKind.TRANSACTION: Transaction,
    NodeKind.SURVEY_RESPONSE: SurveyResponse,
}

_MOST = 100


async def node(context: RequestContext, token: str) -> Thing | None:
    """Return the thing of that id, or None where it is gone or the caller may not see it.

    Raises BadInputError for what is no id, UnsupportedError where the platform fetches none by id,
    and PlatformError where it fails.
    """
    return await fetch(context, read_node_id(context.services.sealer, token))


async def nodes(
    context: RequestContext, tokens: Sequence[str]
) -> list[Thing | BaseException | None]:
    """Return the things of these ids in their order, an exception in the place of each failure."""
    if len(tokens) > _MOST:
        message = f"Cannot fetch {len(tokens)} things at once."
        raise BadInputError(message, argument="ids", accepted=f"at most {_MOST}")
    found = await asyncio.gather(
        *(node(context, token) for token in tokens), return_exceptions=True
    )
    return list(found)


async def fetch(context: RequestContext, wanted: NodeId) -> Thing | None:
    """Return what an id stands for, as `node` does."""
    platform = context.platforms.get(wanted.platform)
    if platform is None:
        return None
    if wanted.kind is NodeKind.PLATFORM:
        return platform
    if wanted.kind is NodeKind.AGENT:
        return await _agent(context, platform, wanted.native_id)
    if wanted.kind in _LISTED:
        return await _entry(context, platform, _LISTED[wanted.kind], wanted.native_id)
    if wanted.kind in _DATED:
        return await fetched(context, platform, _DATED[wanted.kind], wanted.native_id)
    return await conversation_by_id(context, platform, wanted.native_id)


async def _agent(context: RequestContext, platform: Platform, native_id: str) -> Agent | None:
    """Return an agent from the list, which answers for all others, too, else by itself."""
    if platform.agents is None:
        message = "The platform does not list agents."
        raise UnsupportedError(message, extensions={"platform": platform.key})
    found: Agent | None = await context.loaders.agent_by_key.load((platform.key, native_id))
    if found is None and platform.fetches_one(Agent):
        return await fetched(context, platform, Agent, native_id)
    return found


async def _entry(
    context: RequestContext, platform: Platform, kind: type[Listed], native_id: str
) -> Listed | None:
    """Return an entry by itself where it is the only one, else from the list of all.

    What the list does not show is asked for by itself where that can be done.
    """
    if not platform.lists(kind):
        return await fetched(context, platform, kind, native_id)
    found = await context.loaders.links.one(kind, platform.key, native_id)
    if found is None and platform.fetches_one(kind):
        return await fetched(context, platform, kind, native_id)
    return found
