"""One request on one platform: items, the routes of their figures, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from resolvers.planner.expand import expand, in_parts
from resolvers.planner.lots import Members, NotOfferedError, lots_of, named_dimension
from resolvers.planner.request import (
    Column,
    Item,
    Lot,
    MeasureRequest,
    Refusal,
    Route,
    Slot,
    Wanted,
)
from resolvers.planner.routes import routes_of
from vendors.errors import PlatformError
from vendors.measures import Dimension, Figure, Grain, Measurables, Merge, Term

__all__ = ["Demand", "Loss", "PlannedItem", "RequestPlan", "folded", "plan_request"]

_PRESENT = timedelta(minutes=5)
"""A period that ended so lately was meant to end now."""

Demand = tuple[str, tuple[Lot, ...]]
"""A figure, and the lots that it is wanted from."""


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item with the routes of each of its figures: those of `value`, and those of `weight`."""

    item: Item
    value: Mapping[str, tuple[Route, ...]]
    weight: Mapping[str, tuple[Route, ...]]

    @property
    def routes(self) -> tuple[Route, ...]:
        """Return all routes of the item."""
        every = (*self.value.values(), *self.weight.values())
        return tuple(route for routes in every for route in routes)


@dataclass(frozen=True, slots=True)
class Loss:
    """An item that could not even be planned, since the platform failed to name members."""

    item: str
    error: PlatformError


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """What one platform will be asked for one request."""

    platform: str
    request: MeasureRequest
    items: tuple[PlannedItem, ...]
    refusals: tuple[Refusal, ...]
    losses: tuple[Loss, ...] = ()

    def wanted(self, now: datetime) -> Wanted:
        """Return the cells that it needs and how to ask for each; the future is not asked."""
        begun: dict[tuple[int, Grain], Mapping[Slot, Grain]] = {}
        wanted: dict[Column, Mapping[Slot, Grain]] = {}
        for route in (route for item in self.items for route in item.routes):
            # Figures share their slots, of which there may be thousands.
            key = id(route.slots), route.grain
            if key not in begun:
                past = (slot for slot in route.slots if slot[0] < now)
                begun[key] = dict.fromkeys(past, route.grain)
            for lot in route.lots:
                before = wanted.get((route.figure, lot), begun[key])
                both = before if before is begun[key] else {**before, **begun[key]}
                wanted[route.figure, lot] = both
        return {column: slots for column, slots in wanted.items() if slots}

    def with_losses(self, lost: Mapping[Dimension, PlatformError]) -> RequestPlan:
        """Return the plan with what is refused only because its members could not be fetched."""
        losses = [
            Loss(one.item, lost[one.unknown])
            for one in self.refusals
            if one.unknown is not None and one.unknown in lost
        ]
        refusals = tuple(one for one in self.refusals if one.unknown not in lost)
        return replace(self, refusals=refusals, losses=tuple(losses))


def plan_request(
    request: MeasureRequest,
    platform: str,
    vendor: str,
    tables: Measurables,
    members: Members,
    *,
    now: datetime,
) -> RequestPlan:
    """Return how this platform answers the request: routes where it can, refusals where not."""
    expanded = expand(request, vendor, tables)
    refusals = [one for one in expanded if isinstance(one, Refusal)]
    wanted: list[tuple[Item, _Demands]] = []
    for item in (one for one in expanded if isinstance(one, Item)):
        try:
            _check_present(item, request, tables, now)
            wanted.append((item, _demands(item, request, tables, members)))
        except NotOfferedError as error:
            refusals.append(Refusal(item.key, str(error), error.unknown))
    routes, undone = _routes([demands for _, demands in wanted], request, tables)
    planned = []
    for item, demands in wanted:
        reason = next((undone[d] for d in demands.all if d in undone), "")
        whole = None if reason else _planned(item, demands, routes)
        if whole is None or _merges(whole, request):
            whole = _in_parts(item, request, tables, members) or whole
        if whole is None:
            refusals.append(Refusal(item.key, reason))
        else:
            planned.append(whole)
    return RequestPlan(platform, request, tuple(planned), tuple(refusals))


def _check_present(item: Item, request: MeasureRequest, tables: Measurables, now: datetime) -> None:
    """Raise NotOfferedError for the state now where the period is over."""
    if request.grain is not Grain.TOTAL:
        # That it has no buckets is said of each of them, whenever the period ends.
        return
    sources = (tables.sources[tables.figures[name].source] for name in item.figures)
    if request.end + _PRESENT < now and any(one.snapshot for one in sources):
        message = "It is the state now, of which a period that is over tells nothing."
        raise NotOfferedError(message)


@dataclass(frozen=True, slots=True)
class _Demands:
    value: tuple[Demand, ...]
    weight: tuple[Demand, ...]
    bound: bool
    """Whether the figures are multiplied or weighed with one another, place by place."""

    @property
    def all(self) -> tuple[Demand, ...]:
        return (*self.value, *self.weight)


def _demands(
    item: Item, request: MeasureRequest, tables: Measurables, members: Members
) -> _Demands:
    """Return the figures of an item with their lots; raise NotOfferedError."""

    def lots(terms: tuple[Term, ...], *, weighing: bool) -> tuple[Demand, ...]:
        return tuple(
            (name, _lots(name, item, request, tables, members, weighing=weighing))
            for name in _names(terms)
        )

    bound = item.merge is Merge.MEAN or any(term.by for term in (*item.value, *item.weight))
    return _Demands(lots(item.value, weighing=False), lots(item.weight, weighing=True), bound)


def _lots(
    name: str,
    item: Item,
    request: MeasureRequest,
    tables: Measurables,
    members: Members,
    *,
    weighing: bool,
) -> tuple[Lot, ...]:
    figure = tables.figures[name]
    # A denominator is not restricted to the channels of what stands above it, unless the vendor
    # answers nothing without a channel.
    forced = tables.sources[figure.source].always_by is Dimension.CHANNEL
    channels = item.channels if forced or not weighing else None
    found = lots_of(figure, request, tables, members, channels)
    listed = named_dimension(found[0], tables.sources[figure.source])
    for dimension in folded(found[0], request):
        ids = {one for lot in found for d, one in lot.assigned if d is dimension}
        if dimension is listed:
            # Its members are known before they are asked about.
            ids |= set(found[0].members)
        if len(ids) > 1 and dimension not in figure.additive_over:
            raise NotOfferedError(_inseparable(figure, dimension))
    return found


def _inseparable(figure: Figure, dimension: Dimension) -> str:
    """Return why values of that dimension's members do not become one."""
    if figure.merge is Merge.MEAN and not figure.weight:
        return f"It is a mean without a weight: its values for each {dimension.name} stay apart."
    return f"Its values for each {dimension.name} overlap and cannot be added."


def folded(lot: Lot, request: MeasureRequest) -> tuple[Dimension, ...]:
    """Return the dimensions that the lot tells apart and the request does not."""
    apart = (*lot.group_by, *(dimension for dimension, _ in lot.assigned))
    return tuple(dimension for dimension in apart if dimension not in request.group_by)


def _names(terms: tuple[Term, ...]) -> tuple[str, ...]:
    named = (name for term in terms for name in (term.figure, term.by) if name)
    return tuple(dict.fromkeys(named))


def _routes(
    wanted: list[_Demands], request: MeasureRequest, tables: Measurables
) -> tuple[dict[Demand, tuple[Route, ...]], dict[Demand, str]]:
    """Return the routes of every demand, and why there are none for some."""
    routes: dict[Demand, tuple[Route, ...]] = {}
    undone: dict[Demand, str] = {}
    for lots, units in _by_lots(wanted).items():
        try:
            found = routes_of(units, lots, request, tables)
        except NotOfferedError:
            found = []
            for unit in units:
                try:
                    found += routes_of([unit], lots, request, tables)
                except NotOfferedError as error:
                    undone.update({(name, lots): str(error) for name in unit})
        for name in (name for unit in units for name in unit):
            routes[name, lots] = tuple(route for route in found if route.figure == name)
    return routes, undone


def _by_lots(wanted: list[_Demands]) -> dict[tuple[Lot, ...], list[tuple[str, ...]]]:
    """Return the figures that are wanted from the same lots, those together that are bound."""
    units: dict[tuple[Lot, ...], list[tuple[str, ...]]] = {}
    for one in wanted:
        own: dict[tuple[Lot, ...], list[str]] = {}
        for name, lots in dict.fromkeys(one.all):
            own.setdefault(lots, []).append(name)
        for lots, names in own.items():
            known = units.setdefault(lots, [])
            for unit in [tuple(names)] if one.bound else [(name,) for name in names]:
                _join(known, unit)
    return units


def _join(units: list[tuple[str, ...]], unit: tuple[str, ...]) -> None:
    """Add a unit to those that share no figure with it, in one with those that do."""
    shared = [one for one in units if not set(one).isdisjoint(unit)]
    for one in shared:
        units.remove(one)
    units.append(tuple(dict.fromkeys(name for one in (*shared, unit) for name in one)))


def _planned(
    item: Item, demands: _Demands, routes: Mapping[Demand, tuple[Route, ...]]
) -> PlannedItem:
    return PlannedItem(
        item,
        {demand[0]: routes[demand] for demand in demands.value},
        {demand[0]: routes[demand] for demand in demands.weight},
    )


def _in_parts(
    item: Item, request: MeasureRequest, tables: Measurables, members: Members
) -> PlannedItem | None:
    """Return a native ratio by its parts, or None where it has none or they cannot be had."""
    parted = in_parts(item, tables)
    if parted is item:
        return None
    try:
        demands = _demands(parted, request, tables, members)
    except NotOfferedError:
        return None
    routes, undone = _routes([demands], request, tables)
    return None if undone else _planned(parted, demands, routes)


def _merges(one: PlannedItem, request: MeasureRequest) -> bool:
    """Return whether any asked value would be made of several answers."""
    return any(
        len({lot.partition for lot in route.lots}) > 1
        or len(route.slots) > len(set(route.buckets))
        or _folds_several(route, request)
        for route in one.routes
    )


def _folds_several(route: Route, request: MeasureRequest) -> bool:
    """Return whether members of a dimension that is not asked for would become one value."""
    assigned = {dimension for dimension, _ in route.lots[0].assigned}
    for dimension in folded(route.lots[0], request):
        ids = {one for lot in route.lots for d, one in lot.assigned if d is dimension}
        if dimension not in assigned or len(ids) > 1:
            return True
    return False
