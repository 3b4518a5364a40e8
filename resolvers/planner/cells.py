"""A fetched cell: the values of one figure in one interval, by group, and when it was fetched."""

from datetime import datetime
from typing import Annotated, Self, TypeAlias

import msgspec

from vendors.measures import Reading

__all__ = ["Cell", "Group", "Names", "Rows"]

Group: TypeAlias = tuple[str, ...]
"""One member for each dimension of the lot."""
Rows: TypeAlias = dict[Group, float | None]
Names: TypeAlias = dict[Group, tuple[str | None, ...]]

_WHOLE: Group = ()


# There are very many of them: with no cycles to look for, the collector need not know them.
class Cell(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The values of one figure in one interval: by the members of the lot's dimensions.

    `told` is a bare value where the lot has no dimensions. It holds no rows where the platform
    answered and had nothing to tell. `names` are the members' names as the answer told them.
    """

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    told: float | Rows | None
    names: Names | None = None

    @classmethod
    def of(cls, readings: list[Reading], at: datetime) -> Self:
        """Return the cell that these readings of one figure and one bucket make."""
        if len(readings) == 1 and not readings[0].group:
            return cls(at, readings[0].value)
        rows = {reading.group: reading.value for reading in readings}
        names = {reading.group: reading.names for reading in readings if reading.names}
        return cls(at, rows[_WHOLE] if rows.keys() == {_WHOLE} else rows, names or None)

    @property
    def rows(self) -> Rows:
        """Return the values by group."""
        return self.told if isinstance(self.told, dict) else {_WHOLE: self.told}
