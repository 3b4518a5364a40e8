"""Moments and periods as BI tools write them, read in one way for every door."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from resolvers.periods import Period, PeriodUnit, between, last
from vendors.buckets import floor_to, next_edge
from vendors.errors import BadInputError

__all__ = ["MOMENTS", "read_moment", "read_period", "read_period_ahead"]

MOMENTS = (
    "an ISO 8601 instant or date (2026-03-01T00:00:00Z, 2026-03-01), epoch milliseconds, `now`, "
    "`today`, `yesterday`, or whole units back from now such as `-24h`, `-7d`, `-4w`, `-3mo`, `-1y`"
)
"""What is accepted, in words."""

_BACK = re.compile(r"-(\d{1,5})(h|d|w|mo|y)")
_EPOCH = re.compile(r"-?\d{11,15}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNITS = {"h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_LONGEST = 24 * 366 * 6
_DAYS = 7
_AHEAD = timedelta(days=366)
"""How far a period without an end goes where rows may lie ahead."""
_LAST = datetime.max.replace(tzinfo=UTC)
_EPOCH_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


def read_moment(text: str, where: ZoneInfo, now: datetime, argument: str) -> datetime:
    """Return the instant, in UTC, that the text means; raise BadInputError naming what it can be.

    Dates and times without an offset are local time of the zone. `-7d` is the beginning of the
    local day seven days before today's, `-24h` that of the hour, so that the same words mean the
    same period for an hour or a day.
    """
    given = text.strip()
    try:
        moment = _read(given, where, now)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        message = f"`{argument}` is no moment that is understood."
        raise BadInputError(message, argument=argument, accepted=MOMENTS)
    return moment


def _read(text: str, where: ZoneInfo, now: datetime) -> datetime | None:
    if text in _NAMED:
        grain, back = _NAMED[text]
        return now.astimezone(UTC) if grain is None else _before(grain, back, where, now)
    found = _BACK.fullmatch(text)
    if found is not None:
        return _before(_UNITS[found[2]], int(found[1]), where, now)
    if _EPOCH.fullmatch(text):
        return _EPOCH_BEGAN + timedelta(milliseconds=int(text))
    if not _ISO.match(text):
        return None
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=where)
    return aware.astimezone(UTC)


_NAMED: dict[str, tuple[str | None, int]] = {
    "now": (None, 0),
    "today": ("day", 0),
    "yesterday": ("day", 1),
}


def _before(grain: str, count: int, where: ZoneInfo, now: datetime) -> datetime:
    """Return the beginning of the bucket that lies so many before the present one."""
    if count > _LONGEST:
        raise ValueError(count)
    edge = floor_to(grain, now, where)
    for _ in range(count):
        edge = floor_to(grain, edge - timedelta(minutes=1), where)
    return edge


def read_period(start: str | None, end: str | None, where: ZoneInfo, now: datetime) -> Period:
    """Return the half-open period between the two texts.

    Without `end` it is up to the end of the present local day, without `start` it has seven days;
    without both it is what GraphQL's fields mean by no period. Raises BadInputError.
    """
    if start is None and end is None:
        return last(_DAYS, PeriodUnit.DAY, where, now)
    stop = _tonight(where, now) if end is None else read_moment(end, where, now, "to")
    begin = _days_before(stop, where) if start is None else read_moment(start, where, now, "from")
    return _between(begin, stop, where, f"{start or ''}/{end or ''}")


def read_period_ahead(
    start: str | None,
    end: str | None,
    where: ZoneInfo,
    now: datetime,
    since: datetime | None = None,
) -> Period:
    """Return the same for rows that may lie ahead of now.

    Where a beginning is told, by `start` or `since`, and no `end`, it goes on for a year from the
    end of today, or from its beginning where that is later. Without `start` it begins seven days
    before the end of today, or before its own where that is earlier. Raises BadInputError.
    """
    if end is None and start is None and since is None:
        return read_period(start, end, where, now)
    tonight = _tonight(where, now)
    begin = None if start is None else read_moment(start, where, now, "from")
    if end is None:
        stop = max(tonight, begin or tonight, since or tonight)
        # What lies behind the end of the calendar is refused as no moment that is asked about.
        stop += min(_AHEAD, _LAST - stop)
    else:
        stop = read_moment(end, where, now, "to")
    if begin is None:
        begin = _days_before(min(stop, tonight), where)
    return _between(begin, stop, where, f"{start or ''}/{end or ''}")


def _tonight(where: ZoneInfo, now: datetime) -> datetime:
    return next_edge("day", floor_to("day", now, where), where)


def _between(begin: datetime, stop: datetime, where: ZoneInfo, named: str) -> Period:
    try:
        period = between(begin, stop, where)
    except BadInputError as error:
        accepted = error.extensions.get("accepted")
        raise BadInputError(str(error), argument="from", accepted=accepted) from error
    return msgspec.structs.replace(period, named=named)


def _days_before(stop: datetime, where: ZoneInfo) -> datetime:
    """Return the beginning of a period of which the end alone is told."""
    try:
        return (stop.astimezone(where) - timedelta(days=_DAYS)).astimezone(UTC)
    except OverflowError:
        message = "`to` is no moment that is understood."
        raise BadInputError(message, argument="to", accepted=MOMENTS) from None
