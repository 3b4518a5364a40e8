"""Cells without groups, many to a cache entry: hours by blocks of ten days, days by 128.

A chunk holds intervals of one length and one phase, such as the hours that begin at half past, in
a block of time that begins at a fixed instant: whatever two questions ask for, the cells that they
share are in the same chunk at the same place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, groupby
from typing import Annotated, Self

import msgspec

from resolvers.planner.cells import Cell, Rows
from resolvers.planner.request import Slot

__all__ = ["Chunk", "Run", "laid_out"]

_HOUR = 3600
_DAY = 24 * _HOUR
_SHORTEST_DAY, _LONGEST_DAY = 23 * _HOUR, 25 * _HOUR
_CELLS = {_HOUR: 240, _DAY: 128}
"""How many cells a chunk has, by the seconds from one to the next."""
_EDGES = 900
"""Every zone's buckets begin at a quarter of an hour; other intervals are not likely to recur."""

_When = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True)
class Run:
    """Slots, one behind the other, that have places of one chunk, one behind the other."""

    place: int
    """The place of the first slot."""
    slots: list[Slot]


def laid_out(slots: Iterable[Slot]) -> tuple[dict[str, list[Run]], list[Slot]]:
    """Return where the slots are kept: by the name of their chunk, and those that are alone.

    Names are those of chunks of one column.
    """
    chunks: dict[str, list[Run]] = {}
    alone: list[Slot] = []
    for slot in slots:
        start = slot[0].timestamp()
        length = (slot[1] - slot[0]).total_seconds()
        step = _step(start, length)
        if step is None:
            alone.append(slot)
            continue
        phase = start % step
        block, place = divmod(int(start - phase) // step, _CELLS[step])
        runs = chunks.setdefault(f"{length:.0f}.{phase:.0f}.{block}", [])
        if runs and runs[-1].place + len(runs[-1].slots) == place:
            runs[-1].slots.append(slot)
        else:
            runs.append(Run(place, [slot]))
    return chunks, alone


def _step(start: float, length: float) -> int | None:
    """Return how far the intervals of a chunk lie apart, or None where this one has none."""
    if start % _EDGES or length % _EDGES:
        return None
    if length == _HOUR:
        return _HOUR
    return _DAY if _SHORTEST_DAY <= length <= _LONGEST_DAY else None


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
        begin, slots = run.place - self.first, run.slots
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
