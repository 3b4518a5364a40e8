"""Reads the rows that are asked for: all of them, or so many and where the next ones begin.

The cursors of the tables hold the period as it was for the first page, so that pages which follow
each other are of one reading. What has to be sorted is read whole, and given on one page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from gateway.odata.asking import Position, Question
from gateway.odata.filters import kept_by, sorted_by
from gateway.odata.refusals import refused_for
from gateway.odata.settings import ODataSettings
from gateway.refusals import RefusedError
from resolvers.context import RequestContext
from resolvers.outcomes import Freshness, SourceStatus
from resolvers.rows.columns import Row
from resolvers.rows.table import RowPage, merged_sources

__all__ = ["Found", "counted", "found"]

_BLOCK = 1_000
"""Rows that are read at once where not all of them may be shown, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows as they are shown, and what is known at their end."""

    rows: Sequence[Row]
    next: Position | None = None
    """Where the next page begins; None where there is none."""
    left: int | None = None
    """How many rows the caller still wants behind these; None: all."""
    count: int | None = None
    """How many rows there are in all, where that was asked."""
    sources: tuple[SourceStatus, ...] = ()
    missing: tuple[str, ...] = ()
    """The platforms of which rows are missing."""


async def found(
    context: RequestContext, question: Question, settings: ODataSettings, page_size: int
) -> Found:
    """Return a page of the rows, of that size unless they are sorted.

    Raises RefusedError where rows would be missing and that is not allowed, or where too many would
    have to be read.
    """
    reading = _Reading(context, question, settings)
    if not question.possible:
        return Found(rows=(), count=0 if question.asked.count else None)
    if question.asked.order:
        return await reading.sorted()
    return await reading.page(page_size)


async def counted(context: RequestContext, question: Question, settings: ODataSettings) -> Found:
    """Return the number of rows, and none of them; raise RefusedError as `found` does."""
    if not question.possible:
        return Found(rows=(), count=0)
    return await _Reading(context, question, settings).count()


class _Reading:
    """Reads block after block, and adds up what became of the platforms."""

    def __init__(
        self, context: RequestContext, question: Question, settings: ODataSettings
    ) -> None:
        self._context = context
        self._question = question
        self._settings = settings
        self._read = 0
        self._sources: list[SourceStatus] = []
        self._missing: dict[str, None] = {}
        self._kept = kept_by(question.filter, question.entity_set.table.names)

    async def count(self) -> Found:
        """Count all rows."""
        count = 0
        async for _, page in self._blocks(Position(), self._most):
            count += len(await self._chosen(page.rows))
        return self._found((), count=count)

    async def sorted(self) -> Found:
        """Return all rows in their order, without those that the caller lays aside."""
        asked = self._question.asked
        rows: list[Row] = []
        async for _, page in self._blocks(Position(), self._most):
            rows += [row for _, row in await self._chosen(page.rows)]
        names = self._question.entity_set.table.names
        ordered = await asyncio.to_thread(sorted_by, rows, asked.order, names)
        end = None if asked.top is None else asked.skip + asked.top
        count = len(ordered) if asked.count else None
        return self._found(ordered[asked.skip : end], count=count)

    async def page(self, size: int) -> Found:
        """Return the page that begins where the question says."""
        asked, position = self._question.asked, self._question.position
        # The number of all is told with the first page.
        counting = asked.count and asked.skiptoken is None
        wanted = size if asked.top is None else min(size, asked.top)
        taken = _Taken(wanted, asked.skip)
        if wanted or counting:
            block = self._block(taken, counting=counting)
            async for begun, page in self._blocks(position, block):
                taken.add(await self._chosen(page.rows), begun, page, block)
                if not counting and (taken.next is not None or self._rests(taken, page)):
                    break
        left = None if asked.top is None else asked.top - len(taken.rows)
        follows = None if left == 0 else taken.next
        count = taken.matched if counting else None
        return self._found(taken.rows, count=count, follows=follows, left=left)

    def _rests(self, taken: _Taken, page: RowPage) -> bool:
        """Return whether a page ends early, because few of very many rows are meant.

        It never does where the caller has said how many it wants: some take what comes for all.
        """
        if self._question.asked.top is not None or self._read < self._settings.most_rows:
            return False
        if page.has_next:
            taken.next = Position(page.end_cursor)
        return True

    # ------------------------------------------------------------------------------ blocks

    @property
    def _most(self) -> int:
        return self._context.services.limits.most_rows_per_page

    def _block(self, taken: _Taken, *, counting: bool) -> int:
        """Return how many rows to ask for at once."""
        position = self._question.position
        if position.block:
            return min(position.block, self._most)
        if counting:
            return self._most
        least = _BLOCK if self._question.filter is not None else 1
        return min(max(taken.wanted + taken.skip, least), self._most)

    async def _blocks(
        self, position: Position, block: int
    ) -> AsyncIterator[tuple[Position, RowPage]]:
        """Yield where each block begins, and its rows as they are shown."""
        question, begun = self._question, position
        table = question.entity_set.table
        while True:
            page = await table.page(self._context, question.rows, first=block, after=begun.after)
            self._note(page)
            yield begun, replace(page, rows=question.entity_set.shown(page.rows))
            if not page.has_next or page.end_cursor is None:
                return
            if self._read >= self._settings.most_rows:
                raise _too_many(self._settings.most_rows)
            begun = Position(page.end_cursor)
            self._context.renew(self._settings.page_seconds)

    def _note(self, page: RowPage) -> None:
        """Note what became of the platforms; raise RefusedError where that costs rows."""
        self._read += len(page.rows)
        lost = [one for one in page.failures if one.stale_age_seconds is None]
        if (lost or page.truncated) and not self._question.partial:
            raise refused_for(lost, page.truncated)
        self._missing.update(dict.fromkeys([*(one.platform for one in lost), *page.truncated]))
        told = {one.platform for one in page.sources}
        self._sources += page.sources
        self._sources += [
            SourceStatus(platform=one.platform, freshness=Freshness.FAILED)
            for one in lost
            if one.platform not in told
        ]

    async def _chosen(self, rows: Sequence[Row]) -> list[tuple[int, Row]]:
        """Return the rows that the filter keeps, and their places."""
        return await asyncio.to_thread(self._choose, rows)

    def _choose(self, rows: Sequence[Row]) -> list[tuple[int, Row]]:
        kept = self._kept
        return [(place, row) for place, row in enumerate(rows) if kept(row)]

    def _found(
        self,
        rows: Sequence[Row],
        *,
        count: int | None,
        follows: Position | None = None,
        left: int | None = None,
    ) -> Found:
        return Found(
            rows=rows,
            next=follows,
            left=left,
            count=count,
            sources=merged_sources(self._sources),
            missing=tuple(self._missing),
        )


class _Taken:
    """The rows of one page, out of block after block."""

    def __init__(self, wanted: int, skip: int) -> None:
        self.wanted = wanted
        self.skip = skip
        self.matched = 0
        self.rows: list[Row] = []
        self.next: Position | None = None

    def add(
        self, chosen: Sequence[tuple[int, Row]], begun: Position, page: RowPage, block: int
    ) -> None:
        """Take what is wanted of a block; note where the next page begins, once that is known."""
        for place, row in chosen:
            if place < begun.dropped:
                continue
            self.matched += 1
            if self.matched <= self.skip:
                continue
            if len(self.rows) < self.wanted:
                self.rows.append(row)
            elif self.next is None:
                self.next = Position(begun.after, place, block)
        if len(self.rows) == self.wanted and self.next is None and page.has_next:
            self.next = Position(page.end_cursor)


def _too_many(most: int) -> RefusedError:
    message = f"More than {most} rows would have to be read. Ask for a shorter period, or for less."
    told = {"rowLimit": most}
    return RefusedError(HTTPStatus.BAD_REQUEST, "QUERY_TOO_COMPLEX", message, extensions=told)
