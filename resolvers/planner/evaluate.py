"""Fetched cells become values: by bucket and group, merged by the item's rule or left apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import TypeAlias

from resolvers.merge import Amount, merge_amounts
from resolvers.planner.cells import Cell, Group
from resolvers.planner.evidence import Evidence
from resolvers.planner.plan import PlannedItem, folded
from resolvers.planner.request import Item, Lot, MeasureRequest, Route
from resolvers.planner.straight import amounts_of, is_straight
from vendors.measures import Dimension, Merge, Term, Unit

__all__ = ["BROKEN", "Evaluated", "evaluate"]

BROKEN = "A part of it could not be fetched."

_Owner: TypeAlias = tuple[Group, str | None]
"""The members of the asked dimensions, and the currency where the unit is money."""
_Place: TypeAlias = tuple[str, Group, datetime]
"""Where a value stands before it is merged: partition, members not asked for, begin of the slot."""
_Parts: TypeAlias = Mapping[_Place, float | None]
"""The values of one figure that belong to one owner and one bucket."""
_NOTHING: _Parts = {}


@dataclass(slots=True)
class Evaluated:
    """The values of one item for one group."""

    group: Group
    currency: str | None
    points: list[Amount]
    note: str | None = None


def evaluate(planned: PlannedItem, evidence: Evidence) -> list[Evaluated]:
    """Return the item's values for every group that was answered, by asked bucket.

    A bucket of which a part failed is null with a note; one that lies in the future is null.
    """
    item = planned.item
    if is_straight(planned, evidence):
        return [_straight(planned, evidence)]
    values = {
        name: _collect(name, routes, item, evidence)
        for name, routes in {**planned.weight, **planned.value}.items()
    }
    owners = dict.fromkeys(owner for name in planned.value for owner in values[name].parts)
    if not owners and not evidence.request.group_by:
        owners = {((), None): None}
    overlap = _overlap(item, values)
    return [_evaluated(item, owner, values, overlap, len(evidence.slots)) for owner in owners]


def _straight(planned: PlannedItem, evidence: Evidence) -> Evaluated:
    points, anything, broken = amounts_of(planned, evidence)
    money = anything and planned.item.unit is Unit.MONEY
    partition = evidence.tables.partition(planned.routes[0].lots[0].partition)
    return Evaluated((), partition.currency if money else None, points, BROKEN if broken else None)


def _evaluated(
    item: Item,
    owner: _Owner,
    values: Mapping[str, _Values],
    overlap: str | None,
    buckets: int,
) -> Evaluated:
    one = Evaluated(*owner, [])
    own = [(name, told.parts.get(owner, {})) for name, told in values.items()]
    broken = {
        bucket
        for told in values.values()
        for placing, bucket in told.broken
        if placing.concerns(owner)
    }
    for bucket in range(buckets):
        note = BROKEN if bucket in broken else overlap
        amount = Amount(None)
        if note is None:
            told = {name: parts.get(bucket, _NOTHING) for name, parts in own}
            amount, note = _amount(item, told)
        one.points.append(amount)
        one.note = one.note or note
    return one


class _Values:
    """The values of one figure, by owner, bucket and place, and why some may not be added up."""

    def __init__(self) -> None:
        self.parts: dict[_Owner, dict[int, dict[_Place, float | None]]] = {}
        self.broken: list[tuple[_Placing, int]] = []
        """The buckets of which a part failed, and whose part it is."""
        self.overlapping: tuple[Dimension, ...] = ()


def _collect(name: str, routes: Sequence[Route], item: Item, evidence: Evidence) -> _Values:
    """Return all values of one figure, each in its place."""
    values = _Values()
    for route in routes:
        for lot in route.lots:
            placing = _Placing(lot, item, evidence)
            row = evidence.row((name, lot), route.slots)
            for slot, bucket, cell in zip(route.slots, route.buckets, row, strict=True):
                if slot[0] >= evidence.now:
                    continue
                if cell is None:
                    values.broken.append((placing, bucket))
                else:
                    placing.put(values, cell, bucket, slot[0])
    additive = evidence.tables.figures[name].additive_over
    values.overlapping = _overlapping(values, routes, evidence.request, additive)
    return values


class _Placing:
    """Where the values of one lot belong."""

    def __init__(self, lot: Lot, item: Item, evidence: Evidence) -> None:
        request, tables = evidence.request, evidence.tables
        self._lot = lot
        self._assigned = dict(lot.assigned)
        self._asked = request.group_by
        self._folded = folded(lot, request)
        self._filters = {
            dimension: frozenset(ids)
            for dimension, ids in request.filters
            if dimension in lot.group_by
        }
        if lot.channels:
            self._filters[Dimension.CHANNEL] = frozenset(lot.channels)
        money = item.unit is Unit.MONEY
        self._currency = tables.partition(lot.partition).currency if money else None
        self._known: dict[Group, tuple[_Owner, Group] | None] = {}

    def put(self, values: _Values, cell: Cell, bucket: int, start: datetime) -> None:
        """Put the values of a cell in their places, but for those that a filter leaves out."""
        for group, value in cell.rows.items():
            if group not in self._known:
                self._known[group] = self._find(group)
            found = self._known[group]
            if found is not None:
                owner, rest = found
                parts = values.parts.setdefault(owner, {}).setdefault(bucket, {})
                parts[self._lot.partition, rest, start] = value

    def concerns(self, owner: _Owner) -> bool:
        """Return whether a value of the lot could be a part of what that owner has."""
        group, currency = owner
        return currency in {None, self._currency} and all(
            self._assigned.get(dimension, member) == member
            for dimension, member in zip(self._asked, group, strict=False)
        )

    def _find(self, group: Group) -> tuple[_Owner, Group] | None:
        """Return whose the values of this group are, and the members that are not asked for."""
        members = {**self._assigned, **dict(zip(self._lot.group_by, group, strict=True))}
        if any(members[dimension] not in ids for dimension, ids in self._filters.items()):
            return None
        owner = tuple(members[d] for d in self._asked), self._currency
        return owner, tuple(members[d] for d in self._folded)


def _overlapping(
    values: _Values,
    routes: Sequence[Route],
    request: MeasureRequest,
    additive: frozenset[Dimension],
) -> tuple[Dimension, ...]:
    """Return the dimensions over which several values would have to be added, but must not be."""
    if not routes:
        return ()
    dimensions = folded(routes[0].lots[0], request)
    suspects = [d for d in dimensions if d not in additive]
    if Dimension.SITE not in additive:
        suspects.append(Dimension.SITE)
    every = [places for buckets in values.parts.values() for places in buckets.values()]
    found = []
    for suspect in suspects:
        at = dimensions.index(suspect) if suspect in dimensions else None
        if any(len(places) > 1 and len({_member(p, at) for p in places}) > 1 for places in every):
            found.append(suspect)
    return tuple(found)


def _member(place: _Place, at: int | None) -> str:
    return place[0] if at is None else place[1][at]


def _overlap(item: Item, values: Mapping[str, _Values]) -> str | None:
    """Return why the item's values may not be added up, where that is so."""
    overlapping = {d.name for name in item.figures for d in values[name].overlapping}
    if not overlapping:
        return None
    return f"Its values for each {', '.join(sorted(overlapping))} overlap and cannot be added."


def _amount(item: Item, told: Mapping[str, _Parts]) -> tuple[Amount, str | None]:
    """Return one value with what merges it further, and why it is null where it cannot be made."""
    if item.merge is Merge.MEAN:
        return _mean(item, told)
    if item.merge is Merge.RATIO:
        return _ratio(item, told), None
    if item.merge is Merge.DISTINCT and any(len(told[t.figure]) > 1 for t in item.value):
        return Amount(None), "Its parts may count the same things and cannot be added."
    return Amount(_sum(item.value, told)), None


def _mean(item: Item, told: Mapping[str, _Parts]) -> tuple[Amount, str | None]:
    term = item.value[0]
    parts = []
    for place, value in told[term.figure].items():
        weight = _at_place(item.weight, told, place) if item.weight else None
        scaled = None if value is None else value * term.times
        parts.append(Amount(None if weight == 0 else scaled, weight))
    if not parts:
        return Amount(None), None
    return merge_amounts(Merge.MEAN, parts)


def _ratio(item: Item, told: Mapping[str, _Parts]) -> Amount:
    numerator = _sum(item.value, told)
    denominator = _sum(item.weight, told)
    quotient = numerator / denominator if numerator is not None and denominator else None
    return Amount(quotient, denominator, numerator)


def _sum(terms: Sequence[Term], told: Mapping[str, _Parts]) -> float | None:
    """Return the terms added up over all places, or None where one of them was not measured."""
    sums = []
    for term in terms:
        products = [
            product
            for place in told[term.figure]
            if (product := _product(term, told, place)) is not None
        ]
        if not products:
            return None
        sums.append(fsum(products))
    return fsum(sums)


def _at_place(terms: Sequence[Term], told: Mapping[str, _Parts], place: _Place) -> float | None:
    products = [_product(term, told, place) for term in terms]
    known = [product for product in products if product is not None]
    return fsum(known) if len(known) == len(products) else None


def _product(term: Term, told: Mapping[str, _Parts], place: _Place) -> float | None:
    """Return one term at one place: `times x figure`, or `times x figure x by`."""
    value = told[term.figure].get(place)
    if value is None:
        return None
    if term.by is None:
        return value * term.times
    factor = told[term.by].get(place)
    return None if factor is None else value * factor * term.times
