"""Work that nobody waits for: it is finished, or cancelled when the process stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from vendors.errors import PlatformError

__all__ = ["BackgroundTasks"]

_LOG = logging.getLogger("switchboard.background")


class BackgroundTasks:
    """Fulfils `resolvers.ports.Background`."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        # The event loop itself keeps only weak references to its tasks.
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run it; a failure is logged and goes no further."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def done(self) -> None:
        """Wait until all that is under way has ended."""
        while self._tasks:
            await asyncio.wait([*self._tasks])

    async def close(self) -> None:
        """Cancel what is not done, and wait until it has ended."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __len__(self) -> int:
        """Return how much is under way."""
        return len(self._tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, PlatformError):
            about = {"platform": error.platform, "code": error.code}
            _LOG.info("a platform failed behind the answers", extra=about)
        elif error is not None:
            _LOG.error("unexpected error behind the answers", exc_info=error)
