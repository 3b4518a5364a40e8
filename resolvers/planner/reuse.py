"""What can be added up from finer cells, had or asked for anyway, is not asked again.

A total beside its days, or a month whose days are kept, costs no call of its own. This holds for
figures that add over time, for all figures of an item in the same slots (a mean needs its weight
at the same places), and only where the finer cells leave no gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import is_

from resolvers.planner.plan import PlannedItem, RequestPlan
from resolvers.planner.request import Column, Item, Lot, MeasureRequest, Route, Slot, Wanted
from resolvers.planner.routes import adds_over_time, bucket_zone
from resolvers.planner.slots import places_in
from vendors.buckets import zone
from vendors.measures import Grain, Measurables, Merge

__all__ = ["Held", "finer_choices", "settled"]

_SIZES = (
    Grain.HOUR,
    Grain.HOUR_OF_DAY,
    Grain.DAY,
    Grain.WEEK,
    Grain.MONTH,
    Grain.YEAR,
    Grain.TOTAL,
)
_LOOKED_FOR = (Grain.MONTH, Grain.WEEK, Grain.DAY, Grain.HOUR)
_MOST_HOURS = timedelta(days=100)
"""Of a longer period hours are not looked for: to find that they are not kept takes too long."""
_ADDING = frozenset({Merge.SUM, Merge.UNION, Merge.MEAN, Merge.RATIO})

Plans = dict[MeasureRequest, RequestPlan]
Held = Mapping[Column, Mapping[Slot, object]]
"""The cells that an operation knows already."""


def settled(plans: Plans, held: Held, tables: Measurables, now: datetime) -> Plans:
    """Return the plans, from the finest to the coarsest, made of what finer ones have or fetch.

    A plan that stays as it is is the same object.
    """
    promised = _Promised(held)
    better: dict[MeasureRequest, RequestPlan] = {}
    for request in sorted(plans, key=_fineness):
        plan = plans[request]
        items = [_made_of_finer(one, promised, tables, now) for one in plan.items]
        same = all(map(is_, items, plan.items))
        better[request] = plan if same else replace(plan, items=tuple(items))
        promised.add(better[request].wanted(now))
    return {request: better[request] for request in plans}


def finer_choices(
    plans: Plans, missing: Wanted, tables: Measurables, now: datetime
) -> Iterable[Mapping[Column, Sequence[Slot]]]:
    """Return the finer cells that, were they kept, would make missing ones needless.

    Each choice is of use only if all of its cells are kept, the first of each column to begin with.
    """
    for request, plan in plans.items():
        sizes = [one for one in _LOOKED_FOR if _SIZES.index(one) < _SIZES.index(request.grain)]
        for planned in plan.items if sizes else ():
            if not _adds(planned.item, tables):
                continue
            lacking = {
                bucket
                for route in planned.routes
                for lot in route.lots
                for bucket in _lacking(route, missing.get((route.figure, lot), {}))
            }
            for grain in sizes if lacking else []:
                choice = _choice(planned, grain, request, lacking, tables=tables, now=now)
                if choice:
                    yield choice


def _fineness(request: MeasureRequest) -> tuple[int, timedelta]:
    return _SIZES.index(request.grain), request.end - request.start


def _adds(item: Item, tables: Measurables) -> bool:
    """Return whether the item's value can be made of its values in parts of the period."""
    weighed = item.merge is not Merge.MEAN or bool(item.weight)
    figures = [tables.figures[name] for name in item.figures]
    return item.merge in _ADDING and weighed and all(map(adds_over_time, figures))


def _lacking(route: Route, missing: Mapping[Slot, object]) -> set[int]:
    """Return the asked buckets of which a slot is missing."""
    if not missing:
        return set()
    return {at for slot, at in zip(route.slots, route.buckets, strict=True) if slot in missing}


def _choice(
    planned: PlannedItem,
    grain: Grain,
    request: MeasureRequest,
    lacking: set[int],
    *,
    tables: Measurables,
    now: datetime,
) -> dict[Column, Sequence[Slot]]:
    """Return the cells of that size in the lacking buckets, or none where they do not fit."""
    if grain is Grain.HOUR and min(now, request.end) - request.start > _MOST_HOURS:
        return {}
    choice: dict[Column, Sequence[Slot]] = {}
    shared: dict[str, Sequence[Slot]] = {}
    for route in planned.routes:
        for lot in route.lots:
            where = bucket_zone(lot, tables.sources[lot.source], tables)
            if where not in shared:
                shared[where] = _within(grain, where, request, lacking, now)
            if not shared[where]:
                return {}
            choice[route.figure, lot] = shared[where]
    return choice


def _within(
    grain: Grain, where: str, request: MeasureRequest, lacking: set[int], now: datetime
) -> Sequence[Slot]:
    found = places_in(request, grain, zone(where))
    if found is None:
        return ()
    return [slot for slot, at in zip(*found, strict=True) if at in lacking and slot[0] < now]


class _Promised:
    """The cells that are known, or will be when the calls of settled plans are made."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._asked: dict[Column, Mapping[Slot, Grain]] = {}

    def add(self, wanted: Wanted) -> None:
        for column, slots in wanted.items():
            before = self._asked.get(column)
            self._asked[column] = {**before, **slots} if before else slots

    def of(self, column: Column) -> set[Slot]:
        return {*self._held.get(column, ()), *self._asked.get(column, ())}

    def grain(self, column: Column, slot: Slot) -> Grain:
        """Return how the cell is asked for, where it is."""
        return self._asked.get(column, {}).get(slot, Grain.TOTAL)


def _made_of_finer(
    planned: PlannedItem, promised: _Promised, tables: Measurables, now: datetime
) -> PlannedItem:
    """Return the item with slots that are not promised made of finer ones that are."""
    if not _adds(planned.item, tables):
        return planned
    covers: dict[str, Mapping[Slot, Sequence[Slot]]] = {}
    for partition in {lot.partition for route in planned.routes for lot in route.lots}:
        found = _covers(planned.routes, partition, promised, now)
        if found:
            covers[partition] = found
    if not covers:
        return planned

    def rerouted(figures: Mapping[str, tuple[Route, ...]]) -> dict[str, tuple[Route, ...]]:
        return {
            name: tuple(made for route in routes for made in _rerouted(route, covers, promised))
            for name, routes in figures.items()
        }

    return replace(planned, value=rerouted(planned.value), weight=rerouted(planned.weight))


def _covers(
    routes: Sequence[Route], partition: str, promised: _Promised, now: datetime
) -> Mapping[Slot, Sequence[Slot]]:
    """Return the finer slots that make up slots of a partition which are not promised."""
    own = [
        (route, promised.of((route.figure, lot)))
        for route in routes
        for lot in route.lots
        if lot.partition == partition
    ]
    common = set.intersection(*(have for _, have in own))
    if not common:
        return {}
    lacking = {slot for route, have in own for slot in route.slots if slot not in have}
    ends: dict[datetime, list[datetime]] = {}
    for start, end in sorted(common, reverse=True):
        ends.setdefault(start, []).append(end)
    found = {slot: _cover(slot, ends, now) for slot in lacking if slot[0] < now}
    covers: dict[Slot, Sequence[Slot]] = {s: cover for s, cover in found.items() if cover}
    first = own[0][0]
    if len(covers) < len(found) and all(route.slots == first.slots for route, _ in own):
        for stretch in _stretches(first):
            if not found.keys() & stretch <= covers.keys():
                covers.update(_cover_together(stretch, ends, now))
    return covers


def _stretches(route: Route) -> Iterable[list[Slot]]:
    """Return the slots that are parts of one asked bucket, one behind the other."""
    stretch: list[Slot] = []
    before = -1
    for slot, bucket in zip(route.slots, route.buckets, strict=True):
        if stretch and (bucket != before or stretch[-1][1] != slot[0]):
            yield stretch
            stretch = []
        stretch.append(slot)
        before = bucket
    yield stretch


def _cover_together(
    stretch: Sequence[Slot], ends: Mapping[datetime, Sequence[datetime]], now: datetime
) -> dict[Slot, Sequence[Slot]]:
    """Return what covers all of these slots, as the cover of the first of them.

    A vendor's longest window may cut a bucket where none of its parts begins.
    """
    cover = _cover((stretch[0][0], stretch[-1][1]), ends, now)
    return {slot: cover if slot is stretch[0] else () for slot in stretch} if cover else {}


def _cover(
    slot: Slot, ends: Mapping[datetime, Sequence[datetime]], now: datetime
) -> list[Slot] | None:
    """Return slots without gap or overlap that make up the slot, or None where there are none.

    What has not begun is covered by itself: it is not asked for. Longer ones are tried first.
    """
    path: list[Slot] = []
    dead: set[datetime] = set()
    at = slot[0]
    while at < slot[1] and at < now:
        end = next((e for e in ends.get(at, ()) if e <= slot[1] and e not in dead), None)
        if end is not None:
            path.append((at, end))
            at = end
        elif path:
            dead.add(at)
            at = path.pop()[0]
        else:
            return None
    return [*path, (at, slot[1])] if at < slot[1] else path


def _rerouted(
    route: Route, covers: Mapping[str, Mapping[Slot, Sequence[Slot]]], promised: _Promised
) -> Iterable[Route]:
    """Return the route, and instead of its covered slots, routes by what covers them."""
    partitions: dict[str, list[Lot]] = {}
    for lot in route.lots:
        partitions.setdefault(lot.partition, []).append(lot)
    for partition, lots in partitions.items():
        cover = covers.get(partition, {})
        pairs = list(zip(route.slots, route.buckets, strict=True))
        # Each is asked for as it is anyway: hours of one part of a period, days of another.
        sized: dict[Grain, list[tuple[Slot, int]]] = {}
        for slot, at in pairs:
            if slot not in cover:
                sized.setdefault(route.grain, []).append((slot, at))
            for one in cover.get(slot, ()):
                size = promised.grain((route.figure, lots[0]), one)
                sized.setdefault(size, []).append((one, at))
        for size, chosen in sized.items():
            slots, buckets = zip(*chosen, strict=True)
            yield Route(route.figure, size, tuple(lots), slots, buckets)
