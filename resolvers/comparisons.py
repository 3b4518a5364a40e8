"""Comparison with an earlier period: which one it is, and its series beside those of today."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from resolvers.merge import Amount
from resolvers.periods import Period
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.request import MeasureRequest, Slot
from resolvers.planner.series import Series
from resolvers.planner.slots import asked_buckets
from vendors.buckets import zone
from vendors.measures import Unit
from vendors.words import Word

__all__ = ["Comparison", "earlier", "paired"]

_MONTHS = 12
_DAY = timedelta(days=1)
_UNTOLD = "Nothing was told of it in this period."


class Comparison(Word):
    """With which earlier period figures are compared."""

    PREVIOUS_PERIOD = (
        "previous_period",
        "The period just before: of as many months, else as many local days, else as long.",
    )
    PREVIOUS_YEAR = "previous_year", "The same dates and local times a year before."


def earlier(period: Period, comparison: Comparison) -> Period:
    """Return the period that this one is compared with."""
    find = _previous if comparison is Comparison.PREVIOUS_PERIOD else _year_before
    start, end = find(period.start, period.end, zone(period.time_zone))
    return msgspec.structs.replace(
        period, start=start, end=end, named=f"{comparison.value} of {period.named}"
    )


def _previous(start: datetime, end: datetime, where: ZoneInfo) -> tuple[datetime, datetime]:
    first, stop = _midnight(start, where), _midnight(end, where)
    if first is None or stop is None:
        return start - (end - start), start
    if first.day == stop.day == 1:
        months = (stop.year - first.year) * _MONTHS + stop.month - first.month
        return _begin(_moved(first, -months), where), start
    return _begin(first - (stop - first), where), start


def _year_before(start: datetime, end: datetime, where: ZoneInfo) -> tuple[datetime, datetime]:
    first, stop = _midnight(start, where), _midnight(end, where)
    if first is None or stop is None:
        moved = _clock_before(start, where), _clock_before(end, where)
        # On the day that a year lacks, both may fall on one instant.
        return moved if moved[0] < moved[1] else (moved[0], moved[0] + (end - start))
    # The last day is moved, not the day after it: 29 February belongs to its month.
    last = stop if stop.day == 1 else _moved(stop - _DAY, -_MONTHS) + _DAY
    until = _moved(stop, -_MONTHS) if stop.day == 1 else last
    return _begin(_moved(first, -_MONTHS), where), _begin(until, where)


def _midnight(instant: datetime, where: ZoneInfo) -> date | None:
    """Return the local day that begins at that instant, or None where none does."""
    local = instant.astimezone(where)
    day = local.date()
    return day if _begin(day, where) == instant else None


def _begin(day: date, where: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)


def _moved(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a month that has no such."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _clock_before(instant: datetime, where: ZoneInfo) -> datetime:
    local = instant.astimezone(where)
    day = _moved(local.date(), -_MONTHS)
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


def paired(
    now: Iterable[Series],
    before: Iterable[Series],
    request: MeasureRequest,
    lost: Container[tuple[str | None, str]] = (),
) -> tuple[Series, ...]:
    """Return the series of now, each with that of the earlier period of the same identity.

    Of groups and currencies that only the earlier period tells of, such as an agent who left,
    nothing is told now; `lost` are the platforms' items of which it may be that it was not had.
    """
    known = {one.identity: one for one in before}
    alike = [(one, known.pop(one.identity, None)) for one in now]
    found = [replace(one, comparison=own or _of_any_currency(one, known)) for one, own in alike]
    buckets = asked_buckets(request.grain, request.start, request.end, zone(request.zone)).shown
    return (
        *found,
        *(
            _gone(one, buckets, BROKEN if (one.platform, one.item) in lost else _UNTOLD)
            for one in known.values()
            if one.group or one.currency
        ),
    )


def _of_any_currency(one: Series, known: dict[tuple[object, ...], Series]) -> Series | None:
    """Take the earlier series where one of both has no currency, since nothing was told of it."""
    if one.unit is not Unit.MONEY:
        return None
    *about, currency = one.identity
    for identity in known:
        *others, earlier_currency = identity
        if others == about and None in {currency, earlier_currency}:
            return known.pop(identity)
    return None


def _gone(before: Series, buckets: tuple[Slot, ...], why: str) -> Series:
    """Return a series of which nothing was told, beside the earlier one."""
    nothing = Amount(None)
    return replace(
        before,
        buckets=buckets,
        amounts=[nothing] * len(buckets),
        final=[False] * len(buckets),
        total=nothing,
        note=why,
        comparison=before,
    )
