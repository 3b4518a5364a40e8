"""The answers that go on: how many a key may have open, for how long, and how all of them end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.configuration.settings import SubscriptionSettings
from gateway.refusals import RefusedError
from resolvers.context import Principal

__all__ = ["LEAVING_SECONDS", "Streams"]

LEAVING_SECONDS = 1.0
"""How long an end may take to be told; whoever does not read is not told."""


class Streams:
    """All that are open in this process."""

    def __init__(self, settings: SubscriptionSettings) -> None:
        """Allow what the settings say."""
        self._most = settings.most_per_key
        self._longest = settings.longest.total_seconds()
        self._stopping = asyncio.Event()
        self._open: set[asyncio.Task[Any]] = set()
        self._taken: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many places are taken."""
        return self._taken.total()

    @contextmanager
    def place(self, principal: Principal, kind: str = "subscriptions") -> Iterator[None]:
        """Take one of the places of that key; raise RefusedError where none is left."""
        name = f"{kind} {principal.name}"
        if self._taken[name] >= self._most:
            message = f"This key may have {self._most} {kind} open at a time."
            raise RefusedError(429, "TOO_MANY_SUBSCRIPTIONS", message)
        self._taken[name] += 1
        try:
            yield
        finally:
            self._taken[name] -= 1

    async def until_over(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do the work until it ends, it has taken too long, or the process stops.

        Returns whether it ended by itself.
        """
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stopping.wait())
        whole = asyncio.current_task()
        assert whole is not None  # noqa: S101 (whoever awaits is in one)
        self._open.add(whole)
        whole.add_done_callback(self._open.discard)
        try:
            await asyncio.wait(
                {task, stop}, timeout=self._longest, return_when=asyncio.FIRST_COMPLETED
            )
            ended = task.done()
        finally:
            task.cancel()
            stop.cancel()
            await asyncio.wait({task, stop})
        if not task.cancelled():
            task.result()
        return ended

    async def stop(self) -> None:
        """End all that are open, and wait a moment until they have ended."""
        self._stopping.set()
        if self._open:
            await asyncio.wait([*self._open], timeout=2 * LEAVING_SECONDS)
