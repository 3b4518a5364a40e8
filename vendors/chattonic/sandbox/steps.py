"""Buckets of UTC: the formats by which the dashboard groups, and where each bucket begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Bucket(NamedTuple):
    """The part of a bucket that lies within the window, under the bucket's label."""

    label: str
    start: datetime
    end: datetime


class Step(NamedTuple):
    """A size of buckets: where one begins, and where the next does."""

    floor: Callable[[datetime], datetime]
    after: Callable[[datetime], datetime]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _day(at: datetime) -> datetime:
    return _hour(at).replace(hour=0)


def _week(at: datetime) -> datetime:
    return _day(at) - timedelta(days=at.weekday())


def _month(at: datetime) -> datetime:
    return _day(at).replace(day=1)


def _year(at: datetime) -> datetime:
    return _month(at).replace(month=1)


_EVER = datetime.min.replace(tzinfo=UTC)
_LONGER_THAN_A_MONTH = timedelta(days=32)
_LONGER_THAN_A_YEAR = timedelta(days=367)

# The first is the one that the document shows; the others are the same language's coarser ones.
STEPS = {
    "%Y-%m-%d %H": Step(_hour, lambda at: at + timedelta(hours=1)),
    "%Y-%m-%d": Step(_day, lambda at: at + timedelta(days=1)),
    "%G-%V": Step(_week, lambda at: at + timedelta(days=7)),
    "%Y-%m": Step(_month, lambda at: _month(at + _LONGER_THAN_A_MONTH)),
    "%Y": Step(_year, lambda at: _year(at + _LONGER_THAN_A_YEAR)),
    # Without a date in it there is one row: so the document's sample may have come by its "0".
    "0": Step(lambda _: _EVER, lambda _: datetime.max.replace(tzinfo=UTC)),
}


def buckets(start: datetime, end: datetime, label: str) -> Iterator[Bucket]:
    """Yield every bucket that shares a moment with `start` <= t < `end`, in order of time."""
    step = STEPS[label]
    at = step.floor(start)
    while at < end:
        following = step.after(at)
        yield Bucket(at.strftime(label), max(at, start), min(following, end))
        at = following
