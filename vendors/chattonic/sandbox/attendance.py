"""How long people were there.

Online is available, with or without cases in hand; away is a break or a meeting; free is online
without any case. Days of UTC that are over are remembered.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vendors.chattonic.sandbox.ledger import DAY, midnight
from vendors.chattonic.sandbox.profile import OPENED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from vendors.chattonic.sandbox.request import Window
    from vendors.world import Account, Interval, Load

_ONLINE = frozenset({"available", "busy"})
_LOOK_BACK = timedelta(days=14)
_NONE = timedelta()
_DAYS_KEPT = 20_000


class Presence(NamedTuple):
    """How long somebody was there; the rest of the time they were offline."""

    online: timedelta = _NONE
    away: timedelta = _NONE
    free: timedelta = _NONE


class Attendance:
    """The presence of an account's people."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._whole_day = lru_cache(maxsize=_DAYS_KEPT)(self._between)

    def presence(self, staff_id: int, window: Window, now: datetime) -> Presence:
        """Return how long somebody was there within the window, up to now."""
        found = [Presence()]
        for start, end in _days(max(window.start, OPENED), min(window.end, now)):
            over = end - start == DAY and end + self._account.late <= now
            between = self._whole_day if over else self._between
            found.append(between(staff_id, start, end))
        return Presence(*(sum(column, _NONE) for column in zip(*found, strict=True)))

    def last_login(self, staff_id: int, now: datetime) -> datetime | None:
        """Return when somebody last came online, or None if that is long ago."""
        login: datetime | None = None
        for interval in reversed(self._account.presence(staff_id, now - _LOOK_BACK, now)):
            if login is not None and interval.end < login:
                break
            login = interval.start
        return login

    def _between(self, staff_id: int, start: datetime, end: datetime) -> Presence:
        intervals = self._account.presence(staff_id, start, end)
        online = [interval for interval in intervals if interval.state in _ONLINE]
        away = [interval for interval in intervals if interval.state not in _ONLINE]
        occupied = _overlap(online, self._account.occupied(staff_id, start, end))
        return Presence(_length(online), _length(away), _length(online) - occupied)


def state(presence: str | None) -> str | None:
    """Return the vendor's word for a state of the world; None is offline."""
    if presence is None:
        return None
    return "online" if presence in _ONLINE else "away"


def _length(intervals: Iterable[Interval]) -> timedelta:
    return sum((interval.end - interval.start for interval in intervals), _NONE)


def _overlap(intervals: Iterable[Interval], loads: Iterable[Load]) -> timedelta:
    taken = list(loads)
    return sum(
        (
            max(_NONE, min(interval.end, load.end) - max(interval.start, load.start))
            for interval in intervals
            for load in taken
        ),
        _NONE,
    )


def _days(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a window at the midnights of UTC."""
    while start < end:
        stop = min(end, midnight(start.date()) + DAY)
        yield start, stop
        start = stop
