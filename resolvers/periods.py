"""The periods that callers name, as half-open intervals of UTC instants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from vendors.buckets import floor_to, next_edge
from vendors.errors import BadInputError
from vendors.measures import Grain
from vendors.words import Word

__all__ = ["CalendarPeriod", "Period", "PeriodUnit", "between", "calendar", "instant", "last"]

_LONGEST = timedelta(days=366 * 5 + 2)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class CalendarPeriod(Word):
    """Periods by the calendar of the asked time zone."""

    TODAY = "today", "The present local day, to its end."
    YESTERDAY = "yesterday", "The local day before today."
    THIS_WEEK = "this_week", "The present ISO week, from Monday, to its end."
    LAST_WEEK = "last_week", "The ISO week before this one."
    THIS_MONTH = "this_month", "The present calendar month, to its end."
    LAST_MONTH = "last_month", "The calendar month before this one."
    THIS_YEAR = "this_year", "The present calendar year, to its end."
    LAST_YEAR = "last_year", "The calendar year before this one."


class PeriodUnit(Word):
    """The unit in which a period counts back from now."""

    HOUR = "hour", "Hours of local time."
    DAY = "day", "Local days."
    WEEK = "week", "ISO weeks, from Monday."
    MONTH = "month", "Calendar months."


class Period(msgspec.Struct, frozen=True):
    """A half-open interval of UTC instants, and the zone in which it was meant."""

    start: datetime
    end: datetime
    time_zone: str
    named: str
    """How it was asked for: the same words mean the same question, whatever the time of day."""


def between(start: datetime, end: datetime, where: ZoneInfo) -> Period:
    """Return the period between two instants; a naive one is local time of the zone."""
    first, stop = instant(start, where), instant(end, where)
    if first >= stop:
        message = f"The period ends ({end.isoformat()}) before it begins ({start.isoformat()})."
        raise BadInputError(message, argument="period.between", accepted="from before to")
    if stop - first > _LONGEST:
        message = "The period is longer than five years."
        raise BadInputError(message, argument="period.between", accepted="at most five years")
    return Period(first, stop, where.key, f"{first.isoformat()}/{stop.isoformat()}")


def last(count: int, unit: PeriodUnit, where: ZoneInfo, now: datetime) -> Period:
    """Return the present bucket of that unit and the `count - 1` before it, whole."""
    most = _MOST[unit]
    if not 1 <= count <= most:
        message = f"Cannot count back {count} {unit.name} units."
        raise BadInputError(message, argument="period.last.count", accepted=f"1 to {most}")
    end = next_edge(unit, floor_to(unit, now, where), where)
    start = floor_to(unit, now, where)
    for _ in range(count - 1):
        start = _before(unit, start, where)
    return Period(start, end, where.key, f"last {count} {unit.value}")


def calendar(named: CalendarPeriod, where: ZoneInfo, now: datetime) -> Period:
    """Return the period that the calendar of that zone names."""
    grain, shift = _CALENDAR[named]
    start = shift(grain, floor_to(grain, now, where), where)
    return Period(start, next_edge(grain, start, where), where.key, named.value)


def _before(grain: str, edge: datetime, where: ZoneInfo) -> datetime:
    """Return the start of the bucket before the one that begins at `edge`."""
    return floor_to(grain, edge - timedelta(minutes=1), where)


def _here(_grain: str, edge: datetime, _where: ZoneInfo) -> datetime:
    return edge


def instant(moment: datetime, where: ZoneInfo) -> datetime:
    """Return the moment in UTC, raise BadInputError where it is not one that is asked about."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=where)
    # Compared before it is converted: at the ends of the calendar that alone would overflow.
    if not _EARLIEST <= aware <= _LATEST:
        message = f"{moment.isoformat()} is not within the years that can be asked about."
        accepted = f"{_EARLIEST.year} to {_LATEST.year}"
        raise BadInputError(message, argument="period.between", accepted=accepted)
    return aware.astimezone(UTC)


_Shift = Callable[[str, datetime, ZoneInfo], datetime]

_CALENDAR: dict[CalendarPeriod, tuple[Grain, _Shift]] = {
    CalendarPeriod.TODAY: (Grain.DAY, _here),
    CalendarPeriod.YESTERDAY: (Grain.DAY, _before),
    CalendarPeriod.THIS_WEEK: (Grain.WEEK, _here),
    CalendarPeriod.LAST_WEEK: (Grain.WEEK, _before),
    CalendarPeriod.THIS_MONTH: (Grain.MONTH, _here),
    CalendarPeriod.LAST_MONTH: (Grain.MONTH, _before),
    CalendarPeriod.THIS_YEAR: (Grain.YEAR, _here),
    CalendarPeriod.LAST_YEAR: (Grain.YEAR, _before),
}

_MOST = {
    PeriodUnit.HOUR: 24 * 366,
    PeriodUnit.DAY: 366 * 5,
    PeriodUnit.WEEK: 53 * 5,
    PeriodUnit.MONTH: 60,
}
