"""How view-interactions is read, of which an answer shows 1000 rows and there is no next page.

By time, what is left is asked for by a window that begins or ends with the second in which the
rows broke off. By reference there is no such way: what is behind the first 1000 rows is not told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec

from vendors.errors import BadInputError
from vendors.gnatta import mapping, wire
from vendors.port import Page

__all__ = ["NEWEST_FIRST", "Order", "Position", "Question", "Row", "View", "view", "walk"]

_LONGEST_WINDOW: Final = timedelta(days=730)
"""The vendor takes 24 months, which are never shorter than this."""
_SECOND: Final = timedelta(seconds=1)
_NO_TIME: Final = timedelta(0)
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

Window: TypeAlias = tuple[datetime, datetime]
"""A half-open interval of UTC instants."""


class Position(msgspec.Struct, frozen=True):
    """A place in a list of events: an instant, a reference, and a number where both are equal."""

    at: datetime
    reference: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Position:
        """Return the position that `str` wrote; raise BadInputError for anything else."""
        reference, _, rest = text.rpartition("@")
        stamp, _, number = rest.partition("#")
        try:
            return cls(
                datetime.fromisoformat(stamp).replace(tzinfo=UTC), reference, int(number or 1)
            )
        except ValueError as error:
            raise BadInputError("This is no position in the list.", argument="after") from error

    def __str__(self) -> str:
        """Return the event's id: reference, instant, and a number where several are equal."""
        text = f"{self.reference}@{mapping.instant_text(self.at)}"
        return text if self.number == 1 else f"{text}#{self.number}"


class Order(msgspec.Struct, frozen=True):
    """In which order rows come, in the words of the API."""

    field: str = "Timestamp"
    descending: bool = True

    @property
    def by_time(self) -> bool:
        """Return whether rows come by time."""
        return self.field == "Timestamp"

    @property
    def word(self) -> str:
        """Return the direction."""
        return "Descending" if self.descending else "Ascending"

    @property
    def reverse(self) -> bool:
        """Return whether greater ranks come first."""
        return self.descending and not self.by_time

    def rank(self, position: Position) -> tuple[timedelta, str, timedelta, int]:
        """Return what sorts positions: by time equal ones by reference, and the reverse."""
        at, reference, number = position.at, position.reference, position.number
        if not self.by_time:
            return (_NO_TIME, reference, at - _FIRST, number)
        return (_LAST - at if self.descending else at - _FIRST, reference, _NO_TIME, number)

    def is_behind(self, one: Position, other: Position) -> bool:
        """Return whether one comes later in the list than another."""
        return one != other and (self.rank(one) > self.rank(other)) is not self.reverse

    def first_part(self, window: Window) -> Window:
        """Return the part of a window to ask for first; raise BadInputError where there is none."""
        start, end = window
        if not self.by_time:
            if end - start > _LONGEST_WINDOW:
                message = "By reference, events are listed for 24 months at most."
                raise BadInputError(message, argument="period", accepted="730 days, or TIMESTAMP")
            return window
        if self.descending:
            return max(start, end - _LONGEST_WINDOW), end
        return start, min(end, start + _LONGEST_WINDOW)

    def from_second_of(self, window: Window, at: datetime) -> Window:
        """Return what of a window is not before the second of that instant.

        Nothing tells how fine the API's clock is, so windows are cut at whole seconds.
        """
        start, end = window
        if not self.by_time or (at >= end if self.descending else at < start):
            return window
        second = at.replace(microsecond=0)
        if self.descending:
            return start, min(end, second + _SECOND)
        return max(start, second), end

    def behind(self, window: Window, part: Window) -> Window:
        """Return what of a window is behind its first part."""
        if not self.by_time:
            return window[1], window[1]
        return (window[0], part[0]) if self.descending else (part[1], window[1])

    def last(self, instants: Iterable[datetime]) -> datetime:
        """Return the instant that comes last."""
        return min(instants) if self.descending else max(instants)


NEWEST_FIRST: Final = Order()


class Row(msgspec.Struct, frozen=True):
    """One audit, and its place in the list."""

    position: Position
    event: wire.Event


class View(msgspec.Struct, frozen=True):
    """What one answer gives, in the order of the list: by time, whole instants only."""

    rows: tuple[Row, ...]
    broken_off: datetime | None
    """The instant at which rows may be missing; None where all came."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are wanted: behind the position `after` of those in `window`, at most `limit`.

    `contexts` are what is told of each beside reference, channel and time.
    """

    window: Window
    limit: int
    after: str | None = None
    order: Order = NEWEST_FIRST
    filters: Mapping[str, Any] = {}
    contexts: Sequence[Mapping[str, str]] = ()

    def body(self, since: datetime, until: datetime) -> dict[str, Any]:
        """Return the request for the first rows of `[since, until)`."""
        window = {"from": mapping.instant_text(since), "to": mapping.instant_text(until)}
        body: dict[str, Any] = {"orderBy": self.order.word, "orderByField": self.order.field}
        if self.contexts:
            body["contexts"] = [dict(one) for one in self.contexts]
        return {**body, "filters": {**self.filters, **window}}


Ask: TypeAlias = Callable[[datetime, datetime], Awaitable[tuple[wire.Event, ...]]]
"""Asks for the first rows of a window, in the order of the list."""


async def walk(question: Question, ask: Ask) -> Page[Row]:
    """Return one page of rows, by as few calls as can be.

    The page is truncated where there is no way on to what the vendor holds.
    """
    order, window = question.order, question.window
    after = None if question.after is None else Position.parse(question.after)
    left = window if after is None else order.from_second_of(window, after.at)
    found: list[Row] = []
    truncated = False
    while left[0] < left[1] and len(found) <= question.limit and not truncated:
        part = order.first_part(left)
        got = view(await ask(*part), window, order)
        last = found[-1].position if found else after
        found += [row for row in got.rows if last is None or order.is_behind(row.position, last)]
        rest = order.behind(left, part)
        if got.broken_off is not None:
            rest = order.from_second_of(left, got.broken_off)
            truncated = rest == left
        left = rest
    kept = tuple(found[: question.limit])
    return Page(
        items=kept,
        positions=tuple(str(row.position) for row in kept),
        has_more=len(found) > len(kept),
        truncated=truncated,
    )


def view(events: tuple[wire.Event, ...], window: Window, order: Order = NEWEST_FIRST) -> View:
    """Return the events of the window in order.

    A full answer may end in the middle of an instant. By time that instant is left for the next
    answer, unless there is no other.
    """
    dated = [(_instant(event.timestamp), event) for event in events]
    broken_off = None
    if len(events) >= wire.MOST_EVENTS:
        broken_off = order.last(at for at, _ in dated)
        if order.by_time:
            dated = [one for one in dated if one[0] != broken_off] or dated
    rows = _numbered(one for one in dated if window[0] <= one[0] < window[1])
    rows.sort(key=lambda row: order.rank(row.position), reverse=order.reverse)
    return View(tuple(rows), broken_off)


def _instant(text: str) -> datetime:
    told = mapping.read_date(text)
    return (told if told.tzinfo is not None else told.replace(tzinfo=UTC)).astimezone(UTC)


def _numbered(dated: Iterable[tuple[datetime, wire.Event]]) -> list[Row]:
    """Number the rows that share reference and instant by what they say, whatever their order."""
    seen: dict[tuple[datetime, str], int] = {}
    rows = []
    for at, event in sorted(dated, key=lambda one: _content(one[1])):
        key = (at, event.reference)
        seen[key] = seen.get(key, 0) + 1
        rows.append(Row(Position(at, event.reference, seen[key]), event))
    return rows


def _content(event: wire.Event) -> str:
    told = (mapping.context(event, name) for name in ("queue", "user", "account"))
    return "|".join(map(str, (event.channel, *told)))
