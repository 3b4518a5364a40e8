"""The common case by whole columns: one call's ungrouped answer, one slot for each asked bucket.

Nothing is merged there, so that a value is a term or two of its own bucket; what `evaluate` does
for each bucket, group and place is done here for a column at a time, and gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from typing import TypeAlias

from resolvers.merge import Amount
from resolvers.planner.evidence import Evidence
from resolvers.planner.plan import PlannedItem
from resolvers.planner.request import Item, Lot
from vendors.measures import Merge, Term

__all__ = ["amounts_of", "is_straight"]

_Values: TypeAlias = Sequence[float | None]


def is_straight(planned: PlannedItem, evidence: Evidence) -> bool:
    """Return whether each asked bucket is one slot of one ungrouped lot, for every figure."""
    routes = planned.routes
    if evidence.request.group_by or not routes:
        return False
    first = routes[0].lots[0]
    return all(
        len(route.lots) == 1
        and not route.lots[0].group_by
        and _belongs_with(route.lots[0], first)
        and (route.slots is evidence.slots or route.slots == evidence.slots)
        and route.is_one_to_one
        for route in routes
    ) and len(routes) == len(planned.value) + len(planned.weight)


def _belongs_with(lot: Lot, other: Lot) -> bool:
    """Return whether values of both lots stand in the same places."""
    return lot.partition == other.partition and lot.assigned == other.assigned


def amounts_of(planned: PlannedItem, evidence: Evidence) -> tuple[list[Amount], bool, bool]:
    """Return the amount of each bucket, whether anything was told, and whether anything failed."""
    item = planned.item
    own = {route.figure: route for route in planned.routes}
    told = {name: evidence.told((name, one.lots[0]), one.slots) for name, one in own.items()}
    columns = {name: one.values for name, one in told.items()}
    amounts = _RULES.get(item.merge, _sums)(item, columns)
    if item.merge is Merge.MEAN:
        # What was not told has no weight either.
        for at in told[item.value[0].figure].silent:
            amounts[at] = Amount(None)
    broken = {at for one in told.values() for at in one.missing}
    for at in broken:
        amounts[at] = Amount(None)
    return amounts, any(told[name].anything for name in planned.value), bool(broken)


def _sums(item: Item, columns: Mapping[str, _Values]) -> list[Amount]:
    return list(map(Amount, _sum(item.value, columns)))


def _means(item: Item, columns: Mapping[str, _Values]) -> list[Amount]:
    term = item.value[0]
    values = _scaled(columns[term.figure], term.times)
    if not item.weight:
        return list(map(Amount, values))
    weights = _sum(item.weight, columns)
    return [
        Amount(None if weight == 0 else value, weight)
        for value, weight in zip(values, weights, strict=True)
    ]


def _ratios(item: Item, columns: Mapping[str, _Values]) -> list[Amount]:
    return [
        Amount(above / below if above is not None and below else None, below, above)
        for above, below in zip(_sum(item.value, columns), _sum(item.weight, columns), strict=True)
    ]


_RULES: Mapping[Merge, Callable[[Item, Mapping[str, _Values]], list[Amount]]] = {
    Merge.MEAN: _means,
    Merge.RATIO: _ratios,
}


def _sum(terms: Sequence[Term], columns: Mapping[str, _Values]) -> _Values:
    """Return the terms added up, None where one of them was not measured."""
    products = [_product(term, columns) for term in terms]
    if len(products) == 1:
        return products[0]
    return [None if None in parts else fsum(parts) for parts in zip(*products, strict=True)]


def _product(term: Term, columns: Mapping[str, _Values]) -> _Values:
    """Return one term of each bucket: `times x figure`, or `times x figure x by`; 0 is 0 times."""
    values = columns[term.figure]
    if term.by is None:
        return _scaled(values, term.times)
    times = term.times
    return [
        value if not value else None if factor is None else value * factor * times
        for value, factor in zip(values, columns[term.by], strict=True)
    ]


def _scaled(values: _Values, times: float) -> _Values:
    return [None if value is None else value * times for value in values]
