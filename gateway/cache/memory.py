"""What the resolvers see of a process's own memory, and of what it was asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from gateway.cache.bounded import BoundedBackend, build_key
from resolvers.keys import scope_in
from resolvers.ports import Cache

__all__ = ["CacheCounts", "MemoryCache", "TalliedCache"]

_LOG = logging.getLogger("switchboard.cache")


class CacheCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a cache has been asked since it began, and what it holds."""

    hits: int
    misses: int
    entries: int
    size: int


class MemoryCache:
    """Keeps bytes in this process, as `resolvers.ports.Cache` wants it."""

    def __init__(self, backend: BoundedBackend) -> None:
        """Read and write through the backend, in its own namespace."""
        self._backend = backend
        self._prefix = build_key("", backend.namespace)
        self._hits = 0
        self._misses = 0

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        found = [self._backend.read(self._prefix + key) for key in keys]
        misses = found.count(None)
        self._misses += misses
        self._hits += len(found) - misses
        return found

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds; what is too large is not kept."""
        for key, value in entries.items():
            if not self._backend.write(self._prefix + key, value, ttl):
                _LOG.warning("a value of %d bytes is larger than the cache", len(value))

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        for key in keys:
            self._backend.drop(self._prefix + key)

    async def purge(self, scope: str) -> int:
        """Forget what is in that scope of keys; return how many entries went."""
        return self._backend.drop_all(lambda key: scope_in(key.removeprefix(self._prefix)) == scope)

    @property
    def counts(self) -> CacheCounts:
        """Return what it has been asked, and what it holds."""
        return CacheCounts(
            hits=self._hits,
            misses=self._misses,
            entries=len(self._backend),
            size=self._backend.size,
        )


@dataclass(slots=True)
class TalliedCache:
    """A cache that also counts for one operation what was found and what was not."""

    cache: Cache
    hits: int = 0
    misses: int = 0

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        found = await self.cache.get_many(keys)
        misses = found.count(None)
        self.misses += misses
        self.hits += len(found) - misses
        return found

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        await self.cache.set_many(entries, ttl)

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        await self.cache.delete_many(keys)
