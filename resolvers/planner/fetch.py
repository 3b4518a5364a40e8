"""Cells for one platform: from this operation, from the cache, or by as few calls as can be."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from resolvers.deadline import in_time, spare
from resolvers.flights import Alone, Flights
from resolvers.keys import cache_key
from resolvers.outcomes import Freshness
from resolvers.planner.calls import PlannedCall, plan_calls
from resolvers.planner.cells import Cell
from resolvers.planner.request import CellKey, Slot
from resolvers.planner.store import SeriesStore, is_final
from resolvers.ports import Background, Leases
from resolvers.together import together
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import CallerError, PlatformError, PlatformRejectedError
from vendors.measures import Grain, Measurables
from vendors.port import MeasuresPort, Platform

__all__ = ["Fetcher", "Missing", "Outcome"]


@dataclass(slots=True)
class Missing:
    """What an operation has to fetch: for itself, and behind its answer for those who come next."""

    calls: list[PlannedCall]
    refreshes: list[PlannedCall]
    cells: dict[CellKey, Cell | None]
    """What the calls are made for, and the older cells that may stand in where they fail."""


@dataclass(slots=True)
class Outcome:
    """What an operation knows of a platform: its cells, and the failures in place of the others."""

    cells: dict[CellKey, Cell] = field(default_factory=dict)
    live: set[CellKey] = field(default_factory=set)
    """The cells that were asked now."""
    stale: set[CellKey] = field(default_factory=set)
    """The cells that are older than they should be."""
    failed: dict[CellKey, PlatformError] = field(default_factory=dict)
    made: list[PlannedCall] = field(default_factory=list)
    """The calls of the last batch."""

    def freshness(self, keys: AbstractSet[CellKey]) -> Freshness:
        """Return what these cells amount to: the stalest of them."""
        if not self.stale.isdisjoint(keys):
            return Freshness.STALE
        return Freshness.LIVE if keys <= self.live else Freshness.CACHED


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
        leases: Leases | None = None,
        latest: SeriesStore | None = None,
    ) -> None:
        """Remember what this operation has fetched, beside what the store keeps.

        `latest` is the store as other processes have left it, whose work `leases` waits for.
        """
        self.platform = platform
        self.tables: Measurables = port.measurables
        self._port = port
        self._store = store
        self._flights = flights
        self._clock = clock
        self._background = background
        self._leases = leases or Alone()
        self._latest = latest or store
        self._known = Outcome()

    async def look_up(self, wanted: Mapping[CellKey, Grain], now: datetime) -> Missing:
        """Take what is kept of the wanted cells; return what must be fetched of the rest."""
        known = self._known
        unknown = [key for key in wanted if key not in known.cells and key not in known.failed]
        kept = await self._store.read(self.platform, unknown) if unknown else {}
        missing: dict[CellKey, Grain] = {}
        refreshing: dict[CellKey, Grain] = {}
        for key in unknown:
            freshness = self._freshness(key, kept.get(key), now)
            if freshness is None:
                missing[key] = wanted[key]
                continue
            known.cells[key] = kept[key]
            if freshness is Freshness.STALE:
                known.stale.add(key)
                refreshing[key] = wanted[key]
        return Missing(
            calls=plan_calls(missing, self.tables),
            refreshes=plan_calls(refreshing, self.tables),
            cells={key: kept.get(key) for key in missing},
        )

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

    async def complete(self, missing: Missing, call: Call) -> Outcome:
        """Make the calls and return all that is known: for what fails, older cells or failures."""
        for refresh in missing.refreshes:
            self._background.start(self._fly(refresh, spare(call)))
        answers = await together(self._attempt(one, call) for one in missing.calls)
        known = self._known
        for planned, answer in zip(missing.calls, answers, strict=True):
            if isinstance(answer, PlatformError):
                self._fall_back(planned, answer, missing)
                continue
            known.cells.update(answer)
            known.live.update(answer)
            known.stale.difference_update(answer)
        return replace(known, made=missing.calls)

    async def _attempt(
        self, planned: PlannedCall, call: Call
    ) -> dict[CellKey, Cell] | PlatformError:
        try:
            async with in_time(self.platform, call):
                return await self._fly(planned, call)
        except PlatformError as error:
            return error
        except CallerError as error:
            # An id of another platform's may be none that this one can be asked about.
            return PlatformRejectedError(str(error), platform=self.platform.key, attempts=0)

    async def _fly(self, planned: PlannedCall, call: Call) -> dict[CellKey, Cell]:
        """Make one call, or wait for the same call of somebody else, and keep its cells."""

        async def ask(budget: Call) -> dict[tuple[str, Slot], Cell]:
            # As old as the question: what happens while it is answered need not be in it.
            at = self._clock.now()
            readings = await self._port.measure(planned.measure, budget)
            cells = planned.sorted_out(readings, at, self.tables)
            source = self.tables.sources[planned.lot.source]
            await self._store.write(self.platform, source, planned.keyed(cells))
            return cells

        async def ask_in_turn(budget: Call) -> dict[tuple[str, Slot], Cell]:
            async with self._leases.hold(key, budget) as others:
                told = await self._told_to_others(planned) if others else None
                return await ask(budget) if told is None else told

        key = cache_key("measure", self.platform, planned.measure)
        # Whoever began it may have meant another lot by the same call.
        return planned.keyed(await self._flights.join(key, call, ask_in_turn))

    async def _told_to_others(self, planned: PlannedCall) -> dict[tuple[str, Slot], Cell] | None:
        """Return what the call would tell where another process has all of it fresh, else None."""
        kept, now = await self._latest.read(self.platform, planned.fills), self._clock.now()
        fresh = {
            (key[0], key[2]): cell
            for key, cell in kept.items()
            if self._freshness(key, cell, now) is Freshness.CACHED
        }
        return fresh if len(fresh) == len(set(planned.fills)) else None

    def _fall_back(self, planned: PlannedCall, error: PlatformError, missing: Missing) -> None:
        """Use what is older than it should be, or note the failure of each cell."""
        known, now = self._known, self._clock.now()
        for key in missing.cells.keys() & planned.fills:
            old = missing.cells[key]
            if old is not None and error.serves_stale and self._stands_in(key, old, now):
                known.cells[key] = old
                known.stale.add(key)
            else:
                known.failed[key] = error

    def _stands_in(self, key: CellKey, cell: Cell, now: datetime) -> bool:
        fresh_for = self.tables.sources[key[1].source].fresh_for
        return now - cell.at <= fresh_for + self._store.lifetimes.on_failure
