"""Makes a file: reads all rows that are asked for, and writes them before anybody sees one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from gateway.rows.asking import FileRequest
from gateway.rows.forms import Ending, Writer
from gateway.rows.settings import FileSettings
from gateway.rows.snapshots import Progress, Snapshot
from gateway.rows.spool import Spool
from resolvers.context import RequestContext
from resolvers.outcomes import Freshness, PlatformFailure, SourceStatus
from resolvers.rows.columns import Row
from resolvers.rows.table import RowPage, merged_sources
from vendors.errors import BadInputError, TooComplexError

__all__ = ["ShortError", "filled", "in_thread"]

T = TypeVar("T")

_CURSORS = "the `next_cursor` of an answer to the same question"


class ShortError(Exception):
    """Rows would be missing, and nobody has allowed that."""

    def __init__(self, failures: Sequence[PlatformFailure], truncated: Sequence[str]) -> None:
        """Keep why: what failed, and who holds more than can be listed."""
        super().__init__("rows would be missing")
        self.failures = tuple(failures)
        self.truncated = tuple(truncated)


async def in_thread(work: Callable[..., T], *arguments: object) -> T:
    """Return what the work returns; where it is cancelled, it is over before that is told."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(running)
    finally:
        while not running.done():
            # Being cancelled once more changes nothing: what it writes to must not be closed yet.
            with suppress(asyncio.CancelledError):
                await asyncio.wait({running})


async def filled(
    context: RequestContext,
    request: FileRequest,
    settings: FileSettings,
    progress: Progress,
) -> Snapshot:
    """Return the file that is asked for, whole, and note how far it has come.

    Raises ShortError where rows would be missing and that is not allowed, BadInputError for a
    cursor of another question, TooComplexError where it has more rows than its form can hold, and
    SpoolFullError where it has too many bytes.
    """
    spool = await in_thread(Spool, settings.folder, settings.most_bytes)
    try:
        writer = await in_thread(request.form.open, spool, request.columns, request.options)
        ending = await _Reading(context, request, settings, progress).into(writer)
        await in_thread(writer.end, ending)
        await in_thread(spool.end)
    except BaseException:
        spool.close()
        raise
    return Snapshot(spool, request.form, ending)


class _Reading:
    """Reads page after page, and adds up what became of the platforms."""

    def __init__(
        self,
        context: RequestContext,
        request: FileRequest,
        settings: FileSettings,
        progress: Progress,
    ) -> None:
        self._progress = progress
        progress.limit = request.limit
        self._context = context
        self._request = request
        self._settings = settings
        self._rows = 0
        self._sources: list[SourceStatus] = []
        self._failed: dict[str, PlatformFailure] = {}
        self._truncated: dict[str, None] = {}
        self._held: list[Row] = []
        names = request.table.names
        self._places = [names.index(column.name) for column in request.columns]

    async def into(self, writer: Writer) -> Ending:
        """Write all rows; return what is known at their end."""
        last = RowPage(())
        async for page in self._pages():
            last = page
            self._note(page)
            if self._request.order:
                self._held += page.rows
            else:
                await in_thread(writer.add, self._shown(page.rows))
        if self._request.order:
            await in_thread(self._sort_into, writer)
        return self._ending(last)

    async def _pages(self) -> AsyncIterator[RowPage]:
        context, request = self._context, self._request
        most = context.services.limits.most_rows_per_page
        after = request.cursor
        while True:
            left = most if request.limit is None else min(most, request.limit - self._rows)
            try:
                page = await request.table.page(context, request.rows, first=left, after=after)
            except BadInputError as error:
                raise _renamed(error) from error
            yield page
            if not page.has_next or page.end_cursor is None or self._rows == request.limit:
                return
            after = page.end_cursor
            context.renew(self._settings.page_seconds)

    def _note(self, page: RowPage) -> None:
        """Note what became of the platforms; raise ShortError where that costs rows."""
        self._rows += len(page.rows)
        self._progress.rows = self._rows
        self._refuse_too_many()
        lost = [one for one in page.failures if one.stale_age_seconds is None]
        if (lost or page.truncated) and not self._request.partial:
            raise ShortError(lost, page.truncated)
        self._failed.update((one.platform, one) for one in lost)
        self._truncated.update(dict.fromkeys(page.truncated))
        self._sources += page.sources

    def _refuse_too_many(self) -> None:
        most, sorted_most = self._request.form.most_rows, self._settings.most_sorted
        if most is not None and self._rows > most:
            message = f"This has more than the {most} rows that such a file can hold. Ask for less."
            raise TooComplexError(message, extensions={"rowLimit": most})
        if self._request.order and self._rows > sorted_most:
            message = (
                f"This has more than the {sorted_most} rows that `files.most_sorted` lets be "
                "sorted. Ask for less, or without `order`."
            )
            told = {"rowLimit": sorted_most, "argument": "order"}
            raise TooComplexError(message, extensions=told)

    def _ending(self, last: RowPage) -> Ending:
        told = {one.platform: one for one in merged_sources(self._sources)}
        for platform in self._failed:
            if platform not in told:
                told[platform] = SourceStatus(platform=platform, freshness=Freshness.FAILED)
        limited = self._request.limit is not None and last.has_next
        return Ending(
            rows=self._rows,
            next_cursor=(last.end_cursor or "") if limited else "",
            sources=tuple(told.values()),
            failed=tuple(self._failed),
            truncated=tuple(self._truncated),
        )

    def _shown(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the wanted columns."""
        if self._request.columns == self._request.table.columns:
            return rows
        return [tuple(row[place] for place in self._places) for row in rows]

    def _sort_into(self, writer: Writer) -> None:
        names = self._request.table.names
        for name, falls in reversed(self._request.order):
            self._held = _sorted(self._held, names.index(name), falls=falls)
        writer.add(self._shown(self._held))


def _renamed(error: BadInputError) -> BadInputError:
    """Return the same error of the parameter by which this door takes what is refused."""
    if error.extensions.get("argument") != "after":
        return error
    return BadInputError(str(error), argument="cursor", accepted=_CURSORS)


def _sorted(rows: Sequence[Row], place: int, *, falls: bool) -> list[Row]:
    """Return the rows by one column, those without a value last; equal ones stay as they were."""

    def cell(row: Row) -> Any:  # noqa: ANN401 (the cells of one column compare)
        return row[place]

    told = sorted((row for row in rows if row[place] is not None), key=cell, reverse=falls)
    return [*told, *(row for row in rows if row[place] is None)]
