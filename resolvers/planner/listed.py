"""Final cells of calls that name their members: kept together, whoever was named by which call.

Whom a call must name changes with every agent who comes or goes, while what was told of those who
were named does not: it must not be asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

import msgspec

from resolvers.planner.cells import Cell, Names, Rows
from resolvers.planner.request import Lot
from vendors.measures import Dimension, Grouping, Source

__all__ = ["Listed", "place_of_members"]


def place_of_members(lot: Lot, source: Source) -> int | None:
    """Return where in a group the member stands whom the lot's calls name, if they name any."""
    if not lot.members:
        return None
    listed = (
        place
        for place, dimension in enumerate(lot.group_by)
        if source.groupings.get(dimension) is Grouping.LISTED
    )
    return next(listed, None)


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """What was told of one figure in one interval that is over; people are tokens."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    """When the oldest part of it was fetched."""
    place: int
    """Where in a group the member stands that was named."""
    members: frozenset[str]
    """Who was named; of some there may be no row."""
    rows: Rows
    names: Names | None = None

    @classmethod
    def of(cls, cell: Cell, lot: Lot, place: int, token: Callable[[str], str]) -> Self:
        """Return what a cell tells, which holds tokens already, of the members of its lot."""
        named = _named(lot, place, token)
        return cls(cell.at, place, named, cell.rows, cell.names)

    def beside(self, older: Self | None) -> Self:
        """Return the same, and of members who were not named what was told earlier."""
        if older is None or older.place != self.place:
            return self
        kept = {
            group: value
            for group, value in older.rows.items()
            if group[self.place] not in self.members
        }
        return type(self)(
            min(self.at, older.at),
            self.place,
            self.members | older.members,
            {**kept, **self.rows},
            {**(older.names or {}), **(self.names or {})} or None,
        )

    def known(self, lot: Lot, token: Callable[[str], str]) -> tuple[str, ...]:
        """Return the members of the lot that were named."""
        if self.place >= len(lot.group_by):
            return ()
        sealed = token if lot.group_by[self.place] is Dimension.AGENT else str
        return tuple(one for one in lot.members if sealed(one) in self.members)

    def cell(self, lot: Lot, token: Callable[[str], str]) -> Cell | None:
        """Return what is told of the members of the lot, or None where one was never named."""
        if self.place >= len(lot.group_by):
            return None
        named = _named(lot, self.place, token)
        if not named <= self.members:
            return None
        rows = {group: value for group, value in self.rows.items() if group[self.place] in named}
        return Cell(self.at, rows, self.names)


def _named(lot: Lot, place: int, token: Callable[[str], str]) -> frozenset[str]:
    if lot.group_by[place] is Dimension.AGENT:
        return frozenset(map(token, lot.members))
    return frozenset(lot.members)
