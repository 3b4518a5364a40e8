"""A platform that measures a handful of events, as strictly as a vendor would, and a reference.

The platform answers calls within the limits that its tables declare and refuses all others. The
reference computes the same figures one bucket and one group at a time, from the events alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, product
from math import fsum
from typing import Any

from resolvers.planner.slots import windows
from vendors.buckets import Span, bucket_edges, floor_to, zone
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
    Partition,
    Reading,
    Source,
    Term,
    Unit,
    Zoning,
)
from vendors.records import Channel

CHANNELS = {"chat": Channel.CHAT, "phone": Channel.CALL}
AGENTS = ("ann", "bob", "cem")

ADDITIVE = frozenset(Dimension)
PRESENT = ADDITIVE - {Dimension.CHANNEL}


@dataclass(frozen=True, slots=True)
class Event:
    """One contact: it lasted so long, and so many of its seconds were waiting."""

    at: datetime
    channel: str
    agent: str
    seconds: int
    answered: bool
    site: str = ""
    """The partition that it belongs to; empty: every one tells it."""


def figures(source: str) -> dict[str, Figure]:
    """Return one figure of each merge rule, all of one source."""
    rows = (
        Figure(name="contacts", source=source, unit=Unit.COUNT, merge=Merge.SUM, title="c"),
        Figure(name="answered", source=source, unit=Unit.COUNT, merge=Merge.SUM, title="a"),
        Figure(
            name="duration",
            source=source,
            unit=Unit.SECONDS,
            merge=Merge.MEAN,
            weight=(Term("contacts"),),
            title="d",
        ),
        Figure(name="longest", source=source, unit=Unit.SECONDS, merge=Merge.DISTINCT, title="l"),
        Figure(
            name="answer_rate",
            source=source,
            unit=Unit.RATE,
            merge=Merge.RATIO,
            numerator=(Term("answered"),),
            denominator=(Term("contacts"),),
            title="r",
        ),
        Figure(
            name="busy",
            source=source,
            unit=Unit.SECONDS,
            merge=Merge.SUM,
            additive_over=PRESENT,
            title="b",
        ),
    )
    return {row.name: row for row in rows}


def source_of(**changes: Any) -> Source:  # noqa: ANN401 - any member of a source
    """Return a vendor's only source: hours and days, all agents at once, channels one by one."""
    members: dict[str, Any] = {
        "name": "only",
        "endpoint": "measure",
        "grains": {Grain.HOUR: Span(hours=24), Grain.DAY: Span(days=31)},
        "groupings": {Dimension.AGENT: Grouping.ALL, Dimension.CHANNEL: Grouping.EACH},
    }
    return Source(**{**members, **changes})


INDICATORS = {
    "CONVERSATIONS_STARTED": IndicatorRow(
        indicator="CONVERSATIONS_STARTED", value=(Term("contacts"),)
    ),
    "HANDLE_TIME": IndicatorRow(
        indicator="HANDLE_TIME", value=(Term("duration"),), weight=(Term("contacts"),)
    ),
    "SATISFACTION_RATE": IndicatorRow(
        indicator="SATISFACTION_RATE", value=(Term("answered"),), weight=(Term("contacts"),)
    ),
    "OCCUPIED_TIME": IndicatorRow(indicator="OCCUPIED_TIME", value=(Term("busy"),)),
    "CONVERSATIONS_UNANSWERED": IndicatorRow(
        indicator="CONVERSATIONS_UNANSWERED", value=(Term("contacts"), Term("answered", -1.0))
    ),
}


_FIGURES: Mapping[str, Callable[[Sequence[Event]], float | None]] = {
    "contacts": len,
    "answered": lambda events: sum(event.answered for event in events),
    "duration": lambda events: (
        fsum(event.seconds for event in events) / len(events) if events else None
    ),
    "longest": lambda events: max((event.seconds for event in events), default=None),
    "answer_rate": lambda events: (
        sum(event.answered for event in events) / len(events) if events else None
    ),
    "busy": lambda events: sum(event.seconds for event in events),
}

_VALUES: Mapping[str, str] = {
    "CONVERSATIONS_STARTED": "contacts",
    "HANDLE_TIME": "duration",
    "SATISFACTION_RATE": "answer_rate",
    "OCCUPIED_TIME": "busy",
}


def reference(item: str, events: Sequence[Event]) -> float | None:
    """Return the item's value over these events alone."""
    if item == "CONVERSATIONS_UNANSWERED":
        return sum(not event.answered for event in events)
    return _FIGURES[_VALUES.get(item, item.rpartition(".")[2])](events)


def chosen(
    events: Iterable[Event],
    start: datetime,
    end: datetime,
    members: Mapping[Dimension, tuple[str, ...]],
) -> list[Event]:
    """Return the events in the interval that belong to these members."""
    return [
        event
        for event in events
        if start <= event.at < end
        and event.channel in members.get(Dimension.CHANNEL, (event.channel,))
        and event.agent in members.get(Dimension.AGENT, (event.agent,))
    ]


class Measuring:
    """The measuring port of a vendor that knows its own limits."""

    def __init__(
        self,
        events: Sequence[Event],
        source: Source,
        *,
        time_zone: str = "UTC",
        key: str = "one",
        partitions: tuple[Partition, ...] = (),
    ) -> None:
        self.events = list(events)
        self.calls: list[MeasureCall] = []
        self.fails: Exception | None = None
        self._key = key
        self._source = source
        self.measurables = Measurables(
            sources={source.name: source},
            figures=figures(source.name),
            indicators=INDICATORS,
            partitions=partitions or (Partition(time_zone=time_zone),),
            channels=CHANNELS,
        )

    async def members(self, dimension: Dimension, _call: Call) -> tuple[Member, ...]:
        known = {Dimension.CHANNEL: CHANNELS, Dimension.AGENT: AGENTS}
        return tuple(Member(id=one, name=one.title()) for one in known.get(dimension, ()))

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        self.calls.append(measure)
        record = CallRecord(platform=self._key, endpoint="measure", status=200, seconds=0.0)
        call.log.add(record)
        if self.fails is not None:
            raise self.fails
        self._check(measure)
        return tuple(self._readings(measure))

    def _check(self, measure: MeasureCall) -> None:
        """Refuse what the tables say that the vendor refuses."""
        source = self._source
        where = zone(self._zone(measure))
        if measure.grain is Grain.TOTAL:
            assert source.has_total
            assert source.total is None or measure.end <= source.total.after(measure.start, where)
        else:
            assert measure.grain in source.grains
            most = source.figures_per_bucketed_call
            assert most is None or len(measure.figures) <= most
            edges = bucket_edges(measure.grain, measure.start, measure.end, where)
            slots = [(max(a, measure.start), min(b, measure.end)) for a, b in pairwise(edges)]
            assert len(windows(slots, source.grains[measure.grain], where)) == 1
            if measure.group_by and source.grouped_grains is not None:
                assert measure.grain in source.grouped_grains
        assert len(measure.group_by) <= 1 or measure.group_by in source.group_pairs
        assert all(source.groupings[one] is not Grouping.EACH for one in measure.group_by)
        for dimension, ids in measure.filters:
            assert ids
            how = source.groupings[dimension]
            assert how is not Grouping.ALL
            if how is Grouping.EACH and dimension not in source.several_at_once:
                assert len(ids) == 1
            if how is Grouping.LISTED:
                assert source.filters is None or dimension in source.filters
        if source.always_by is Dimension.CHANNEL:
            assert len(measure.filtered(Dimension.CHANNEL)) == 1

    def _zone(self, measure: MeasureCall) -> str:
        partition = self.measurables.partition(measure.partition)
        return measure.zone if self._source.zoning is Zoning.ANY else partition.time_zone

    def _readings(self, measure: MeasureCall) -> Iterable[Reading]:
        for label, start, end in self._buckets(measure):
            for group in self._groups(measure):
                members = {
                    **dict(measure.filters),
                    **{d: (one,) for d, one in zip(measure.group_by, group, strict=True)},
                }
                known = self._happened(measure)
                told = [one for one in known if one.site in {"", measure.partition}]
                events = chosen(told, start, end, members)
                for figure in measure.figures:
                    yield Reading(figure, label, _FIGURES[figure](events), group)

    def _happened(self, _measure: MeasureCall) -> Sequence[Event]:
        """Return the events that the call is about, whatever else it is told."""
        return self.events

    def _buckets(self, measure: MeasureCall) -> Iterable[tuple[datetime, datetime, datetime]]:
        if measure.grain is Grain.TOTAL:
            yield measure.start, measure.start, measure.end
            return
        where = zone(self._zone(measure))
        for left, right in pairwise(bucket_edges(measure.grain, measure.start, measure.end, where)):
            label = floor_to(measure.grain, left, where)
            yield label, max(left, measure.start), min(right, measure.end)

    def _groups(self, measure: MeasureCall) -> list[tuple[str, ...]]:
        return list(product(*(self._members(one, measure) for one in measure.group_by)))

    def _members(self, dimension: Dimension, measure: MeasureCall) -> tuple[str, ...]:
        if self._source.groupings[dimension] is Grouping.LISTED:
            assert measure.members
            return measure.members
        return AGENTS if dimension is Dimension.AGENT else tuple(CHANNELS)
