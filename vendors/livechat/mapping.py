"""From LiveChat's words to ours: reports to readings, keys to agents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import fsum, sqrt
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from vendors import records
from vendors.buckets import floor_to, local_midnight, next_edge, zone
from vendors.errors import PlatformBadResponseError
from vendors.livechat import wire
from vendors.livechat.indicators import FIGURES
from vendors.livechat.settings import LabelFormats
from vendors.measures import Dimension, Figure, Grain, MeasureCall, Reading

__all__ = [
    "agents",
    "availability_readings",
    "bounds",
    "chats_readings",
    "greetings_readings",
    "performance_readings",
    "ranking_readings",
    "ranking_score",
    "surveys_readings",
    "tags_readings",
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
_LONGEST_LABEL = 40
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


def surveys_readings(
    measure: MeasureCall, report: wire.Report[wire.GroupSurveys], groups: Mapping[str, str | None]
) -> tuple[Reading, ...]:
    """Return the readings of the surveys report: of each group, or of all added up.

    `groups` are the known groups and their names; one that is not told of got no survey.
    """
    nothing: Row = {"count": 0, "answers": 0}
    rows = dict.fromkeys(groups, nothing) | {
        group: _added(nothing, map(_answered, surveys.values()))
        for group, surveys in report.records.items()
    }
    if Dimension.TEAM in measure.group_by:
        return _by_member(measure, rows, groups)
    return _told(measure, measure.start, [_added(nothing, rows.values())])


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


def _answered(survey: Mapping[str, int | Mapping[str, int]]) -> Row:
    """Return how often a survey was filled in, and how many choices were made in it."""
    times = [one for one in survey.values() if isinstance(one, int)]
    choices = [one for one in survey.values() if not isinstance(one, int)]
    return {"count": sum(times), "answers": sum(sum(one.values()) for one in choices)}


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
        start = _placed(label, measure, patterns, told=told)
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
    """Return a row of zeros; a mean that weighs nothing stays not measured."""
    return {_field(name): 0.0 for name, figure in FIGURES.items() if figure.source == source}


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
    return fsum(values) if values else None


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


def _placed(
    label: str, measure: MeasureCall, patterns: tuple[str, ...], *, told: bool
) -> datetime | None:
    """Return where a bucket begins within the window, or None for an hour that is shown twice.

    Raises PlatformBadResponseError for a label of no known form, and for one outside the window.
    """
    where = zone(measure.zone)
    starts = {
        start
        for start in _starts(label, measure, patterns, where)
        if start < measure.end and next_edge(measure.grain.value, start, where) > measure.start
    }
    if not starts and told:
        message = f"LiveChat answered for {_shown(label)}, which was not asked for"
        raise PlatformBadResponseError(message)
    return starts.pop() if len(starts) == 1 else None


def _starts(
    label: str, measure: MeasureCall, patterns: tuple[str, ...], where: ZoneInfo
) -> set[datetime]:
    """Return the instants at which a bucket of that label may begin."""
    read = _read(label, patterns)
    if read is None:
        message = f"LiveChat named the {measure.grain.value} {_shown(label)}: no known form"
        raise PlatformBadResponseError(message)
    clock_time = read.clock_time if read.dated else _dated(read.clock_time, measure, where)
    if measure.grain is not Grain.HOUR:
        return {local_midnight(clock_time.date(), where)}
    starts = {_begun(start, clock_time, where) for start in _instants(clock_time, where)}
    if any(floor_to("hour", start, where) != start for start in starts):
        message = f"LiveChat named an hour {_shown(label)} that begins within one of {measure.zone}"
        raise PlatformBadResponseError(message)
    return starts


def _begun(start: datetime, clock_time: datetime, where: ZoneInfo) -> datetime:
    """Return when the bucket of that hour begins: at its half, if clocks go back by half of one."""
    change = next_edge("hour", floor_to("hour", start, where), where).astimezone(where)
    shown = change.utcoffset(), change.hour
    return change.astimezone(UTC) if shown == (clock_time.utcoffset(), clock_time.hour) else start


def _instants(clock_time: datetime, where: ZoneInfo) -> set[datetime]:
    """Return when a clock in that zone shows this time: once, twice, or never."""
    if clock_time.tzinfo is not None:
        return {clock_time.astimezone(UTC)}
    folds = (clock_time.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    return {one for one in folds if one.astimezone(where).replace(tzinfo=None) == clock_time}


def _shown(label: str) -> str:
    """Return a label as it may stand in a log: it is somebody else's text."""
    return repr(label[:_LONGEST_LABEL])


class _Read(NamedTuple):
    clock_time: datetime
    dated: bool


@lru_cache(maxsize=50_000)
def _read(label: str, patterns: tuple[str, ...]) -> _Read | None:
    """Return the time that a label shows, of the call's zone unless it names an offset."""
    for pattern in patterns:
        with suppress(ValueError):
            return _Read(datetime.strptime(label, pattern), "%Y" in pattern)  # noqa: DTZ007
    return None


def _dated(clock_time: datetime, measure: MeasureCall, where: ZoneInfo) -> datetime:
    """Return an hour without a date on the one day of the window."""
    first = measure.start.astimezone(where).date()
    last = (measure.end - timedelta(microseconds=1)).astimezone(where).date()
    if first != last:
        message = f"LiveChat named an hour {clock_time:%H:%M} of one of several days"
        raise PlatformBadResponseError(message)
    return clock_time.replace(year=first.year, month=first.month, day=first.day)
