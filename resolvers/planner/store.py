"""The series tier of the cache: cells by what they measure, final ones for long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Self, TypeVar

import msgspec

from resolvers.flights import Alone
from resolvers.keys import cache_key
from resolvers.planner.cells import Cell, Rows
from resolvers.planner.chunks import Chunk, Run, laid_out
from resolvers.planner.listed import Listed, place_of_members
from resolvers.planner.request import Column, Columns, Lot, Slot
from resolvers.planner.turns import Turns
from resolvers.ports import Cache, Leases, Sealer
from vendors.calls import Call
from vendors.measures import Dimension, Source
from vendors.port import Platform

__all__ = ["SeriesLifetimes", "SeriesStore", "is_final"]

T = TypeVar("T")

_PATIENCE_SECONDS = 1.0
"""How long a writer waits for those of other processes: at worst they fetch once more."""


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

    A cell is known by platform, credential, figure, groups, filters, arguments and its exact
    interval, so that an hour is one cell whether it was asked as an hour or as a period of its
    own. Hours and days without groups share entries (`chunks`). People are kept as tokens: their
    ids may be addresses, and values outlive what may be kept of a person.
    """

    def __init__(
        self,
        cache: Cache,
        lifetimes: SeriesLifetimes,
        sealer: Sealer,
        turns: Turns | None = None,
        *,
        latest: Cache | None = None,
        leases: Leases | None = None,
    ) -> None:
        """Read and write through `cache`; all who write to it from here take the same `turns`.

        `latest` is the cache as other processes have left it: what they wrote is added to, while
        `leases` keep them from adding to it as well.
        """
        self._cache = cache
        self._latest = latest or cache
        self._sealer = sealer
        self._turns = turns or Turns()
        self._leases = leases or Alone()
        self.lifetimes = lifetimes

    async def read(
        self, platform: Platform, wanted: Mapping[Column, Iterable[Slot]], now: datetime
    ) -> Columns[Cell]:
        """Return the cells that are kept, of whatever age."""
        places = _Places.of(platform, wanted)
        names = [part.name for part in places.chunks]
        names += [one.name for one in (*places.alone, *places.listed)]
        entries = iter(await self._cache.get_many(names))
        since = now - self.lifetimes.final
        found: Columns[Cell] = {}
        for place, entry in zip(places.chunks, entries, strict=False):
            chunk = _decoded(_CHUNK, entry)
            if chunk is None:
                continue
            for run in place.runs:
                found.setdefault(place.column, {}).update(chunk.cells_of(run, since))
        people = lru_cache(maxsize=None)(self._known)
        token = lru_cache(maxsize=None)(self._token)
        for single, entry in zip(places.alone, entries, strict=False):
            cell = _with_people(_decoded(_CELL, entry), single.column[1], people)
            if cell is not None:
                found.setdefault(single.column, {})[single.slot] = cell
        for single, entry in zip(places.listed, entries, strict=True):
            lot = single.column[1]
            listed = _decoded(_LISTED, entry)
            held = None if listed is None or listed.at < since else listed.cell(lot, token)
            cell = _with_people(held, lot, people)
            if cell is not None:
                found.setdefault(single.column, {})[single.slot] = cell
        return found

    async def named(
        self, platform: Platform, wanted: Mapping[Column, Iterable[Slot]], now: datetime
    ) -> Columns[tuple[str, ...]]:
        """Return of which members of its lot a cell is kept, where it is not kept of all."""
        places = _Places.of(platform, {one: wanted[one] for one in wanted if one[1].members})
        since = now - self.lifetimes.final
        token = lru_cache(maxsize=None)(self._token)
        found: Columns[tuple[str, ...]] = {}
        entries = await self._cache.get_many([one.name for one in places.listed])
        for single, entry in zip(places.listed, entries, strict=True):
            listed = _decoded(_LISTED, entry)
            if listed is not None and listed.at >= since:
                known = listed.known(single.column[1], token)
                found.setdefault(single.column, {})[single.slot] = known
        return found

    async def write(
        self, platform: Platform, source: Source, cells: Mapping[Column, Mapping[Slot, Cell]]
    ) -> None:
        """Keep the cells: those that are final for long."""
        places = _Places.of(platform, cells)
        token = lru_cache(maxsize=None)(self._token)
        final: dict[str, bytes] = {}
        open_: dict[str, bytes] = {}
        listed: dict[str, Listed] = {}
        shared = iter(places.listed)
        for name, (figure, lot), slot in places.alone:
            cell = cells[figure, lot][slot]
            is_over = is_final(slot[1], source, cell.at)
            sealed = _sealed(cell, lot, token)
            at = place_of_members(lot, source)
            together = next(shared).name if lot.members else ""
            if is_over and at is not None:
                listed[together] = Listed.of(sealed, lot, at, token)
            else:
                (final if is_over else open_)[name] = _ENCODER.encode(sealed)
        names = [*(place.name for place in places.chunks), *listed]
        async with self._alone(platform, {lot for _, lot in cells}, names):
            held = iter(await self._latest.get_many(names))
            for place, entry in zip(places.chunks, held, strict=False):
                new = cells[place.column]
                chunk = self._merged(_decoded(_CHUNK, entry), place.runs, new, source)
                (final if chunk.lasting else open_)[place.name] = _ENCODER.encode(chunk)
            for (name, told), entry in zip(listed.items(), held, strict=True):
                older = _decoded(_LISTED, entry)
                if older is not None and older.at < told.at - self.lifetimes.final:
                    older = None
                final[name] = _ENCODER.encode(told.beside(older))
            if final:
                await self._cache.set_many(final, self.lifetimes.final.total_seconds())
            if open_:
                longest = max(self.lifetimes.refreshing, self.lifetimes.on_failure)
                await self._cache.set_many(open_, (source.fresh_for + longest).total_seconds())

    @asynccontextmanager
    async def _alone(
        self, platform: Platform, lots: Iterable[Lot], names: Iterable[str]
    ) -> AsyncIterator[None]:
        """Let nobody else, here or in another process, add to these entries of these lots."""
        names = [*names]
        if not names:
            yield
            return
        leases = {cache_key("series", platform, "adding", *_of_lot(lot, None)) for lot in lots}
        async with self._turns.take([*names, *leases]), AsyncExitStack() as stack:
            for lease in sorted(leases):
                patience = Call.within(_PATIENCE_SECONDS)
                await stack.enter_async_context(self._leases.hold(lease, patience))
            yield

    def _merged(
        self, held: Chunk | None, runs: Iterable[Run], cells: Mapping[Slot, Cell], source: Source
    ) -> Chunk:
        """Return the chunk with these cells, unless it holds newer ones in their places."""
        new = {
            place: cells[slot]
            for run in runs
            for place, slot in enumerate(run.slots, run.first.number)
        }
        lasting = any(
            is_final(slot[1], source, cells[slot].at) for run in runs for slot in run.slots
        )
        if held is not None:
            since = max(cell.at for cell in new.values()) - self.lifetimes.final
            for place, old in held.cells(since).items():
                if place not in new or new[place].at < old.at:
                    new[place] = old
        return Chunk.of(new, lasting=lasting or (held is not None and held.lasting))

    def _token(self, person: str) -> str:
        return self._sealer.seal(_PERSON, person.encode())

    def _known(self, token: str) -> str | None:
        person = self._sealer.unseal(_PERSON, token)
        return None if person is None else person.decode()


_PERSON = "person"
_CELL = msgspec.msgpack.Decoder(Cell)
_CHUNK = msgspec.msgpack.Decoder(Chunk)
_LISTED = msgspec.msgpack.Decoder(Listed)
_ENCODER = msgspec.msgpack.Encoder()


def _decoded(decoder: msgspec.msgpack.Decoder[T], entry: bytes | None) -> T | None:
    """Return what was kept, or None where the bytes are of another version or not ours."""
    if entry is None:
        return None
    try:
        return decoder.decode(entry)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _sealed(cell: Cell, lot: Lot, token: Callable[[str], str]) -> Cell:
    """Return the cell with people as tokens."""
    sealed = _with_people(cell, lot, token)
    return cell if sealed is None else sealed


def _with_people(cell: Cell | None, lot: Lot, written: Callable[[str], str | None]) -> Cell | None:
    """Return the cell with people written so and without names, or None where one cannot be."""
    if cell is None or Dimension.AGENT not in lot.group_by:
        return cell
    at = lot.group_by.index(Dimension.AGENT)
    rows: Rows = {}
    for group, value in cell.rows.items():
        person = written(group[at])
        if person is None:
            return None
        rows[*group[:at], person, *group[at + 1 :]] = value
    return Cell(cell.at, rows)


class _Part(NamedTuple):
    """A chunk, and the slots of a column that are in it."""

    name: str
    column: Column
    runs: list[Run]


class _Single(NamedTuple):
    """A cell that is kept alone."""

    name: str
    column: Column
    slot: Slot


class _Places(NamedTuple):
    """Where cells are kept. Columns that are asked for in other words may share places."""

    chunks: list[_Part]
    alone: list[_Single]
    listed: list[_Single]
    """Where those of the single cells that name their members are kept once they are final."""

    @classmethod
    def of(cls, platform: Platform, wanted: Mapping[Column, Iterable[Slot]]) -> Self:
        places = cls([], [], [])
        layouts: dict[int, tuple[dict[str, list[Run]], list[Slot]]] = {}
        for column, slots in wanted.items():
            figure, lot = column
            # The zone is left out: a value belongs to its interval, however it was asked for.
            name, together = (
                cache_key("series", platform, figure, _of_lot(lot, members))
                for members in (lot.members, None)
            )
            alone = slots
            if not lot.group_by:
                if id(slots) not in layouts:
                    layouts[id(slots)] = laid_out(slots)
                chunks, alone = layouts[id(slots)]
                places.chunks.extend(
                    _Part(f"{name}:{chunk}", column, runs) for chunk, runs in chunks.items()
                )
            places.alone.extend(_singles(name, column, alone))
            if lot.members:
                places.listed.extend(_singles(together, column, alone))
        return places


def _of_lot(lot: Lot, members: object) -> tuple[object, ...]:
    """Return what tells the cells of a lot from those of others, for these of its members."""
    return (*(lot.source, lot.group_by, members, lot.filters, lot.partition), *lot.arguments)


def _singles(name: str, column: Column, slots: Iterable[Slot]) -> Iterable[_Single]:
    return (_Single(f"{name}:{_ENCODER.encode(slot).hex()}", column, slot) for slot in slots)
