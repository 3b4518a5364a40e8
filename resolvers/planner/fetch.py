"""Cells for one platform: from this operation, from the cache, or by as few calls as can be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias, TypeVar

from resolvers.deadline import in_time, spare
from resolvers.flights import Alone, Flights
from resolvers.keys import cache_key
from resolvers.outcomes import Freshness
from resolvers.planner.calls import PlannedCall, plan_calls
from resolvers.planner.cells import Cell
from resolvers.planner.request import Column, Columns, Slot, Wanted
from resolvers.planner.store import SeriesStore, is_final
from resolvers.planner.under_way import UnderWay
from resolvers.ports import Background, Leases
from resolvers.together import together
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import CallerError, PlatformError, PlatformRejectedError
from vendors.measures import Measurables, Source
from vendors.port import MeasuresPort, Platform

__all__ = ["Fetcher", "Missing", "Outcome", "Sharing"]

_Landed: TypeAlias = "Columns[Cell] | PlatformError"

T = TypeVar("T")


@dataclass(slots=True)
class Missing:
    """What an operation has to fetch: for itself, and behind its answer for those who come next."""

    calls: list[PlannedCall]
    refreshes: list[PlannedCall]
    wanted: Wanted
    """What the calls are made for."""


@dataclass(slots=True)
class Outcome:
    """What an operation knows of a platform: its cells, and the failures in place of the others."""

    cells: Columns[Cell] = field(default_factory=dict)
    live: dict[Column, set[Slot]] = field(default_factory=dict)
    """The cells that were asked now."""
    stale: dict[Column, set[Slot]] = field(default_factory=dict)
    """The cells that are older than they should be."""
    failed: Columns[PlatformError] = field(default_factory=dict)
    stood_in: Columns[PlatformError] = field(default_factory=dict)
    """The failures of calls in whose place older cells are used."""
    made: list[PlannedCall] = field(default_factory=list)
    """The calls of the last batch."""

    def take(self, column: Column, cells: dict[Slot, Cell]) -> None:
        """Note these cells of a column."""
        before = self.cells.get(column)
        self.cells[column] = {**before, **cells} if before else cells

    def oldest(self, wanted: Wanted) -> datetime | None:
        """Return when the oldest of these cells was fetched, or None where none is known."""
        ats: set[datetime] = set()
        for column, slots in wanted.items():
            cells = self.cells.get(column, {})
            if not cells.keys() <= slots.keys():
                cells = {slot: cells[slot] for slot in slots if slot in cells}
            ats.update([cell.at for cell in cells.values()])
        return min(ats, default=None)

    def freshness(self, wanted: Wanted) -> Freshness:
        """Return what these cells amount to: the stalest of them."""
        if any(not self.stale[column].isdisjoint(wanted.get(column, ())) for column in self.stale):
            return Freshness.STALE
        live = all(slots.keys() <= self.live.get(column, set()) for column, slots in wanted.items())
        # Where all of it is still to come, nothing was asked.
        return Freshness.LIVE if live and wanted else Freshness.CACHED


@dataclass(frozen=True, slots=True)
class Sharing:
    """What keeps operations, and processes, from doing the same work twice."""

    flights: Flights
    leases: Leases = field(default_factory=Alone)
    under_way: UnderWay = field(default_factory=UnderWay)


class Fetcher:
    """Fetches the cells of one platform within one operation."""

    def __init__(
        self,
        platform: Platform,
        port: MeasuresPort,
        *,
        store: SeriesStore,
        sharing: Sharing,
        clock: Clock,
        background: Background,
        latest: SeriesStore | None = None,
    ) -> None:
        """Remember what this operation has fetched, beside what the store keeps.

        `latest` is the store as other processes have left it, whose work is waited for.
        """
        self.platform = platform
        self.tables: Measurables = port.measurables
        self._port = port
        self._store = store
        self._sharing = sharing
        self._clock = clock
        self._background = background
        self._latest = latest or store
        self._known = Outcome()
        self._older: Columns[Cell] = {}
        """Cells that are too old to be used, unless a call fails."""
        self._refreshable: dict[Column, set[Slot]] = {}
        """The stale cells that nobody is fetching anew yet."""

    @property
    def _name(self) -> str:
        """Return what tells accounts apart that must not share what they fetch."""
        return f"{self.platform.key} {self.platform.credential}"

    @property
    def known(self) -> Mapping[Column, Mapping[Slot, Cell]]:
        """Return the cells that the operation knows."""
        return self._known.cells

    @property
    def has_failed(self) -> bool:
        """Return whether the operation knows of cells that cannot be had."""
        return bool(self._known.failed)

    async def recall(self, wanted: Wanted, now: datetime) -> None:
        """Take what is kept of the wanted cells and not too old."""
        unknown = {column: self._unknown(column, slots) for column, slots in wanted.items()}
        unknown = {column: slots for column, slots in unknown.items() if slots}
        kept = await self._store.read(self.platform, unknown, now) if unknown else {}
        for column, cells in kept.items():
            stale, old = self._aged(column, cells, now)
            if stale:
                self._known.stale.setdefault(column, set()).update(stale)
                self._refreshable.setdefault(column, set()).update(stale)
            for slot in old:
                self._older.setdefault(column, {})[slot] = cells.pop(slot)
            self._known.take(column, cells)

    async def named(self, wanted: Wanted, now: datetime) -> Columns[tuple[str, ...]]:
        """Return of which members of its lot a missing cell is kept, where it is of some."""
        listed = {column: slots for column, slots in wanted.items() if column[1].members}
        return await self._store.named(self.platform, listed, now) if listed else {}

    async def recall_fresh(
        self, choices: Iterable[Mapping[Column, Sequence[Slot]]], now: datetime
    ) -> None:
        """Take what is kept and fresh of each choice, unless the first of a column is not."""
        every = list(choices)
        if not every:
            return
        first: dict[Column, list[Slot]] = {}
        for column, slots in (pair for choice in every for pair in choice.items()):
            first.setdefault(column, []).append(slots[0])
        begun = await self._fresh(first, now)
        rest: dict[Column, dict[Slot, None]] = {}
        for choice in every:
            if all(slots[0] in begun.get(column, ()) for column, slots in choice.items()):
                for column, slots in choice.items():
                    rest.setdefault(column, {}).update(dict.fromkeys(slots))
        for column, cells in (await self._fresh(rest, now) if rest else {}).items():
            self._known.take(column, {s: cells[s] for s in self._unknown(column, cells)})

    async def _fresh(self, wanted: Mapping[Column, Iterable[Slot]], now: datetime) -> Columns[Cell]:
        kept = await self._store.read(self.platform, wanted, now)
        for column, cells in kept.items():
            for slot in set.union(*self._aged(column, cells, now)):
                del cells[slot]
        return kept

    def missing(self, wanted: Wanted) -> Missing:
        """Return what must be fetched of the wanted cells, and what may be behind the answer."""
        missing = {column: self._unknown(column, slots) for column, slots in wanted.items()}
        missing = {column: slots for column, slots in missing.items() if slots}
        refreshing = {
            column: {slot: wanted[column][slot] for slot in slots if slot in wanted[column]}
            for column, slots in self._refreshable.items()
            if column in wanted
        }
        return Missing(
            plan_calls(missing, self.tables), plan_calls(refreshing, self.tables), missing
        )

    def _unknown(self, column: Column, slots: Mapping[Slot, T]) -> Mapping[Slot, T]:
        """Return the slots of which the operation knows nothing yet."""
        known, failed = self._known.cells.get(column, {}), self._known.failed.get(column, {})
        if not known and not failed:
            return slots
        if not failed and slots.keys() <= known.keys():
            return {}
        return {
            slot: value for slot, value in slots.items() if slot not in known and slot not in failed
        }

    def _aged(
        self, column: Column, cells: Mapping[Slot, Cell], now: datetime
    ) -> tuple[set[Slot], set[Slot]]:
        """Return which cells are past their freshness: by a little, and by too much."""
        source = self.tables.sources[column[1].source]
        stale: set[Slot] = set()
        old: set[Slot] = set()
        for slot in _open(cells, source):
            freshness = self._freshness(source, slot, cells[slot], now)
            if freshness is not Freshness.CACHED:
                (stale if freshness is Freshness.STALE else old).add(slot)
        return stale, old

    def _freshness(self, source: Source, slot: Slot, cell: Cell, now: datetime) -> Freshness | None:
        """Return how fresh a kept cell is, or None where it must be fetched before it is used."""
        age = now - cell.at
        if is_final(slot[1], source, cell.at) or age <= source.fresh_for:
            return Freshness.CACHED
        if age <= source.fresh_for + self._store.lifetimes.refreshing:
            return Freshness.STALE
        return None

    async def complete(self, missing: Missing, call: Call) -> Outcome:
        """Make the calls and return all that is known: for what fails, older cells or failures."""
        for refresh in missing.refreshes:
            for column in refresh.columns:
                self._refreshable[column].difference_update(refresh.slots)
            self._background.start(self._fly(refresh, spare(call)))
        missing = await self._beside_others(missing, call)
        answers = await self._all(missing.calls, call)
        known = self._known
        for planned, answer in zip(missing.calls, answers, strict=True):
            if isinstance(answer, PlatformError):
                self._fall_back(planned, answer, missing)
                continue
            for column, cells in answer.items():
                known.take(column, cells)
                known.live.setdefault(column, set()).update(cells)
                known.stale.get(column, set()).difference_update(cells)
        return replace(known, made=missing.calls)

    async def _beside_others(self, missing: Missing, call: Call) -> Missing:
        """Return what is left to fetch; wait for calls of others where that saves calls."""
        covered, landings = self._sharing.under_way.bringing(
            self._name, missing.wanted, own=missing.calls
        )
        if not landings:
            return missing
        rest = {
            column: {slot: grain for slot, grain in slots.items() if slot not in covered[column]}
            if column in covered
            else slots
            for column, slots in missing.wanted.items()
        }
        left = {column: slots for column, slots in rest.items() if slots}
        if len(plan_calls(left, self.tables)) >= len(missing.calls):
            return missing
        # Where they take too long there must be time left for calls of one's own.
        await asyncio.wait(landings, timeout=call.remaining / 2)
        await self.recall(missing.wanted, self._clock.now())
        return self.missing(missing.wanted)

    async def _all(self, calls: Sequence[PlannedCall], call: Call) -> list[_Landed]:
        """Make the calls side by side, known to others until each has landed."""
        landings = [self._sharing.under_way.begin(self._name, planned) for planned in calls]

        async def land(planned: PlannedCall, landing: asyncio.Future[None]) -> _Landed:
            landed = await self._attempt(planned, call)
            landing.set_result(None)
            return landed

        try:
            return await together(map(land, calls, landings))
        finally:
            # Who is cancelled before a call has begun must not leave others waiting for it.
            for landing in landings:
                if not landing.done():
                    landing.set_result(None)

    async def _attempt(self, planned: PlannedCall, call: Call) -> _Landed:
        try:
            async with in_time(self.platform, call):
                return await self._fly(planned, call)
        except PlatformError as error:
            return error
        except CallerError as error:
            # An id of another platform's may be none that this one can be asked about.
            return PlatformRejectedError(str(error), platform=self.platform.key, attempts=0)

    async def _fly(self, planned: PlannedCall, call: Call) -> Columns[Cell]:
        """Make one call, or wait for the same call of somebody else, and keep its cells."""

        async def ask(budget: Call) -> dict[str, dict[Slot, Cell]]:
            # As old as the question: what happens while it is answered need not be in it.
            at = self._clock.now()
            readings = await self._port.measure(planned.measure, budget)
            cells = planned.sorted_out(readings, at, self.tables)
            source = self.tables.sources[planned.lot.source]
            await self._store.write(self.platform, source, planned.keyed(cells))
            return cells

        async def ask_in_turn(budget: Call) -> dict[str, dict[Slot, Cell]]:
            async with self._sharing.leases.hold(key, budget) as others:
                told = await self._told_to_others(planned) if others else None
                return await ask(budget) if told is None else told

        key = cache_key("measure", self.platform, planned.measure)
        # Whoever began it may have meant another lot by the same call.
        return planned.keyed(await self._sharing.flights.join(key, call, ask_in_turn))

    async def _told_to_others(self, planned: PlannedCall) -> dict[str, dict[Slot, Cell]] | None:
        """Return what the call would tell where another process has all of it fresh, else None."""
        wanted, now = dict.fromkeys(planned.columns, planned.slots), self._clock.now()
        kept = await self._latest.read(self.platform, wanted, now)
        for column in wanted:
            cells = kept.get(column, {})
            if len(cells) < len(planned.slots) or any(self._aged(column, cells, now)):
                return None
        return {figure: kept[figure, lot] for figure, lot in wanted}

    def _fall_back(self, planned: PlannedCall, error: PlatformError, missing: Missing) -> None:
        """Use what is older than it should be, or note the failure of each cell."""
        known, now = self._known, self._clock.now()
        fresh_for = self.tables.sources[planned.lot.source].fresh_for
        since = now - fresh_for - self._store.lifetimes.on_failure
        for column in planned.columns:
            older = self._older.get(column, {})
            for slot in missing.wanted.get(column, {}).keys() & planned.slots:
                old = older.get(slot)
                if old is not None and error.serves_stale and old.at >= since:
                    known.take(column, {slot: old})
                    known.stale.setdefault(column, set()).add(slot)
                    known.stood_in.setdefault(column, {})[slot] = error
                else:
                    known.failed.setdefault(column, {})[slot] = error


def _open(cells: Mapping[Slot, Cell], source: Source) -> Iterable[Slot]:
    """Return the slots of the cells that might not be final."""
    if source.snapshot or not cells:
        return cells
    # Looked at one by one, years of hours would take longer than reading them.
    settled = min({cell.at for cell in cells.values()}) - source.settling
    return [slot for slot in cells if slot[1] > settled]
