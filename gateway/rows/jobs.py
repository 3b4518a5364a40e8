"""Files that take longer than a caller waits: made behind the answers, and asked for again."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

from gateway.rows.snapshots import Snapshot

__all__ = ["Job", "Jobs"]

_ID_BYTES = 16


class Job:
    """One file that is being made, and for whom."""

    def __init__(self, owner: object, place: str, key: str) -> None:
        """Tell the owner, and nobody else, of a file that will be found at that place."""
        self.id = secrets.token_urlsafe(_ID_BYTES)
        self.owner = owner
        self.place = place
        self.key = key
        """What its file is kept under, and how far it has come."""
        self.task: asyncio.Task[Snapshot] | None = None
        """What makes it; None when it has ended: the file itself is kept by nobody here."""
        self.error: BaseException | None = None


class Jobs:
    """What is made behind the answers, and what was for a while."""

    def __init__(self, kept_seconds: float) -> None:
        """Remember jobs for so long after their end."""
        self._kept_seconds = kept_seconds
        self._jobs: dict[str, Job] = {}

    def start(self, job: Job, work: Coroutine[Any, Any, Snapshot]) -> asyncio.Task[Snapshot]:
        """Begin the work; whoever has gone does not end it."""
        job.task = asyncio.get_running_loop().create_task(work)
        self._jobs[job.id] = job
        job.task.add_done_callback(lambda task: self._ended(job.id, task))
        return job.task

    def find(self, name: str, owner: object) -> Job | None:
        """Return the job of that owner."""
        job = self._jobs.get(name)
        return job if job is not None and job.owner == owner else None

    def cancel(self, job: Job) -> None:
        """End it, and forget it."""
        self._jobs.pop(job.id, None)
        if job.task is not None:
            job.task.cancel()

    async def close(self) -> None:
        """End all of them."""
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for job in [*self._jobs.values()]:
            self.cancel(job)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, name: str, task: asyncio.Task[Snapshot]) -> None:
        job = self._jobs.get(name)
        error = None if task.cancelled() else task.exception()
        if job is not None:
            job.task, job.error = None, error
        asyncio.get_running_loop().call_later(self._kept_seconds, self._jobs.pop, name, None)
