"""Calls that name members ask of those only of whom nothing is kept: lots are parted for that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from resolvers.planner.plan import PlannedItem, RequestPlan
from resolvers.planner.request import Columns, Lot, MeasureRequest, Route, Slot

__all__ = ["parted"]


def parted(
    plans: Mapping[MeasureRequest, RequestPlan], named: Columns[tuple[str, ...]]
) -> dict[MeasureRequest, RequestPlan]:
    """Return the plans with lots parted into members of whom a slot is kept, and the others.

    `named` holds, for slots that are not kept of all members of their lot, of whom they are.
    """
    return {
        request: replace(plan, items=tuple(_parted_item(one, named) for one in plan.items))
        for request, plan in plans.items()
    }


def _parted_item(planned: PlannedItem, named: Columns[tuple[str, ...]]) -> PlannedItem:
    # A mean needs its weight at the same places: where the figures differ, all are asked anew.
    common: dict[tuple[Lot, Slot], set[str]] = {}
    for route in planned.routes:
        for lot in route.lots:
            held = named.get((route.figure, lot), {})
            for slot in route.slots:
                known = set(held.get(slot, ()))
                common[lot, slot] = common.get((lot, slot), known) & known
    if not any(common.values()):
        return planned

    def routes(figures: Mapping[str, tuple[Route, ...]]) -> dict[str, tuple[Route, ...]]:
        return {
            name: tuple(part for route in own for part in _parts(route, common))
            for name, own in figures.items()
        }

    return replace(planned, value=routes(planned.value), weight=routes(planned.weight))


def _parts(route: Route, common: Mapping[tuple[Lot, Slot], set[str]]) -> Iterable[Route]:
    """Return the route by the lots that its slots are to be asked from."""
    by_lots: dict[tuple[Lot, ...], list[tuple[Slot, int]]] = {}
    for slot, bucket in zip(route.slots, route.buckets, strict=True):
        lots = tuple(part for lot in route.lots for part in _parts_of(lot, common[lot, slot]))
        by_lots.setdefault(lots, []).append((slot, bucket))
    for lots, pairs in by_lots.items():
        slots, buckets = zip(*pairs, strict=True)
        yield replace(route, lots=lots, slots=slots, buckets=buckets)


def _parts_of(lot: Lot, known: set[str]) -> list[Lot]:
    """Return the lot for those of its members of whom all is kept, and for the others."""
    if not known:
        return [lot]
    others = tuple(one for one in lot.members if one not in known)
    kept = tuple(one for one in lot.members if one in known)
    return [msgspec.structs.replace(lot, members=part) for part in (kept, others) if part]
