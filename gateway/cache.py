"""What the process remembers: aiocache's interface over a store that is bounded by bytes.

`BoundedBackend` is an aiocache backend, so that serializers, plugins and the other backends of
aiocache fit beside it. `MemoryCache` is what the resolvers see (`resolvers.ports.Cache`): it goes
straight to the store, without the tasks and timers that aiocache's own methods start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer
from cachebox import LRUCache

from resolvers.ports import Cache

__all__ = ["BoundedBackend", "BytesSerializer", "CacheCounts", "MemoryCache", "TalliedCache"]

_LOG = logging.getLogger("switchboard.cache")

_ENTRY_BYTES = 280
"""What an entry costs beside its key and value: measured, for three objects and their place."""
_FOR_EVER = float("inf")


class CacheCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a cache has been asked since it began, and what it holds."""

    hits: int
    misses: int
    entries: int
    size: int


class _Entry(NamedTuple):
    value: bytes
    expires: float


def _size(key: str, entry: _Entry) -> int:
    return len(key) + len(entry.value) + _ENTRY_BYTES


def _build_key(key: str, namespace: str | None = None) -> str:
    """Return the store's key: the namespace with its length, so that no two can be confused."""
    space = namespace or ""
    return f"{len(space)}:{space}{key}"


class BytesSerializer(BaseSerializer):
    """Takes bytes as they are and nothing else: what is kept was encoded where it is understood."""

    DEFAULT_ENCODING = None

    def dumps(self, value: object) -> bytes:
        """Return the value; raise TypeError if it is not bytes."""
        if not isinstance(value, bytes):
            raise TypeError(f"only bytes are kept, not {type(value).__name__}")
        return value

    def loads(self, value: bytes | None) -> bytes | None:
        """Return the value."""
        return value


class BoundedBackend(BaseCache):
    """An aiocache backend that never holds more than so many bytes: the least used goes first.

    Expiry is a part of the entry; there are no timers. `increment` and `raw` are not offered.
    """

    NAME = "bounded"

    def __init__(
        self,
        max_bytes: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        namespace: str | None = None,
        ttl: float | None = None,
    ) -> None:
        """Hold at most `max_bytes`, counting keys, values and what each entry costs."""
        super().__init__(
            serializer=BytesSerializer(),
            namespace=namespace,
            key_builder=_build_key,
            timeout=0,
            ttl=ttl,
        )
        self._monotonic = monotonic
        self._entries: LRUCache[str, _Entry] = LRUCache(maxsize=max_bytes, getsizeof=_size)

    def read(self, key: str) -> bytes | None:
        """Return what is kept under a built key, or None."""
        entry: _Entry | None = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= self._monotonic():
            del self._entries[key]
            return None
        return entry.value

    def write(self, key: str, value: bytes, ttl: float | None) -> bool:
        """Keep the value; return whether it was: one that is larger than the store is not."""
        expires = _FOR_EVER if ttl is None else self._monotonic() + ttl
        try:
            self._entries.insert(key, _Entry(value, expires))
        except OverflowError:
            # The store keeps what it had under the key, which is older than this.
            self.drop(key)
            return False
        return True

    def drop(self, key: str) -> bool:
        """Forget a built key; return whether it was there."""
        held = self.read(key) is not None
        self._entries.pop(key, None)
        return held

    @property
    def size(self) -> int:
        """Return the bytes that are held, by its own count."""
        return self._entries.current_size()

    def __len__(self) -> int:
        """Return how many entries are held, expired ones included."""
        return len(self._entries)

    async def _get(self, key: str, **_options: object) -> bytes | None:
        return self.read(key)

    _gets = _get

    async def _multi_get(self, keys: Iterable[str], **_options: object) -> list[bytes | None]:
        return [self.read(key) for key in keys]

    async def _set(
        self,
        key: str,
        value: bytes,
        ttl: float | None = None,
        _cas_token: bytes | None = None,
        **_options: object,
    ) -> int:
        if _cas_token is not None and self.read(key) != _cas_token:
            return 0
        return int(self.write(key, value, ttl))

    async def _multi_set(
        self, pairs: Iterable[tuple[str, bytes]], ttl: float | None = None, **_options: object
    ) -> bool:
        kept = [self.write(key, value, ttl) for key, value in pairs]
        return all(kept)

    async def _add(
        self, key: str, value: bytes, ttl: float | None = None, **_options: object
    ) -> bool:
        if self.read(key) is not None:
            raise ValueError("the key is there already")
        return self.write(key, value, ttl)

    async def _exists(self, key: str, **_options: object) -> bool:
        return self.read(key) is not None

    async def _expire(self, key: str, ttl: float, **_options: object) -> bool:
        value = self.read(key)
        return value is not None and self.write(key, value, ttl or None)

    async def _delete(self, key: str, **_options: object) -> int:
        return int(self.drop(key))

    async def _clear(self, namespace: str | None = None, **_options: object) -> bool:
        space = _build_key("", namespace if namespace is not None else self.namespace)
        for key in [each for each in self._entries if each.startswith(space)]:
            self._entries.pop(key, None)
        return True


class MemoryCache:
    """Keeps bytes in this process, as `resolvers.ports.Cache` wants it."""

    def __init__(self, backend: BoundedBackend) -> None:
        """Read and write through the backend, in its own namespace."""
        self._backend = backend
        self._prefix = _build_key("", backend.namespace)
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
