"""The measurement planner: all figures of an operation together, by the fewest calls.

Requests become plans (pure), plans become cells that are looked up, fetched and kept, and cells
become answers (pure). Whatever aliases and fields ask, they meet here as one batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resolvers.outcomes import Freshness, PlatformFailure, SourceStatus
from resolvers.planner.answer import failures_of, refused_series, series_of, source_of
from resolvers.planner.calls import CellKey, cells_of
from resolvers.planner.expand import sources_of
from resolvers.planner.fetch import Fetcher, Held, Outcome
from resolvers.planner.members import MemberLists, Roster
from resolvers.planner.plan import RequestPlan, plan_request
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import TooComplexError
from vendors.measures import Dimension, Grain, Grouping, Measurables
from vendors.port import Platform

__all__ = ["Asked", "Planner"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and the platforms that it spans."""

    request: MeasureRequest
    platforms: tuple[str, ...]


@dataclass(slots=True)
class _Part:
    """One platform's part in a batch."""

    platform: Platform
    fetcher: Fetcher
    roster: Roster
    plans: dict[MeasureRequest, RequestPlan]
    held: Held | None = None
    outcome: Outcome | None = None

    @property
    def tables(self) -> Measurables:
        return self.fetcher.tables


class Planner:
    """Answers the measuring requests of one operation."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        fetchers: Mapping[str, Fetcher],
        members: MemberLists,
        clock: Clock,
        most_calls: int,
    ) -> None:
        """Plan over these platforms; refuse what would take more than `most_calls` calls."""
        self._platforms = platforms
        self._fetchers = fetchers
        self._members = members
        self._clock = clock
        self._most_calls = most_calls

    async def measure(self, batch: Sequence[Asked], call: Call) -> list[MeasureAnswer]:
        """Return the answer to each; raise TooComplexError before any call if it costs too much."""
        parts = await self._plan(batch, call)
        await asyncio.gather(*(self._look_up(part) for part in parts.values()))
        self._refuse_excess(parts.values())
        outcomes = await asyncio.gather(
            *(part.fetcher.complete(part.held, call) for part in parts.values() if part.held)
        )
        for part, outcome in zip(parts.values(), outcomes, strict=True):
            part.outcome = outcome
        return [self._answer(asked, parts) for asked in batch]

    async def _plan(self, batch: Sequence[Asked], call: Call) -> dict[str, _Part]:
        wanted: dict[str, list[MeasureRequest]] = {}
        for asked in batch:
            for key in asked.platforms:
                if key in self._fetchers:
                    wanted.setdefault(key, []).append(asked.request)
        parts = await asyncio.gather(
            *(self._part(key, requests, call) for key, requests in wanted.items())
        )
        return {part.platform.key: part for part in parts}

    async def _part(self, key: str, requests: Sequence[MeasureRequest], call: Call) -> _Part:
        platform, fetcher = self._platforms[key], self._fetchers[key]
        named = _named(requests, platform.vendor, fetcher.tables)
        roster = await self._members.read(platform, named, call)
        plans = {
            request: plan_request(
                request, key, platform.vendor, fetcher.tables, roster.found
            ).with_losses(roster.lost)
            for request in dict.fromkeys(requests)
        }
        return _Part(platform, fetcher, roster, plans)

    async def _look_up(self, part: _Part) -> None:
        now = self._clock.now()
        wanted: dict[CellKey, Grain] = {}
        for plan in part.plans.values():
            wanted.update(cells_of((r for item in plan.items for r in item.routes), now))
        part.held = await part.fetcher.look_up(wanted)

    def _refuse_excess(self, parts: Iterable[_Part]) -> None:
        counts = {part.platform.key: len(part.held.calls) for part in parts if part.held}
        total = sum(counts.values())
        if total > self._most_calls:
            each = ", ".join(f"{key} {count}" for key, count in counts.items() if count)
            message = (
                f"This query would take {total} calls ({each}); at most {self._most_calls} are "
                "allowed. Ask for a shorter period, larger buckets, fewer indicators or groups."
            )
            raise TooComplexError(
                message, extensions={"calls": total, "callLimit": self._most_calls}
            )

    def _answer(self, asked: Asked, parts: Mapping[str, _Part]) -> MeasureAnswer:
        series: list[Series] = []
        failures: list[PlatformFailure] = []
        sources: list[SourceStatus] = []
        now = self._clock.now()
        for key in asked.platforms:
            part = parts.get(key)
            if part is None or part.outcome is None:
                note = "The platform measures nothing."
                sources.append(
                    SourceStatus(platform=key, freshness=Freshness.UNSUPPORTED, note=note)
                )
                continue
            plan = part.plans[asked.request]
            series += series_of(plan, part.outcome, part.tables, part.roster.found, now)
            series += refused_series(plan)
            failures += failures_of(plan, part.outcome, now)
            sources.append(source_of(plan, part.outcome, now))
        return MeasureAnswer(asked.request, tuple(series), tuple(failures), tuple(sources))


def _named(requests: Iterable[MeasureRequest], vendor: str, tables: Measurables) -> set[Dimension]:
    """Return the dimensions of which the calls must name the members."""
    return {
        dimension
        for request in requests
        for source in sources_of(request, vendor, tables)
        for dimension, grouping in source.groupings.items()
        if grouping is not Grouping.ALL
        and (dimension in request.group_by or dimension is source.always_by)
    }
