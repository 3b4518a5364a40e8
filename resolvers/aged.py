"""The series tier as it will be in a while, for those who fetch before others have to wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from resolvers.planner.cells import Cell
from resolvers.planner.request import Column, Columns, Slot
from resolvers.planner.store import SeriesLifetimes, SeriesStore
from resolvers.planner.turns import Turns
from resolvers.ports import Cache, Leases, Sealer
from vendors.port import Platform

__all__ = ["AgedSeries"]


class AgedSeries(SeriesStore):
    """Shows every cell as older than it is, so that what is about to be stale is fetched now."""

    def __init__(
        self,
        cache: Cache,
        lifetimes: SeriesLifetimes,
        sealer: Sealer,
        turns: Turns,
        *,
        by: timedelta,
        latest: Cache | None = None,
        leases: Leases | None = None,
    ) -> None:
        """Show cells as older by that much."""
        super().__init__(cache, lifetimes, sealer, turns, latest=latest, leases=leases)
        self._by = by

    async def read(
        self, platform: Platform, wanted: Mapping[Column, Iterable[Slot]], now: datetime
    ) -> Columns[Cell]:
        """Return the cells that are kept, of whatever age, as they will look in a while."""
        kept = await super().read(platform, wanted, now)
        return {
            column: {
                slot: msgspec.structs.replace(cell, at=cell.at - self._by)
                for slot, cell in cells.items()
            }
            for column, cells in kept.items()
        }
