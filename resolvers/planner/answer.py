"""Plans and cells become the answer to a request: series, and what became of each platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import and_

from resolvers.merge import Amount, merge_amounts
from resolvers.outcomes import Freshness, PlatformFailure, SourceStatus
from resolvers.planner.calls import PlannedCall
from resolvers.planner.cells import Names
from resolvers.planner.evaluate import BROKEN, Evaluated, Evaluation
from resolvers.planner.evidence import Evidence
from resolvers.planner.explain import Origin
from resolvers.planner.fetch import Outcome
from resolvers.planner.plan import PlannedItem, RequestPlan
from resolvers.planner.request import Item, Wanted
from resolvers.planner.series import GroupMember, Series
from resolvers.planner.slots import asked_buckets
from vendors.buckets import zone
from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.errors import PlatformError
from vendors.measures import Dimension, Measurables, Member, Merge, Unit

__all__ = [
    "errors_of",
    "lost_series",
    "made_for",
    "refused_series",
    "series_of",
    "source_of",
    "stand_ins_of",
]

_TO_COME = "The period has not begun: nothing was asked."
_APART = "Its buckets cannot be added up; ask for it with granularity TOTAL."


def series_of(
    plan: RequestPlan,
    outcome: Outcome,
    tables: Measurables,
    members: Mapping[Dimension, tuple[Member, ...]],
    now: datetime,
) -> list[Series]:
    """Return the series of one platform: one for every item and group that was answered."""
    request = plan.request
    slots = asked_buckets(request.grain, request.start, request.end, zone(request.zone)).shown
    evidence = Evidence(request, slots, tables, outcome.cells, now)
    evaluation = Evaluation(evidence)
    naming = _Naming(plan, evidence, members)
    found = []
    for planned in plan.items:
        item = planned.item
        of_item = partial(
            Series,
            item=item.key,
            unit=item.unit,
            merge=item.merge,
            platform=plan.platform,
            buckets=slots,
            final=_final(planned, evidence),
            grain=request.grain,
            platforms=(plan.platform,),
            origins=(Origin(plan.platform, request, planned, tables, outcome, now),),
            additive_over=frozenset(Dimension).intersection(
                *(tables.figures[name].additive_over for name in item.figures)
            ),
        )
        found += [
            _series(of_item, item, one, naming.group(one.group)) for one in evaluation.of(planned)
        ]
    return found


def _series(
    of_item: Callable[..., Series], item: Item, one: Evaluated, group: tuple[GroupMember, ...]
) -> Series:
    total, note = _total(item, one)
    return of_item(
        group=group,
        currency=one.currency,
        amounts=one.points,
        total=total,
        note=one.note or note,
        notes=one.notes,
        apart=note == _APART,
    )


def _total(item: Item, one: Evaluated) -> tuple[Amount, str | None]:
    """Return the value of the whole period, merged from its buckets where that is exact."""
    if len(one.points) == 1:
        return one.points[0], None
    apart = item.merge in {Merge.SNAPSHOT, Merge.DISTINCT}
    if apart or (item.merge is Merge.MEAN and not item.weight):
        return Amount(None), _APART
    if one.note:
        # Of the bucket that could not be made there is something, which the total would lack.
        return Amount(None), one.note
    return merge_amounts(item.merge, one.points)


def _final(planned: PlannedItem, evidence: Evidence) -> list[bool]:
    """Return for each bucket whether none of its values can change any more."""
    final = [True] * len(evidence.slots)
    for route in planned.routes:
        for lot in route.lots:
            known = evidence.final((route.figure, lot), route.slots)
            if route.is_one_to_one and len(known) == len(final):
                final = list(map(and_, final, known))
                continue
            for bucket, one in zip(route.buckets, known, strict=True):
                final[bucket] = final[bucket] and one
    return final


class _Naming:
    """The names of members: as the platform knows them, else as the answer told them.

    Names of people are not kept with the values: what is answered from the cache must not be
    named otherwise than what was just asked.
    """

    def __init__(
        self,
        plan: RequestPlan,
        evidence: Evidence,
        members: Mapping[Dimension, tuple[Member, ...]],
    ) -> None:
        self._groups: dict[tuple[str, ...], tuple[GroupMember, ...]] = {}
        self._platform = plan.platform
        self._dimensions = plan.request.group_by
        self._channels = evidence.tables.channels
        self._names: dict[tuple[Dimension, str], str] = {
            (dimension, one.id): one.name
            for dimension, known in members.items()
            for one in known
            if one.name
        }
        items = plan.items if self._dimensions else ()
        for route in (route for planned in items for route in planned.routes):
            for lot in route.lots:
                for cell in evidence.row((route.figure, lot), route.slots):
                    self._learn(lot.group_by, (cell and cell.names) or {})

    def _learn(self, dimensions: Sequence[Dimension], told: Names) -> None:
        for ids, names in told.items():
            for dimension, member, name in zip(dimensions, ids, names, strict=False):
                if name:
                    self._names.setdefault((dimension, member), name)

    def _word(self, dimension: Dimension, member: str) -> str | None:
        """Return a channel's native word: it is its name."""
        return member if dimension is Dimension.CHANNEL else None

    def group(self, ids: tuple[str, ...]) -> tuple[GroupMember, ...]:
        """Return the members of one group."""
        if ids not in self._groups:
            self._groups[ids] = self._named(ids)
        return self._groups[ids]

    def _named(self, ids: tuple[str, ...]) -> tuple[GroupMember, ...]:
        return tuple(
            GroupMember(
                dimension=dimension,
                id=one,
                platform=self._platform,
                name=self._names.get((dimension, one), self._word(dimension, one)),
                channel=self._channels.get(one) if dimension is Dimension.CHANNEL else None,
            )
            for dimension, one in zip(self._dimensions, ids, strict=True)
        )


def errors_of(plan: RequestPlan, wanted: Wanted, outcome: Outcome) -> Sequence[PlatformError]:
    """Return the failures that cost a request with these cells something, one for each code."""
    errors: dict[str, PlatformError] = {}
    for loss in plan.losses:
        errors.setdefault(loss.error.code, loss.error)
    for column, failed in outcome.failed.items():
        for slot, error in failed.items():
            if slot in wanted.get(column, ()):
                errors.setdefault(error.code, error)
    return tuple(errors.values())


def stand_ins_of(wanted: Wanted, outcome: Outcome, now: datetime) -> Sequence[PlatformFailure]:
    """Return the failures for which older cells stand in, one for each code, and how old they are.

    `now` is the moment as of which the request is answered.
    """
    oldest: dict[str, tuple[datetime, PlatformError]] = {}
    for column, errors in outcome.stood_in.items():
        for slot, error in errors.items():
            if slot in wanted.get(column, ()):
                found = outcome.cells[column][slot].at, error
                oldest[error.code] = min(found, oldest.get(error.code, found), key=_first)
    return tuple(PlatformFailure.of(error, now - at) for at, error in oldest.values())


def _first(pair: tuple[datetime, object]) -> datetime:
    return pair[0]


def made_for(wanted: Wanted, outcome: Outcome) -> frozenset[PlannedCall]:
    """Return the calls of the last batch that fetched any of these cells."""
    return frozenset(call for call in outcome.made if call.fills(wanted))


def source_of(plan: RequestPlan, wanted: Wanted, outcome: Outcome, calls: int) -> SourceStatus:
    """Return what became of this platform's share of a request with these cells."""
    if not plan.items and not plan.losses:
        return SourceStatus(
            platform=plan.platform, freshness=Freshness.UNSUPPORTED, calls=calls, note=_note(plan)
        )
    oldest = outcome.oldest(wanted)
    if errors_of(plan, wanted, outcome):
        freshness = Freshness.FAILED if oldest is None else Freshness.PARTIAL
    else:
        freshness = outcome.freshness(wanted)
    return SourceStatus(
        platform=plan.platform,
        freshness=freshness,
        as_of=oldest,
        calls=calls,
        note=_note(plan, wanted),
    )


def _note(plan: RequestPlan, wanted: Wanted | None = None) -> str | None:
    """Return what the platform does not offer of what was asked, or why it was not asked."""
    notes = [f"{one.item}: {one.reason}" for one in plan.refusals]
    if plan.items and not wanted:
        notes.append(_TO_COME)
    return " ".join(notes) or None


def refused_series(plan: RequestPlan, tables: Measurables) -> list[Series]:
    """Return a null series for each item without a value, which says why, unless groups are asked.

    Who would be in the groups is not known.
    """
    if plan.request.group_by:
        return []
    reasons = [(one.item, one.reason) for one in plan.refusals]
    reasons += [(one.item, BROKEN) for one in plan.losses]
    return [_null_series(plan, item, reason, tables) for item, reason in reasons]


def lost_series(plan: RequestPlan, outcome: Outcome, tables: Measurables) -> list[Series]:
    """Return a null series without groups for each item of which a part could not be fetched.

    Whose part it is need not be known: a group of which nothing was told has no series.
    """
    items = [one.item for one in plan.losses]
    items += [one.item.key for one in plan.items if _has_lost(one, outcome)]
    return [_null_series(plan, item, BROKEN, tables) for item in items]


def _has_lost(planned: PlannedItem, outcome: Outcome) -> bool:
    return any(
        not outcome.failed[route.figure, lot].keys().isdisjoint(route.slots)
        for route in planned.routes
        for lot in route.lots
        if (route.figure, lot) in outcome.failed
    )


def _null_series(plan: RequestPlan, item: str, reason: str, tables: Measurables) -> Series:
    request = plan.request
    slots = asked_buckets(request.grain, request.start, request.end, zone(request.zone)).shown
    unit, merge = _kind(item, tables)
    return Series(
        item=item,
        unit=unit,
        merge=merge,
        platform=plan.platform,
        group=(),
        currency=None,
        buckets=slots,
        amounts=[Amount(None)] * len(slots),
        final=[False] * len(slots),
        total=Amount(None),
        grain=request.grain,
        note=reason,
        notes=dict.fromkeys(range(len(slots)), reason),
        platforms=(plan.platform,),
    )


def _kind(item: str, tables: Measurables) -> tuple[Unit, Merge]:
    """Return the unit and rule of an item that has no value here."""
    if item in CATALOGUE:
        indicator = CATALOGUE[IndicatorKey(item)]
        return indicator.unit, indicator.merge
    figure = tables.figures.get(item.partition(".")[2])
    return (figure.unit, figure.merge) if figure else (Unit.UNKNOWN, Merge.DISTINCT)
