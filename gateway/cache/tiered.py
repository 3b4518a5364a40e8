"""A process's memory in front of a store that outlives it, as one cache."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from gateway.cache.bounded import BoundedBackend, build_key
from gateway.cache.envelope import Entry, Envelope
from gateway.cache.guard import StoreGuard
from gateway.cache.store import ALL, SharedStore, in_batches, purge_scopes_of
from resolvers.keys import scope_in, tier_of

__all__ = ["Latest", "TieredCache", "TieredCounts"]

_BATCH = 500
"""How many values are asked of the store in one request, within its time."""
_LOOK_SECONDS = 1.0
"""How often it is asked for purges, which are noticed a moment later at most."""
_IDLE_SECONDS = 2.0
"""After so long without a look, nothing in memory is served before there has been one."""
_MILLISECONDS = 1000


class TieredCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What a cache of two levels has been asked since it began, and what its memory holds."""

    asked: Mapping[str, int]
    """By `tier.outcome`: `near` was in memory, `far` in the store, `missed` nowhere."""
    store_failures: int
    entries: int
    size: int


class TieredCache:
    """Fulfils `resolvers.ports.Cache`. Where the store fails, what is in memory is all there is.

    What is found in the store is kept in memory for as long as it may live at all. Only `tiers` go
    to the store, where that is given.
    """

    def __init__(
        self,
        near: BoundedBackend,
        store: SharedStore,
        guard: StoreGuard,
        envelope: Envelope,
        *,
        tiers: frozenset[str] | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep in `near`, and sealed by `envelope` in `store`, which only `guard` asks."""
        self._near = near
        self._store = store
        self._guard = guard
        self._envelope = envelope
        self._tiers = tiers
        self._now = now
        self._monotonic = monotonic
        self._marks: dict[str, int] | None = None
        self._looked_at = -_LOOK_SECONDS
        self._idle = 0.0
        """How long nobody had looked before whoever looked last."""
        self._looking = asyncio.Lock()
        self._asked: Counter[str] = Counter()
        self._told: Counter[str] = Counter()

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        await self._look_for_purges()
        found = [self._near.read(_near(key)) for key in keys]
        rest = [key for key, value in zip(keys, found, strict=True) if value is None]
        far = await self._fetch(rest) if rest else {}
        for key, value in zip(keys, found, strict=True):
            outcome = "near" if value is not None else "far" if key in far else "missed"
            self._asked[f"{tier_of(key)}.{outcome}"] += 1
        return [
            far.get(key) if value is None else value for key, value in zip(keys, found, strict=True)
        ]

    async def get_latest(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return what the store has now, whatever is in memory; else as `get_many`."""
        await self._look_for_purges()
        far = await self._fetch(keys)
        return [far[key] if key in far else self._near.read(_near(key)) for key in keys]

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        for key, value in entries.items():
            self._near.write(_near(key), value, ttl)
        await self._look_for_purges()
        if self._marks is None:
            return
        expires = int((self._now() + ttl) * _MILLISECONDS)
        mark = max(self._marks.values(), default=0)
        storable = [key for key in entries if self._is_storable(key)]
        for batch in in_batches(storable, _BATCH):
            sealed = {
                key: self._envelope.sealed(key, Entry(entries[key], expires, mark)) for key in batch
            }
            await self._guard.attempt("write", partial(self._store.write, sealed, ttl))

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget the keys: here and in the store at once, in other processes as they end."""
        for key in keys:
            self._near.drop(_near(key))
        storable = [key for key in keys if self._is_storable(key)]
        if storable:
            await self._guard.attempt("write", partial(self._store.drop, storable))

    async def purge(self, scope: str) -> int:
        """Forget what is in that scope of keys, here and in the store; return what went.

        Other processes notice it a moment later. What only memory had counts, too.
        """
        near = self._near.drop_all(lambda key: scope_in(key.removeprefix(_near(""))) == scope)
        far = await self._guard.attempt("purge", partial(self._store.purge, ALL, scope))
        self._looked_at = -_LOOK_SECONDS
        return max(near, far or 0)

    async def tell_counts(self) -> None:
        """Add what was asked to the counts that all processes share."""
        self._looked_at = -_LOOK_SECONDS
        await self._look_for_purges()

    @property
    def counts(self) -> TieredCounts:
        """Return what it has been asked, and what its memory holds."""
        return TieredCounts(
            asked=dict(self._asked),
            store_failures=self._guard.failures,
            entries=len(self._near),
            size=self._near.size,
        )

    async def _fetch(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return what the store has of the keys, and take it into memory."""
        found: dict[str, bytes] = {}
        if self._marks is None:
            # What was purged cannot be told from what was not.
            return found
        now = self._now()
        for batch in in_batches(filter(self._is_storable, keys), _BATCH):
            kept = await self._guard.attempt("read", partial(self._store.read, batch))
            for key, content in zip(batch, kept or (), strict=False):
                entry = None if content is None else self._envelope.opened(key, content)
                if entry is None or not self._is_valid(key, entry):
                    continue
                left = entry.expires / _MILLISECONDS - now
                if left > 0.0:
                    self._near.write(_near(key), entry.value, left)
                    found[key] = entry.value
        return found

    def _is_storable(self, key: str) -> bool:
        return self._tiers is None or tier_of(key) in self._tiers

    def _is_valid(self, key: str, entry: Entry) -> bool:
        """Return whether nothing that the key belongs to was purged since the entry was kept."""
        marks = self._marks or {}
        if entry.mark >= max(marks.values(), default=0):
            return True
        return all(marks.get(scope, 0) <= entry.mark for scope in purge_scopes_of(key))

    async def _look_for_purges(self) -> None:
        """Learn now and then of purges, and tell what was asked of this process."""
        # Those who knew of all purges a moment ago go on meanwhile; the others wait together.
        if self._looking.locked():
            if self._marks is not None and self._idle < _IDLE_SECONDS:
                return
        elif not self._is_due():
            return
        async with self._looking:
            if not self._is_due():
                return
            now = self._monotonic()
            self._idle, self._looked_at = now - self._looked_at, now
            more = self._asked - self._told
            marks = await self._guard.attempt("look", partial(self._store.exchange, more))
            if marks is None:
                return
            self._told += more
            if self._marks is not None and marks != self._marks:
                self._drop_purged(self._marks, marks)
            self._marks = marks

    def _drop_purged(self, before: Mapping[str, int], now: Mapping[str, int]) -> None:
        """Forget what was purged; all of it where the store has forgotten of what."""
        if not before.keys() <= now.keys():
            self._near.wipe()
            return
        purged = now.items() - before.items()
        scopes = {scope for scope, _ in purged}
        self._near.drop_all(
            lambda key: not scopes.isdisjoint(purge_scopes_of(key.removeprefix(_near(""))))
        )

    def _is_due(self) -> bool:
        return self._monotonic() - self._looked_at >= _LOOK_SECONDS


class Latest:
    """The cache as other processes have left it, as `resolvers.ports.Cache` wants it."""

    def __init__(self, cache: TieredCache) -> None:
        """Look past that cache's memory."""
        self._cache = cache

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        return await self._cache.get_latest(keys)

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        await self._cache.set_many(entries, ttl)

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        await self._cache.delete_many(keys)


def _near(key: str) -> str:
    return build_key(key)
