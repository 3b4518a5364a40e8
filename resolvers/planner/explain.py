"""How a value came about: the platform's figures, formula and calls behind one series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from resolvers.catalogue import formula, written
from resolvers.planner.calls import PlannedCall
from resolvers.planner.fetch import Outcome
from resolvers.planner.plan import PlannedItem
from resolvers.planner.request import Column, MeasureRequest, Route, Slot
from vendors.measures import Dimension, Figure, Grain, Measurables, Merge, Unit
from vendors.parameters import names_of
from vendors.words import Word

__all__ = ["ExplainedCall", "ExplainedFigure", "Explanation", "FigureRole", "Origin", "explained"]


class FigureRole(Word):
    """What a figure is to the value that is made of it."""

    VALUE = "value", "The value is made of it."
    WEIGHT = "weight", "It weighs the value, or is what a ratio is divided by."


@dataclass(frozen=True, slots=True)
class Origin:
    """What one platform's series was made of."""

    platform: str
    request: MeasureRequest
    planned: PlannedItem
    tables: Measurables
    outcome: Outcome
    now: datetime


@dataclass(frozen=True, slots=True)
class ExplainedFigure:
    """One of the platform's figures, how it was asked for, and what is known of its parts."""

    name: str
    title: str
    role: FigureRole
    unit: Unit
    merge: Merge
    conversion: str | None
    endpoint: str
    granularity: Grain
    live: int
    cached: int
    stale: int
    missing: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class ExplainedCall:
    """One call that was made now."""

    endpoint: str
    start: datetime
    end: datetime
    granularity: Grain
    figures: tuple[str, ...]
    group_by: tuple[Dimension, ...]
    restricted_by: tuple[Dimension, ...]
    parameters: tuple[str, ...]
    """The names of what else it was told."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one platform's value came about."""

    platform: str
    merge: Merge
    formula: str
    weighed_by: str | None
    figures: tuple[ExplainedFigure, ...]
    calls: tuple[ExplainedCall, ...]
    caveats: tuple[str, ...]


def explained(origin: Origin) -> Explanation:
    """Return how the series of that origin came about."""
    planned, item = origin.planned, origin.planned.item
    roles = (FigureRole.VALUE, planned.value), (FigureRole.WEIGHT, planned.weight)
    return Explanation(
        platform=origin.platform,
        merge=item.merge,
        formula=formula(item.value, item.weight if item.merge is Merge.RATIO else ()),
        weighed_by=written(item.weight) or None,
        figures=tuple(
            _figure(name, role, routes, origin)
            for role, figures in roles
            for name, routes in figures.items()
        ),
        calls=tuple(_calls(origin)),
        caveats=tuple(dict.fromkeys(_caveats(origin))),
    )


def _figure(
    name: str, role: FigureRole, routes: Iterable[Route], origin: Origin
) -> ExplainedFigure:
    figure = origin.tables.figures[name]
    found = [(route, lot) for route in routes for lot in route.lots]
    states: Counter[str] = Counter()
    ats: set[datetime] = set()
    for route, lot in found:
        begun = [slot for slot in route.slots if slot[0] < origin.now]
        states.update(_states((name, lot), begun, origin.outcome))
        cells = origin.outcome.cells.get((name, lot), {})
        ats.update(cells[slot].at for slot in begun if slot in cells)
    return ExplainedFigure(
        name=name,
        title=figure.title,
        role=role,
        unit=figure.unit,
        merge=figure.merge,
        conversion=figure.conversion,
        endpoint=origin.tables.sources[figure.source].endpoint,
        granularity=found[0][0].grain if found else Grain.TOTAL,
        live=states["live"],
        cached=states["cached"],
        stale=states["stale"],
        missing=states["missing"],
        as_of=min(ats, default=None),
    )


def _states(column: Column, slots: Iterable[Slot], outcome: Outcome) -> Iterable[str]:
    """Return for each cell whether it was asked now, is kept, is older than it should be, or lost.

    What is kept may have been refreshed since: the latest word counts.
    """
    cells = outcome.cells.get(column, {})
    live, stale = outcome.live.get(column, set()), outcome.stale.get(column, set())
    for slot in slots:
        if slot not in cells:
            yield "missing"
        elif slot in stale:
            yield "stale"
        else:
            yield "live" if slot in live else "cached"


def _calls(origin: Origin) -> Iterable[ExplainedCall]:
    """Return the calls of the last batch that brought any part of the series."""
    wanted: dict[Column, set[Slot]] = {}
    for route in origin.planned.routes:
        for lot in route.lots:
            wanted.setdefault((route.figure, lot), set()).update(route.slots)
    for call in origin.outcome.made:
        if _brings(call, wanted):
            measure = call.measure
            yield ExplainedCall(
                endpoint=origin.tables.sources[measure.source].endpoint,
                start=measure.start,
                end=measure.end,
                granularity=measure.grain,
                figures=measure.figures,
                group_by=measure.group_by,
                restricted_by=tuple(dimension for dimension, _ in measure.filters),
                parameters=names_of(measure.arguments),
            )


def _brings(call: PlannedCall, wanted: Mapping[Column, set[Slot]]) -> bool:
    return any(not wanted.get(column, set()).isdisjoint(call.slots) for column in call.columns)


def _caveats(origin: Origin) -> Iterable[str]:
    """Yield what should be known before the value is compared with others."""
    item, tables = origin.planned.item, origin.tables
    if item.caveat:
        yield item.caveat
    for name in item.figures:
        yield from _of_figure(tables.figures[name], tables)
    grains = {route.grain for route in origin.planned.routes}
    asked = origin.request.grain
    for grain in sorted(grains - {asked, Grain.TOTAL}):
        yield f"Made of values of one {grain.name}, which are added up."
    exact = [route for route in origin.planned.routes if route.grain is Grain.TOTAL]
    if any(len(route.slots) > len(set(route.buckets)) for route in exact):
        yield "Made of values of shorter periods, which are added up."
    elif exact and asked is not Grain.TOTAL:
        yield "Each bucket was asked for with its exact bounds."
    if item.merge is Merge.MEAN and not item.weight:
        yield "The platform tells no weight: values of several parts are not combined."


def _of_figure(figure: Figure, tables: Measurables) -> Iterable[str]:
    if figure.caveat:
        yield figure.caveat
    if figure.deprecated:
        yield f"{figure.name}: {figure.deprecated}"
    if not (figure.documented and tables.sources[figure.source].documented):
        yield f"{figure.name}: how it is asked for is inferred, not documented; settings change it."
