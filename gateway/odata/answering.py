"""Reads the rows that are asked for: all of them, or so many and where the next ones begin.

The cursors of the tables hold the period as it was for the first page, so that pages which follow
each other are of one reading. What has to be sorted is read whole, and given on one page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain, repeat

from gateway.odata.asking import Question
from gateway.odata.filters import kept_by, sorted_by
from gateway.odata.refusals import refused_for
from gateway.odata.settings import ODataSettings
from gateway.refusals import RefusedError
from resolvers.context import RequestContext
from resolvers.outcomes import Freshness, SourceStatus
from resolvers.rows.columns import Row
from resolvers.rows.table import RowPage, merged_sources
from vendors.errors import BadInputError

__all__ = ["Found", "counted", "found"]

_TOKENS = "the `@odata.nextLink` of an answer to the same question"
_BLOCK = 1_000
"""Rows that are read at once where not all of them may be shown."""
_FIRST_BLOCKS = (100, _BLOCK - 100)
"""Those at the beginning, where few may be wanted."""
_BUCKET = "bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows as they are shown, and what is known at their end."""

    rows: Sequence[Row]
    next: str | None = None
    """The cursor behind which the next page begins; None where there is none."""
    left: int | None = None
    """How many rows the caller still wants behind these; None: all."""
    aside: int = 0
    """How many of the rows behind these are still to be laid aside."""
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
        async for page in self._all():
            count += len(await self._chosen(page))
        return self._found((), count=count)

    async def sorted(self) -> Found:
        """Return all rows in their order, without those that the caller lays aside."""
        asked = self._question.asked
        rows: list[Row] = []
        async for page in self._all():
            rows += await self._chosen(page)
        names = self._question.entity_set.table.names
        ordered = await asyncio.to_thread(sorted_by, rows, asked.order, names)
        end = None if asked.top is None else asked.skip + asked.top
        count = len(ordered) if asked.count else None
        return self._found(ordered[asked.skip : end], count=count)

    async def page(self, size: int) -> Found:
        """Return the page that begins where the question says."""
        asked = self._question.asked
        # The number of all was told with the first page.
        counting = asked.count and asked.skiptoken is None
        last = asked.top is not None and asked.top <= size
        taken = _Taken(size if asked.top is None else min(size, asked.top), asked.skip, last=last)
        after = asked.skiptoken
        blocks = self._blocks(taken, size)
        while (block := next(blocks, None)) is not None:
            page = await self._behind(after, block)
            taken.add(await self._chosen(page))
            after = page.end_cursor if page.has_next else None
            if after is None or self._rests(last=last):
                break
        count = await self._count_on(taken, after) if counting else None
        left = None if asked.top is None else asked.top - len(taken.rows)
        follows = None if last else after
        return self._found(taken.rows, count=count, follows=follows, left=left, aside=taken.aside)

    async def _count_on(self, taken: _Taken, after: str | None) -> int:
        """Return how many rows there are in all, those on the page among them."""
        count = taken.matched
        if after is not None or (taken.full and not taken.matched):
            async for page in self._all(after):
                count += len(await self._chosen(page))
        return count

    def _rests(self, *, last: bool) -> bool:
        """Return whether a page ends early, because few of very many rows are meant.

        It never does where the caller wants no page behind it: some take what comes for all.
        """
        if self._read < self._settings.most_rows:
            return False
        if last:
            raise _too_many(self._settings.most_rows)
        return True

    # ------------------------------------------------------------------------------ blocks

    @property
    def _most(self) -> int:
        return self._context.services.limits.most_rows_per_page

    def _blocks(self, taken: _Taken, size: int) -> Iterator[int]:
        """Return how many rows to ask for at once, for as long as more are wanted.

        The next page begins behind what was asked for, so it is never more than fits, but on a page
        that no other follows.
        """
        return self._steady(taken, size) if self._counted_off else self._fitting(taken)

    @property
    def _counted_off(self) -> bool:
        """Return whether rows are told by their places, in an order that hangs on the blocks.

        Those of figures are in the order of their keys, however many are read at once.
        """
        question = self._question
        measured = any(one.name == _BUCKET for one in question.entity_set.table.arguments)
        return not measured and (question.asked.top is not None or question.asked.skip > 0)

    def _steady(self, taken: _Taken, size: int) -> Iterator[int]:
        """Yield the same blocks whatever is laid aside and wanted.

        So every row has one place, and who reads on with `$skip` asks no platform anew.
        """
        begin = () if self._question.asked.skiptoken else _FIRST_BLOCKS
        for block in (min(one, size) for one in chain(begin, repeat(_BLOCK))):
            if taken.full if taken.last else taken.missing < block:
                return
            yield block

    def _fitting(self, taken: _Taken) -> Iterator[int]:
        least = _BLOCK if taken.last and self._question.filter is not None else 1
        while not taken.full:
            yield min(max(taken.missing, least), self._most)

    async def _all(self, after: str | None = None) -> AsyncIterator[RowPage]:
        """Yield all that is behind the cursor; raise RefusedError where that is too much."""
        while True:
            page = await self._behind(after, self._most)
            yield page
            if not page.has_next or page.end_cursor is None:
                return
            if self._read >= self._settings.most_rows:
                raise _too_many(self._settings.most_rows)
            after = page.end_cursor

    async def _behind(self, after: str | None, first: int) -> RowPage:
        question = self._question
        if self._read:
            self._context.renew(self._settings.page_seconds)
        table = question.entity_set.table
        try:
            page = await table.page(self._context, question.rows, first=first, after=after)
        except BadInputError as error:
            raise _renamed(error) from error
        self._note(page)
        return page

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

    async def _chosen(self, page: RowPage) -> list[Row]:
        """Return the rows that the filter keeps."""
        return await asyncio.to_thread(self._choose, page.rows)

    def _choose(self, rows: Sequence[Row]) -> list[Row]:
        return list(filter(self._kept, rows))

    def _found(
        self,
        rows: Sequence[Row],
        *,
        count: int | None,
        follows: str | None = None,
        left: int | None = None,
        aside: int = 0,
    ) -> Found:
        return Found(
            rows=rows,
            next=follows,
            left=left,
            aside=aside,
            count=count,
            sources=merged_sources(self._sources),
            missing=tuple(self._missing),
        )


class _Taken:
    """The rows of one page, out of block after block."""

    def __init__(self, wanted: int, skip: int, *, last: bool) -> None:
        self.last = last
        self.matched = 0
        self.rows: list[Row] = []
        self._wanted = wanted
        self._skip = skip

    @property
    def missing(self) -> int:
        """Return how many rows are to come, those that are laid aside among them."""
        return self._skip + self._wanted - self.matched

    @property
    def aside(self) -> int:
        """Return how many rows are still to be laid aside."""
        return max(0, self._skip - self.matched)

    @property
    def full(self) -> bool:
        """Return whether it is long enough: where another follows, by the half."""
        return len(self.rows) >= (self._wanted if self.last else (self._wanted + 1) // 2)

    def add(self, chosen: Sequence[Row]) -> None:
        """Take what is wanted of a block."""
        behind = chosen[self.aside :]
        self.matched += len(chosen)
        self.rows += behind[: self._wanted - len(self.rows)]


def _renamed(error: BadInputError) -> BadInputError:
    """Return the same error of the option by which this door takes what is refused."""
    if error.extensions.get("argument") != "after":
        return error
    return BadInputError(str(error), argument="$skiptoken", accepted=_TOKENS)


def _too_many(most: int) -> RefusedError:
    message = f"More than {most} rows would have to be read. Ask for a shorter period, or for less."
    told = {"rowLimit": most}
    return RefusedError(HTTPStatus.BAD_REQUEST, "QUERY_TOO_COMPLEX", message, extensions=told)
