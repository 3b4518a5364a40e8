"""Windows and buckets: the vendor's dates as instants, its groupings, and how long they may be.

Instants are whole milliseconds since 1970; a window is `start` <= t < `end`. Days and months are
counted on the clock of the zone that a request names, or of UTC where it names none; 24 hours are
24 hours, whatever the clock does.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|\+00:00)", re.ASCII)
_YEARS = range(2000, 2100)
_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Window(NamedTuple):
    """`start` <= t < `end`."""

    start: int
    end: int


class Bucket(NamedTuple):
    """A part of a window under the date that the vendor gives it."""

    date: str
    start: int
    end: int


def milliseconds(at: datetime) -> int:
    """Turn a moment into milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


def moment(since: int) -> datetime:
    """Turn milliseconds since 1970 into a moment."""
    return _EPOCH + since * _MILLISECOND


def read_instant(text: str) -> datetime | None:
    """Read an ISO 8601 date and time in UTC; None for anything else."""
    if _INSTANT.fullmatch(text) is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.year in _YEARS else None


def write_instant(since: int) -> str:
    """Write a moment as the vendor does, with its milliseconds where it has some."""
    precision = "milliseconds" if since % 1_000 else "seconds"
    return moment(since).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def shift_months(at: datetime, months: int) -> datetime:
    """Move by calendar months on the clock; a day that the month lacks becomes its last."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))


class Step(NamedTuple):
    """A size of buckets: where on the clock one begins, and where the next does."""

    floor: Callable[[datetime], datetime]
    after: Callable[[datetime], datetime]


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


_STEPS = {
    "Day": Step(_midnight, lambda at: at + _DAY),
    "Week": Step(lambda at: _midnight(at) - at.weekday() * _DAY, lambda at: at + 7 * _DAY),
    "Month": Step(lambda at: _midnight(at).replace(day=1), lambda at: shift_months(at, 1)),
}


class Limit(NamedTuple):
    """The longest window of a grouping, in words and as the last moment that it may end at."""

    words: str
    end: Callable[[datetime], datetime]


LIMITS = {
    "Hour": Limit("24 hours", lambda at: at.astimezone(UTC) + 24 * _HOUR),
    "Day": Limit("31 days", lambda at: at + 31 * _DAY),
    "Week": Limit("3 months", lambda at: shift_months(at, 3)),
    "Month": Limit("24 months", lambda at: shift_months(at, 24)),
}
GROUPINGS = tuple(LIMITS)


def is_over_long(start: datetime, end: datetime, group_by: str, zone: ZoneInfo) -> bool:
    """Tell whether a window is longer than the vendor allows for a grouping."""
    return end > LIMITS[group_by].end(start.astimezone(zone)).astimezone(UTC)


def buckets(whole: Window, group_by: str, zone: ZoneInfo) -> tuple[Bucket, ...]:
    """Return every bucket that shares a moment with the window, cut to it, under its local date."""
    cut = _hours(whole, zone) if group_by == "Hour" else _steps(whole, _STEPS[group_by], zone)
    return tuple(
        Bucket(label, max(start, whole.start), min(end, whole.end)) for label, start, end in cut
    )


def _steps(whole: Window, step: Step, zone: ZoneInfo) -> Iterator[Bucket]:
    begin = step.floor(_clock(whole.start, zone))
    start = _first(begin, zone)
    while start < whole.end:
        after = step.after(begin)
        end = _first(after, zone)
        yield Bucket(begin.isoformat(), start, end)
        begin, start = after, end


def _hours(whole: Window, zone: ZoneInfo) -> Iterator[Bucket]:
    """Cut at the full hours of the clock, also where it is put forward or back by less."""
    start = whole.start
    while start < whole.end:
        clock = _clock(start, zone)
        begin = clock.replace(minute=0, second=0, microsecond=0)
        end = start + (_HOUR - (clock - begin)) // _MILLISECOND
        yield Bucket(begin.isoformat() + _told_apart(start, begin, zone), start, end)
        start = end


def _told_apart(start: int, begin: datetime, zone: ZoneInfo) -> str:
    """Return the offset from UTC of an hour that the clock shows twice, else nothing."""
    last = (begin + _HOUR - _SECOND).replace(tzinfo=zone)
    first, second = last.utcoffset(), last.replace(fold=1).utcoffset()
    if first is None or second is None or first <= second:
        return ""
    return moment(start).astimezone(zone).isoformat()[-len("+00:00") :]


def _clock(since: int, zone: ZoneInfo) -> datetime:
    return moment(since).astimezone(zone).replace(tzinfo=None, fold=0)


def _first(clock: datetime, zone: ZoneInfo) -> int:
    """Return when a clock first shows a time."""
    return milliseconds(clock.replace(tzinfo=zone, fold=0).astimezone(UTC))


class Piece(NamedTuple):
    """A part of one local day."""

    day: date
    start: int
    end: int


def day_window(day: date, zone: ZoneInfo) -> Window:
    """Return a local day, of 23, 24 or 25 hours."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (wall clock; the zone follows)
    return Window(_first(midnight, zone), _first(midnight + _DAY, zone))


def pieces(start: int, end: int, zone: ZoneInfo) -> Iterator[Piece]:
    """Cut `start` <= t < `end` at the midnights of a zone."""
    while start < end:
        day = _clock(start, zone).date()
        stop = min(end, day_window(day, zone).end)
        yield Piece(day, start, stop)
        start = stop
