"""Loading many keys of several platforms at once: a platform that fails fails its own keys only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from resolvers.deadline import in_time
from resolvers.together import together
from vendors.errors import PlatformError
from vendors.port import Platform

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["Key", "by_platform"]

K = TypeVar("K")
T = TypeVar("T")
Key: TypeAlias = tuple[str, K]
"""A platform's key and what is asked for there: an id means nothing without its platform."""


async def by_platform(
    context: RequestContext,
    keys: Sequence[Key[K]],
    load: Callable[[Platform, Sequence[K]], Awaitable[dict[K, T]]],
) -> list[T | PlatformError | None]:
    """Return what is loaded for each key, side by side, in their order."""
    wanted: dict[str, list[K]] = {}
    for platform, asked in keys:
        wanted.setdefault(platform, []).append(asked)

    async def one(key: str, asked: Sequence[K]) -> dict[K, T] | PlatformError:
        platform = context.platforms[key]
        try:
            async with in_time(platform, context.call):
                return await load(platform, asked)
        except PlatformError as error:
            return error

    loaded = await together(one(key, asked) for key, asked in wanted.items())
    found = dict(zip(wanted, loaded, strict=True))
    picked: list[T | PlatformError | None] = []
    for key, asked in keys:
        part = found[key]
        picked.append(part if isinstance(part, PlatformError) else part.get(asked))
    return picked
