"""What is told as it happens: who can take a conversation, and how the platforms fare."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers.availability import AvailabilityChange, follow_availability
from resolvers.node_ids import NodeKind, node_id
from resolvers.wellness import follow_health
from schema.agents import Agent
from schema.context import Info
from schema.failures import PlatformFailure, SourceStatus
from schema.platforms import PLATFORMS, Platform, PlatformHealth
from vendors import port

__all__ = ["Subscription"]


def _removed(root: Parent[AvailabilityChange], info: Info) -> list[strawberry.ID]:
    sealer = info.context.services.sealer
    key = root.platform.key
    return [strawberry.ID(node_id(sealer, NodeKind.AGENT, key, one)) for one in root.removed]


@strawberry.type(
    description="What is new of one platform's agents: all of them first, then those that changed."
)
class AgentAvailabilityEvent:
    """One platform's news."""

    platform: Platform = strawberry.field(description="The platform of which it is told.")
    snapshot: bool = strawberry.field(
        description="Whether `agents` are all that the platform lists, not only those that changed."
    )
    agents: list[Agent] = strawberry.field(
        description="The agents whose `live` has changed, or who are new."
    )
    removed: list[strawberry.ID] = strawberry.field(
        description="The ids of agents whom the platform no longer lists.", resolver=_removed
    )
    source: SourceStatus = strawberry.field(description="Where this comes from, and from when.")
    failure: PlatformFailure | None = strawberry.field(
        description="Why the platform tells nothing newer; null once it does again."
    )


@strawberry.type(description="How one platform fares: told first, and whenever that changes.")
class PlatformHealthEvent:
    """One platform's health."""

    platform: Platform = strawberry.field(description="The platform.")
    health: PlatformHealth = strawberry.field(description="How it fares now.")


def _availability(
    info: Info, platforms: Annotated[list[str] | None, PLATFORMS] = None
) -> AsyncGenerator[AgentAvailabilityEvent | None, None]:
    return _changes(info, info.context.choose(platforms))


async def _changes(
    info: Info, platforms: tuple[port.Platform, ...]
) -> AsyncGenerator[AgentAvailabilityEvent | None, None]:
    context, seconds = info.context, info.context.call.remaining
    async with aclosing(follow_availability(context, platforms, seconds)) as changes:
        async for change in changes:
            context.renew(seconds)
            context.loaders.presence_by_agent.prime_many(
                {(change.platform.key, key): one for key, one in change.presences.items()}
            )
            yield change  # type: ignore[misc]  # the type reads the record


async def _health(info: Info) -> AsyncGenerator[PlatformHealthEvent | None, None]:
    context, seconds = info.context, info.context.call.remaining
    async with aclosing(follow_health(context, context.choose(None))) as news:
        async for platform, health in news:
            context.renew(seconds)
            yield PlatformHealthEvent(platform=platform, health=health)  # type: ignore[arg-type]  # the types read the records


@strawberry.type(
    description="What is told as it happens, by WebSocket or as server-sent events. "
    "Whoever is slow is told the latest state, and not what was between."
)
class Subscription:
    """What can be followed."""

    agent_availability: AgentAvailabilityEvent | None = strawberry.subscription(  # type: ignore[assignment]  # it gives many of these
        description="Who can take a conversation: all agents first, then every change.",
        resolver=_availability,
    )
    platform_health: PlatformHealthEvent | None = strawberry.subscription(  # type: ignore[assignment]  # it gives many of these
        description="How the platforms that the caller sees fare, without asking any of them.",
        resolver=_health,
    )
