"""How platforms fare, as it changes, without asking any of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial

from resolvers.context import RequestContext
from vendors.http.health import Health
from vendors.port import Platform

__all__ = ["follow_health"]


async def follow_health(
    context: RequestContext, platforms: Sequence[Platform]
) -> AsyncGenerator[tuple[Platform, Health], None]:
    """Give each platform's health first, and then those that have changed, for ever.

    A change is another state, another reason for the last failure, or another announcement of
    the version's end; what moves with every call is none.
    """
    sources = {
        ("health", one.key): partial(_present, one) for one in platforms if one.health is not None
    }
    told: dict[str, object] = {}
    with context.services.hub.follow(sources) as follower:
        async for (_, key), health in follower:
            said = (health.state, health.last_failure_code, health.deprecation)
            if told.get(key) != said:
                told[key] = said
                yield context.platforms[key], health


async def _present(platform: Platform) -> Health:
    assert platform.health is not None  # noqa: S101 (only such platforms are followed)
    return platform.health()
