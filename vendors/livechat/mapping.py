"""From LiveChat's words to ours: reports to readings, keys to agents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import fsum, sqrt
from typing import Any, TypeAlias

import msgspec

from vendors import records
from vendors.buckets import zone
from vendors.livechat import wire
from vendors.livechat.reports import FIGURES, placed
from vendors.livechat.settings import LabelFormats
from vendors.measures import Dimension, Figure, Grain, MeasureCall, Merge, Reading

__all__ = [
    "agents",
    "availability_readings",
    "bounds",
    "chat_usage_readings",
    "chats_readings",
    "greetings_readings",
    "groups_readings",
    "performance_readings",
    "queued_readings",
    "ranking_readings",
    "ranking_score",
    "tags_readings",
    "visitors_readings",
]

Row: TypeAlias = Mapping[str, float | None]
"""The fields of one record, in our units."""
_Group: TypeAlias = tuple[str, ...]
_Buckets: TypeAlias = Mapping[str, Mapping[_Group, Row]]
"""The rows of a report, by the name of the bucket and by group."""

_ALL: _Group = ()
_MOST_GREETINGS = 100
_HOUR, _MINUTE = 3600.0, 60.0
_Z = 2.69
_MERGES: Mapping[str, Callable[[Iterable[float]], float]] = {"min": min, "max": max}
"""How buckets become one where they are not added: by the end of the figure's name."""
_TIMES = ("accepting_chats_time", "not_accepting_chats_time", "chatting_time", "logged_in_time")


def bounds(start: datetime, end: datetime, where: str, *, sub_second: bool) -> tuple[str, str]:
    """Return a half-open window as LiveChat's `from` and `to`, whose end is inclusive.

    The window follows the offset and the buckets follow the zone, so the offset is the zone's.
    """
    last = end - (timedelta(microseconds=1) if sub_second else timedelta(seconds=1))
    first, final = (one.astimezone(zone(where)).isoformat() for one in (start, last))
    return first, final


def agents(report: wire.PerformanceReport, platform: str) -> tuple[records.Agent, ...]:
    """Return the agents that a performance report names: by e-mail address, bots by an id."""
    return tuple(
        records.Agent(platform=platform, native_id=key, email=key if "@" in key else None)
        for key in sorted(report.records)
    )


def chats_readings(
    measure: MeasureCall, report: wire.Report[Any], labels: LabelFormats
) -> tuple[Reading, ...]:
    """Return the readings of a chats report with buckets. An empty bucket is zero chats."""
    buckets = {label: {_ALL: _row(record)} for label, record in report.records.items()}
    return _series(measure, buckets, report.total, labels)


def tags_readings(
    measure: MeasureCall, report: wire.Report[wire.Tags], labels: LabelFormats
) -> tuple[Reading, ...]:
    """Return the readings of the tags report: of each tag, or what it tells beside them.

    A tag that one bucket names and another does not has no chat in that other.
    """
    if Dimension.TAG not in measure.group_by:
        return _series(measure, {}, report.total, labels)
    buckets: _Buckets = {
        label: {(tag,): {"chats": count} for tag, count in tags.items()}
        for label, tags in report.records.items()
    }
    return _series(measure, _filled(buckets, {"chats": 0}), None, labels)


def greetings_readings(
    measure: MeasureCall,
    report: wire.Report[dict[str, wire.GreetingConversion]],
    labels: LabelFormats,
) -> tuple[Reading, ...]:
    """Return the readings of the greetings report: of each greeting, or of all added up.

    A greeting that a bucket does not name was not displayed, unless the vendor may have cut it off.
    """
    nothing: Row = msgspec.structs.asdict(wire.GreetingConversion())
    buckets: _Buckets = {
        label: {(greeting,): msgspec.structs.asdict(one) for greeting, one in greetings.items()}
        for label, greetings in report.records.items()
    }
    if Dimension.RULE in measure.group_by:
        return _series(measure, _filled(buckets, nothing, _MOST_GREETINGS), None, labels)
    added = {label: {_ALL: _added(nothing, rows.values())} for label, rows in buckets.items()}
    return _series(measure, added, report.total, labels)


def groups_readings(
    measure: MeasureCall,
    report: wire.Report[dict[str, int]],
    groups: Iterable[str],
    labels: LabelFormats,
) -> tuple[Reading, ...]:
    """Return the readings of the groups report: of each group that it names or that is known.

    A group that a bucket does not name has no chat in it.
    """
    nothing: Row = {"chats": 0}
    known: Mapping[_Group, Row] = {(group,): nothing for group in groups}
    buckets: _Buckets = {
        label: {**known, **{(group,): {"chats": count} for group, count in one.items()}}
        for label, one in report.records.items()
    }
    return _series(measure, _filled(buckets, nothing), None, labels)


def chat_usage_readings(measure: MeasureCall, report: wire.Report[int]) -> tuple[Reading, ...]:
    """Return the readings of the report on the use of tags, which has no buckets: of each tag."""
    return _by_member(measure, {tag: {"chats": count} for tag, count in report.records.items()})


def queued_readings(
    measure: MeasureCall,
    report: wire.Report[dict[str, dict[str, float | None]]],
    labels: LabelFormats,
) -> tuple[Reading, ...]:
    """Return the readings of the queue. Where nobody waited there is no wait, not one of zero."""
    buckets = {
        label: {_ALL: {**_waits("queued", bucket), **_waits("left_queue", bucket)}}
        for label, bucket in report.records.items()
    }
    return _series(measure, buckets, report.total, labels)


def visitors_readings(measure: MeasureCall, report: wire.VisitorsReport) -> tuple[Reading, ...]:
    """Return the readings of the visitors report, which tells of the whole window alone."""
    return _told(measure, measure.start, [report.summary])


def availability_readings(
    measure: MeasureCall, report: wire.Report[wire.Availability], labels: LabelFormats
) -> tuple[Reading, ...]:
    """Return the readings of the availability report: hours or minutes become seconds."""
    rows: _Buckets = {
        label: {_ALL: {"total": _seconds(record)}} for label, record in report.records.items()
    }
    # Of what unit the total is, is told for days alone; zero is zero in any.
    return _series(measure, rows, 0 if report.total == 0 else None, labels)


def ranking_readings(
    measure: MeasureCall, report: wire.Report[wire.Ranking]
) -> tuple[Reading, ...]:
    """Return the readings of the ranking, for each agent or added up over all of them.

    Added up, the score is recomputed: no score is made of scores.
    """
    rows = {
        key: _ranked(one.total, one.good, one.bad, one.score) for key, one in report.records.items()
    }
    if Dimension.AGENT in measure.group_by:
        return _by_member(measure, rows)
    added = _added(("total", "good", "bad"), rows.values())
    return _told(measure, measure.start, [_ranked(**added, score=None)])


def performance_readings(
    measure: MeasureCall, report: wire.PerformanceReport
) -> tuple[Reading, ...]:
    """Return the readings of the performance report, for each agent or for all together.

    For all together the counts are those of the vendor's summary; it holds no times, so these
    are added up over the agents.
    """
    rows = {key: msgspec.structs.asdict(one) for key, one in report.records.items()}
    if Dimension.AGENT in measure.group_by:
        return _by_member(measure, rows)
    times = {field: fsum(row[field] for row in rows.values()) for field in _TIMES}
    summary = {} if report.summary is None else msgspec.structs.asdict(report.summary)
    return _told(measure, measure.start, [summary | times])


def ranking_score(good: float, bad: float) -> float | None:
    """Return LiveChat's ranking score, or None where nobody rated.

    It resembles the lower bound of a Wilson interval, but is not: inside the root LiveChat has
    k/n where Wilson has k. Its published scores come out of this form only.
    """
    n = good + bad
    if n == 0:
        return None
    p, k = good / n, _Z * _Z / (4 * n)
    return (p + 2 * k - _Z * sqrt((k / n + p * (1 - p)) / n)) / (1 + 4 * k)


def _ranked(total: float, good: float, bad: float, score: float | None) -> Row:
    told = score if score is not None else ranking_score(good, bad)
    return {"total": total, "good": good, "bad": bad, "score": told if good + bad else None}


def _seconds(record: wire.Availability) -> float | None:
    if record.hours is not None:
        return record.hours * _HOUR
    return None if record.minutes is None else record.minutes * _MINUTE


def _row(record: msgspec.Struct) -> Row:
    """Return the fields of a bucket. A total left out of it is zero only where all of it is."""
    row: dict[str, float | None] = msgspec.structs.asdict(record)
    return row | {"total": 0} if "total" in row and not any(row.values()) else row


def _waits(part: str, bucket: Mapping[str, Mapping[str, float | None]]) -> Row:
    """Return what a bucket tells of one part of the queue's customers."""
    told = bucket.get(part, {})
    count = told.get("count") or 0
    times = {f"{part}_{one}": told.get(one) if count else None for one in ("min", "max", "avg")}
    return {f"{part}_count": count, **times}


def _added(fields: Iterable[str], rows: Iterable[Row]) -> dict[str, float]:
    """Return rows of counts added up, field by field."""
    every = tuple(rows)
    return {field: fsum(row[field] or 0 for row in every) for field in fields}


def _filled(buckets: _Buckets, nothing: Row, most: int | None = None) -> _Buckets:
    """Return the buckets, each with a row for every group that one of them names.

    With `most` groups or more it is not known what was left out, and they stay as they are.
    """
    groups = sorted({group for rows in buckets.values() for group in rows})
    if most is not None and len(groups) >= most:
        return buckets
    every = dict.fromkeys(groups, nothing)
    return {label: {**every, **rows} for label, rows in buckets.items()}


def _by_member(
    measure: MeasureCall, rows: Mapping[str, Row], names: Mapping[str, str | None] | None = None
) -> tuple[Reading, ...]:
    named = names or {}
    return tuple(
        msgspec.structs.replace(reading, names=(named[member],)) if named.get(member) else reading
        for member, row in sorted(rows.items())
        for reading in _told(measure, measure.start, [row], (member,))
    )


def _series(
    measure: MeasureCall, buckets: _Buckets, total: float | None, labels: LabelFormats
) -> tuple[Reading, ...]:
    """Return the readings of buckets, or of all of them as one for TOTAL.

    A bucket that is not named at all is not told.
    """
    if measure.grain is Grain.TOTAL:
        return _in_all(measure, buckets, total)
    patterns: tuple[str, ...] = getattr(labels, measure.grain.value)
    readings: list[Reading] = []
    for label, rows in sorted(buckets.items()):
        told = any(any(row.values()) for row in rows.values())
        start = placed(label, measure, patterns, told=told)
        if start is not None:
            for group, row in rows.items():
                readings += _told(measure, start, [row], group)
    return tuple(readings)


def _in_all(measure: MeasureCall, buckets: _Buckets, total: float | None) -> tuple[Reading, ...]:
    """Return the readings of all buckets as one.

    Where no bucket is named, only a total of zero makes the whole zero.
    """
    if measure.group_by:
        groups = sorted({group for rows in buckets.values() for group in rows})
    else:
        groups = [_ALL]
    readings: list[Reading] = []
    for group in groups:
        rows = [found[group] for found in buckets.values() if group in found]
        rows = rows or ([_nothing(measure.source)] if total == 0 else [])
        readings += _told(measure, measure.start, rows, group, beside=total)
    return tuple(readings)


def _nothing(source: str) -> Row:
    """Return a row of zeros; a mean that weighs nothing stays not measured, and so do extremes."""
    told = {_field(name): one.merge for name, one in FIGURES.items() if one.source == source}
    return {field: None if merge is Merge.DISTINCT else 0.0 for field, merge in told.items()}


def _told(
    measure: MeasureCall,
    start: datetime,
    rows: Sequence[Row],
    group: _Group = _ALL,
    *,
    beside: float | None = None,
) -> tuple[Reading, ...]:
    """Return a reading of every asked figure, its rows merged into one value.

    `beside` is the total that stands beside the rows, for where they do not tell one.
    """
    return tuple(
        Reading(name, start, _merged(FIGURES[name], rows, beside), group)
        for name in measure.figures
    )


def _merged(figure: Figure, rows: Sequence[Row], beside: float | None) -> float | None:
    field = _field(figure.name)
    if figure.weight:
        return _mean(field, _field(figure.weight[0].figure), rows)
    values = [value for row in rows if (value := row.get(field)) is not None]
    if field == "total" and not (values and len(values) == len(rows)):
        return beside
    return _MERGES.get(field.rpartition("_")[2], fsum)(values) if values else None


def _mean(field: str, weight: str, rows: Sequence[Row]) -> float | None:
    """Return the weighted mean of what was measured; a single value is given as it came."""
    parts = [(row.get(field), row.get(weight)) for row in rows]
    measured = [(value, times) for value, times in parts if value is not None and times]
    if len(measured) < 2:  # noqa: PLR2004 (nothing to merge)
        return measured[0][0] if measured else None
    return fsum(value * times for value, times in measured) / fsum(n for _, n in measured)


def _field(figure: str) -> str:
    """Return the vendor's own name of a figure, without its report's."""
    return figure.partition(".")[2]
