"""The series tier of the cache: cells by what they measure, final ones for long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from resolvers.keys import cache_key
from resolvers.planner.calls import CellKey
from resolvers.planner.cells import Cell
from resolvers.ports import Cache
from vendors.measures import Dimension, Source
from vendors.port import Platform

__all__ = ["SeriesLifetimes", "SeriesStore", "is_final"]


class SeriesLifetimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long cells are kept: those that can still change, and those that cannot."""

    refreshing: timedelta = timedelta(seconds=30)
    """How long past its freshness an open cell is served while it is fetched anew."""
    on_failure: timedelta = timedelta(hours=24)
    """How long past its freshness an open cell stands in for a platform that fails."""
    final: timedelta = timedelta(days=30)


def is_final(end: datetime, source: Source, at: datetime) -> bool:
    """Return whether a cell that ends at `end` and was fetched at `at` can no longer change."""
    return end + source.settling <= at and not source.snapshot


class SeriesStore:
    """Keeps cells in the cache, whatever call they came from.

    A cell is known by platform, credential, figure, groups, filters and its exact interval, so
    that an hour is one cell whether it was asked as an hour or as a period of its own.
    """

    def __init__(self, cache: Cache, lifetimes: SeriesLifetimes) -> None:
        """Read and write through `cache`."""
        self._cache = cache
        self.lifetimes = lifetimes

    async def read(self, platform: Platform, keys: Iterable[CellKey]) -> dict[CellKey, Cell]:
        """Return the cells that are kept, of whatever age."""
        wanted = list(keys)
        entries = await self._cache.get_many([_key(platform, key) for key in wanted])
        found = {}
        for key, entry in zip(wanted, entries, strict=True):
            cell = None if entry is None else _decode(entry)
            if cell is not None:
                found[key] = cell
        return found

    async def write(
        self, platform: Platform, source: Source, cells: Mapping[CellKey, Cell]
    ) -> None:
        """Keep the cells: those that are final for long."""
        final: dict[str, bytes] = {}
        open_: dict[str, bytes] = {}
        for key, cell in cells.items():
            kept = final if is_final(key[2][1], source, cell.at) else open_
            kept[_key(platform, key)] = msgspec.msgpack.encode(_entry(key, cell))
        if final:
            await self._cache.set_many(final, self.lifetimes.final.total_seconds())
        if open_:
            longest = max(self.lifetimes.refreshing, self.lifetimes.on_failure)
            await self._cache.set_many(open_, (source.fresh_for + longest).total_seconds())


class _Row(msgspec.Struct, array_like=True, frozen=True):
    group: tuple[str, ...]
    value: float | None
    names: tuple[str | None, ...] = ()


class _Entry(msgspec.Struct, array_like=True, frozen=True):
    at: datetime
    rows: list[_Row]


_DECODER = msgspec.msgpack.Decoder(_Entry)


def _entry(key: CellKey, cell: Cell) -> _Entry:
    """Return the form in which a cell is kept: without names of people, which live minutes only."""
    names = {} if Dimension.AGENT in key[1].group_by else cell.names
    rows = [_Row(group, value, names.get(group, ())) for group, value in cell.rows.items()]
    return _Entry(cell.at, rows)


def _decode(entry: bytes) -> Cell | None:
    """Return the cell, or None where the bytes are of another version or not ours."""
    try:
        decoded = _DECODER.decode(entry)
    except msgspec.MsgspecError:
        return None
    return Cell(
        at=decoded.at,
        rows={row.group: row.value for row in decoded.rows},
        names={row.group: row.names for row in decoded.rows if row.names},
    )


def _key(platform: Platform, key: CellKey) -> str:
    figure, lot, (start, end) = key
    # The zone is left out: a value belongs to its interval, however the vendor was asked for it.
    asked = (lot.source, lot.group_by, lot.members, lot.filters, lot.partition)
    return cache_key("series", platform, figure, asked, start, end)
