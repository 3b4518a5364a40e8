"""What can be done about what is kept."""

from typing import Annotated

import strawberry

from resolvers import purging
from resolvers.context import Scope
from schema.context import Info
from schema.platforms import PLATFORMS

__all__ = ["CacheMutation"]


@strawberry.type(description="What was forgotten of one platform.")
class PurgeResult:
    """The result of one platform."""

    platform: str = strawberry.field(description="The key of the platform.")
    entries: int = strawberry.field(
        description="How many entries of the cache went, as far as its store tells."
    )


@strawberry.type(description="What was forgotten of the platforms.")
class PurgePayload:
    """The results of the platforms."""

    results: list[PurgeResult] = strawberry.field(description="One for each platform.")


async def _purge_cache(
    info: Info, platforms: Annotated[list[str] | None, PLATFORMS] = None
) -> PurgePayload | None:
    info.context.require(Scope.WRITE)
    chosen = info.context.choose(platforms)
    return PurgePayload(results=await purging.purge(info.context, chosen))  # type: ignore[arg-type]  # the type reads the records


@strawberry.type
class CacheMutation:
    """The part of Mutation that is about what is kept."""

    purge_cache = strawberry.mutation(
        resolver=_purge_cache,
        description="Forget all that is kept of platforms (all that the caller sees if left out), "
        "so that what is read next is asked of them anew. Other processes that share the cache "
        "do so within a second or two.",
    )
