"""Buckets of local time, found by looking at the clock every quarter of an hour."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from vendors.measures import Grain

__all__ = ["Interval", "buckets", "is_ambiguous"]

Interval = tuple[datetime, datetime]
"""`start` <= t < `end`, instants in UTC."""

_QUARTER = timedelta(minutes=15)
"""Every zone's clock differs from UTC by quarters of an hour."""


@lru_cache(maxsize=4_000)
def buckets(grain: Grain, start: datetime, end: datetime, zone: str) -> list[list[Interval]]:
    """Return the buckets of a period, in order, each as the stretches of time that it is made of.

    Each is one stretch, but for the 24 hours of the day, which are as many as there are days.
    """
    if grain is Grain.TOTAL:
        return [[(start, end)]]
    stretches = list(_stretches(grain, start, end, ZoneInfo(zone)))
    if grain is not Grain.HOUR_OF_DAY:
        return [[one] for one in stretches]
    of_day: list[list[Interval]] = [[] for _ in range(24)]
    for one in stretches:
        of_day[one[0].astimezone(ZoneInfo(zone)).hour].append(one)
    return of_day


def _stretches(grain: Grain, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Interval]:
    """Yield the longest stretches in which the local clock shows the same bucket."""
    since, shown = start, _shown(grain, start.astimezone(zone))
    at = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0) + _QUARTER
    while at < end:
        now = _shown(grain, at.astimezone(zone))
        if now != shown:
            yield since, at
            since, shown = at, now
        at += _QUARTER
    yield since, end


def _shown(grain: Grain, local: datetime) -> Hashable:
    if grain in {Grain.HOUR, Grain.HOUR_OF_DAY}:
        # An hour that the clock shows twice is two.
        return local.date(), local.hour, local.utcoffset()
    return {
        Grain.DAY: local.date(),
        Grain.WEEK: local.isocalendar()[:2],
        Grain.MONTH: (local.year, local.month),
        Grain.YEAR: local.year,
    }[grain]


def is_ambiguous(instant: datetime, zone: str) -> bool:
    """Return whether the clocks of a zone show the time of that instant twice."""
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    return first.astimezone(UTC) != second.astimezone(UTC)
