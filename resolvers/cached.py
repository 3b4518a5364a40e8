"""Read-through: what was fetched a short while ago is not fetched again.

Fresh for a time; then served stale while one task refreshes; when the platform fails, served stale
up to a limit and marked so. One flight per key, also across processes that share a store. Nothing
that failed is ever kept.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Generic, Self, TypeAlias, TypeVar, cast

import msgspec

from resolvers.changes import Changes
from resolvers.deadline import spare
from resolvers.flights import Alone, Flights
from resolvers.keys import place_of
from resolvers.outcomes import Freshness, PlatformFailure, freshest_first
from resolvers.ports import Background, Cache, Leases
from vendors.calls import Call, CallLog
from vendors.clock import Clock
from vendors.errors import PlatformError

__all__ = ["Held", "Lifetime", "ReadThrough"]

T = TypeVar("T")
Fetch: TypeAlias = Callable[[Call], Coroutine[Any, Any, T]]
"""Asks the platform, within the budget that it is given."""
_Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]


@lru_cache(maxsize=64)
def _decoder(shape: Hashable) -> msgspec.msgpack.Decoder[Any]:
    """Return the decoder of an entry that holds a value of that shape."""
    return msgspec.msgpack.Decoder(tuple[_Instant, shape])  # type: ignore[valid-type]  # built at run time


class Lifetime(msgspec.Struct, frozen=True):
    """How long a value lives: fresh, then stale but served at once, then only if all else fails."""

    fresh: timedelta
    refreshing: timedelta = timedelta(0)
    """Beyond `fresh`: served as it is while it is fetched anew behind the answer."""
    on_failure: timedelta = timedelta(0)
    """Beyond `fresh`: served, marked stale, when the platform fails."""

    def kept(self, value: object) -> float:
        """Return the seconds for which the store keeps the value; that there is none, briefly."""
        past = timedelta(0) if value is None else max(self.refreshing, self.on_failure)
        return (self.fresh + past).total_seconds()


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A value, when it was fetched, and whether that was now."""

    value: T
    at: datetime
    freshness: Freshness
    failure: PlatformFailure | None = None
    """Why it is no newer, where it stands in for what the platform could not give."""

    @classmethod
    def made_of(cls, value: T, *parts: Held[Any]) -> Held[T]:
        """Return what was made of these parts: it is as old as the oldest, as stale as any."""
        stood_in = sorted((part for part in parts if part.failure), key=lambda part: part.at)
        return cls(
            value,
            min(part.at for part in parts),
            freshest_first(part.freshness for part in parts),
            stood_in[0].failure if stood_in else None,
        )


class ReadThrough:
    """The entity and page tier of the cache."""

    def __init__(
        self,
        cache: Cache,
        flights: Flights,
        clock: Clock,
        background: Background,
        *,
        leases: Leases | None = None,
        latest: Cache | None = None,
        ahead: timedelta = timedelta(0),
        changes: Changes | None = None,
    ) -> None:
        """Read and write through `cache`, fetch at most once at a time per key.

        `leases` holds for other processes what `flights` does for this one, and `latest` shows
        what they have written. With `ahead`, what will not be fresh by then counts as not fresh.
        `changes` tells what has been changed, so that what was read before is not found any more.
        """
        self._cache = cache
        self._flights = flights
        self._clock = clock
        self._background = background
        self._leases = leases or Alone()
        self._shared = latest
        self._latest = latest or cache
        self._ahead = ahead
        self._changes = changes or Changes()
        self._plan: Callable[[str], None] | None = None
        self._charge: Callable[[str, int], None] | None = None

    def counted_by(
        self, plan: Callable[[str], None], charge: Callable[[str, int], None] | None = None
    ) -> Self:
        """Tell `plan` each key that is about to be fetched; it may refuse that by raising.

        `charge` is told how many calls beyond the first one that has taken, but for what was tried
        again. What is being fetched already is shared: it is nobody else's call.
        """
        self._plan, self._charge = plan, charge
        return self

    async def read(
        self,
        key: str,
        shape: type[T],
        lifetime: Lifetime,
        call: Call,
        fetch: Fetch[T],
        *,
        planned: bool = False,
    ) -> Held[T]:
        """Return the value of that key, fetched only if need be; raise what `fetch` raises.

        `planned` says that the call has been planned before, together with others.
        """
        key = await self._present(key)
        held = self._decode(await self._cache.get_many([key]), shape)
        if held is None:
            self._count(key, planned=planned)
            return await self._fetch(key, shape, lifetime, call, self._charged(key, fetch))
        age = self._age(held)
        if age <= lifetime.fresh:
            return Held(held.value, held.at, Freshness.CACHED)
        if age <= lifetime.fresh + lifetime.refreshing:
            # Nobody waits for it: it is not counted.
            self._background.start(self._fetch(key, shape, lifetime, spare(call), fetch))
            return held
        self._count(key, planned=planned)
        try:
            return await self._fetch(key, shape, lifetime, call, self._charged(key, fetch))
        except PlatformError as error:
            if error.serves_stale and age <= lifetime.fresh + lifetime.on_failure:
                old = self._clock.now() - held.at
                return replace(held, failure=PlatformFailure.of(error, stale_age=old))
            raise

    async def keeps(self, key: str, shape: type[Any], lifetime: Lifetime) -> bool:
        """Return whether `read` would answer at once; nothing is fetched."""
        held = self._decode(await self._cache.get_many([await self._present(key)]), shape)
        return held is not None and self._age(held) <= lifetime.fresh + lifetime.refreshing

    async def forget(self, *keys: str) -> None:
        """Drop what is kept under these keys."""
        await self._cache.delete_many([await self._present(key) for key in keys])

    async def _present(self, key: str) -> str:
        """Return the key as it is since the last change of what it is about."""
        now = self._clock.now()
        generation = await self._changes.generation(place_of(key), self._shared, now)
        return f"{key}.{generation}" if generation else key

    def _count(self, key: str, *, planned: bool) -> None:
        if self._plan is not None and not planned and key not in self._flights:
            self._plan(key)

    def _charged(self, key: str, fetch: Fetch[T]) -> Fetch[T]:
        """Return the same fetch, of which all calls are counted."""
        charge = self._charge
        if charge is None:
            return fetch

        async def charged(budget: Call) -> T:
            own = Call(budget.deadline, CallLog(budget.log), budget.request_id)
            try:
                return await fetch(own)
            finally:
                sent = [one for one in own.log.records if one.attempt == 1 and not one.credential]
                charge(key, max(0, len(sent) - 1))

        return charged

    def _age(self, held: Held[T]) -> timedelta:
        return self._clock.now() - held.at + self._ahead

    async def _fetch(
        self, key: str, shape: type[T], lifetime: Lifetime, call: Call, fetch: Fetch[T]
    ) -> Held[T]:
        async def fetch_in_turn(budget: Call) -> Held[T]:
            async with self._leases.hold(key, budget) as others:
                if others:
                    held = self._decode(await self._latest.get_many([key]), shape)
                    if held is not None and self._age(held) <= lifetime.fresh:
                        return Held(held.value, held.at, Freshness.CACHED)
                return await fetch_and_keep(budget)

        async def fetch_and_keep(budget: Call) -> Held[T]:
            # As old as the question: what happens while it is answered need not be in it.
            at = self._clock.now()
            value = await fetch(budget)
            entry = msgspec.msgpack.encode((at, value))
            await self._cache.set_many({key: entry}, lifetime.kept(value))
            return Held(value, at, Freshness.LIVE)

        return await self._flights.join(key, call, fetch_in_turn)

    def _decode(self, entries: list[bytes | None], shape: type[T]) -> Held[T] | None:
        entry = entries[0]
        if entry is None:
            return None
        try:
            at, value = _decoder(cast(Hashable, shape)).decode(entry)
        except (msgspec.MsgspecError, UnicodeError):
            # Written by another version, or by nobody of ours: as good as absent.
            return None
        return Held(value, at, Freshness.STALE)
