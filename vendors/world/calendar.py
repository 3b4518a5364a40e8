"""Local days as instants, and how busy their hours are."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from vendors.world.profile import AccountProfile

HOUR = 3_600
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_CURVE = (4, 2, 1, 1, 1, 2, 6, 18, 46, 78, 92, 88, 66, 70, 82, 84, 80, 76, 64, 52, 42, 30, 18, 9)
_CURVE_SUM = sum(_CURVE)
_DAY_SHAPE = (1.16, 1.06, 1.0, 0.97, 0.81, 1.1, 0.9)
_TREND_FROM = date(2023, 1, 1)
_YEARLY_GROWTH = 0.06
_FEW = 30.0


def instant(seconds: float) -> datetime:
    """Turn seconds since 1970 into an aware time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=4_096)
def bounds(day: date, zone: str) -> tuple[int, int]:
    """Return the first second of a local day and that of the next: 23, 24 or 25 hours apart."""
    return wall(day, 0, zone), wall(day + _ONE_DAY, 0, zone)


def wall(day: date, hours: float, zone: str) -> int:
    """Return the instant at which the clock on the wall shows so many hours since midnight."""
    extra, within = divmod(round(hours * HOUR), 24 * HOUR)
    clock = time(within // HOUR, within % HOUR // 60, within % 60, tzinfo=ZoneInfo(zone))
    return int(datetime.combine(day + extra * _ONE_DAY, clock).timestamp())


def days(start: datetime, end: datetime, zone: str) -> Iterator[date]:
    """Yield every local day that shares a moment with `start` <= t < `end`."""
    if start >= end:
        return
    local = ZoneInfo(zone)
    day = start.astimezone(local).date()
    last = (end - timedelta(microseconds=1)).astimezone(local).date()
    while day <= last:
        yield day
        day += _ONE_DAY


def volume(profile: AccountProfile, day: date) -> float:
    """Return how many contacts are to be expected on a day, before chance has its say."""
    usual = profile.weekend_contacts_per_day if is_weekend(day) else profile.contacts_per_day
    years = (day - _TREND_FROM).days / 365.25
    season = 1 + 0.12 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 250) / 365)
    return usual * _DAY_SHAPE[day.weekday()] * (1 + _YEARLY_GROWTH * years) * season


def share(moment: int, zone: str) -> float:
    """Return the part of a day's volume that falls into the hour that begins at `moment`."""
    return _CURVE[datetime.fromtimestamp(moment, ZoneInfo(zone)).hour] / _CURVE_SUM


def is_weekend(day: date) -> bool:
    """Tell whether a day is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


def is_open(profile: AccountProfile, moment: int) -> bool:
    """Tell whether the account's opening hours hold a moment."""
    local = datetime.fromtimestamp(moment, ZoneInfo(profile.time_zone))
    hours = profile.opening[local.weekday()]
    return hours is not None and hours.opens <= local.hour + local.minute / 60 < hours.closes


def poisson(rng: Random, mean: float) -> int:
    """Draw a number of independent events."""
    if mean > _FEW:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def spread(rng: Random, median: float, sigma: float = 0.6) -> float:
    """Draw a waiting time around its median; long ones are rare, negative ones impossible."""
    return median * math.exp(sigma * rng.gauss(0.0, 1.0))
