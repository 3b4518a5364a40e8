"""What is missing becomes calls: as few as the vendor's windows and limits allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers.planner.periods import windows
from resolvers.planner.request import Lot, Route, Slot
from resolvers.planner.routes import bucket_zone
from vendors.buckets import floor_to, zone
from vendors.measures import Grain, Measurables, MeasureCall

__all__ = ["CellKey", "PlannedCall", "cells_of", "plan_calls", "slots_by_label"]

CellKey = tuple[str, Lot, Slot]
"""A figure, the lot that it comes from, and the interval: what is fetched and cached as one."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call to make, and the slots that it fills for each of its figures."""

    measure: MeasureCall
    lot: Lot
    slots: tuple[Slot, ...]

    @property
    def fills(self) -> tuple[CellKey, ...]:
        """Return every cell that the answer will fill."""
        return tuple(
            (figure, self.lot, slot) for figure in self.measure.figures for slot in self.slots
        )


def cells_of(routes: Iterable[Route], now: datetime) -> dict[CellKey, Grain]:
    """Return the cells that the routes need and how to ask for each; the future is not asked."""
    return {
        (route.figure, lot, slot): route.grain
        for route in routes
        for lot in route.lots
        for slot in route.slots
        if slot[0] < now
    }


def plan_calls(missing: Mapping[CellKey, Grain], tables: Measurables) -> list[PlannedCall]:
    """Return the fewest calls that fetch the missing cells."""
    lots: dict[tuple[Lot, Grain], dict[str, list[Slot]]] = {}
    for (figure, lot, slot), grain in missing.items():
        lots.setdefault((lot, grain), {}).setdefault(figure, []).append(slot)
    return [
        call
        for (lot, grain), figures in lots.items()
        for call in _lot_calls(lot, grain, figures, tables)
    ]


def _lot_calls(
    lot: Lot, grain: Grain, figures: Mapping[str, Sequence[Slot]], tables: Measurables
) -> Iterable[PlannedCall]:
    if grain is Grain.TOTAL:
        return _exact_calls(lot, figures)
    return _bucketed_calls(lot, grain, figures, tables)


def _exact_calls(lot: Lot, figures: Mapping[str, Sequence[Slot]]) -> Iterable[PlannedCall]:
    """Yield a call for each slot, with all figures that are missing there."""
    by_slot: dict[Slot, list[str]] = {}
    for figure, slots in figures.items():
        for slot in slots:
            by_slot.setdefault(slot, []).append(figure)
    for slot, names in sorted(by_slot.items()):
        yield _call(lot, Grain.TOTAL, names, [slot])


def _bucketed_calls(
    lot: Lot, grain: Grain, figures: Mapping[str, Sequence[Slot]], tables: Measurables
) -> Iterable[PlannedCall]:
    """Yield a call for each window and each handful of figures that one call may ask for.

    Figures that may share a call are asked in the union of their missing slots: that costs
    nothing, while a call for each difference would.
    """
    source = tables.sources[lot.source]
    where = zone(bucket_zone(lot, source, tables))
    size = source.figures_per_bucketed_call or len(figures)
    every = sorted(figures)
    for names in (every[at : at + size] for at in range(0, len(every), size)):
        slots = sorted({slot for name in names for slot in figures[name]})
        for run in windows(slots, source.grains[grain], where):
            yield _call(lot, grain, names, run)


def _call(lot: Lot, grain: Grain, names: Sequence[str], slots: Sequence[Slot]) -> PlannedCall:
    measure = MeasureCall(
        source=lot.source,
        figures=tuple(sorted(names)),
        start=slots[0][0],
        end=slots[-1][1],
        zone=lot.zone,
        grain=grain,
        group_by=lot.group_by,
        members=lot.members,
        filters=tuple(sorted(lot.filters)),
        partition=lot.partition,
    )
    return PlannedCall(measure, lot, tuple(slots))


def slots_by_label(call: PlannedCall, tables: Measurables) -> dict[datetime, Slot]:
    """Return the slots by the instant with which the vendor's answer names their bucket.

    A bucket that the period cuts short is still named by its own beginning.
    """
    if call.measure.grain is Grain.TOTAL:
        return {call.measure.start: call.slots[0]}
    where = zone(bucket_zone(call.lot, tables.sources[call.lot.source], tables))
    return {floor_to(call.measure.grain, slot[0], where): slot for slot in call.slots}
