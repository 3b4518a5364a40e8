"""A cache as it was when an operation began to read it: what was purged since is not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resolvers.changes import Changes
from resolvers.keys import place_of
from resolvers.ports import Cache
from vendors.clock import Clock

__all__ = ["InGeneration"]


class InGeneration:
    """Reads and writes each tier of a platform in the generation that it had at the first look.

    So what was asked for before something changed is kept where nobody looks for it afterwards.
    """

    def __init__(self, cache: Cache, changes: Changes, shared: Cache | None, clock: Clock) -> None:
        """Keep in `cache`; `shared` is the cache as other processes have left it, if any."""
        self._cache = cache
        self._changes = changes
        self._shared = shared
        self._clock = clock
        self._generations: dict[str, str] = {}

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        return await self._cache.get_many(await self._named(keys))

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        named = await self._named([*entries])
        await self._cache.set_many(dict(zip(named, entries.values(), strict=True)), ttl)

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        await self._cache.delete_many(await self._named(keys))

    async def _named(self, keys: Sequence[str]) -> list[str]:
        """Return the names of the keys in the generation of their places."""
        for place in {place_of(key) for key in keys} - self._generations.keys():
            now = self._clock.now()
            self._generations[place] = await self._changes.generation(place, self._shared, now)
        return [self._name(key) for key in keys]

    def _name(self, key: str) -> str:
        generation = self._generations[place_of(key)]
        return f"{key}.{generation}" if generation else key
