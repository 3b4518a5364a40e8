"""Fetched cells become values: by bucket and group, merged by the item's rule or left apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import fsum

from resolvers.merge import Amount, merge_amounts
from resolvers.planner.calls import CellKey
from resolvers.planner.cells import Cell
from resolvers.planner.plan import PlannedItem, folded
from resolvers.planner.request import Item, Lot, MeasureRequest, Route, Slot
from vendors.measures import Dimension, Measurables, Merge, Term, Unit

__all__ = ["BROKEN", "Evaluated", "Evidence", "evaluate"]

BROKEN = "A part of it could not be fetched."

Group = tuple[str, ...]
_Key = tuple[Group, str | None, int]
"""The members of the asked dimensions, the currency where the unit is money, and the bucket."""
_Place = tuple[str, Group, datetime]
"""Where a value stands before it is merged: partition, members not asked for, begin of the slot."""


@dataclass(slots=True)
class Evaluated:
    """The values of one item for one group."""

    group: Group
    currency: str | None
    points: list[Amount]
    note: str | None = None


@dataclass(slots=True)
class _Values:
    """The values of one figure, by key and place, and why some may not be added up."""

    parts: dict[_Key, dict[_Place, float | None]] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    overlapping: tuple[Dimension, ...] = ()

    def at(self, key: _Key) -> dict[_Place, float | None]:
        return self.parts.get(key, {})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the items of one request are evaluated from."""

    request: MeasureRequest
    slots: Sequence[Slot]
    """The asked buckets."""
    tables: Measurables
    cells: Mapping[CellKey, Cell]
    now: datetime


def evaluate(planned: PlannedItem, evidence: Evidence) -> list[Evaluated]:
    """Return the item's values for every group that was answered, by asked bucket.

    A bucket of which a part failed is null with a note; one that lies in the future is null.
    """
    item = planned.item
    values = {
        name: _collect(name, routes, item, evidence)
        for name, routes in {**planned.weight, **planned.value}.items()
    }
    broken: set[int] = set().union(*(one.broken for one in values.values()))
    groups = dict.fromkeys(
        (group, currency) for name in planned.value for group, currency, _ in values[name].parts
    )
    if not groups and not evidence.request.group_by:
        groups = {((), None): None}
    found = []
    for group, currency in groups:
        one = Evaluated(group, currency, [])
        for bucket in range(len(evidence.slots)):
            amount, note = (
                (Amount(None), BROKEN)
                if bucket in broken
                else _amount(item, values, (group, currency, bucket))
            )
            one.points.append(amount)
            one.note = one.note or note
        found.append(one)
    return found


def _collect(name: str, routes: Sequence[Route], item: Item, evidence: Evidence) -> _Values:
    """Return all values of one figure, each in its place."""
    values = _Values()
    for route in routes:
        for lot in route.lots:
            placing = _Placing(lot, item, evidence)
            for slot, bucket in zip(route.slots, route.buckets, strict=True):
                if slot[0] >= evidence.now:
                    continue
                cell = evidence.cells.get((name, lot, slot))
                if cell is None:
                    values.broken.add(bucket)
                    continue
                for group, value in cell.rows.items():
                    placing.put(values, group, bucket, slot[0], value)
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

    def put(
        self, values: _Values, group: Group, bucket: int, start: datetime, value: float | None
    ) -> None:
        """Put one value in its place, unless a filter leaves its group out."""
        members = {**self._assigned, **dict(zip(self._lot.group_by, group, strict=True))}
        if any(members[dimension] not in ids for dimension, ids in self._filters.items()):
            return
        key = (tuple(members[d] for d in self._asked), self._currency, bucket)
        rest = tuple(members[d] for d in self._folded)
        values.parts.setdefault(key, {})[self._lot.partition, rest, start] = value


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
    found = []
    for suspect in suspects:
        at = dimensions.index(suspect) if suspect in dimensions else None
        if any(len({_member(p, at) for p in places}) > 1 for places in values.parts.values()):
            found.append(suspect)
    return tuple(found)


def _member(place: _Place, at: int | None) -> str:
    return place[0] if at is None else place[1][at]


def _amount(item: Item, values: Mapping[str, _Values], key: _Key) -> tuple[Amount, str | None]:
    """Return one value with what merges it further, and why it is null where it cannot be made."""
    overlapping = {d for name in item.figures for d in values[name].overlapping}
    if overlapping:
        names = ", ".join(sorted(one.name for one in overlapping))
        return Amount(None), f"Its values for each {names} overlap and cannot be added."
    if item.merge is Merge.MEAN:
        return _mean(item, values, key)
    if item.merge is Merge.RATIO:
        return _ratio(item, values, key), None
    if item.merge is Merge.DISTINCT and any(len(values[t.figure].at(key)) > 1 for t in item.value):
        return Amount(None), "Its parts may count the same things and cannot be added."
    return Amount(_sum(item.value, values, key)), None


def _mean(item: Item, values: Mapping[str, _Values], key: _Key) -> tuple[Amount, str | None]:
    term = item.value[0]
    parts = []
    for place, value in values[term.figure].at(key).items():
        weight = _at_place(item.weight, values, key, place) if item.weight else None
        scaled = None if value is None else value * term.times
        parts.append(Amount(None if weight == 0 else scaled, weight))
    if not parts:
        return Amount(None), None
    return merge_amounts(Merge.MEAN, parts)


def _ratio(item: Item, values: Mapping[str, _Values], key: _Key) -> Amount:
    numerator = _sum(item.value, values, key)
    denominator = _sum(item.weight, values, key)
    quotient = numerator / denominator if numerator is not None and denominator else None
    return Amount(quotient, denominator, numerator)


def _sum(terms: Sequence[Term], values: Mapping[str, _Values], key: _Key) -> float | None:
    """Return the terms added up over all places, or None where one of them was not measured."""
    sums = []
    for term in terms:
        products = [
            product
            for place in values[term.figure].at(key)
            if (product := _product(term, values, key, place)) is not None
        ]
        if not products:
            return None
        sums.append(fsum(products))
    return fsum(sums)


def _at_place(
    terms: Sequence[Term], values: Mapping[str, _Values], key: _Key, place: _Place
) -> float | None:
    products = [_product(term, values, key, place) for term in terms]
    known = [product for product in products if product is not None]
    return fsum(known) if len(known) == len(products) else None


def _product(term: Term, values: Mapping[str, _Values], key: _Key, place: _Place) -> float | None:
    """Return one term at one place: `times x figure`, or `times x figure x by`."""
    value = values[term.figure].at(key).get(place)
    if value is None:
        return None
    if term.by is None:
        return value * term.times
    factor = values[term.by].at(key).get(place)
    return None if factor is None else value * factor * term.times
