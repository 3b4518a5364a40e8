"""One flight per key: whoever asks for what is already being fetched waits for that answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from vendors.calls import Call
from vendors.errors import PlatformTimeoutError

__all__ = ["Alone", "Flights"]

T = TypeVar("T")


class Alone:
    """Fulfils `resolvers.ports.Leases` for a process that shares its store with no other."""

    @asynccontextmanager
    async def hold(self, name: str, call: Call) -> AsyncIterator[bool]:  # noqa: ARG002 (the port's)
        """Wait for nobody: what is under way in this process is the business of `Flights`."""
        yield False

    async def claim(self, name: str, seconds: float) -> bool:  # noqa: ARG002 (the port's)
        """Return True: there is nobody else to do it."""
        return True


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Any]
    call: Call
    seconds: float
    """How long it may take at most: what was left to whoever began it."""
    waiting: int = 0

    def is_cut_short_for(self, call: Call) -> bool:
        """Return whether the beginner's time is up while this call has as much of it again."""
        return self.call.remaining <= 0.0 and call.remaining > self.seconds


class Flights:
    """The fetches that are under way in this process.

    A waiter that is cancelled leaves the others undisturbed; when the last one leaves, the fetch
    itself is cancelled. A failure reaches every waiter and is not kept; but whose time is longer
    than that of the one who began it does not fail for the other's lack of time.
    """

    def __init__(self) -> None:
        """Start with nothing under way."""
        self._flights: dict[str, _Flight] = {}

    async def join(
        self, key: str, call: Call, fetch: Callable[[Call], Coroutine[Any, Any, T]]
    ) -> T:
        """Return what `fetch` returns, or what the flight of that key, already begun, returns.

        The calls are made within the budget, and noted in the log, of whoever began the flight.
        """
        while True:
            flight = self._flights.get(key) or self._begin(key, call, fetch)
            try:
                return cast(T, await self._landing(key, flight))
            except PlatformTimeoutError:
                if not flight.is_cut_short_for(call):
                    raise
                # Its callback may be still to come: found again, it would end again at once.
                self._land(key, flight.task)

    def part(self, belongs: Callable[[str], bool]) -> None:
        """Let nobody else join the flights of these keys: what they bring is out of date."""
        for key in [*filter(belongs, self._flights)]:
            del self._flights[key]

    def __contains__(self, key: object) -> bool:
        """Return whether a fetch of that key is under way, which `join` would share."""
        return key in self._flights

    def __len__(self) -> int:
        """Return how many fetches are under way."""
        return len(self._flights)

    def _begin(
        self, key: str, call: Call, fetch: Callable[[Call], Coroutine[Any, Any, Any]]
    ) -> _Flight:
        flight = _Flight(asyncio.create_task(fetch(call)), call, call.remaining)
        flight.task.add_done_callback(lambda task: self._land(key, task))
        self._flights[key] = flight
        return flight

    async def _landing(self, key: str, flight: _Flight) -> object:
        """Return the flight's result; cancel it where its last waiter is cancelled."""
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                if self._flights.get(key) is flight:
                    del self._flights[key]

    def _land(self, key: str, task: asyncio.Task[Any]) -> None:
        """Forget the flight; its failure has been taken up by those who waited."""
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()
