"""Cells without groups, many to a cache entry: hours by blocks of ten days, days by 128.

A chunk holds intervals of one length and one phase, such as the hours that begin at half past, in
a block of time that begins at a fixed instant: whatever two questions ask for, the cells that they
share are in the same chunk at the same place.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count, groupby
from typing import Annotated, NamedTuple, Self

import msgspec

from resolvers.planner.cells import Cell, Rows
from resolvers.planner.request import Slot

__all__ = ["Chunk", "Run", "laid_out"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_SHORTEST_DAY, _LONGEST_DAY = timedelta(hours=23), timedelta(hours=25)
_CELLS = {_HOUR: 240, _DAY: 128}
"""How many cells a chunk has, by the time from one to the next."""
_EDGES = 900
"""Every zone's buckets begin at a quarter of an hour; other intervals are not likely to recur."""

_When = Annotated[datetime, msgspec.Meta(tz=True)]


class Place(NamedTuple):
    """Where a chunk has the cell of an interval."""

    chunk: str
    """The name of the chunk, among those of its column."""
    number: int
    step: timedelta
    """How far the intervals of the chunk lie apart."""
    room: int
    """How many places there are from this one to the last."""


class Run(NamedTuple):
    """Slots, one behind the other, that have places of one chunk, one behind the other."""

    first: Place
    slots: list[Slot]

    def goes_on_with(self, slot: Slot) -> bool:
        """Return whether the slot has the next place."""
        start, end = self.slots[-1]
        return (
            slot[0] - start == self.first.step
            and slot[1] - slot[0] == end - start
            and len(self.slots) < self.first.room
        )


def laid_out(slots: Iterable[Slot]) -> tuple[dict[str, list[Run]], list[Slot]]:
    """Return where the slots are kept: by the name of their chunk, and those that are alone.

    Names are those of chunks of one column.
    """
    chunks: dict[str, list[Run]] = {}
    alone: list[Slot] = []
    last: Run | None = None
    for slot in slots:
        if last is not None and last.goes_on_with(slot):
            last.slots.append(slot)
            continue
        place = _place(slot)
        if place is None:
            alone.append(slot)
            continue
        last = Run(place, [slot])
        chunks.setdefault(place.chunk, []).append(last)
    return chunks, alone


def _place(slot: Slot) -> Place | None:
    """Return the place of an interval, or None where no chunk has one for it."""
    start, length = slot[0].timestamp(), slot[1] - slot[0]
    if start % _EDGES or length % timedelta(seconds=_EDGES):
        return None
    if length == _HOUR:
        step = _HOUR
    elif _SHORTEST_DAY <= length <= _LONGEST_DAY:
        step = _DAY
    else:
        return None
    seconds = int(step.total_seconds())
    phase = int(start) % seconds
    block, number = divmod((int(start) - phase) // seconds, _CELLS[step])
    name = f"{length.total_seconds():.0f}.{phase}.{block}"
    return Place(name, number, step, _CELLS[step] - number)


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """The cells of neighbouring places, as they are kept."""

    first: int
    """The first place that is held."""
    lasting: bool
    """Whether one of the cells is final."""
    fetched: list[tuple[int, _When | None]]
    """When the cells were fetched, each for so many places; None: nothing is known of them."""
    values: list[float | None]
    silent: list[int] = []
    """The places of which the platform had nothing to tell."""

    @classmethod
    def of(cls, cells: Mapping[int, Cell], *, lasting: bool) -> Self:
        """Return the chunk of these cells by place; they have no groups."""
        first = min(cells)
        held = [cells.get(place) for place in range(first, max(cells) + 1)]
        fetched = groupby(None if cell is None else cell.at for cell in held)
        told = [None if cell is None else cell.told for cell in held]
        return cls(
            first,
            lasting,
            [(sum(1 for _ in same), at) for at, same in fetched],
            [None if isinstance(value, dict) else value for value in told],
            [first + at for at, value in enumerate(told) if isinstance(value, dict)],
        )

    def cells(self, since: datetime) -> dict[int, Cell]:
        """Return the cells by place that were fetched since then."""
        return {
            place: Cell(at, told)
            for place, at, told in zip(
                count(self.first), self._fetched(since), self._told(), strict=False
            )
            if at is not None
        }

    def cells_of(self, run: Run, since: datetime) -> Iterable[tuple[Slot, Cell]]:
        """Return the cells of a run of slots that are held and were fetched since then."""
        begin, slots = run.first.number - self.first, run.slots
        if begin < 0:
            begin, slots = 0, slots[-begin:]
        fetched = self._fetched(since)[begin : begin + len(slots)]
        told = self._told()[begin : begin + len(slots)]
        return [
            (slot, Cell(at, value))
            for slot, at, value in zip(slots, fetched, told, strict=False)
            if at is not None
        ]

    def _fetched(self, since: datetime) -> list[datetime | None]:
        fetched: list[datetime | None] = []
        for places, at in self.fetched:
            fetched += [at if at is not None and at >= since else None] * places
        return fetched

    def _told(self) -> Sequence[float | Rows | None]:
        if not self.silent:
            return self.values
        told: list[float | Rows | None] = list(self.values)
        for place in self.silent:
            told[place - self.first] = {}
        return told
