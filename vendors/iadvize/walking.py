"""Reads a long list of iAdvize page by page: newest first, and nothing lost or given twice.

A list's pages go by number and its window is limited. A position in it is a mark: the second of
the last item that was given, and which ids of that second were. What arrives meanwhile is newer,
and shifts nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from vendors.errors import BadInputError
from vendors.iadvize import wire
from vendors.iadvize.mapping import is_last, local_bounds, pages, total
from vendors.iadvize.settings import IadvizeSettings
from vendors.port import Page

__all__ = ["Filters", "Mark", "Reach", "Roll", "Stream", "Walk", "streams", "together"]

Filters: TypeAlias = tuple[tuple[str, str], ...]
"""The names and values of a request's `filters[...]`."""

_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Known(Protocol):
    @property
    def record_id(self) -> str: ...


T = TypeVar("T")
K = TypeVar("K", bound=_Known)
Asked: TypeAlias = Callable[
    [Filters, int, int], Awaitable[tuple[Sequence[K], wire.Pagination | None]]
]
"""Asks for a page of a list by its filters, number and size."""


class Mark(NamedTuple):
    """A position in a list that is newest first: a time, and which of that second were given."""

    second: datetime
    ids: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str) -> Mark:
        """Return the position that `written` wrote; raise BadInputError."""
        second, _, ids = text.partition(":")
        try:
            at = _EPOCH + timedelta(seconds=int(second))
        except (ValueError, OverflowError) as error:
            message = "This position is none that was given out."
            raise BadInputError(message, argument="after") from error
        return cls(at, frozenset(filter(None, ids.split(","))))

    @property
    def written(self) -> str:
        """Return the position as text."""
        return f"{int(self.second.timestamp())}:{','.join(sorted(self.ids))}"

    def behind(self, at: datetime | None, record_id: str) -> Mark:
        """Return the position behind the next item of the list."""
        second = (at or self.second).replace(microsecond=0)
        given = self.ids if second == self.second else frozenset[str]()
        return Mark(second, given | {record_id})

    def passes(self, at: datetime, record_id: str) -> bool:
        """Return whether the item is not one of those of the mark's second that were given."""
        return at.replace(microsecond=0) != self.second or record_id not in self.ids


class Stream(NamedTuple):
    """One list: iAdvize takes one value for each filter, and local times."""

    filters: Filters
    where: ZoneInfo


def streams(settings: IadvizeSettings, wanted: Mapping[str, Sequence[str]]) -> Iterator[Stream]:
    """Yield the lists that together hold what these filters show.

    A list's bounds are local times: websites in several zones are listed one by one.
    """
    websites = settings.websites if settings.several_zones else ()
    sites = wanted.get("website_id") or tuple(one.id for one in websites)
    named = {name: values for name, values in {**wanted, "website_id": sites}.items() if values}
    for values in product(*named.values()):
        filters = dict(zip(named, values, strict=True))
        yield Stream(tuple(filters.items()), settings.zone_of(filters.get("website_id")))


class Reach(NamedTuple):
    """Which part of a stream is wanted, and how much."""

    start: datetime
    end: datetime
    mark: Mark
    most: int


@dataclass(frozen=True, slots=True)
class Walk(Generic[K]):
    """How one kind of list is asked for and read."""

    page: Asked[K]
    at: Callable[[K], datetime | None]
    longest: timedelta
    """What one list may span."""
    page_size: int
    ordered: bool = False
    """Whether it is known to be newest first; else it is read whole where it turns out not to."""

    async def read(
        self, streams: Sequence[Stream], window: tuple[datetime, datetime], limit: int, after: str
    ) -> Page[K]:
        """Return the items behind a position: the newest window first, no older than need be.

        `after` is empty at the beginning.
        """
        start, end = window
        mark = Mark.read(after) if after else Mark(end)
        found: list[K] = []
        goes_on = False
        windows = self._windows(start, min(end, mark.second + _SECOND))
        for first, last in windows if streams else ():
            reach = Reach(first, last, mark, limit - len(found))
            parts = await together(self._newest(one, reach) for one in streams)
            unique = {one.record_id: one for part, _ in parts for one in part}
            found += sorted(unique.values(), key=self._place, reverse=True)
            goes_on = len(found) > limit or any(more for _, more in parts)
            if goes_on:
                break
        items = tuple(found[:limit])
        return Page(items=items, positions=tuple(self._positions(items, mark)), has_more=goes_on)

    async def whole(self, streams: Sequence[Stream], window: tuple[datetime, datetime]) -> list[K]:
        """Return everything in the window, each once."""
        start, end = window
        asked = [(one, part) for one in streams for part in self._windows(start, end)]
        parts = await together(
            self._newest(one, Reach(first, last, Mark(end), -1)) for one, (first, last) in asked
        )
        return list({one.record_id: one for part, _ in parts for one in part}.values())

    def _windows(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Cut `[start, end)` from its end into windows that one list may span."""
        while start < end:
            first = max(start, end - self.longest)
            yield first, end
            end = first

    async def _newest(self, stream: Stream, reach: Reach) -> tuple[list[K], bool]:
        """Return at least `most` of what a stream holds, and whether it is sure to hold more.

        One more is asked for, so that one answer can tell. A negative `most`: all of it.
        """
        bounds = local_bounds(reach.start, reach.end, stream.where)
        found: list[K] = []
        if bounds is None:
            return found, False
        filters = (*stream.filters, *zip(("from", "to"), bounds, strict=True))
        # The more rows, the surer it shows whether a list is in order.
        wanted = reach.most + 1 + len(reach.mark.ids) if self.ordered else self.page_size
        size = min(self.page_size, wanted)
        seen: set[str] = set()
        page = 1
        ordered = reach.most >= 0
        while True:
            items, pagination = await self.page(filters, page, size)
            fresh = [one for one in items if one.record_id not in seen]
            seen.update(one.record_id for one in fresh)
            found += [one for one in fresh if self._holds(reach, one)]
            # Beyond its last page iAdvize repeats it for ever.
            if not fresh or is_last(pagination, page):
                return found, False
            page += 1
            if ordered and not self.ordered and not self._newest_first(fresh, stream.where):
                # The newest may stand anywhere: all of it is read.
                ordered = False
            unread = total(pagination) - len(seen) - len(reach.mark.ids - seen)
            if ordered and (len(found) > reach.most or (len(found) == reach.most and unread > 0)):
                return found, True

    def _holds(self, reach: Reach, item: K) -> bool:
        """Return whether it is in the window and was not given before."""
        at = self.at(item)
        if at is None or not reach.start <= at < reach.end:
            return False
        return reach.mark.passes(at, item.record_id)

    def _newest_first(self, items: Sequence[K], where: ZoneInfo) -> bool:
        """Return whether these are in order; in an hour that comes twice that cannot be told."""
        times = [at for one in items if (at := self.at(one)) and not _repeated(at, where)]
        return all(newer >= older for newer, older in pairwise(times))

    def _place(self, item: K) -> tuple[str, str]:
        at = self.at(item)
        return "" if at is None else at.isoformat(), item.record_id

    def _positions(self, items: Iterable[K], mark: Mark) -> Iterator[str]:
        """Yield the position behind each item."""
        for item in items:
            mark = mark.behind(self.at(item), item.record_id)
            yield mark.written


_NOWHERE = Mark(datetime.max.replace(tzinfo=UTC, microsecond=0))


@dataclass(slots=True)
class Roll(Generic[K]):
    """Reads a list that has no dates to ask for, and moves while it is read.

    A position holds a mark and the number of the last row that was given. A page is read on from
    only if it begins with a row that was given or is newer: for then nothing is missing before it.
    """

    page: Asked[K]
    at: Callable[[K], datetime | None]
    page_size: int
    most_pages: int
    mark: Mark = _NOWHERE
    row: int = -1
    """The number of the last row that was given."""

    async def read(
        self, filters: Filters, limit: int, after: str, wanted: Callable[[K], bool]
    ) -> Page[K]:
        """Return the items behind a position, as many as `most_pages` of the list show."""
        self._resume(after)
        size = self._size(limit)
        number = max(self.row, 0) // size + 1
        found: list[tuple[K, str]] = []
        passed = ended = False
        for _ in range(self.most_pages):
            items, pagination = await self.page(filters, number, size)
            if not passed and number > 1 and not self._begins_known(items, pagination, number):
                number = max(1, min(number - 1, pages(pagination)))
                continue
            for place, item in enumerate(items):
                passed = passed or self._reached(item)
                if passed and item.record_id not in self.mark.ids:
                    self._give(item, (number - 1) * size + place)
                    found += [(item, self._written)] if wanted(item) else []
            ended = is_last(pagination, number)
            if ended or len(found) > limit:
                break
            number += 1
        kept = found[:limit]
        return Page(
            items=tuple(item for item, _ in kept),
            positions=tuple(position for _, position in kept),
            has_more=len(found) > limit or (bool(kept) and not ended),
            truncated=not ended and len(found) <= limit,
        )

    def _resume(self, after: str) -> None:
        if after:
            row, _, mark = after.partition("@")
            if not (row.isascii() and row.isdecimal()):
                message = "This position is none that was given out."
                raise BadInputError(message, argument="after")
            self.mark, self.row = Mark.read(mark), int(row)

    @property
    def _written(self) -> str:
        return f"{self.row}@{self.mark.written}"

    def _size(self, limit: int) -> int:
        """Return a size by which one page holds the last row given and all that is wanted."""
        last = max(self.row, 0)
        sizes = range(min(limit + 2, self.page_size), self.page_size)
        return next((size for size in sizes if last % size + limit + 1 < size), self.page_size)

    def _begins_known(
        self, items: Sequence[K], pagination: wire.Pagination | None, number: int
    ) -> bool:
        """Return whether nothing that is wanted can stand before this page.

        A page beyond the last shows that one again, and so is not at its place.
        """
        if not items or number > pages(pagination):
            return False
        return not self._reached(items[0]) or items[0].record_id in self.mark.ids

    def _reached(self, item: K) -> bool:
        """Return whether the item is the last that was given, or behind it."""
        at = self.at(item)
        if at is None or at.replace(microsecond=0) == self.mark.second:
            return at is not None or item.record_id in self.mark.ids or self.row < 0
        return at < self.mark.second

    def _give(self, item: K, row: int) -> None:
        at = self.at(item)
        self.mark = self.mark.behind(at and min(at, self.mark.second), item.record_id)
        self.row = row


def _repeated(at: datetime, where: ZoneInfo) -> bool:
    """Return whether a clock of that zone shows the time of the instant twice."""
    local = at.astimezone(where)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what all of it returns; where one part fails, the others are not left running."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
