"""Windows and buckets in local time: what the vendor's dates mean as instants.

A date-only end includes its day, an end with a time its second. Of a clock time that the end of
summer time repeats, a window begins with the first and ends with the second; one bucket of an hour
has the label of both.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

_BOUND = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?", re.ASCII)
_YEARS = range(2000, 2100)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
MONTHS_AT_MOST = 3


class Bound(NamedTuple):
    """A moment on the wall clock, or a whole day."""

    at: datetime
    whole_day: bool


class Window(NamedTuple):
    """`start` <= t < `end`, in UTC."""

    start: datetime
    end: datetime


class Bucket(NamedTuple):
    """A part of a window under the label that the vendor gives it."""

    label: str
    start: datetime
    end: datetime


class Step(NamedTuple):
    """A size of buckets: its label, where one begins, and where the next does (wall clock)."""

    label: str
    floor: Callable[[datetime], datetime]
    after: Callable[[datetime], datetime]


def shift_months(at: datetime, months: int) -> datetime:
    """Move by calendar months; a day that the month lacks becomes its last."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0)


STEPS = {
    "hour": Step(
        "%Y-%m-%d %H:00:00",
        lambda at: at.replace(minute=0, second=0),
        lambda at: at + timedelta(hours=1),
    ),
    "day": Step("%Y-%m-%d", _midnight, lambda at: at + _DAY),
    "month": Step("%Y-%m", lambda at: _midnight(at).replace(day=1), lambda at: shift_months(at, 1)),
}


def read_bound(text: str) -> Bound | None:
    """Read `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS`; None for anything else."""
    if _BOUND.fullmatch(text) is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Bound(at, whole_day=" " not in text) if at.year in _YEARS else None


def instant(at: datetime, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """Return when a wall clock shows a time, the last time if it shows it twice."""
    first, second = (at.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(first, second) if last else first


def window(
    first: Bound | None,
    last: Bound | None,
    zone: ZoneInfo,
    now: datetime,
    months: int = MONTHS_AT_MOST,
) -> Window:
    """Return the window between the bounds; a missing one is months away from the other."""
    if last is None:
        present = Bound(now.astimezone(zone).replace(tzinfo=None), whole_day=False)
        ahead = None if first is None else shift_months(first.at, months) - _SECOND
        last = present if ahead is None else Bound(ahead, whole_day=False)
    start = shift_months(last.at, -months) if first is None else first.at
    return Window(instant(start, zone), _end(last, zone))


def _end(last: Bound, zone: ZoneInfo) -> datetime:
    if last.whole_day:
        return instant(last.at + _DAY, zone)
    return instant(last.at, zone, last=True) + _SECOND


def is_over_long(first: Bound, last: Bound, months: int) -> bool:
    """Tell whether the bounds are more than some months apart, counted from either of them."""
    latest = shift_months(first.at, months)
    earliest = shift_months(last.at, -months)
    return last.at > latest and first.at < earliest


def buckets(whole: Window, size: str, zone: ZoneInfo) -> Iterator[Bucket]:
    """Yield every bucket that shares a moment with the window, cut to the window."""
    step = STEPS[size]
    at = step.floor(whole.start.astimezone(zone).replace(tzinfo=None, fold=0))
    begin = instant(at, zone)
    while begin < whole.end:
        following = step.after(at)
        end = instant(following, zone)
        start, stop = max(begin, whole.start), min(end, whole.end)
        if start < stop:
            yield Bucket(at.strftime(step.label), start, stop)
        at, begin = following, end


class Piece(NamedTuple):
    """A part of one local day."""

    day: date
    start: datetime
    end: datetime


def day_window(day: date, zone: ZoneInfo) -> Window:
    """Return a local day, of 23, 24 or 25 hours."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (wall clock; the zone follows)
    return Window(instant(midnight, zone), instant(midnight + _DAY, zone))


def pieces(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Piece]:
    """Cut `start` <= t < `end` at the midnights of a zone."""
    while start < end:
        day = start.astimezone(zone).date()
        stop = min(end, day_window(day, zone).end)
        yield Piece(day, start, stop)
        start = stop
