"""Opens the cache that the settings ask for, and closes it at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway import __version__
from gateway.cache.bounded import BoundedBackend
from gateway.cache.disk_store import DiskStore
from gateway.cache.envelope import Envelope
from gateway.cache.guard import StoreGuard
from gateway.cache.leases import SharedLeases
from gateway.cache.memory import MemoryCache
from gateway.cache.store import SharedStore
from gateway.cache.tiered import Latest, TieredCache
from gateway.configuration.settings import CacheSettings, Settings
from resolvers.flights import Alone
from resolvers.ports import Cache, Leases

__all__ = ["OpenCache", "open_cache", "open_store"]

_LOG = logging.getLogger("switchboard.cache")

_CLOSING_SECONDS = 2.0
_ON_DISK = frozenset({"series", "changed"})
"""What may be written to disk: values without names or texts, in which people are tokens."""
_MEASURING = frozenset({"measure"})
"""The leases under which series are fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCache:
    """What the process keeps values in, and shares work by."""

    cache: Cache
    latest: Cache | None
    leases: Leases
    purge: Callable[[str], Awaitable[int]]
    """Forgets what is in a scope of keys, and tells how many entries went."""


@asynccontextmanager
async def open_cache(settings: Settings) -> AsyncIterator[OpenCache]:
    """Open the cache of these settings. Stores are connected to when they are first asked."""
    near = BoundedBackend(settings.cache.max_bytes)
    if settings.cache.backend == "memory":
        memory = MemoryCache(near)
        yield OpenCache(cache=memory, latest=None, leases=Alone(), purge=memory.purge)
        return
    async with open_store(settings) as store:
        kept = settings.cache
        tiers = _ON_DISK if kept.backend == "disk" else None
        guard = StoreGuard(kept.backend, kept.timeout_seconds)
        envelope = Envelope(settings.sealing_secret)
        cache = TieredCache(near, store, guard, envelope, tiers=tiers)
        leases = SharedLeases(
            store,
            guard,
            kept.lease_seconds,
            tiers=None if tiers is None else tiers | _MEASURING,
        )
        try:
            yield OpenCache(cache=cache, latest=Latest(cache), leases=leases, purge=cache.purge)
        finally:
            await cache.tell_counts()


@asynccontextmanager
async def open_store(
    settings: Settings, *, seconds: float | None = None
) -> AsyncIterator[SharedStore]:
    """Open the store behind the cache, where the settings name one; raise ValueError if not.

    `seconds` is how long one request may take, for those who would rather wait than do without.
    """
    kept = settings.cache
    if seconds is not None:
        kept = kept.model_copy(update={"timeout_seconds": seconds})
    # Another release may mean something else by a figure, and another secret reads nothing.
    space = f"{kept.namespace}:{__version__}:{Envelope(settings.sealing_secret).name}"
    store = _STORES[kept.backend](kept, space)
    try:
        yield store
    finally:
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await store.close()
        except Exception:  # noqa: BLE001 (nothing is lost with it)
            _LOG.warning("the cache's store could not be closed", extra={"store": kept.backend})


def _disk(kept: CacheSettings, space: str) -> SharedStore:
    store: SharedStore = DiskStore(
        kept.path or Path(), space, max_bytes=kept.disk_bytes, seconds=kept.timeout_seconds / 2
    )
    return store


def _redis(kept: CacheSettings, space: str) -> SharedStore:
    from gateway.cache.redis_store import RedisStore  # noqa: PLC0415 (its client is an extra)

    url = kept.url.get_secret_value() if kept.url else ""
    store: SharedStore = RedisStore(
        url, space, seconds=kept.timeout_seconds, connections=kept.connections
    )
    return store


def _none(_kept: CacheSettings, _space: str) -> SharedStore:
    raise ValueError("the cache is in memory only")


_STORES = {"memory": _none, "disk": _disk, "redis": _redis}
