"""One flight per key: whoever asks for what is already being fetched waits for that answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

__all__ = ["Flights"]

T = TypeVar("T")


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Any]
    waiting: int = 0


class Flights:
    """The fetches that are under way in this process.

    A waiter that is cancelled leaves the others undisturbed; when the last one leaves, the fetch
    itself is cancelled. A failure reaches every waiter and is not kept.
    """

    def __init__(self) -> None:
        """Start with nothing under way."""
        self._flights: dict[str, _Flight] = {}

    async def join(self, key: str, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `fetch` returns, or what the flight of that key, already begun, returns."""
        flight = self._flights.get(key)
        if flight is None:
            flight = _Flight(asyncio.create_task(fetch()))
            flight.task.add_done_callback(lambda task: self._land(key, task))
            self._flights[key] = flight
        flight.waiting += 1
        try:
            return cast(T, await asyncio.shield(flight.task))
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._flights.pop(key, None)

    def _land(self, key: str, task: asyncio.Task[Any]) -> None:
        """Forget the flight; its failure has been taken up by those who waited."""
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()

    def __len__(self) -> int:
        """Return how many fetches are under way."""
        return len(self._flights)
