"""The series tier of the cache: cells by what they measure, final ones for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from resolvers.keys import cache_key
from resolvers.planner.cells import Cell
from resolvers.planner.request import CellKey, Lot
from resolvers.ports import Cache, Sealer
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
    that an hour is one cell whether it was asked as an hour or as a period of its own. People are
    kept as tokens: their ids may be addresses, and values outlive what may be kept of a person.
    """

    def __init__(self, cache: Cache, lifetimes: SeriesLifetimes, sealer: Sealer) -> None:
        """Read and write through `cache`."""
        self._cache = cache
        self._sealer = sealer
        self.lifetimes = lifetimes

    async def read(self, platform: Platform, keys: Iterable[CellKey]) -> dict[CellKey, Cell]:
        """Return the cells that are kept, of whatever age."""
        wanted = list(keys)
        entries = await self._cache.get_many(_keys(platform, wanted))
        people = lru_cache(maxsize=None)(self._known)
        found = {}
        for key, entry in zip(wanted, entries, strict=True):
            cell = None if entry is None else _decode(entry)
            cell = _with_people(cell, key[1], people)
            if cell is not None:
                found[key] = cell
        return found

    async def write(
        self, platform: Platform, source: Source, cells: Mapping[CellKey, Cell]
    ) -> None:
        """Keep the cells: those that are final for long."""
        people = lru_cache(maxsize=None)(self._token)
        final: dict[str, bytes] = {}
        open_: dict[str, bytes] = {}
        for name, (key, cell) in zip(_keys(platform, cells), cells.items(), strict=True):
            kept = final if is_final(key[2][1], source, cell.at) else open_
            kept[name] = _ENCODER.encode(_with_people(cell, key[1], people))
        if final:
            await self._cache.set_many(final, self.lifetimes.final.total_seconds())
        if open_:
            longest = max(self.lifetimes.refreshing, self.lifetimes.on_failure)
            await self._cache.set_many(open_, (source.fresh_for + longest).total_seconds())

    def _token(self, person: str) -> str:
        return self._sealer.seal(_PERSON, person.encode())

    def _known(self, token: str) -> str | None:
        person = self._sealer.unseal(_PERSON, token)
        return None if person is None else person.decode()


_PERSON = "person"
_DECODER = msgspec.msgpack.Decoder(Cell)
_ENCODER = msgspec.msgpack.Encoder()


def _decode(entry: bytes) -> Cell | None:
    """Return the cell, or None where the bytes are of another version or not ours."""
    try:
        return _DECODER.decode(entry)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _with_people(cell: Cell | None, lot: Lot, written: Callable[[str], str | None]) -> Cell | None:
    """Return the cell with people written so and without names, or None where one cannot be."""
    if cell is None or Dimension.AGENT not in lot.group_by:
        return cell
    at = lot.group_by.index(Dimension.AGENT)
    rows: dict[tuple[str, ...], float | None] = {}
    for group, value in cell.rows.items():
        person = written(group[at])
        if person is None:
            return None
        rows[*group[:at], person, *group[at + 1 :]] = value
    return Cell(at=cell.at, rows=rows)


def _keys(platform: Platform, keys: Iterable[CellKey]) -> list[str]:
    """Return the names under which cells are kept."""
    columns: dict[tuple[str, Lot], str] = {}
    names = []
    for figure, lot, slot in keys:
        column = columns.get((figure, lot))
        if column is None:
            # The zone is left out: a value belongs to its interval, however it was asked for.
            asked = (lot.source, lot.group_by, lot.members, lot.filters, lot.partition)
            column = columns[figure, lot] = cache_key("series", platform, figure, asked)
        names.append(f"{column}:{_ENCODER.encode(slot).hex()}")
    return names
