"""One flight per key across processes: whoever holds the lease asks, the others wait and look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from random import SystemRandom
from secrets import token_hex

from gateway.cache.guard import StoreGuard
from gateway.cache.store import SharedStore
from resolvers.keys import tier_of
from vendors.calls import Call

__all__ = ["SharedLeases"]

_SOONEST = 0.02
_LATEST = 0.25
_LATER = 1.5
"""Waiters look again after random times that grow by this, so that they do not come together."""


class SharedLeases:
    """Fulfils `resolvers.ports.Leases` by a store that all processes share.

    A lease ends by itself after `seconds`; while the work goes on it is renewed long before. A
    holder that dies holds the others up for no longer than that. Only its holder gives it back.
    """

    def __init__(
        self,
        store: SharedStore,
        guard: StoreGuard,
        seconds: float,
        *,
        tiers: frozenset[str] | None = None,
    ) -> None:
        """Hold leases in that store for so long at a time.

        Only those whose names are of these tiers, where they are given: where no result can be
        looked up, waiting for it would help nobody.
        """
        self._store = store
        self._guard = guard
        self._seconds = seconds
        self._tiers = tiers
        self._random = SystemRandom()

    @asynccontextmanager
    async def hold(self, name: str, call: Call) -> AsyncIterator[bool]:
        """Wait for the lease within the call's time, and hold it; see the port."""
        if self._tiers is not None and tier_of(name) not in self._tiers:
            yield False
            return
        token = token_hex(16)
        held = await self._wait(name, token, call)
        if not held:
            # Without a store nobody else's work can be seen; without time there is none to do.
            yield held is not None
            return
        renewing = asyncio.create_task(self._renew(name, token, call))
        try:
            yield True
        finally:
            renewing.cancel()
            await self._guard.attempt("lease", partial(self._store.release, name, token))

    async def claim(self, name: str, seconds: float) -> bool:
        """Return whether a piece of work is this process's for so long; it is not given back.

        Where not all results are shared, or there is no store, each process works for itself.
        """
        if self._tiers is not None:
            return True
        taking = partial(self._store.acquire, name, token_hex(16), seconds)
        return await self._guard.attempt("lease", taking) is not False

    async def _wait(self, name: str, token: str, call: Call) -> bool | None:
        """Return whether the lease is held, False when time is up, None if leases fail."""
        taking = partial(self._store.acquire, name, token, self._seconds)
        pause = _SOONEST
        while not (taken := await self._guard.attempt("lease", taking)):
            if taken is None or call.remaining <= 0.0:
                return taken
            await asyncio.sleep(min(self._random.uniform(pause / 2, pause), call.remaining))
            pause = min(pause * _LATER, _LATEST)
        return True

    async def _renew(self, name: str, token: str, call: Call) -> None:
        """Keep the lease while the work goes on: no longer than it may."""
        renewing = partial(self._store.renew, name, token, self._seconds)
        while call.remaining > 0.0:
            await asyncio.sleep(self._seconds / 3)
            if await self._guard.attempt("lease", renewing) is False:
                return
