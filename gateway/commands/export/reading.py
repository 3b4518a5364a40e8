"""Reads one window of a table into a file; waits where a platform says until when it must."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from gateway.commands.export.parts import Part, PartFile, Parts
from gateway.commands.export.progress import Progress
from gateway.commands.export.windows import Window
from gateway.graphql.asking import operators_context
from gateway.rows.asking import FileRequest
from gateway.rows.filling import ShortError, in_thread
from resolvers.context import Services
from resolvers.outcomes import Freshness, PlatformFailure
from resolvers.rows.columns import Row
from resolvers.rows.table import RowPage, RowRequest, read_all
from vendors.calls import Call
from vendors.waits import Wait, WaitReason

__all__ = ["Reading"]

_PLATFORM, _FINAL = "platform", "final"
_LEAST_WAIT = 1.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Reads the windows of one question."""

    services: Services
    request: FileRequest
    progress: Progress
    page_seconds: float
    patience: float
    """How many seconds to wait in all, for one window, for platforms that say how long."""

    async def read(self, window: Window, parts: Parts) -> Part:
        """Return the window, read and kept.

        Raises ShortError where rows would be missing and that is not allowed, and CallerError for
        what is not acceptable.
        """
        patience = self.patience
        while True:
            read = _Read(self, window, parts.begin(window))
            try:
                part = await read.whole()
            except ShortError as error:
                self.progress.forget(read.rows)
                wait = _wait(error.failures, patience)
                if wait is None:
                    raise
                patience -= wait
                await self._wait(error.failures, wait)
                continue
            await in_thread(parts.keep, part)
            return part

    async def _wait(self, failures: Sequence[PlatformFailure], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        waits = [Wait(one.platform, WaitReason.RATE_LIMIT, seconds) for one in failures]
        began = loop.time()
        for one in waits:
            self.progress.waiting(one)
        try:
            await asyncio.sleep(seconds)
        finally:
            for one in waits:
                self.progress.waited(one, loop.time() - began)


def _wait(failures: Sequence[PlatformFailure], patience: float) -> float | None:
    """Return how long to wait before the window is read again; None where that is of no use."""
    told = [one.retry_after_seconds for one in failures if one.retryable]
    known = [one for one in told if one is not None]
    if not known or len(known) != len(failures):
        return None
    seconds = max(_LEAST_WAIT, *known)
    return seconds if seconds <= patience else None


class _Read:
    """One try of one window."""

    def __init__(self, reading: Reading, window: Window, file: PartFile) -> None:
        self._reading = reading
        self._window = window
        self._file = file
        self.rows: Counter[str] = Counter()
        self._missing: dict[str, None] = {}
        self._unsupported: dict[str, None] = {}
        self._final = True
        request = reading.request
        names = request.table.names
        self._places = [names.index(column.name) for column in request.columns]
        self._platform = names.index(_PLATFORM)
        self._final_place = names.index(_FINAL) if _FINAL in names else None

    async def whole(self) -> Part:
        """Read it to its end; nothing is left of it where that fails."""
        try:
            read_at = self._reading.services.clock.now()
            await self._pages()
            await in_thread(self._file.end)
        except BaseException:
            self._file.give_up()
            raise
        return Part(
            start=self._window.start,
            end=self._window.end,
            read_at=read_at,
            file=self._file.path.name,
            rows=dict(self.rows),
            settled=self._settled(read_at),
            missing=tuple(self._missing),
            unsupported=tuple(self._unsupported),
        )

    async def _pages(self) -> None:
        reading, request = self._reading, self._reading.request
        seconds = reading.page_seconds
        call = Call.within(seconds, request_id="command line")
        context = operators_context(reading.services, call)
        async for page in read_all(request.table, context, self._rows(), seconds=seconds):
            self._note(page)
            await in_thread(self._file.add, self._shown(page.rows))

    def _rows(self) -> RowRequest:
        rows = self._reading.request.rows
        start, end = self._window
        named = f"{rows.period.named} {start.isoformat()}/{end.isoformat()}"
        period = msgspec.structs.replace(rows.period, start=start, end=end, named=named)
        return msgspec.structs.replace(rows, period=period)

    def _note(self, page: RowPage) -> None:
        """Note what was read; raise ShortError where rows would be missing."""
        lost = [one for one in page.failures if one.stale_age_seconds is None]
        if (lost or page.truncated) and not self._reading.request.partial:
            raise ShortError(lost, page.truncated)
        self._missing.update(dict.fromkeys([*(one.platform for one in lost), *page.truncated]))
        self._unsupported.update(
            (one.platform, None) for one in page.sources if one.freshness is Freshness.UNSUPPORTED
        )
        counted: Mapping[str, int] = Counter(str(row[self._platform]) for row in page.rows)
        self.rows.update(counted)
        self._reading.progress.read(counted)
        if self._final_place is not None:
            place = self._final_place
            self._final = self._final and all(row[place] for row in page.rows)

    def _shown(self, rows: Sequence[Row]) -> Sequence[Row]:
        return [tuple(row[place] for place in self._places) for row in rows]

    def _settled(self, read_at: datetime) -> bool:
        """Return whether reading it again would tell nothing new."""
        over = self._reading.request.table.dated and self._window.end <= read_at
        return over and self._final and not self._missing
