"""Figures of any window: whole days and hours of UTC are added up once, the rest when asked for.

A day that can no longer change is remembered. What began on a day may end, be answered or be
judged on the next ones, so that a day is made of the contacts that began as far back as the
account's reach.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vendors.chattonic.sandbox.happenings import happenings
from vendors.chattonic.sandbox.profile import OPENED
from vendors.chattonic.sandbox.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vendors.chattonic.sandbox.happenings import Happening
    from vendors.world import Account

DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_DAYS_KEPT = 4_000
_OPEN_DAYS_KEPT = 8
_NOTHING = Tally()


class Piece(NamedTuple):
    """A part of a window: `size` is a whole day, a whole hour, or None for what is left."""

    start: datetime
    end: datetime
    size: timedelta | None


class Page(NamedTuple):
    """A day, whole and by hours; an hour in which nothing happened has none."""

    day: Tally
    hours: Mapping[int, Tally]


class Ledger:
    """Adds up what happened, as it stands at a moment `now`."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._lag = -(-account.reach // DAY)
        self._settled_page = lru_cache(maxsize=_DAYS_KEPT)(self._make_page)
        self._open_page = lru_cache(maxsize=_OPEN_DAYS_KEPT)(self._make_page)
        self._begun_on = lru_cache(maxsize=_OPEN_DAYS_KEPT)(self._make_begun_on)

    def tally(self, start: datetime, end: datetime, now: datetime) -> Tally:
        """Return the figures of `start` <= t < `end`."""
        total = Tally()
        latest = midnight(now.date()) + DAY
        for piece in pieces(max(start, OPENED), min(end, latest)):
            total.add(self._piece(piece, now))
        return total

    def _between(self, start: datetime, end: datetime) -> Tally:
        told = self._account.contacts(start - self._account.reach, end)
        found = (happening for contact in told for happening in happenings(contact))
        return Tally(happening for happening in found if start <= happening.at < end)

    def _piece(self, piece: Piece, now: datetime) -> Tally:
        if piece.size is None:
            return self._between(piece.start, piece.end)
        page = self._page(piece.start.date(), now)
        return page.day if piece.size == DAY else page.hours.get(piece.start.hour, _NOTHING)

    def _page(self, day: date, now: datetime) -> Page:
        settled = midnight(day) + DAY + self._account.reach <= now
        return self._settled_page(day, None) if settled else self._open_page(day, now)

    def _make_page(self, day: date, stamp: datetime | None) -> Page:
        """Make a day; `stamp` is the moment at which it is looked at, None if it is settled."""
        hours: defaultdict[int, list[Happening]] = defaultdict(list)
        for lag in range(self._lag + 1):
            for happening in self._begun_on(day - lag * DAY, stamp).get(day, ()):
                hours[happening.at.hour].append(happening)
        tallies = {hour: Tally(found) for hour, found in hours.items()}
        whole = Tally()
        for tally in tallies.values():
            whole.add(tally)
        return Page(whole, tallies)

    def _make_begun_on(self, day: date, _: datetime | None) -> Mapping[date, Sequence[Happening]]:
        """Return what came of the contacts that began on a day, by the day on which it did."""
        found: defaultdict[date, list[Happening]] = defaultdict(list)
        for contact in self._account.contacts(midnight(day), midnight(day) + DAY):
            for happening in happenings(contact, to_the_hour=True):
                found[happening.at.date()].append(happening)
        return found


def midnight(day: date) -> datetime:
    """Return the beginning of a day of UTC."""
    return datetime.combine(day, time(), UTC)


def pieces(start: datetime, end: datetime) -> Iterator[Piece]:
    """Cut a window into whole days of UTC where it can be, else hours, else what is left."""
    at = start
    while at < end:
        hour = at.replace(minute=0, second=0, microsecond=0)
        size = next((size for size in (DAY, _HOUR) if _fits(at, hour, size, end)), None)
        stop = min(end, hour + (size or _HOUR))
        yield Piece(at, stop, size)
        at = stop


def _fits(at: datetime, hour: datetime, size: timedelta, end: datetime) -> bool:
    return at == hour and at + size <= end and (size != DAY or at.hour == 0)
