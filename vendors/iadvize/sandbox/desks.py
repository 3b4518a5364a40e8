"""Presence as numbers: who was connected, in production, occupied, or all of that somewhere.

Connected is every state that the world knows. In production is who is available or has a
conversation in hand, so that presence is production plus what is not; production is maximum
occupation plus partial occupation plus none. The bot sits at no desk.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox.facts import Key, Scope, Sums, columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from vendors.iadvize.sandbox.roster import Operator
    from vendors.iadvize.sandbox.window import Piece
    from vendors.world import Interval, Load

_AVAILABLE = frozenset({"available", "busy"})


class DeskSums(NamedTuple):
    """Columns in seconds; `load` is seconds times conversations in hand."""

    present: int = 0
    idle: int = 0
    partial: int = 0
    full: int = 0
    free: int = 0
    load: int = 0
    somebody_present: int = 0
    somebody_producing: int = 0
    somebody_open: int = 0


class Stretch(NamedTuple):
    """A stretch of one person's day, in seconds since 1970, in which nothing changes."""

    start: int
    end: int
    load: int
    slots: int
    available: bool

    @property
    def producing(self) -> bool:
        """Whether the person is available or occupied."""
        return self.available or self.load > 0

    @property
    def open(self) -> bool:
        """Whether the person can take another conversation."""
        return self.available and self.load < self.slots

    def sums(self) -> Sums:
        """Return the columns that add up over people."""
        seconds = self.end - self.start
        full = 0 < self.slots <= self.load
        return (
            seconds,
            0 if self.producing else seconds,
            seconds if self.load and not full else 0,
            seconds if full else 0,
            seconds if self.available and not self.load else 0,
            seconds * self.load,
        )


def stretches(
    intervals: Iterable[Interval], loads: Iterable[Load], slots: int
) -> tuple[Stretch, ...]:
    """Lay what somebody had in hand over their states; both come in order of time."""
    found: list[Stretch] = []
    waiting = deque((_second(load.start), _second(load.end), load.load) for load in loads)
    for interval in intervals:
        at, end = _second(interval.start), _second(interval.end)
        while at < end:
            stop, load = _next(waiting, at, end)
            found.append(Stretch(at, stop, load, slots, interval.state in _AVAILABLE))
            at = stop
    return tuple(found)


def _next(waiting: deque[tuple[int, int, int]], at: int, end: int) -> tuple[int, int]:
    """Return until when the load at a moment lasts, and how much it is."""
    while waiting and waiting[0][1] <= at:
        waiting.popleft()
    if not waiting:
        return end, 0
    start, stop, load = waiting[0]
    return (min(start, end), 0) if start > at else (min(stop, end), load)


def add_up_desks(
    days: Mapping[int, Sequence[Stretch]],
    operators: Iterable[Operator],
    piece: Piece,
    scope: Scope,
    keys: Callable[[Operator], Iterable[Key]],
) -> Mapping[Key, Sums]:
    """Add up the desks of all who serve one of the websites on one of the channels."""
    found: dict[Key, list[Stretch]] = {}
    for operator in operators:
        member = operator.member
        if scope.channels.isdisjoint(member.channels) or scope.site_ids.isdisjoint(member.site_ids):
            continue
        mine = list(_clip(days.get(member.id, ()), _second(piece.start), _second(piece.end)))
        for key in keys(operator):
            found.setdefault(key, []).extend(mine)
    return {key: _sums(rows) for key, rows in found.items() if rows}


def _sums(rows: list[Stretch]) -> Sums:
    rows.sort()
    return (
        *columns([row.sums() for row in rows]),
        _union(rows),
        _union(row for row in rows if row.producing),
        _union(row for row in rows if row.open),
    )


def _union(rows: Iterable[Stretch]) -> int:
    """Return how long at least one of the stretches lasts; they come in order of time."""
    total = reached = 0
    for row in rows:
        total += max(0, row.end - max(row.start, reached))
        reached = max(reached, row.end)
    return total


def _clip(rows: Iterable[Stretch], start: int, end: int) -> Iterator[Stretch]:
    for row in rows:
        if row.start < end and row.end > start:
            yield row._replace(start=max(row.start, start), end=min(row.end, end))


def _second(at: datetime) -> int:
    return int(at.timestamp())
