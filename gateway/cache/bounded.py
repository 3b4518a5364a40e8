"""Memory, bounded by bytes, behind aiocache's interface.

It is an aiocache backend, so that serializers, plugins and the other backends of aiocache fit
beside it. `read`, `write` and `drop` go straight to the entries, without the tasks and timers that
aiocache's own methods start.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer
from cachebox import LRUCache

__all__ = ["BoundedBackend", "BytesSerializer", "build_key"]

_ENTRY_BYTES = 280
"""What an entry costs beside its key and value: measured, for three objects and their place."""
_FOR_EVER = float("inf")


class _Entry(NamedTuple):
    value: bytes
    expires: float


def _size(key: str, entry: _Entry) -> int:
    return len(key) + len(entry.value) + _ENTRY_BYTES


def build_key(key: str, namespace: str | None = None) -> str:
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
            key_builder=build_key,
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

    def drop_all(self, belongs: Callable[[str], bool]) -> int:
        """Forget the built keys that belong to something; return how many were there."""
        return sum(self.drop(key) for key in [*self._entries.keys()] if belongs(key))

    def wipe(self) -> None:
        """Forget everything."""
        self._entries.clear()

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
        space = build_key("", namespace if namespace is not None else self.namespace)
        for key in [each for each in self._entries if each.startswith(space)]:
            self._entries.pop(key, None)
        return True
