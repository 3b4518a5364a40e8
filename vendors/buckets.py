"""Local time cut into buckets, and windows cut to a vendor's limits.

Everything is half-open and in UTC instants; the zone decides only where the cuts fall. A local
day has 23, 24 or 25 hours, an hour of a half-hour zone begins at half past in UTC, and weeks are
ISO weeks, from Monday.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from vendors.errors import BadInputError

__all__ = [
    "Span",
    "bucket_edges",
    "cut",
    "floor_to",
    "is_sharp",
    "local_midnight",
    "next_edge",
    "zone",
]


_UTC = ZoneInfo("UTC")


class Span(msgspec.Struct, frozen=True):
    """A length of calendar time: months are calendar months, the rest is exact."""

    months: int = 0
    days: int = 0
    hours: int = 0

    def after(self, start: datetime, where: ZoneInfo) -> datetime:
        """Return the instant one span after `start`.

        Months and days are counted by the calendar, in local time and in UTC, and the earlier of
        the two instants is returned: a window is then never too long, by whichever of them the
        vendor counts.
        """
        return min(self._after(start, where), self._after(start, _UTC))

    def _after(self, start: datetime, where: ZoneInfo) -> datetime:
        local = start.astimezone(where)
        moved = _add_months(local.date(), self.months) + timedelta(days=self.days)
        clock_time = local.replace(year=moved.year, month=moved.month, day=moved.day, fold=0)
        return clock_time.astimezone(UTC) + timedelta(hours=self.hours)


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone of that name, in whatever case; raise BadInputError where there is none.

    Grafana writes `utc`; the zone knows its name as the platforms do.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if (spelled := _spellings().get(name.casefold())) is not None:
            return ZoneInfo(spelled)
        message = f"There is no time zone {name!r}; give an IANA name such as Europe/Paris or UTC."
        raise BadInputError(message, argument="timeZone", accepted="an IANA time zone") from error


@cache
def _spellings() -> dict[str, str]:
    """Return the names of all zones; no two of them differ by case alone."""
    return {name.casefold(): name for name in available_timezones()}


def local_midnight(day: date, where: ZoneInfo) -> datetime:
    """Return the UTC instant at which that local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)


def floor_to(grain: str, instant: datetime, where: ZoneInfo) -> datetime:
    """Return the start of the bucket (of `hour`, `day`, `week`, `month`, `year`) of `instant`."""
    if grain == "hour":
        return _hour_of(instant, where)
    return local_midnight(_first_day(grain, instant.astimezone(where).date()), where)


def _hour_of(instant: datetime, where: ZoneInfo) -> datetime:
    local = instant.astimezone(where)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    start = instant.astimezone(UTC) - into
    if start.astimezone(where).utcoffset() == local.utcoffset():
        return start
    # The clocks changed within the hour, which happens by half an hour: it is cut there.
    return next_edge("hour", _hour_of(start, where), where)


def next_edge(grain: str, edge: datetime, where: ZoneInfo) -> datetime:
    """Return the end of the bucket that begins at `edge`."""
    local = edge.astimezone(where)
    if grain == "hour":
        return edge.astimezone(UTC) + timedelta(minutes=60 - local.minute)
    day = local.date()
    following = {
        "day": day + timedelta(days=1),
        "week": day + timedelta(days=7),
        "month": _add_months(day.replace(day=1), 1),
        "year": date(day.year + 1, 1, 1),
    }[grain]
    return local_midnight(following, where)


def is_sharp(instant: datetime, where: ZoneInfo) -> bool:
    """Return whether local clock time parts what is before the instant from what is after it.

    In the hour that clocks show twice it does not, but for the beginning of its first showing.
    """
    if not _shown_twice(instant, where):
        return True
    return not _shown_twice(instant - timedelta(microseconds=1), where)


def _shown_twice(instant: datetime, where: ZoneInfo) -> bool:
    local = instant.astimezone(where)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def bucket_edges(grain: str, start: datetime, end: datetime, where: ZoneInfo) -> list[datetime]:
    """Return the edges of all buckets that touch `[start, end)`, whole buckets at both ends."""
    edge = floor_to(grain, start, where)
    edges = [edge]
    while edge < end:
        edge = next_edge(grain, edge, where)
        edges.append(edge)
    return edges


def cut(
    start: datetime, end: datetime, longest: Span | None, where: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Cut `[start, end)` into windows that are no longer than `longest`, without gap or overlap."""
    while start < end:
        stop = end if longest is None else min(end, longest.after(start, where))
        yield start, stop
        start = stop


def _first_day(grain: str, day: date) -> date:
    """Return the first local day of the bucket that holds `day`."""
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }[grain]


def _add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
