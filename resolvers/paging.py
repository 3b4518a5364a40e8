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
from typing import Generic, TypeVar

import msgspec

from resolvers.outcomes import PlatformFailure, SourceStatus
from resolvers.ports import Sealer
from vendors.errors import BadInputError
from vendors.port import Page

__all__ = ["Connection", "Cursor", "Edge", "fingerprint", "merged", "resumed", "sealed"]

T = TypeVar("T")

_PURPOSE = "cursor"


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where reading goes on: `positions` by platform, and the window that was pinned."""

    question: bytes
    since: datetime | None = None
    until: datetime | None = None
    positions: dict[str, str | None] = {}

    def moved(self, steps: Sequence[tuple[str, str]]) -> Cursor:
        """Return the cursor after reading on to these positions, in turn."""
        return Cursor(self.question, self.since, self.until, {**self.positions, **dict(steps)})


def fingerprint(*question: object) -> bytes:
    """Return what tells one question from another."""
    return blake2b(msgspec.msgpack.encode(question), digest_size=12).digest()


def resumed(sealer: Sealer, after: str | None, begin: Cursor) -> Cursor:
    """Return the cursor that the caller gave, or the beginning where none was given.

    Raises BadInputError where it is none, or belongs to another question.
    """
    return begin if after is None else _read(sealer, after, begin.question)


def _read(sealer: Sealer, after: str, question: bytes) -> Cursor:
    content = sealer.unseal(_PURPOSE, after)
    try:
        cursor = msgspec.msgpack.decode(content or b"", type=Cursor)
    except msgspec.MsgspecError:
        message = "This is not a cursor that Switchboard gave out."
        raise BadInputError(
            message, argument="after", accepted="an `endCursor` or edge `cursor`"
        ) from None
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
    steps: tuple[tuple[str, str], ...]
    """For each item its platform and the position behind it."""
    begun: Cursor
    sealer: Sealer
    has_next_page: bool
    failures: tuple[PlatformFailure, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    truncated: bool = False

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
        """Return the last item's cursor, or None on an empty page."""
        return self.cursor_after(len(self.items) - 1) if self.items else None


def merged(
    pages: Mapping[str, Page[T]], first: int, newest: Callable[[T], datetime | None]
) -> tuple[tuple[T, ...], tuple[tuple[str, str], ...], bool]:
    """Return the first items of all pages by time, newest first, their steps, and if more follow.

    Items without a time come last. Within one platform its own order is kept.
    """

    def placed(key: str, page: Page[T]) -> list[tuple[float, str, int]]:
        # The platform's order wins over equal or odd times: positions must be read in turn.
        times: list[float] = []
        for item in page.items:
            at = newest(item)
            age = -at.timestamp() if at is not None else float("inf")
            times.append(max(age, times[-1]) if times else age)
        return [(age, key, place) for place, age in enumerate(times)]

    order = list(merge(*(placed(key, page) for key, page in pages.items())))
    taken = [(key, place) for _, key, place in order[:first]]
    items = tuple(pages[key].items[place] for key, place in taken)
    steps = tuple((key, pages[key].positions[place]) for key, place in taken)
    more = len(order) > first or any(page.has_more for page in pages.values())
    return items, steps, more


def sealed(sealer: Sealer, cursor: Cursor) -> str:
    """Return the cursor as callers see it."""
    return sealer.seal(_PURPOSE, msgspec.msgpack.encode(cursor))
