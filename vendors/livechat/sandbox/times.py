"""Instants, time zones and the buckets of a distribution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from vendors.livechat.sandbox.refusals import Refusal, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

INSTANT = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:[0-5]\d)", re.ASCII
)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
# The vendor names no longest window. More buckets than five years of hours are no report.
_MOST_BUCKETS = 50_000


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a window, `start` <= t < `end`, that belongs to one bucket."""

    key: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Distribution:
    """A way to cut a window: where the next cut is, how a bucket is called, and how long it is.

    `keys` are the buckets that are always there; empty: those that the window touches.
    """

    cut: Callable[[datetime, ZoneInfo], datetime]
    name: Callable[[datetime], str]
    shortest: timedelta
    keys: tuple[str, ...] = ()

    def spans(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[Span]:
        """Cut `start` <= t < `end`, in order of time and without a gap.

        Raises:
            Refusal: There would be too many buckets.
        """
        if (end - start) / self.shortest > _MOST_BUCKETS:
            raise Refusal("limit_reached", "The date range is too long for this distribution")
        found: list[Span] = []
        while start < end:
            upper = min(self.cut(start, zone), end)
            found.append(Span(self.name(start.astimezone(zone)), start, upper))
            start = upper
        return found

    def buckets(self, spans: list[Span]) -> list[str]:
        """Return the keys of all buckets, in order."""
        return list(self.keys or dict.fromkeys(span.key for span in spans))


def instant(value: object, path: str) -> datetime:
    """Read a date and time with an offset, to the microsecond at most, and return it in UTC.

    Raises:
        Refusal: It is not written as RFC 3339 wants it, or there is no such time.
    """
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise invalid(path, "must be a date and time as in RFC3339")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(path, "is no existing date and time") from None
    if not _FIRST_YEAR <= found.year < _LAST_YEAR:
        raise invalid(path, "is out of range")
    return found.astimezone(UTC)


def zone(value: object, path: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        Refusal: There is no zone of that name.
    """
    if not isinstance(value, str) or value not in _zone_names():
        raise invalid(path, "must be an IANA time zone")
    return ZoneInfo(value)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _next_hour(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    passed = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    end = at + _HOUR - passed
    last = (end - INSTANT).astimezone(zone)
    return end if last.utcoffset() == local.utcoffset() else _shift(at, end, zone)


def _shift(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clocks change between two instants: Chatham's do it within an hour."""
    offset = before.astimezone(zone).utcoffset()
    before = before.replace(microsecond=0)
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _next_day(at: datetime, zone: ZoneInfo) -> datetime:
    return _midnight(at.astimezone(zone).date() + timedelta(days=1), zone)


def _next_month(at: datetime, zone: ZoneInfo) -> datetime:
    day = at.astimezone(zone).date()
    return _midnight(date(day.year + day.month // 12, day.month % 12 + 1, 1), zone)


def _next_year(at: datetime, zone: ZoneInfo) -> datetime:
    return _midnight(date(at.astimezone(zone).year + 1, 1, 1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _hour_name(local: datetime) -> str:
    """Name an hour with its offset, so that the hour that comes twice in autumn is told apart."""
    return local.strftime("%Y-%m-%dT%H:00:00") + local.isoformat()[-len("+00:00") :]


DISTRIBUTIONS = {
    "hour": Distribution(_next_hour, _hour_name, _HOUR),
    "day": Distribution(_next_day, lambda local: local.strftime("%Y-%m-%d"), 24 * _HOUR),
    "day-hours": Distribution(
        _next_hour,
        lambda local: local.strftime("%H"),
        _HOUR,
        tuple(f"{hour:02d}" for hour in range(24)),
    ),
    "month": Distribution(_next_month, lambda local: local.strftime("%Y-%m"), 28 * 24 * _HOUR),
    "year": Distribution(_next_year, lambda local: local.strftime("%Y"), 365 * 24 * _HOUR),
}
