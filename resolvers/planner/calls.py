"""What is missing becomes calls: as few as the vendor's windows and limits allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from resolvers.planner.cells import Cell
from resolvers.planner.request import Column, Columns, Lot, Slot, Wanted
from resolvers.planner.routes import bucket_zone, fit_exactly, offers
from resolvers.planner.slots import clipped, windows
from vendors.buckets import Span, bucket_edges, floor_to, next_edge, zone
from vendors.errors import PlatformBadResponseError
from vendors.measures import Figure, Grain, Measurables, MeasureCall, Reading, Source

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


_MOST_BETWEEN = 100
"""How many buckets that nobody asked for are fetched at most to save a call, or as many as wanted.

Of the same hours a year ago a call would bring all hours of the year: that takes seconds.
"""
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
    for lot, names, slots in _alike(missing):
        grains = lots.setdefault(lot, {})
        for slot, grain in slots.items():
            _add(grains.setdefault(grain, {}), slot, names)
    return [call for lot, grains in lots.items() for call in _lot_calls(lot, grains, tables)]


def _alike(missing: Wanted) -> Iterable[tuple[Lot, frozenset[str], Mapping[Slot, Grain]]]:
    """Return the figures that are missing in the same slots of a lot together."""
    alike: dict[tuple[Lot, int], list[str]] = {}
    distinct: list[Mapping[Slot, Grain]] = []
    for (figure, lot), slots in missing.items():
        at = next(
            (at for at, one in enumerate(distinct) if one is slots or one == slots), len(distinct)
        )
        if at == len(distinct):
            distinct.append(slots)
        alike.setdefault((lot, at), []).append(figure)
    for (lot, at), names in alike.items():
        yield lot, frozenset(names), distinct[at]


_Needs = dict[Slot, frozenset[str]]
"""The figures that are missing, by slot."""


def _add(needs: _Needs, slot: Slot, names: frozenset[str]) -> None:
    # Most slots lack the same figures: a set of their own each would be thousands.
    needs[slot] = needs[slot] | names if slot in needs else names


def _lot_calls(lot: Lot, grains: dict[Grain, _Needs], tables: Measurables) -> list[PlannedCall]:
    source = tables.sources[lot.source]
    where = zone(bucket_zone(lot, source, tables))
    exact = grains.pop(Grain.TOTAL, {})
    calls: list[PlannedCall] = []
    for grain, needs in grains.items():
        rest: _Needs = {}
        for slot, figures in needs.items():
            # Where a call is made for the slot anyway, further figures cost nothing.
            _add(exact if slot in exact else rest, slot, figures)
        if not rest:
            continue
        bucketed = _bucketed_calls(lot, grain, rest, source, where)
        if len(rest) < len(bucketed) and fit_exactly(list(rest), source, where):
            exact.update(rest)
        else:
            calls += bucketed
    calls += _as_buckets(lot, exact, tables, where)
    calls += [_call(lot, Grain.TOTAL, exact[slot], [slot]) for slot in sorted(exact)]
    return calls


def _as_buckets(lot: Lot, exact: _Needs, tables: Measurables, where: ZoneInfo) -> list[PlannedCall]:
    """Take slots that are buckets of the vendor's, and return fewer calls that fetch them so.

    A day and the day before it, asked for as two periods, are two days of one call.
    """
    source = tables.sources[lot.source]
    calls: list[PlannedCall] = []
    for grain in source.grains if len(exact) > 1 else ():
        needs = {
            slot: names
            for slot, names in exact.items()
            if _is_bucket(slot, grain, where)
            and all(_offered(tables.figures[name], grain, lot, source) for name in names)
        }
        found = _bucketed_calls(lot, grain, needs, source, where) if len(needs) > 1 else []
        if found and len(found) < len(needs):
            calls += found
            for slot in needs:
                del exact[slot]
    return calls


def _is_bucket(slot: Slot, grain: Grain, where: ZoneInfo) -> bool:
    start, end = slot
    return floor_to(grain, start, where) == start and next_edge(grain, start, where) == end


def _offered(figure: Figure, grain: Grain, lot: Lot, source: Source) -> bool:
    return offers(source, grain, grouped=bool(lot.group_by), grains=figure.grains)


def _bucketed_calls(
    lot: Lot, grain: Grain, needs: _Needs, source: Source, where: ZoneInfo
) -> list[PlannedCall]:
    """Return a call for each window and each handful of figures that one call may ask for.

    Figures that may share a call are asked in the union of their missing slots, and with what lies
    between them unless that is much: it costs nearly nothing, a call for each difference would.
    """
    every = sorted(set().union(*needs.values()))
    size = source.figures_per_bucketed_call or len(every)
    longest = source.grains[grain]
    calls: list[PlannedCall] = []
    cut: dict[tuple[Slot, ...], list[tuple[Slot, ...]]] = {}
    for names in (every[at : at + size] for at in range(0, len(every), size)):
        slots = tuple(sorted(s for s, figures in needs.items() if not figures.isdisjoint(names)))
        if slots not in cut:
            runs = _runs(grain, slots, longest, where)
            cut[slots] = [_buckets(grain, run, where) for run in runs]
        calls += [_call(lot, grain, names, buckets) for buckets in cut[slots]]
    return calls


def _runs(
    grain: Grain, slots: Sequence[Slot], longest: Span | None, where: ZoneInfo
) -> list[list[Slot]]:
    """Return the slots by the call that spans them, with not too much between them."""
    edges = _edges(grain, *_span(slots), where) if slots else {}
    most = max(_MOST_BETWEEN, len(slots))

    def go_on(end: datetime, start: datetime) -> bool:
        # A bucket that a period cuts short can only be the first or the last of a call.
        if end > start or end not in edges or start not in edges:
            return False
        return edges[start] - edges[end] <= most

    return windows(slots, longest, where, go_on)


def _buckets(grain: Grain, run: Sequence[Slot], where: ZoneInfo) -> tuple[Slot, ...]:
    """Return all buckets of a call that spans the run, those between its slots as well."""
    start, end = _span(run)
    edges = _edges(grain, start, end, where)
    # Without a gap they are the same.
    return tuple(run) if len(run) == len(edges) - 1 else clipped([*edges], start, end)


def _span(slots: Sequence[Slot]) -> Slot:
    return slots[0][0], slots[-1][1]


@lru_cache(maxsize=8)
def _edges(grain: Grain, start: datetime, end: datetime, where: ZoneInfo) -> dict[datetime, int]:
    return {edge: place for place, edge in enumerate(bucket_edges(grain, start, end, where))}


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
        arguments=lot.arguments,
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
