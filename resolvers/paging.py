"""Relay connections over several platforms: forward only, newest first, by one page from each.

A cursor is opaque. It holds each platform's own position, pins the upper bound of the window so
that new arrivals shift nothing, and carries a fingerprint of the question, so that it cannot be
used with another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from heapq import merge
from itertools import accumulate
from typing import Generic, TypeAlias, TypeVar

import msgspec

from resolvers.outcomes import PlatformFailure, SourceStatus
from resolvers.ports import Sealer
from vendors.errors import BadInputError, PlatformError

__all__ = [
    "Connection",
    "Cursor",
    "Edge",
    "Stretch",
    "begun_at",
    "fingerprint",
    "goes_on",
    "merged",
    "resumed",
    "sealed",
]

T = TypeVar("T")

_PURPOSE = "cursor"


Step: TypeAlias = tuple[str, str | None]
"""A platform, and the position from which its list goes on; None: it has been read to its end."""


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where reading goes on: `positions` by platform, and the window that was pinned.

    A platform without a position has not been read; one whose position is None, to its end.
    """

    question: bytes
    since: datetime | None = None
    until: datetime | None = None
    positions: dict[str, str | None] = {}
    at: datetime | None = None
    """When the first page was asked for, where the question is about the present."""

    def moved(self, steps: Sequence[Step]) -> Cursor:
        """Return the cursor after reading on to these positions, in turn."""
        return msgspec.structs.replace(self, positions={**self.positions, **dict(steps)})


def fingerprint(*question: object) -> bytes:
    """Return what tells one question from another."""
    return blake2b(msgspec.msgpack.encode(question), digest_size=12).digest()


def resumed(sealer: Sealer, after: str | None, begin: Cursor) -> Cursor:
    """Return the cursor that the caller gave, or the beginning where none was given.

    Raises BadInputError where it is none, or belongs to another question.
    """
    return begin if after is None else _read(sealer, after, begin.question)


def begun_at(sealer: Sealer, after: str | None) -> datetime | None:
    """Return when the first page was asked for to which the cursor belongs, if it tells that.

    Words such as `-24h` mean on all pages what they meant on the first one.
    """
    cursor = None if after is None else _opened(sealer, after)
    return None if cursor is None else cursor.at


def _opened(sealer: Sealer, after: str) -> Cursor | None:
    try:
        return msgspec.msgpack.decode(sealer.unseal(_PURPOSE, after) or b"", type=Cursor)
    except msgspec.MsgspecError:
        return None


def _read(sealer: Sealer, after: str, question: bytes) -> Cursor:
    cursor = _opened(sealer, after)
    if cursor is None:
        message = "This is not a cursor that Switchboard gave out."
        raise BadInputError(message, argument="after", accepted="an `endCursor` or edge `cursor`")
    if cursor.question != question:
        message = "This cursor belongs to a query with other arguments."
        raise BadInputError(
            message, argument="after", accepted="a cursor of the same field with equal arguments"
        )
    return cursor


@dataclass(frozen=True, slots=True)
class Edge(Generic[T]):
    """One item, and the cursor behind it."""

    node: T
    place: int
    connection: Connection[T]

    @property
    def cursor(self) -> str:
        """Return the cursor from which reading goes on behind this item."""
        return self.connection.cursor_after(self.place)


@dataclass(frozen=True)
class Connection(Generic[T]):
    """One page of items that come from several platforms."""

    items: tuple[T, ...]
    steps: tuple[Step, ...]
    """The step to behind each item."""
    begun: Cursor
    sealer: Sealer
    has_next_page: bool
    errors: tuple[PlatformError, ...] = ()
    """The failures that cost items."""
    stand_ins: tuple[PlatformFailure, ...] = ()
    """The failures for which older items stand in."""
    sources: tuple[SourceStatus, ...] = ()
    truncated: bool = False

    @property
    def failures(self) -> tuple[PlatformFailure, ...]:
        """Return the failures for callers to see."""
        return (*map(PlatformFailure.of, self.errors), *self.stand_ins)

    @cached_property
    def edges(self) -> tuple[Edge[T], ...]:
        """Return the items with their cursors."""
        return tuple(Edge(item, place, self) for place, item in enumerate(self.items))

    def cursor_after(self, place: int) -> str:
        """Return the sealed cursor behind the item at that place."""
        cursor = self.begun.moved(self.steps[: place + 1])
        return sealed(self.sealer, cursor)

    @property
    def start_cursor(self) -> str | None:
        """Return the first item's cursor, or None on an empty page."""
        return self.cursor_after(0) if self.items else None

    @property
    def end_cursor(self) -> str | None:
        """Return the cursor behind this page, or None where nothing is behind an empty one."""
        if not self.items and not self.has_next_page:
            return None
        return self.cursor_after(len(self.items) - 1)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """What was read of one platform's list in a row: the items in it that are wanted."""

    items: tuple[T, ...]
    positions: tuple[str, ...]
    """The position behind each item."""
    behind: str | None
    """The position behind all that was read; None at the end of the list."""
    oldest: datetime | None = None
    """The time of the last of all that was read, wanted or not."""
    truncated: bool = False
    """Whether there is more behind it that cannot be reached: no page of the list will hold it."""

    def step(self, key: str, place: int) -> Step:
        """Return the step to behind that item: from the last one on, to behind all."""
        return key, self.positions[place] if place + 1 < len(self.items) else self.behind


@dataclass(frozen=True, slots=True)
class Merged(Generic[T]):
    """The first items of several stretches, newest first, and the steps to behind each."""

    items: tuple[T, ...]
    steps: tuple[Step, ...]
    passed: tuple[Step, ...]
    """The steps over stretches in which nothing was wanted."""
    more: bool


def merged(
    stretches: Mapping[str, Stretch[T]], first: int, newest: Callable[[T], datetime | None]
) -> Merged[T]:
    """Return the first items by time, newest first: fewer where newer ones may still be unread.

    Items without a time come last. Within one platform its own order is kept.
    """
    taken: list[tuple[str, int]] = []
    order = merge(*(_placed(key, one, newest) for key, one in stretches.items()))
    for _, key, place in order:
        if len(taken) == first or place == len(stretches[key].items):
            break
        taken.append((key, place))
    every = sum(len(one.items) for one in stretches.values())
    return Merged(
        items=tuple(stretches[key].items[place] for key, place in taken),
        steps=tuple(stretches[key].step(key, place) for key, place in taken),
        passed=tuple((key, one.behind) for key, one in stretches.items() if not one.items),
        more=len(taken) < every or any(one.behind is not None for one in stretches.values()),
    )


def _placed(
    key: str, stretch: Stretch[T], newest: Callable[[T], datetime | None]
) -> list[tuple[float, str, int]]:
    """Return the places of the items by age, and one behind them where the list goes on unread.

    The platform's order wins over equal or odd times: positions must be read in turn.
    """
    times = [newest(item) for item in stretch.items]
    if stretch.behind is not None:
        times.append(stretch.oldest)
    ages = accumulate((float("inf") if at is None else -at.timestamp() for at in times), max)
    return [(age, key, place) for place, age in enumerate(ages)]


def goes_on(more: bool, items: Sequence[object], errors: Sequence[PlatformError]) -> bool:
    """Return whether to ask for the next page: the rest of who failed may be on it.

    An empty page on which nobody but those who fail has more is the last one, so that whoever
    follows pages comes to an end; from the cursor before it they are asked once more.
    """
    return more or bool(items and errors)


def sealed(sealer: Sealer, cursor: Cursor) -> str:
    """Return the cursor as callers see it."""
    return sealer.seal(_PURPOSE, msgspec.msgpack.encode(cursor))
