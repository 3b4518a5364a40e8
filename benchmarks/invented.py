"""An invented vendor that answers whatever is measured at once: what is timed is the gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from vendors.buckets import bucket_edges, zone
from vendors.calls import Call, CallRecord
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Measurables,
    MeasureCall,
    Member,
    Merge,
    Reading,
    Source,
    Term,
    Unit,
)
from vendors.port import Platform, Probe

__all__ = ["INDICATORS", "agents", "platform"]

_COUNTS = (
    "started",
    "closed",
    "unanswered",
    "received",
    "sent",
    "answered",
    "good",
    "rated",
    "contacts",
    "handled",
)
_SECONDS = ("online", "available", "occupied")
_MEANS = {"first_response": "answered", "response": "answered", "duration": "handled"}

_ROWS = (
    IndicatorRow(indicator="CONVERSATIONS_STARTED", value=(Term("started"),)),
    IndicatorRow(indicator="CONVERSATIONS_CLOSED", value=(Term("closed"),)),
    IndicatorRow(indicator="CONVERSATIONS_UNANSWERED", value=(Term("unanswered"),)),
    IndicatorRow(indicator="MESSAGES_RECEIVED", value=(Term("received"),)),
    IndicatorRow(indicator="MESSAGES_SENT", value=(Term("sent"),)),
    IndicatorRow(
        indicator="FIRST_RESPONSE_TIME",
        value=(Term("first_response"),),
        weight=(Term("answered"),),
    ),
    IndicatorRow(indicator="RESPONSE_TIME", value=(Term("response"),), weight=(Term("answered"),)),
    IndicatorRow(indicator="HANDLE_TIME", value=(Term("duration"),), weight=(Term("handled"),)),
    IndicatorRow(indicator="SATISFACTION_RATE", value=(Term("good"),), weight=(Term("rated"),)),
    IndicatorRow(
        indicator="OCCUPANCY_RATE", value=(Term("occupied"),), weight=(Term("available"),)
    ),
)
INDICATORS = tuple(row.indicator for row in _ROWS)


def agents(count: int) -> tuple[Member, ...]:
    """Return so many agents, known by addresses as agents often are."""
    return tuple(
        Member(id=f"agent{one}@company.example", name=f"Agent {one}") for one in range(count)
    )


def platform(key: str, team: tuple[Member, ...] = ()) -> Platform:
    """Return a platform of the invented vendor."""

    async def probe(_call: Call) -> Probe:
        return Probe(seconds=0.0)

    async def close() -> None:
        return None

    return Platform(
        key=key,
        title=key.title(),
        vendor="invented",
        vendor_title="Invented",
        time_zone="UTC",
        credential=f"credential of {key}",
        probe=probe,
        close=close,
        measures=_Measuring(key, team),
    )


class _Measuring:
    """A vendor that cuts hours and days, and groups by agent in one call."""

    def __init__(self, key: str, team: tuple[Member, ...]) -> None:
        self._key = key
        self._team = team
        self.measurables = Measurables(
            sources={
                "only": Source(
                    name="only",
                    endpoint="measure",
                    grains={Grain.HOUR: None, Grain.DAY: None},
                    groupings={Dimension.AGENT: Grouping.ALL},
                    settling=timedelta(minutes=5),
                )
            },
            figures=_figures(),
            indicators={row.indicator: row for row in _ROWS},
        )

    async def members(self, _dimension: Dimension, _call: Call) -> tuple[Member, ...]:
        return self._team

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        call.log.add(CallRecord(platform=self._key, endpoint="measure", status=200, seconds=0.0))
        return tuple(self._readings(measure))

    def _readings(self, measure: MeasureCall) -> Iterator[Reading]:
        groups = [(one.id,) for one in self._team] if measure.group_by else [()]
        starts = [measure.start]
        if measure.grain is not Grain.TOTAL:
            edges = bucket_edges(measure.grain, measure.start, measure.end, zone(measure.zone))
            starts = [left for left, _ in pairwise(edges)]
        for at, start in enumerate(starts):
            for place, figure in enumerate(measure.figures):
                for number, group in enumerate(groups):
                    value = float((at * 7 + place * 13 + number) % 97)
                    yield Reading(figure, start, value, group)


def _figures() -> Mapping[str, Figure]:
    figures = [
        *(_figure(name, Unit.COUNT, Merge.SUM) for name in _COUNTS),
        *(_figure(name, Unit.SECONDS, Merge.SUM) for name in _SECONDS),
        *(_figure(name, Unit.SECONDS, Merge.MEAN, by) for name, by in _MEANS.items()),
    ]
    return {figure.name: figure for figure in figures}


def _figure(name: str, unit: Unit, merge: Merge, weight: str = "") -> Figure:
    return Figure(
        name=name,
        source="only",
        unit=unit,
        merge=merge,
        title=name,
        weight=(Term(weight),) if weight else (),
    )
