"""Where the values of cells belong: to which group and bucket, and at which place in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from resolvers.planner.cells import Cell, Group
from resolvers.planner.evidence import Evidence
from resolvers.planner.listed import place_of_members
from resolvers.planner.plan import folded
from resolvers.planner.request import Lot, MeasureRequest, Route
from vendors.measures import Dimension

__all__ = ["Owner", "Parts", "Place", "Placing", "Values", "collect"]

Owner: TypeAlias = tuple[Group, str | None]
"""The members of the asked dimensions, and the currency where the unit is money."""
Place: TypeAlias = tuple[str, Group, datetime]
"""Where a value stands before it is merged: partition, members not asked for, begin of the slot."""
Parts: TypeAlias = Mapping[Place, float | None]
"""The values of one figure that belong to one owner and one bucket."""


class Values:
    """The values of one figure, by owner, bucket and place, and why some may not be added up."""

    def __init__(self) -> None:
        """Begin with none."""
        self.parts: dict[Owner, dict[int, dict[Place, float | None]]] = {}
        self.broken: list[tuple[Placing, int]] = []
        """The buckets of which a part failed, and whose part it is."""
        self.apart: Mapping[Dimension, int | None] = {}
        """Over what they may not be added up, and where in a place its member stands."""

    def overlapping(self, parts: Parts) -> Iterator[Dimension]:
        """Yield the dimensions over which these would have to be added up, but must not be."""
        if len(parts) > 1:
            for dimension, at in self.apart.items():
                if len({_member(place, at) for place in parts}) > 1:
                    yield dimension


def collect(
    name: str,
    routes: Sequence[Route],
    evidence: Evidence,
    placings: dict[Lot, Placing],
    *,
    money: bool,
) -> Values:
    """Return all values of one figure, each in its place."""
    values = Values()
    for route in routes:
        for lot in route.lots:
            placing = placings.get(lot) or Placing(lot, evidence, money=money)
            placings[lot] = placing
            row = evidence.row((name, lot), route.slots)
            for slot, bucket, cell in zip(route.slots, route.buckets, row, strict=True):
                if slot[0] >= evidence.now:
                    continue
                if cell is None:
                    values.broken.append((placing, bucket))
                else:
                    placing.put(values, cell, bucket, slot[0])
    additive = evidence.tables.figures[name].additive_over
    values.apart = _apart(routes, evidence.request, additive)
    return values


class Placing:
    """Where the values of one lot belong."""

    def __init__(self, lot: Lot, evidence: Evidence, *, money: bool) -> None:
        """Where money is measured its currency tells values apart."""
        request, tables = evidence.request, evidence.tables
        self._lot = lot
        self._assigned = dict(lot.assigned)
        self._asked = request.group_by
        place = place_of_members(lot, tables.sources[lot.source])
        self._named = {} if place is None else {lot.group_by[place]: frozenset(lot.members)}
        self._folded = folded(lot, request)
        self._filters = {
            dimension: frozenset(ids)
            for dimension, ids in request.filters
            if dimension in lot.group_by
        }
        if lot.channels:
            self._filters[Dimension.CHANNEL] = frozenset(lot.channels)
        self._currency = tables.partition(lot.partition).currency if money else None
        self._known: dict[Group, tuple[Owner, Group] | None] = {}

    def put(self, values: Values, cell: Cell, bucket: int, start: datetime) -> None:
        """Put the values of a cell in their places, but for those that a filter leaves out."""
        partition = self._lot.partition
        for group, value in cell.rows.items():
            if group not in self._known:
                self._known[group] = self._find(group)
            found = self._known[group]
            if found is not None:
                owner, rest = found
                parts = values.parts.setdefault(owner, {}).setdefault(bucket, {})
                parts[partition, rest, start] = value

    def concerns(self, owner: Owner) -> bool:
        """Return whether a value of the lot could be a part of what that owner has."""
        group, currency = owner
        return currency in {None, self._currency} and all(
            self._assigned.get(dimension, member) == member
            and member in self._named.get(dimension, (member,))
            for dimension, member in zip(self._asked, group, strict=False)
        )

    def _find(self, group: Group) -> tuple[Owner, Group] | None:
        """Return whose the values of this group are, and the members that are not asked for."""
        members = {**self._assigned, **dict(zip(self._lot.group_by, group, strict=True))}
        if any(members[dimension] not in ids for dimension, ids in self._filters.items()):
            return None
        owner = tuple(members[d] for d in self._asked), self._currency
        return owner, tuple(members[d] for d in self._folded)


def _apart(
    routes: Sequence[Route], request: MeasureRequest, additive: frozenset[Dimension]
) -> Mapping[Dimension, int | None]:
    """Return over what values may not be added up, and where in a place its member stands."""
    if not routes:
        return {}
    dimensions = folded(routes[0].lots[0], request)
    apart: dict[Dimension, int | None] = {
        one: at for at, one in enumerate(dimensions) if one not in additive
    }
    if Dimension.SITE not in additive:
        apart.setdefault(Dimension.SITE, None)
    return apart


def _member(place: Place, at: int | None) -> str:
    return place[0] if at is None else place[1][at]
