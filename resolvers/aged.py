"""The series tier as it will be in a while, for those who fetch before others have to wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from resolvers.planner.cells import Cell
from resolvers.planner.request import CellKey
from resolvers.planner.store import SeriesLifetimes, SeriesStore
from resolvers.ports import Cache, Sealer
from vendors.port import Platform

__all__ = ["AgedSeries"]


class AgedSeries(SeriesStore):
    """Shows every cell as older than it is, so that what is about to be stale is fetched now."""

    def __init__(
        self, cache: Cache, lifetimes: SeriesLifetimes, sealer: Sealer, *, by: timedelta
    ) -> None:
        """Show cells as older by that much."""
        super().__init__(cache, lifetimes, sealer)
        self._by = by

    async def read(self, platform: Platform, keys: Iterable[CellKey]) -> dict[CellKey, Cell]:
        """Return the cells that are kept, of whatever age, as they will look in a while."""
        kept = await super().read(platform, keys)
        return {
            key: msgspec.structs.replace(cell, at=cell.at - self._by) for key, cell in kept.items()
        }
