"""Whatever has a global id, fetched by it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from resolvers.context import RequestContext
from resolvers.conversations import conversation_by_id
from resolvers.node_ids import NodeId, NodeKind, read_node_id
from vendors.errors import BadInputError, UnsupportedError
from vendors.port import Platform
from vendors.records import Agent, Conversation

__all__ = ["node", "nodes"]

_MOST = 100


async def node(context: RequestContext, token: str) -> Platform | Conversation | Agent | None:
    """Return the thing of that id, or None where it is gone or the caller may not see it.

    Raises BadInputError for what is no id, UnsupportedError where the platform fetches none by id,
    and PlatformError where it fails.
    """
    return await _fetch(context, read_node_id(context.services.sealer, token))


async def nodes(
    context: RequestContext, tokens: Sequence[str]
) -> list[Platform | Conversation | Agent | BaseException | None]:
    """Return the things of these ids in their order, an exception in the place of each failure."""
    if len(tokens) > _MOST:
        message = f"Cannot fetch {len(tokens)} things at once."
        raise BadInputError(message, argument="ids", accepted=f"at most {_MOST}")
    found = await asyncio.gather(
        *(node(context, token) for token in tokens), return_exceptions=True
    )
    return list(found)


async def _fetch(context: RequestContext, wanted: NodeId) -> Platform | Conversation | Agent | None:
    platform = context.platforms.get(wanted.platform)
    if platform is None:
        return None
    if wanted.kind is NodeKind.PLATFORM:
        return platform
    if wanted.kind is NodeKind.AGENT:
        if platform.agents is None:
            message = "The platform does not list agents."
            raise UnsupportedError(message, extensions={"platform": platform.key})
        agent: Agent | None = await context.loaders.agent_by_key.load(
            (platform.key, wanted.native_id)
        )
        return agent
    return await conversation_by_id(context, platform, wanted.native_id)
