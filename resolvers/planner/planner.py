"""The measurement planner: all figures of an operation together, by the fewest calls.

Requests become plans (pure), plans become cells that are looked up, fetched and kept, and cells
become answers (pure). Whatever aliases and fields ask, they meet here as one batch.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from resolvers.outcomes import Freshness, PlatformFailure, SourceStatus
from resolvers.planner.answer import (
    errors_of,
    lost_series,
    made_for,
    refused_series,
    series_of,
    source_of,
    stand_ins_of,
)
from resolvers.planner.expand import sources_of
from resolvers.planner.fetch import Fetcher, Missing, Outcome
from resolvers.planner.members import MemberLists, Roster
from resolvers.planner.parting import parted
from resolvers.planner.plan import RequestPlan, plan_request
from resolvers.planner.request import Column, MeasureRequest, Slot, Wanted
from resolvers.planner.reuse import finer_choices, settled
from resolvers.planner.series import Made, MeasureAnswer, Series
from resolvers.spending import Spending
from resolvers.together import together
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import PlatformError
from vendors.measures import Dimension, Grain, Grouping, Measurables
from vendors.port import Platform

__all__ = ["Asked", "Planner"]

_PLANNING_SECONDS = 1.0
"""How long calls wait for the plan of every platform, so that all are counted before the first."""
_FEWER = "Ask for a shorter period, larger buckets, fewer indicators or groups."


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
    wanted: dict[MeasureRequest, Wanted]
    missing: Missing
    outcome: Outcome | None = None

    @property
    def tables(self) -> Measurables:
        return self.fetcher.tables


_Planning: TypeAlias = "asyncio.Task[_Part]"


class Planner:
    """Answers the measuring requests of one operation."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        fetchers: Mapping[str, Fetcher],
        members: MemberLists,
        clock: Clock,
        spending: Spending,
    ) -> None:
        """Plan over these platforms, within what the operation may spend."""
        self._platforms = platforms
        self._fetchers = fetchers
        self._members = members
        self._clock = clock
        self._spending = spending

    async def measure(self, batch: Sequence[Asked], call: Call) -> list[MeasureAnswer]:
        """Return the answer to each; raise TooComplexError before any call if it costs too much.

        All is asked and told as of one moment, however long it takes.
        """
        now = self._clock.now()
        planning = [
            asyncio.create_task(self._part(key, requests, now, call))
            for key, requests in _by_platform(batch, self._fetchers).items()
        ]
        try:
            parts = await self._fetch(planning, call)
        finally:
            for task in planning:
                task.cancel()
        return [_answer(asked, parts, now) for asked in batch]

    async def _fetch(self, planning: Sequence[_Planning], call: Call) -> dict[str, _Part]:
        """Make the calls of all platforms, of which those that are soon planned count together.

        One that takes long to name its members must not take the others' time away.
        """
        patience = min(_PLANNING_SECONDS, call.remaining / 2)
        soon = (await asyncio.wait(planning, timeout=patience))[0] if planning else set()
        self._spend([task.result() for task in soon])

        async def fetch(task: _Planning) -> _Part:
            part = await task
            if task not in soon:
                self._spend([part])
            part.outcome = await part.fetcher.complete(part.missing, call)
            return part

        return {part.platform.key: part for part in await together(map(fetch, planning))}

    async def _part(
        self, key: str, requests: Iterable[MeasureRequest], now: datetime, call: Call
    ) -> _Part:
        platform, fetcher = self._platforms[key], self._fetchers[key]
        named = _named(requests, platform.vendor, fetcher.tables)
        roster = await self._members.read(platform, named, call)
        plans = {
            request: plan_request(
                request, key, platform.vendor, fetcher.tables, roster.found, now=now
            ).with_losses(roster.lost)
            for request in requests
        }
        plans, missing = await _fewest(plans, fetcher, now)
        wanted = {request: plan.wanted(now) for request, plan in plans.items()}
        return _Part(platform, fetcher, roster, plans, wanted, missing)

    def _spend(self, parts: Iterable[_Part]) -> None:
        """Count the calls of these parts; raise TooComplexError where all are now too many."""
        calls: Counter[str] = Counter()
        for part in parts:
            calls[part.platform.key] += len(part.missing.calls)
        self._spending.plan(calls, _FEWER)


def _by_platform(
    batch: Iterable[Asked], measuring: Container[str]
) -> dict[str, dict[MeasureRequest, None]]:
    """Return the different requests to each platform that measures anything, in their order."""
    wanted: dict[str, dict[MeasureRequest, None]] = {}
    for asked in batch:
        for key in asked.platforms:
            if key in measuring:
                wanted.setdefault(key, {})[asked.request] = None
    return wanted


async def _fewest(
    plans: dict[MeasureRequest, RequestPlan], fetcher: Fetcher, now: datetime
) -> tuple[dict[MeasureRequest, RequestPlan], Missing]:
    """Return the plans, made of finer cells where that saves calls, and what they lack."""
    missing = await _lacking(plans, fetcher, now)
    if not missing.calls or fetcher.has_failed:
        return plans, missing
    named = await fetcher.named(missing.wanted, now)
    if named:
        parts = parted(plans, named)
        fewer = await _lacking(parts, fetcher, now)
        if len(fewer.calls) <= len(missing.calls):
            plans, missing = parts, fewer
    tables = fetcher.tables
    await fetcher.recall_fresh(finer_choices(plans, missing.wanted, tables, now), now)
    finer = settled(plans, fetcher.known, tables, now)
    if all(finer[request] is plan for request, plan in plans.items()):
        return plans, missing
    saving = fetcher.missing(_together(plan.wanted(now) for plan in finer.values()))
    return (finer, saving) if len(saving.calls) < len(missing.calls) else (plans, missing)


async def _lacking(
    plans: Mapping[MeasureRequest, RequestPlan], fetcher: Fetcher, now: datetime
) -> Missing:
    """Return what these plans lack when what is kept has been taken."""
    wanted = _together(plan.wanted(now) for plan in plans.values())
    await fetcher.recall(wanted, now)
    return fetcher.missing(wanted)


def _together(all_wanted: Iterable[Wanted]) -> Wanted:
    """Return the cells that all requests together need, and how to ask for each."""
    together: dict[Column, Mapping[Slot, Grain]] = {}
    joined: dict[tuple[int, int], Mapping[Slot, Grain]] = {}
    # Told apart by what they are, they have to last as long as this takes.
    for wanted in tuple(all_wanted):
        for column, slots in wanted.items():
            before = together.setdefault(column, slots)
            if before is not slots:
                # What columns share they share with all requests.
                pair = id(before), id(slots)
                together[column] = joined[pair] = joined.get(pair) or _joined(before, slots)
    return together


def _joined(one: Mapping[Slot, Grain], other: Mapping[Slot, Grain]) -> Mapping[Slot, Grain]:
    # As one of many buckets a slot comes with its neighbours.
    return {
        **one,
        **{s: grain for s, grain in other.items() if grain is not Grain.TOTAL or s not in one},
    }


def _answer(asked: Asked, parts: Mapping[str, _Part], now: datetime) -> MeasureAnswer:
    series: list[Series] = []
    errors: list[PlatformError] = []
    sources: list[SourceStatus] = []
    made: dict[str, Made] = {}
    stand_ins: list[PlatformFailure] = []
    lost: list[Series] = []
    for key in asked.platforms:
        part = parts.get(key)
        if part is None or part.outcome is None:
            note = "The platform measures nothing."
            sources.append(SourceStatus(platform=key, freshness=Freshness.UNSUPPORTED, note=note))
            continue
        plan, wanted = part.plans[asked.request], part.wanted[asked.request]
        series += series_of(plan, part.outcome, part.tables, part.roster.found, now)
        series += refused_series(plan, part.tables)
        lost += lost_series(plan, part.outcome, part.tables)
        errors += errors_of(plan, wanted, part.outcome)
        named = _named([asked.request], part.platform.vendor, part.tables)
        made[key] = made_for(wanted, part.outcome) | (part.roster.asked & named)
        sources.append(source_of(plan, wanted, part.outcome, len(made[key])))
        stand_ins += stand_ins_of(wanted, part.outcome, now)
    return MeasureAnswer(
        asked.request,
        tuple(series),
        tuple(errors),
        tuple(sources),
        made,
        tuple(stand_ins),
        tuple(lost),
    )


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
