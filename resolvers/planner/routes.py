"""Which slots to ask for, with which buckets: the cheapest way that gives the right figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from zoneinfo import ZoneInfo

from resolvers.planner.lots import NotOfferedError
from resolvers.planner.request import Lot, MeasureRequest, Route, Slot
from resolvers.planner.slots import Buckets, asked_buckets, count_windows, places_in
from vendors.buckets import cut, is_sharp, zone
from vendors.measures import (
    Figure,
    Grain,
    Measurables,
    Merge,
    Source,
    Zoning,
)

__all__ = ["adds_over_time", "bucket_zone", "fit_exactly", "offers", "routes_of"]

_MOMENT = timedelta(microseconds=1)
_FINER = (Grain.YEAR, Grain.MONTH, Grain.WEEK, Grain.DAY, Grain.HOUR)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to get the asked buckets, and how many calls a lot would cost."""

    grain: Grain
    slots: tuple[Slot, ...]
    places: tuple[int, ...]
    """The index of the asked bucket that each slot is a part of."""
    cost: int


def routes_of(
    units: Sequence[tuple[str, ...]],
    lots: tuple[Lot, ...],
    request: MeasureRequest,
    tables: Measurables,
) -> list[Route]:
    """Return a route for each figure; figures that one call can answer together share its slots.

    Those of one unit are multiplied or weighed with one another, and have to share them.

    Raises NotOfferedError where the asked buckets cannot be had for one of them.
    """
    together: dict[tuple[bool, frozenset[Grain] | None], list[str]] = {}
    for names in units:
        figures = [tables.figures[name] for name in names]
        adds = all(map(adds_over_time, figures))
        limits = [one.grains for one in figures if one.grains is not None]
        grains = frozenset.intersection(*limits) if limits else None
        together.setdefault((adds, grains), []).extend(names)
    routes = []
    for (adds, grains), named in together.items():
        for zoned in _by_zone(lots, tables):
            way = _cheapest(zoned, named, request, tables, adds=adds, grains=grains)
            routes += [Route(name, way.grain, zoned, way.slots, way.places) for name in named]
    return routes


def _asked(request: MeasureRequest) -> Buckets:
    return asked_buckets(request.grain, request.start, request.end, zone(request.zone))


def adds_over_time(figure: Figure) -> bool:
    """Return whether values of neighbouring periods can be made into the value of both."""
    if figure.merge in {Merge.SUM, Merge.UNION}:
        return True
    return figure.merge is Merge.MEAN and bool(figure.weight)


def bucket_zone(lot: Lot, source: Source, tables: Measurables) -> str:
    """Return the zone in which the vendor cuts the buckets of this lot."""
    return lot.zone if source.zoning is Zoning.ANY else tables.partition(lot.partition).time_zone


def _by_zone(lots: Sequence[Lot], tables: Measurables) -> list[tuple[Lot, ...]]:
    """Return the lots by the zone of their partition: the slots that fit depend on it."""
    zones: dict[str, list[Lot]] = {}
    for lot in lots:
        zones.setdefault(bucket_zone(lot, tables.sources[lot.source], tables), []).append(lot)
    return [tuple(same) for same in zones.values()]


def _cheapest(
    lots: tuple[Lot, ...],
    names: Sequence[str],
    request: MeasureRequest,
    tables: Measurables,
    *,
    adds: bool,
    grains: frozenset[Grain] | None,
) -> _Way:
    source = tables.sources[lots[0].source]
    where = zone(bucket_zone(lots[0], source, tables))
    asked = _asked(request)
    if source.snapshot and request.grain is not Grain.TOTAL:
        message = "It is the state now and has no buckets."
        raise NotOfferedError(message)
    ways: list[_Way] = []
    if request.grain is not Grain.TOTAL:
        grouped = bool(lots[0].group_by)
        ways = _bucketed(source, request, where, len(names), grouped=grouped, grains=grains)
    alone = len(set(asked.places))
    fitting = [way for way in ways if adds or len(way.slots) == alone]
    # Cut out one by one, thousands of buckets take long; they are no fewer calls than buckets.
    if min((way.cost for way in fitting), default=len(asked.slots) + 1) > len(asked.slots):
        exact = _exact(source, asked, where)
        fitting += [way for way in exact if adds or len(way.slots) == alone]
    if not fitting:
        message = f"It cannot be had by {request.grain.name} as asked, and its parts do not add up."
        raise NotOfferedError(message)
    return min(fitting, key=lambda way: way.cost)


def _exact(source: Source, asked: Buckets, where: ZoneInfo) -> list[_Way]:
    """Return the way of calls without buckets, each asked one cut to the longest window."""
    slots = tuple(piece for slot in asked.slots for piece in cut(*slot, source.total, where))
    if not fit_exactly(slots, source, where):
        return []
    return [_Way(Grain.TOTAL, slots, asked.places_of(slots), len(slots))]


def fit_exactly(slots: Sequence[Slot], source: Source, where: ZoneInfo) -> bool:
    """Return whether each of the slots can be asked by a call with its exact bounds."""
    return (
        source.has_total
        and not any(_too_long(slot, source, where) for slot in slots)
        and _sharp(slots, source, where)
    )


def _sharp(slots: Sequence[Slot], source: Source, where: ZoneInfo) -> bool:
    """Return whether the vendor can be told the exact bounds of the slots.

    They are told as local time, and the end as the last moment that is within.
    """
    return source.zoning is Zoning.ANY or all(
        is_sharp(start, where) and is_sharp(end - _MOMENT, where) for start, end in slots
    )


def _too_long(slot: Slot, source: Source, where: ZoneInfo) -> bool:
    return source.total is not None and slot[1] > source.total.after(slot[0], where)


def _bucketed(
    source: Source,
    request: MeasureRequest,
    where: ZoneInfo,
    figures: int,
    *,
    grouped: bool,
    grains: frozenset[Grain] | None,
) -> list[_Way]:
    """Return the ways by the vendor's own buckets whose edges hold all edges that were asked."""
    ways = []
    size = Grain.HOUR if request.grain is Grain.HOUR_OF_DAY else request.grain
    for grain in _FINER[_FINER.index(size) :]:
        if not offers(source, grain, grouped=grouped, grains=grains):
            continue
        found = places_in(request, grain, where)
        if found is not None:
            runs = count_windows(found[0], source.grains[grain], where)
            per_call = source.figures_per_bucketed_call or figures
            ways.append(_Way(grain, *found, runs * ceil(figures / per_call)))
    return ways


def offers(source: Source, grain: Grain, *, grouped: bool, grains: frozenset[Grain] | None) -> bool:
    """Return whether the vendor cuts buckets of that size, grouped or not."""
    if grain not in source.grains or (grains is not None and grain not in grains):
        return False
    return not grouped or source.grouped_grains is None or grain in source.grouped_grains
