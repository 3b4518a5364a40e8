"""Fetched cells become values: by bucket and group, merged by the item's rule or left apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from resolvers.merge import Amount, merge_amounts
from resolvers.planner.cells import Group
from resolvers.planner.evidence import Evidence
from resolvers.planner.places import Owner, Parts, Place, Placing, Values, collect
from resolvers.planner.plan import PlannedItem
from resolvers.planner.request import Item, Lot, Route
from resolvers.planner.straight import (
    amounts_by_group,
    amounts_of,
    is_straight,
    is_straight_by_group,
)
from vendors.measures import Merge, Term, Unit

__all__ = ["BROKEN", "Evaluated", "Evaluation"]

BROKEN = "A part of it could not be fetched."

_NOTHING: Parts = {}


@dataclass(slots=True)
class Evaluated:
    """The values of one item for one group."""

    group: Group
    currency: str | None
    points: list[Amount]
    notes: Mapping[int, str] = field(default_factory=dict)
    """Why buckets lack their value, by their places."""

    @property
    def note(self) -> str | None:
        """Return the first of the notes."""
        return next(iter(self.notes.values()), None)


class Evaluation:
    """Evaluates the items of one request.

    Many items are made of one figure, and most figures are told of the same groups: where each
    value belongs is found out once.
    """

    def __init__(self, evidence: Evidence) -> None:
        """Evaluate from this evidence."""
        self._evidence = evidence
        self._placings: dict[bool, dict[Lot, Placing]] = {True: {}, False: {}}
        self._collected: dict[tuple[str, int, bool], Values] = {}

    def of(self, planned: PlannedItem) -> list[Evaluated]:
        """Return the item's values for every group that was answered, by asked bucket.

        A bucket of which a part failed is null with a note; one that lies in the future is null.
        """
        item, evidence = planned.item, self._evidence
        if is_straight(planned, evidence):
            return [_straight(planned, evidence)]
        if is_straight_by_group(planned, evidence):
            return _by_group(planned, evidence)
        values = {
            name: self._values(name, routes, money=item.unit is Unit.MONEY)
            for name, routes in {**planned.weight, **planned.value}.items()
        }
        owners = dict.fromkeys(owner for name in planned.value for owner in values[name].parts)
        if not owners and not evidence.request.group_by:
            owners = {((), None): None}
        return [_evaluated(item, owner, values, len(evidence.slots)) for owner in owners]

    def _values(self, name: str, routes: Sequence[Route], *, money: bool) -> Values:
        key = name, id(routes), money
        if key not in self._collected:
            placings = self._placings[money]
            self._collected[key] = collect(name, routes, self._evidence, placings, money=money)
        return self._collected[key]


def _straight(planned: PlannedItem, evidence: Evidence) -> Evaluated:
    points, anything, broken = amounts_of(planned, evidence)
    money = anything and planned.item.unit is Unit.MONEY
    partition = evidence.tables.partition(planned.routes[0].lots[0].partition)
    return Evaluated((), partition.currency if money else None, points, _broken(broken))


def _by_group(planned: PlannedItem, evidence: Evidence) -> list[Evaluated]:
    groups, failed = amounts_by_group(planned, evidence)
    partition = evidence.tables.partition(planned.routes[0].lots[0].partition)
    currency = partition.currency if planned.item.unit is Unit.MONEY else None
    notes = _broken(failed)
    return [Evaluated(group, currency, points, notes) for group, points in groups.items()]


def _broken(buckets: Iterable[int]) -> Mapping[int, str]:
    return dict.fromkeys(sorted(buckets), BROKEN)


def _evaluated(item: Item, owner: Owner, values: Mapping[str, Values], buckets: int) -> Evaluated:
    own = [(name, told.parts.get(owner, {})) for name, told in values.items()]
    broken = {
        bucket
        for told in values.values()
        for placing, bucket in told.broken
        if placing.concerns(owner)
    }
    points: list[Amount] = []
    notes: dict[int, str] = {}
    for bucket in range(buckets):
        told = {name: parts.get(bucket, _NOTHING) for name, parts in own}
        note = BROKEN if bucket in broken else _overlap(item, values, told)
        amount = Amount(None)
        if note is None:
            amount, note = _amount(item, told)
        points.append(amount)
        if note is not None:
            notes[bucket] = note
    return Evaluated(*owner, points, notes)


def _overlap(item: Item, values: Mapping[str, Values], told: Mapping[str, Parts]) -> str | None:
    """Return why the values of one bucket may not be added up, where that is so."""
    overlapping = {d.name for name in item.figures for d in values[name].overlapping(told[name])}
    if not overlapping:
        return None
    return f"Its values for each {', '.join(sorted(overlapping))} overlap and cannot be added."


def _amount(item: Item, told: Mapping[str, Parts]) -> tuple[Amount, str | None]:
    """Return one value with what merges it further, and why it is null where it cannot be made."""
    if item.merge is Merge.MEAN:
        return _mean(item, told)
    if item.merge is Merge.RATIO:
        return _ratio(item, told), None
    if item.merge is Merge.DISTINCT and any(len(told[t.figure]) > 1 for t in item.value):
        return Amount(None), "Its parts may count the same things and cannot be added."
    return Amount(_sum(item.value, told)), None


def _mean(item: Item, told: Mapping[str, Parts]) -> tuple[Amount, str | None]:
    term = item.value[0]
    parts = []
    for place, value in told[term.figure].items():
        weight = _at_place(item.weight, told, place) if item.weight else None
        scaled = None if value is None else value * term.times
        parts.append(Amount(None if weight == 0 else scaled, weight))
    if not parts:
        return Amount(None), None
    return merge_amounts(Merge.MEAN, parts)


def _ratio(item: Item, told: Mapping[str, Parts]) -> Amount:
    numerator = _sum(item.value, told)
    denominator = _sum(item.weight, told)
    quotient = numerator / denominator if numerator is not None and denominator else None
    return Amount(quotient, denominator, numerator)


def _sum(terms: Sequence[Term], told: Mapping[str, Parts]) -> float | None:
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


def _at_place(terms: Sequence[Term], told: Mapping[str, Parts], place: Place) -> float | None:
    products = [_product(term, told, place) for term in terms]
    known = [product for product in products if product is not None]
    return fsum(known) if len(known) == len(products) else None


def _product(term: Term, told: Mapping[str, Parts], place: Place) -> float | None:
    """Return one term at one place: `times x figure`, or `times x figure x by`."""
    value = told[term.figure].get(place)
    if value is None:
        return None
    if term.by is None or value == 0:
        # Of nothing there is no share, and none is needed: 0 of 0 invitations were accepted.
        return value * term.times
    factor = told[term.by].get(place)
    return None if factor is None else value * factor * term.times
