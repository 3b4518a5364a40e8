"""Reads the vendor's lists behind a mark, though they are paged by number and move meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec

from vendors.errors import BadInputError, PlatformBadResponseError

__all__ = ["Position", "Walk", "Window"]

R_co = TypeVar("R_co", bound="Row", covariant=True)
R = TypeVar("R", bound="Row")


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Behind which query reading goes on, in a list that moves while it is read."""

    at: datetime
    """The instant of the last query that was given."""
    ids: tuple[str, ...]
    """All queries of that instant that were given: their order among themselves is the vendor's."""
    skip: int
    """Where in the list the next page is looked for first: a hint that arrivals make stale."""

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read a position that was given out; raise BadInputError for anything else."""
        try:
            position = msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise BadInputError("That is no position in this list.", argument="after") from error
        if position.at.tzinfo is None or position.skip < 0:
            raise BadInputError("That is no position in this list.", argument="after")
        return position


class Window(NamedTuple):
    """What part of a list is wanted: `[start, end)`, behind a position."""

    start: datetime
    end: datetime
    after: str | None


# What a page holds beyond what was asked: one to know that there are more, and two that overlap
# with what was read before; the rest is for arrivals.
_SPARE = 8


class Row(Protocol):
    """What such a list holds."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def createdAt(self) -> datetime:  # noqa: N802 - the vendor's name
        """What the list is in the order of."""
        ...


class Rows(Protocol[R_co]):
    """One page of such a list."""

    @property
    def objects(self) -> Sequence[R_co]:
        """What it holds."""
        ...

    @property
    def limit(self) -> int | None:
        """How much it would hold at most."""
        ...


class Walk(Generic[R]):
    """Reads the rows behind a mark, though the vendor pages by number and the list moves.

    Arrivals push queries to higher numbers, and changes of status take them out of a filtered
    list. So no page is trusted by its number: it counts only if it is the head of the list or
    begins with a query that is newer than the mark, for then nothing behind the mark is missing
    before it. Otherwise the place is searched for, in strides that grow and then halve.
    """

    def __init__(self, mark: Position, start: datetime, limit: int, page_size: int) -> None:
        """Read from behind `mark` down to `start`, the first page by `limit`."""
        self.skip = mark.skip
        self.limit = min(limit, page_size)
        self.done = False
        self._mark = mark
        self._start = start
        self._page_size = page_size
        # Where a page would begin with a newer query, and where with none; -1: not known.
        self._newer, self._older = 0, -1
        self._stride = 0
        self._crowded: datetime | None = None

    @classmethod
    def begin(cls, window: Window, limit: int, page_size: int, *, picks: bool) -> Walk[R]:
        """Start at a position, or at the end of its window; `picks`: not all there is is wanted."""
        # Whatever is newer than the last instant of the window is ahead of it.
        mark = Position(window.end - timedelta(microseconds=1), (), 0)
        if window.after is not None:
            mark = min(Position.parse(window.after), mark, key=lambda one: one.at)
        return cls(mark, window.start, page_size if picks else limit + _SPARE, page_size)

    def read(self, page: Rows[R]) -> list[tuple[R, str]]:
        """Return the page's queries that are behind the mark and in the window, with positions.

        Raises PlatformBadResponseError where the page is not ordered newest first: going on
        would lose some.
        """
        cases = page.objects
        if any(one.createdAt < other.createdAt for one, other in pairwise(cases)):
            raise PlatformBadResponseError("rows are not listed newest first")
        full = len(cases) >= max(1, min(self.limit, page.limit or self.limit))
        widest = self.limit == self._page_size
        self.limit = self._page_size
        if not self._is_placed(cases):
            self._step_back()
        elif full and cases[-1].createdAt > self._mark.at:
            self._step_on(len(cases))
        else:
            return self._take(cases, full=full, widest=widest)
        return []

    def _is_placed(self, cases: Sequence[R]) -> bool:
        """Return whether nothing that is wanted can stand before this page."""
        if self.skip == 0:
            return True
        if not cases:
            return False
        first = cases[0]
        if self._crowded == self._mark.at and first.id in self._mark.ids:
            return True
        return first.createdAt > self._mark.at

    def _take(self, cases: Sequence[R], *, full: bool, widest: bool) -> list[tuple[R, str]]:
        found = []
        for case in cases:
            if case.createdAt < self._start:
                self.done = True
                break
            if self._is_behind(case):
                self._mark = self._mark_at(case, cases)
                found.append((case, str(self._mark)))
        self.done = self.done or not full
        self.skip = self._mark.skip if found else self._past(cases, widest=widest)
        self._newer, self._older, self._stride = 0, -1, 0
        return found

    def _is_behind(self, case: R) -> bool:
        if case.createdAt == self._mark.at:
            return case.id not in self._mark.ids
        return case.createdAt < self._mark.at

    def _mark_at(self, case: R, cases: Sequence[R]) -> Position:
        """Return the mark behind this query of the page."""
        same = self._mark.ids if case.createdAt == self._mark.at else ()
        first = next(i for i, one in enumerate(cases) if one.createdAt == case.createdAt)
        return Position(case.createdAt, (*same, case.id), max(0, self.skip + first - 1))

    def _past(self, cases: Sequence[R], *, widest: bool) -> int:
        """Return where to go on from a full page that held nothing new.

        Where more queries share the mark's instant than a page holds, no page can begin before
        them and reach beyond them: then it is enough that one begins with a known one.
        """
        newer = sum(1 for one in cases if one.createdAt > self._mark.at)
        if newer > 1 or not widest:
            return self.skip + max(0, newer - 1)
        self._crowded = self._mark.at
        return self.skip + len(cases) - 1

    def _step_on(self, count: int) -> None:
        """Go further down the list: every query of the page is newer than the mark."""
        self._newer = self.skip + count - 1
        if self._older < 0:
            self.skip = self._newer + self._stride
            self._stride = max(2 * self._stride, self._page_size)
        else:
            self.skip = self._between()

    def _step_back(self) -> None:
        """Go up the list: the page begins with a query that is not newer than the mark."""
        self._older = self.skip
        if self._newer >= self._older:
            self._newer = 0
        self._stride = max(self._stride, self._page_size // 2)
        self.skip = max(self._between(), self._older - self._stride)
        self._stride *= 2

    def _between(self) -> int:
        if self._older - self._newer < self._page_size:
            return self._newer
        return (self._newer + self._older) // 2
