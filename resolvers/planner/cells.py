"""A fetched cell: the values of one figure in one interval, by group, and when it was fetched."""

from datetime import datetime
from typing import Annotated, Self

import msgspec

from vendors.measures import Reading

__all__ = ["Cell"]


class Cell(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The values of one figure in one interval: by the members of the lot's dimensions.

    `rows` is empty where the platform answered and had nothing to tell. `names` are the members'
    names as the answer told them.
    """

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    rows: dict[tuple[str, ...], float | None]
    names: dict[tuple[str, ...], tuple[str | None, ...]] = {}

    @classmethod
    def of(cls, readings: list[Reading], at: datetime) -> Self:
        """Return the cell that these readings of one figure and one bucket make."""
        return cls(
            at=at,
            rows={reading.group: reading.value for reading in readings},
            names={reading.group: reading.names for reading in readings if reading.names},
        )
