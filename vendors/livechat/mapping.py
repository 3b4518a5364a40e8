"""From LiveChat's words to ours: reports to readings, keys to agents, errors to the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import fsum, sqrt
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from vendors import records
from vendors.buckets import floor_to, local_midnight, next_edge, zone
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    PlatformTimeoutError,
    Trips,
)
from vendors.livechat import wire
from vendors.livechat.indicators import FIGURES
from vendors.livechat.settings import LabelFormats
from vendors.measures import Dimension, Figure, Grain, MeasureCall, Reading

__all__ = [
    "MisdirectedError",
    "agents",
    "availability_readings",
    "bounds",
    "chats_readings",
    "failure",
    "performance_readings",
    "ranking_readings",
    "ranking_score",
]

Row: TypeAlias = Mapping[str, float | None]
"""The fields of one record, in our units."""

_HOUR, _MINUTE = 3600.0, 60.0
_Z = 2.69
_TIMES = ("accepting_chats_time", "not_accepting_chats_time", "chatting_time", "logged_in_time")


class MisdirectedError(PlatformRejectedError):
    """The account lives in another region, which the platform names."""

    def __init__(self, region: str, *, status: int) -> None:
        """Keep the region to ask instead."""
        super().__init__(f"misdirected_request: the account lives in {region}", status=status)
        self.region = region


_FAILURES: Mapping[str, type[PlatformError]] = {
    "authentication": PlatformAuthError,
    "authorization": PlatformForbiddenError,
    "entity_too_large": PlatformRejectedError,
    "group_not_found": PlatformRejectedError,
    "internal": PlatformServerError,
    "license_expired": PlatformForbiddenError,
    "license_not_found": PlatformForbiddenError,
    "limit_reached": PlatformRejectedError,
    "misdirected_request": PlatformRejectedError,
    "missing_access": PlatformForbiddenError,
    "not_allowed": PlatformForbiddenError,
    "not_found": PlatformNotFoundError,
    "request_timeout": PlatformTimeoutError,
    "service_unavailable": PlatformServerError,
    "too_many_requests": PlatformRateLimitedError,
    "unsupported_version": PlatformRejectedError,
    "validation": PlatformRejectedError,
    "wrong_product_version": PlatformRejectedError,
}
"""The error types of LiveChat's sibling APIs. HTTP codes are documented for none of them."""

_TRIPS: Mapping[str, Trips] = {
    # No call can succeed before somebody mends the licence.
    "license_expired": Trips.CREDENTIAL,
    "license_not_found": Trips.CREDENTIAL,
}
_NOTES: Mapping[str, str] = {
    "unsupported_version": "LiveChat has switched this version of its API off: set `version`"
}
_LONGEST_NOTE = 200
_LONGEST_LABEL = 40
_ADDRESS = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")
_REGION = re.compile(r"[a-z0-9-]{1,16}")


def failure(error: wire.Error, status: int) -> PlatformError | None:
    """Return what a LiveChat error means, or None where its type is not known here."""
    kind = _FAILURES.get(error.type)
    if kind is None:
        return None
    region = error.data.region if error.data else None
    if error.type == "misdirected_request" and region and _REGION.fullmatch(region):
        return MisdirectedError(region, status=status)
    note = _NOTES.get(error.type) or _ADDRESS.sub("…", error.message)[:_LONGEST_NOTE]
    return kind(f"{error.type}: {note}", status=status, trips=_TRIPS.get(error.type))


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
    rows = {label: msgspec.structs.asdict(record) for label, record in report.records.items()}
    return _series(measure, rows, report.total, labels)


def availability_readings(
    measure: MeasureCall, report: wire.Report[wire.Availability], labels: LabelFormats
) -> tuple[Reading, ...]:
    """Return the readings of the availability report: hours or minutes become seconds."""
    rows = {label: {"total": _seconds(record)} for label, record in report.records.items()}
    return _series(measure, rows, report.total, labels)


def ranking_readings(
    measure: MeasureCall, report: wire.Report[wire.Ranking]
) -> tuple[Reading, ...]:
    """Return the readings of the ranking, for each agent or added up over all of them."""
    rows = {
        key: _ranked(one.total, one.good, one.bad, one.score) for key, one in report.records.items()
    }
    if Dimension.AGENT in measure.group_by:
        return _by_agent(measure, rows)
    total, good, bad = (
        sum(getattr(one, field) for one in report.records.values())
        for field in ("total", "good", "bad")
    )
    return _told(measure, measure.start, [_ranked(total, good, bad, None)])


def performance_readings(
    measure: MeasureCall, report: wire.PerformanceReport
) -> tuple[Reading, ...]:
    """Return the readings of the performance report, for each agent or for all together.

    For all together the counts are those of the vendor's summary; it holds no times, so these
    are added up over the agents.
    """
    rows = {key: msgspec.structs.asdict(one) for key, one in report.records.items()}
    if Dimension.AGENT in measure.group_by:
        return _by_agent(measure, rows)
    times = {field: fsum(row[field] for row in rows.values()) for field in _TIMES}
    summary = {} if report.summary is None else msgspec.structs.asdict(report.summary)
    return _told(measure, measure.start, [summary | times])


def ranking_score(good: int, bad: int) -> float | None:
    """Return LiveChat's ranking score, or None where nobody rated.

    It resembles the lower bound of a Wilson interval, but is not: inside the root LiveChat has
    k/n where Wilson has k. Its published scores come out of this form only.
    """
    n = good + bad
    if n == 0:
        return None
    p, k = good / n, _Z * _Z / (4 * n)
    return (p + 2 * k - _Z * sqrt((k / n + p * (1 - p)) / n)) / (1 + 4 * k)


def _ranked(total: int, good: int, bad: int, score: float | None) -> Row:
    told = score if score is not None else ranking_score(good, bad)
    return {"total": total, "good": good, "bad": bad, "score": told if good + bad else None}


def _seconds(record: wire.Availability) -> float | None:
    if record.hours is not None:
        return record.hours * _HOUR
    return None if record.minutes is None else record.minutes * _MINUTE


def _by_agent(measure: MeasureCall, rows: Mapping[str, Row]) -> tuple[Reading, ...]:
    return tuple(
        reading
        for agent, row in sorted(rows.items())
        for reading in _told(measure, measure.start, [row], (agent,))
    )


def _series(
    measure: MeasureCall, rows: Mapping[str, Row], total: float | None, labels: LabelFormats
) -> tuple[Reading, ...]:
    """Return the readings of buckets, or of all of them as one for TOTAL.

    A bucket that is not named at all is not told. Where no bucket is named, only a total of zero
    makes the whole zero.
    """
    if measure.grain is Grain.TOTAL:
        merged = list(rows.values()) or ([_nothing(measure.source)] if total == 0 else [])
        return _told(measure, measure.start, merged)
    patterns: tuple[str, ...] = getattr(labels, measure.grain.value)
    readings: list[Reading] = []
    for label, row in sorted(rows.items()):
        start = _placed(label, row, measure, patterns)
        if start is not None:
            readings += _told(measure, start, [row])
    return tuple(readings)


def _nothing(source: str) -> Row:
    """Return a row of zeros; a mean that weighs nothing stays not measured."""
    return {_field(name): 0.0 for name, figure in FIGURES.items() if figure.source == source}


def _told(
    measure: MeasureCall, start: datetime, rows: Sequence[Row], group: tuple[str, ...] = ()
) -> tuple[Reading, ...]:
    """Return a reading of every asked figure, its rows merged into one value."""
    return tuple(
        Reading(name, start, _merged(FIGURES[name], rows), group) for name in measure.figures
    )


def _merged(figure: Figure, rows: Sequence[Row]) -> float | None:
    field = _field(figure.name)
    if figure.weight:
        return _mean(field, _field(figure.weight[0].figure), rows)
    values = [value for row in rows if (value := row.get(field)) is not None]
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
    label: str, row: Row, measure: MeasureCall, patterns: tuple[str, ...]
) -> datetime | None:
    """Return where a bucket begins within the window, or None where that cannot be told.

    Raises:
        PlatformBadResponseError: for a label of no known form, and for a bucket that holds
            something but lies outside the window.
    """
    where = zone(measure.zone)
    starts = {
        start
        for start in _starts(label, measure, patterns, where)
        if start < measure.end and next_edge(measure.grain.value, start, where) > measure.start
    }
    if not starts and any(row.values()):
        message = f"LiveChat answered for {_shown(label)}, which was not asked for"
        raise PlatformBadResponseError(message)
    # Two: an hour that the clock shows twice, and the label does not say which of them is meant.
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
    starts = _instants(clock_time, where)
    if any(floor_to("hour", start, where) != start for start in starts):
        message = f"LiveChat named an hour {_shown(label)} that begins within one of {measure.zone}"
        raise PlatformBadResponseError(message)
    return starts


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
    """Return the time that a label shows, by the first pattern that fits."""
    for pattern in patterns:
        with suppress(ValueError):
            # The zone is the call's where the label names none.
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
