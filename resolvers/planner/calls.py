"""What is missing becomes calls: as few as the vendor's windows and limits allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from resolvers.planner.cells import Cell
from resolvers.planner.request import Column, Columns, Lot, Slot, Wanted
from resolvers.planner.routes import bucket_zone, fit_exactly
from resolvers.planner.slots import clipped, windows
from vendors.buckets import Span, bucket_edges, floor_to, zone
from vendors.errors import PlatformBadResponseError
from vendors.measures import Grain, Measurables, MeasureCall, Reading, Source

__all__ = ["PlannedCall", "plan_calls", "slots_by_label"]


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call to make, and the slots that it fills for each of its figures."""

    measure: MeasureCall
    lot: Lot
    slots: tuple[Slot, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns that the answer will fill in all slots."""
        return tuple((figure, self.lot) for figure in self.measure.figures)

    def fills(self, wanted: Wanted) -> bool:
        """Return whether the answer will fill any of these cells."""
        return any(
            not wanted[column].keys().isdisjoint(self.slots)
            for column in self.columns
            if column in wanted
        )

    def sorted_out(
        self, readings: Iterable[Reading], at: datetime, tables: Measurables
    ) -> dict[str, dict[Slot, Cell]]:
        """Return a cell for every figure and slot that was asked, empty where nothing was told.

        Raises PlatformBadResponseError for what no count, duration or amount can be.
        """
        slots = slots_by_label(self, tables)
        told: dict[str, dict[Slot, list[Reading]]] = {
            figure: {slot: [] for slot in self.slots} for figure in self.measure.figures
        }
        for reading in readings:
            slot, own = slots.get(reading.start), told.get(reading.figure)
            if slot is not None and own is not None:
                own[slot].append(_sane(reading))
        return {
            figure: {slot: Cell.of(rows, at) for slot, rows in own.items()}
            for figure, own in told.items()
        }

    def keyed(self, cells: Mapping[str, dict[Slot, Cell]]) -> Columns[Cell]:
        """Return the cells of this call under the columns by which they are known."""
        return {(figure, self.lot): own for figure, own in cells.items()}


_GREATEST = 1e18
"""Beyond any count, any number of seconds and any amount of money."""


def _sane(reading: Reading) -> Reading:
    if reading.value is not None and not abs(reading.value) < _GREATEST:
        raise PlatformBadResponseError("a value that is no number, or too great to be true")
    return reading


def plan_calls(missing: Wanted, tables: Measurables) -> list[PlannedCall]:
    """Return the fewest calls that fetch the missing cells.

    A cell that may be fetched with its neighbours as buckets of one call may as well be fetched by
    a call of its own, with all other figures of its interval: whichever is cheaper.
    """
    lots: dict[Lot, dict[Grain, _Needs]] = {}
    for (figure, lot), slots in missing.items():
        grains = lots.setdefault(lot, {})
        for slot, grain in slots.items():
            grains.setdefault(grain, {}).setdefault(slot, set()).add(figure)
    return [call for lot, grains in lots.items() for call in _lot_calls(lot, grains, tables)]


_Needs = dict[Slot, set[str]]
"""The figures that are missing, by slot."""


def _lot_calls(lot: Lot, grains: dict[Grain, _Needs], tables: Measurables) -> list[PlannedCall]:
    source = tables.sources[lot.source]
    where = zone(bucket_zone(lot, source, tables))
    exact = grains.pop(Grain.TOTAL, {})
    calls: list[PlannedCall] = []
    for grain, needs in grains.items():
        rest: _Needs = {}
        for slot, figures in needs.items():
            # Where a call is made for the slot anyway, further figures cost nothing.
            (exact if slot in exact else rest).setdefault(slot, set()).update(figures)
        bucketed = _bucketed_calls(lot, grain, rest, source, where)
        if len(rest) < len(bucketed) and fit_exactly(list(rest), source, where):
            exact.update(rest)
        else:
            calls += bucketed
    calls += [_call(lot, Grain.TOTAL, exact[slot], [slot]) for slot in sorted(exact)]
    return calls


def _bucketed_calls(
    lot: Lot, grain: Grain, needs: _Needs, source: Source, where: ZoneInfo
) -> list[PlannedCall]:
    """Return a call for each window and each handful of figures that one call may ask for.

    Figures that may share a call are asked in the union of their missing slots, and with what lies
    between them: that costs nothing, while a call for each difference would.
    """
    every = sorted(set().union(*needs.values()))
    size = source.figures_per_bucketed_call or len(every)
    longest = source.grains[grain]
    return [
        _call(lot, grain, names, _buckets(grain, run, where))
        for names in (every[at : at + size] for at in range(0, len(every), size))
        for run in _runs(grain, needs, names, longest, where)
    ]


def _runs(
    grain: Grain, needs: _Needs, names: Sequence[str], longest: Span | None, where: ZoneInfo
) -> list[list[Slot]]:
    """Return the slots in which one of the figures is missing, by the call that spans them."""

    def is_edge(instant: datetime) -> bool:
        return floor_to(grain, instant, where) == instant

    def go_on(end: datetime, start: datetime) -> bool:
        # A bucket that a period cuts short can only be the first or the last of a call.
        return end <= start and is_edge(end) and is_edge(start)

    slots = sorted(slot for slot, figures in needs.items() if not figures.isdisjoint(names))
    return windows(slots, longest, where, go_on)


def _buckets(grain: Grain, run: Sequence[Slot], where: ZoneInfo) -> tuple[Slot, ...]:
    """Return all buckets of a call that spans the run, those between its slots as well."""
    start, end = run[0][0], run[-1][1]
    return clipped(bucket_edges(grain, start, end, where), start, end)


def _call(lot: Lot, grain: Grain, names: Iterable[str], slots: Sequence[Slot]) -> PlannedCall:
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
