"""Cells for one platform: from this operation, from the cache, or by as few calls as can be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from resolvers.deadline import in_time, spare
from resolvers.flights import Flights
from resolvers.keys import cache_key
from resolvers.outcomes import Freshness
from resolvers.planner.calls import CellKey, PlannedCall, plan_calls, slots_by_label
from resolvers.planner.cells import Cell
from resolvers.planner.store import SeriesStore, is_final
from resolvers.ports import Background
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import PlatformError
from vendors.measures import Grain, Measurables, Reading
from vendors.port import MeasuresPort, Platform

__all__ = ["Fetcher", "Held", "Outcome"]


@dataclass(slots=True)
class Held:
    """What is known before any call: cells to use, those to refresh, and what is missing."""

    cells: dict[CellKey, Cell] = field(default_factory=dict)
    freshness: dict[CellKey, Freshness] = field(default_factory=dict)
    expired: dict[CellKey, Cell] = field(default_factory=dict)
    calls: list[PlannedCall] = field(default_factory=list)
    refreshes: list[PlannedCall] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """The cells that could be had, how fresh each is, and the failure of each that could not."""

    cells: dict[CellKey, Cell]
    freshness: dict[CellKey, Freshness]
    failed: dict[CellKey, PlatformError] = field(default_factory=dict)
    made: list[PlannedCall] = field(default_factory=list)


class Fetcher:
    """Fetches the cells of one platform within one operation."""

    def __init__(
        self,
        platform: Platform,
        port: MeasuresPort,
        *,
        store: SeriesStore,
        flights: Flights,
        clock: Clock,
        background: Background,
    ) -> None:
        """Remember what this operation has fetched, beside what the store keeps."""
        self.platform = platform
        self.tables: Measurables = port.measurables
        self._port = port
        self._store = store
        self._flights = flights
        self._clock = clock
        self._background = background
        self._seen: dict[CellKey, Cell] = {}

    async def look_up(self, wanted: Mapping[CellKey, Grain]) -> Held:
        """Return what is known of the wanted cells, and the calls that would fetch the rest."""
        held = Held()
        unseen = []
        for key in wanted:
            if key in self._seen:
                held.cells[key] = self._seen[key]
                held.freshness[key] = Freshness.LIVE
            else:
                unseen.append(key)
        kept = await self._store.read(self.platform, unseen) if unseen else {}
        refreshing: dict[CellKey, Grain] = {}
        missing: dict[CellKey, Grain] = {}
        now = self._clock.now()
        for key in unseen:
            freshness = self._freshness(key, kept.get(key), now)
            if freshness is None:
                missing[key] = wanted[key]
                if key in kept:
                    held.expired[key] = kept[key]
                continue
            held.cells[key], held.freshness[key] = kept[key], freshness
            if freshness is Freshness.STALE:
                refreshing[key] = wanted[key]
        held.calls = plan_calls(missing, self.tables)
        held.refreshes = plan_calls(refreshing, self.tables)
        return held

    def _freshness(self, key: CellKey, cell: Cell | None, now: datetime) -> Freshness | None:
        """Return how fresh a kept cell is, or None where it must be fetched before it is used."""
        if cell is None:
            return None
        source = self.tables.sources[key[1].source]
        age = now - cell.at
        if is_final(key[2][1], source, cell.at) or age <= source.fresh_for:
            return Freshness.CACHED
        if age <= source.fresh_for + self._store.lifetimes.refreshing:
            return Freshness.STALE
        return None

    async def complete(self, held: Held, call: Call) -> Outcome:
        """Make the calls and return all cells; for what fails, stale ones or the failure."""
        outcome = Outcome(held.cells, held.freshness, made=held.calls)
        for refresh in held.refreshes:
            self._background.start(self._fly(refresh, spare(call)))
        answers = await asyncio.gather(*(self._attempt(one, call) for one in held.calls))
        for planned, answer in zip(held.calls, answers, strict=True):
            if isinstance(answer, PlatformError):
                self._fall_back(planned, answer, held, outcome)
                continue
            self._seen.update(answer)
            outcome.cells.update(answer)
            outcome.freshness.update(dict.fromkeys(answer, Freshness.LIVE))
        return outcome

    async def _attempt(
        self, planned: PlannedCall, call: Call
    ) -> dict[CellKey, Cell] | PlatformError:
        try:
            async with in_time(self.platform, call):
                return await self._fly(planned, call)
        except PlatformError as error:
            return error

    async def _fly(self, planned: PlannedCall, call: Call) -> dict[CellKey, Cell]:
        """Make one call, or wait for the same call of somebody else, and keep its cells."""

        async def ask(budget: Call) -> dict[CellKey, Cell]:
            readings = await self._port.measure(planned.measure, budget)
            cells = self._cells(planned, readings)
            source = self.tables.sources[planned.lot.source]
            await self._store.write(self.platform, source, cells)
            return cells

        key = cache_key("measure", self.platform, planned.measure)
        return await self._flights.join(key, call, ask)

    def _cells(self, planned: PlannedCall, readings: Iterable[Reading]) -> dict[CellKey, Cell]:
        """Return a cell for every slot that was asked, empty where nothing was told."""
        now = self._clock.now()
        slots = slots_by_label(planned, self.tables)
        sorted_out: dict[CellKey, list[Reading]] = {key: [] for key in planned.fills}
        for reading in readings:
            slot = slots.get(reading.start)
            key = (reading.figure, planned.lot, slot) if slot else None
            if key in sorted_out:
                sorted_out[key].append(reading)
        return {key: Cell.of(rows, now) for key, rows in sorted_out.items()}

    def _fall_back(
        self, planned: PlannedCall, error: PlatformError, held: Held, outcome: Outcome
    ) -> None:
        """Use what is older than it should be, or note the failure of each cell."""
        now = self._clock.now()
        for key in planned.fills:
            old = held.expired.get(key)
            if old is not None and error.serves_stale and self._stands_in(key, old, now):
                outcome.cells[key] = old
                outcome.freshness[key] = Freshness.STALE
            elif key not in outcome.cells:
                outcome.failed[key] = error

    def _stands_in(self, key: CellKey, cell: Cell, now: datetime) -> bool:
        fresh_for = self.tables.sources[key[1].source].fresh_for
        return now - cell.at <= fresh_for + self._store.lifetimes.on_failure
