"""The common cases by whole columns: one call's answer, one slot for each asked bucket.

Nothing is merged there, so that a value is a term or two of its own bucket and group; what
`evaluate` does for each bucket, group and place is done here for all buckets of an ungrouped lot,
or all groups of a bucket, at a time, and gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import fsum
from typing import TypeAlias

from resolvers.merge import Amount
from resolvers.planner.cells import Cell, Group
from resolvers.planner.evidence import Evidence
from resolvers.planner.plan import PlannedItem
from resolvers.planner.request import Item, Lot
from vendors.measures import Dimension, Merge, Term

__all__ = ["amounts_by_group", "amounts_of", "is_straight", "is_straight_by_group"]

_Values: TypeAlias = Sequence[float | None]


def is_straight(planned: PlannedItem, evidence: Evidence) -> bool:
    """Return whether each asked bucket is one slot of one ungrouped lot, for every figure."""
    return not evidence.request.group_by and _is_straight(planned, evidence, ())


def is_straight_by_group(planned: PlannedItem, evidence: Evidence) -> bool:
    """Return whether each bucket is one slot of one lot that is grouped just as it was asked."""
    request = evidence.request
    return (
        bool(request.group_by)
        and not any(dimension in request.group_by for dimension, _ in request.filters)
        and _is_straight(planned, evidence, request.group_by)
        and not any(route.lots[0].assigned or route.lots[0].channels for route in planned.routes)
    )


def _is_straight(planned: PlannedItem, evidence: Evidence, group_by: tuple[Dimension, ...]) -> bool:
    routes = planned.routes
    return len(routes) == len(planned.value) + len(planned.weight) and all(
        len(route.lots) == 1
        and route.lots[0].group_by == group_by
        and _belongs_with(route.lots[0], routes[0].lots[0])
        and (route.slots is evidence.slots or route.slots == evidence.slots)
        and route.is_one_to_one
        for route in routes
    )


def _belongs_with(lot: Lot, other: Lot) -> bool:
    """Return whether values of both lots stand in the same places."""
    return lot.partition == other.partition and lot.assigned == other.assigned


def amounts_of(
    planned: PlannedItem, evidence: Evidence
) -> tuple[list[Amount], bool, Collection[int]]:
    """Return the amount of each bucket, whether anything was told, and the buckets that failed."""
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
    return amounts, any(told[name].anything for name in planned.value), broken


def amounts_by_group(
    planned: PlannedItem, evidence: Evidence
) -> tuple[dict[Group, list[Amount]], Collection[int]]:
    """Return the amounts of each group that was told, by bucket, and the buckets that failed."""
    own = {route.figure: route for route in planned.routes}
    rows = {name: evidence.row((name, one.lots[0]), one.slots) for name, one in own.items()}
    told = (cell.rows for name in planned.value for cell in rows[name] if cell is not None)
    groups = list(dict.fromkeys(group for one in told for group in one))
    buckets: list[list[Amount]] = []
    failed: set[int] = set()
    for at, slot in enumerate(evidence.slots):
        cells = {name: row[at] for name, row in rows.items()}
        if slot[0] < evidence.now and None in cells.values():
            failed.add(at)
            buckets.append([Amount(None)] * len(groups))
        else:
            buckets.append(_amounts_in(planned.item, cells, groups))
    return dict(zip(groups, map(list, zip(*buckets, strict=True)), strict=True)), failed


def _amounts_in(
    item: Item, cells: Mapping[str, Cell | None], groups: Sequence[Group]
) -> list[Amount]:
    """Return the amount of each group in one bucket."""
    rows = {name: {} if cell is None else cell.rows for name, cell in cells.items()}
    columns = {name: list(map(own.get, groups)) for name, own in rows.items()}
    amounts = _RULES.get(item.merge, _sums)(item, columns)
    if item.merge is Merge.MEAN:
        own = rows[item.value[0].figure]
        return [
            amount if group in own else Amount(None)
            for group, amount in zip(groups, amounts, strict=True)
        ]
    return amounts


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
