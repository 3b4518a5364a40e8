"""Asks each source once for all who follow it, and only while somebody does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeAlias, TypeVar

__all__ = ["Follower", "Hub", "Poll"]

_LOG = logging.getLogger("switchboard.hub")

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Poll: TypeAlias = Callable[[], Awaitable[T]]
"""Asks a source for its present state."""


@dataclass(slots=True, eq=False)
class _Feed:
    """What one source last said, and who waits for what it says next."""

    value: Any = None
    version: int = 0
    """How often it was asked; 0: not yet."""
    followers: set[asyncio.Event] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    def publish(self, value: object) -> None:
        self.value = value
        self.version += 1
        for follower in self.followers:
            follower.set()


class Follower(Generic[K, T]):
    """Gives the latest state of each source, and never more than that.

    Whoever is slow misses what was between: nothing is queued.
    """

    def __init__(self, feeds: Mapping[K, _Feed], wake: asyncio.Event) -> None:
        """Follow these feeds, which set `wake`."""
        self._feeds = feeds
        self._wake = wake
        self._seen = dict.fromkeys(feeds, 0)

    async def __aiter__(self) -> AsyncIterator[tuple[K, T]]:
        """Give each state, once it is there, with the key of its source, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for key, feed in self._feeds.items():
                if feed.version != self._seen[key]:
                    self._seen[key] = feed.version
                    yield key, feed.value


class Hub:
    """The sources that are followed at the moment."""

    def __init__(self, every: timedelta = timedelta(seconds=15)) -> None:
        """Ask each source again so long after it has answered."""
        self._seconds = every.total_seconds()
        self._feeds: dict[Hashable, _Feed] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return how many sources are followed."""
        return len(self._feeds)

    @contextmanager
    def follow(self, sources: Mapping[K, Poll[T]]) -> Iterator[Follower[K, T]]:
        """Follow sources; who comes first starts to ask one, and who leaves last ends it."""
        wake = asyncio.Event()
        feeds = {key: self._joined(key, poll, wake) for key, poll in sources.items()}
        try:
            yield Follower(feeds, wake)
        finally:
            for key, feed in feeds.items():
                self._leave(key, feed, wake)

    async def close(self) -> None:
        """Ask nothing any more, and wait until what was under way has ended."""
        for feed in self._feeds.values():
            self._end(feed)
        self._feeds.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _joined(self, key: Hashable, poll: Poll[Any], wake: asyncio.Event) -> _Feed:
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = _Feed()
            feed.task = asyncio.get_running_loop().create_task(self._ask(feed, poll))
        feed.followers.add(wake)
        if feed.version:
            wake.set()
        return feed

    def _leave(self, key: Hashable, feed: _Feed, wake: asyncio.Event) -> None:
        feed.followers.discard(wake)
        if not feed.followers and self._feeds.get(key) is feed:
            del self._feeds[key]
            self._end(feed)

    def _end(self, feed: _Feed) -> None:
        if feed.task is not None:
            self._ending.add(feed.task)
            feed.task.add_done_callback(self._ending.discard)
            feed.task.cancel()

    async def _ask(self, feed: _Feed, poll: Poll[Any]) -> None:
        while True:
            try:
                feed.publish(await poll())
            except Exception:  # noqa: BLE001 (whoever follows stays)
                # The followers keep what they have; the next time may be better.
                _LOG.exception("a source could not be asked")
            await asyncio.sleep(self._seconds)
