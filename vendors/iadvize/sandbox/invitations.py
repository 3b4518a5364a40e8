"""What websites showed to their visitors, and whom nobody could take.

The world tells invitations by website and channel. Those that came to nothing are shared out over
the rules in turn, in the order in which they happened on their day; the others have their rule.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox.facts import Key, Scope, Sums, columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from vendors.iadvize.sandbox.window import Piece, Window
    from vendors.world import Account

_HOUR = timedelta(hours=1)


class InvitationSums(NamedTuple):
    """`ignored` were shown and came to nothing, `untold` fired and were not shown."""

    ignored: int = 0
    untold: int = 0


class MissedSums(NamedTuple):
    """Visitors whom nobody could take."""

    busy: int = 0
    absent: int = 0


class Visits:
    """The counts of one local day from its beginning on, hour by hour where that is asked."""

    def __init__(self, account: Account, day: Window) -> None:
        self._account = account
        self._day = day
        self._counts: dict[tuple[int, str, datetime, datetime], Sums] = {}

    def within(self, site_id: int, channel: str, piece: Piece) -> tuple[Sums, Sums]:
        """Return the counts from the day's beginning to that of a piece, and to its end."""
        return self._until(site_id, channel, piece.start), self._until(site_id, channel, piece.end)

    def _until(self, site_id: int, channel: str, moment: datetime) -> Sums:
        if moment >= self._day.end:
            return self._between(site_id, channel, *self._day)
        parts = [
            self._between(site_id, channel, start, min(start + _HOUR, moment))
            for start in self._hours(moment)
        ]
        return columns(parts) if parts else (0, 0, 0, 0)

    def _hours(self, moment: datetime) -> Iterator[datetime]:
        at = self._day.start
        while at < moment:
            yield at
            at += _HOUR

    def _between(self, site_id: int, channel: str, start: datetime, end: datetime) -> Sums:
        known = self._counts.get((site_id, channel, start, end))
        if known is None:
            told = self._account.traffic(site_id, channel, start, end)
            ignored, untold = told.displays - told.accepted, told.triggers - told.displays
            known = (ignored, untold, told.missed_busy, told.missed_absent)
            self._counts[site_id, channel, start, end] = known
        return known


def add_up_invitations(
    visits: Visits, piece: Piece, scope: Scope, rules: tuple[int, ...]
) -> Mapping[Key, Sums]:
    """Add up invitations by rule, or all of them where no rules are named."""
    ends = [
        visits.within(site_id, channel, piece)
        for site_id in scope.site_ids
        for channel in scope.channels
    ]
    members: tuple[Key, ...] = rules or (None,)
    return {
        rule: (_share(ends, 0, index, len(members)), _share(ends, 1, index, len(members)))
        for index, rule in enumerate(members)
    }


def add_up_missed(visits: Visits, piece: Piece, scope: Scope) -> Mapping[Key, Sums]:
    """Add up the visitors whom nobody could take: no rule or operator is known for them."""
    ends = [
        visits.within(site_id, channel, piece)
        for site_id in scope.site_ids
        for channel in scope.channels
    ]
    return {None: (_share(ends, 2, 0, 1), _share(ends, 3, 0, 1))}


def _share(ends: list[tuple[Sums, Sums]], column: int, index: int, of: int) -> int:
    return sum(
        _turns(after[column], index, of) - _turns(before[column], index, of)
        for before, after in ends
    )


def _turns(number: int, index: int, of: int) -> int:
    """Return how many of the first so many it was this one's turn to take."""
    return (number + of - 1 - index) // of
