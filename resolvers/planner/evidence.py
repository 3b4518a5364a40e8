"""What the items of one request are evaluated from: fetched cells, by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from resolvers.planner.cells import Cell
from resolvers.planner.request import Column, MeasureRequest, Slot
from resolvers.planner.store import is_final
from vendors.measures import Measurables

__all__ = ["Evidence", "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a column without groups tells of each slot."""

    values: list[float | None]
    silent: AbstractSet[int]
    """Where nothing was told, not even that it was not measured."""
    missing: Sequence[int]
    """Where that is because the cell is not known, and not because it lies in the future."""

    @property
    def anything(self) -> bool:
        """Return whether anything was told."""
        return len(self.silent) < len(self.values)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The cells, and what was asked.

    The rows of columns are made once: many items are made of one figure, and most figures share
    their slots, which are recognised by being the same object.
    """

    request: MeasureRequest
    slots: Sequence[Slot]
    """The asked buckets."""
    tables: Measurables
    cells: Mapping[Column, Mapping[Slot, Cell]]
    now: datetime
    _rows: dict[tuple[Column, int], list[Cell | None]] = field(default_factory=dict)
    _told: dict[tuple[Column, int], Told] = field(default_factory=dict)
    _final: dict[tuple[Column, int], list[bool]] = field(default_factory=dict)

    def row(self, column: Column, slots: Sequence[Slot]) -> Sequence[Cell | None]:
        """Return the cell of each slot, None where it is not known."""
        key = column, id(slots)
        if key not in self._rows:
            self._rows[key] = list(map(self.cells.get(column, {}).get, slots))
        return self._rows[key]

    def told(self, column: Column, slots: Sequence[Slot]) -> Told:
        """Return the bare values of a column without groups."""
        key = column, id(slots)
        if key not in self._told:
            self._told[key] = self._find_told(column, slots)
        return self._told[key]

    def _find_told(self, column: Column, slots: Sequence[Slot]) -> Told:
        row = self.row(column, slots)
        values = [None if cell is None else cell.told for cell in row]
        absent = {at for at, cell in enumerate(row) if cell is None} if None in row else set()
        empty: set[int] = set()
        if dict in set(map(type, values)):
            empty = {at for at, value in enumerate(values) if isinstance(value, dict)}
        return Told(
            [None if isinstance(value, dict) else value for value in values]
            if empty
            else cast(list[float | None], values),
            absent | empty,
            [at for at in absent if slots[at][0] < self.now],
        )

    def final(self, column: Column, slots: Sequence[Slot]) -> Sequence[bool]:
        """Return of the cell of each slot whether it is known and can no longer change."""
        key = column, id(slots)
        if key not in self._final:
            self._final[key] = self._find_final(column, slots)
        return self._final[key]

    def _find_final(self, column: Column, slots: Sequence[Slot]) -> list[bool]:
        source, row = self.tables.sources[column[1].source], self.row(column, slots)
        if not any(row) or source.snapshot:
            return [False] * len(slots)
        settled = min({cell.at for cell in row if cell is not None}) - source.settling
        return [
            cell is not None and (slot[1] <= settled or is_final(slot[1], source, cell.at))
            for slot, cell in zip(slots, row, strict=True)
        ]
