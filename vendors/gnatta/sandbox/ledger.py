"""The account's audits, kept by the day on which their interactions began, and sums over them."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vendors.gnatta.sandbox.audits import FAMILIES
from vendors.gnatta.sandbox.figures import columns
from vendors.gnatta.sandbox.window import Piece, Window, day_window, milliseconds, moment, pieces

if TYPE_CHECKING:
    from datetime import date

    from vendors.gnatta.sandbox.audits import Audit
    from vendors.gnatta.sandbox.figures import Key, Row, Rows, Tally
    from vendors.gnatta.sandbox.question import Question
    from vendors.gnatta.sandbox.tenant import Tenant

_DAYS_KEPT = 3_200
_PIECES_KEPT = 20_000


class Ledger:
    """Finds audits and adds them up; remembers what is over."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._opened = day_window(tenant.account.profile.opened, tenant.zone).start
        self._reach = milliseconds(moment(0) + tenant.account.reach)
        self._day = lru_cache(maxsize=_DAYS_KEPT)(self._make_day)
        self._piece = lru_cache(maxsize=_PIECES_KEPT)(self._add_up)

    def audits(self, family: str, window: Window) -> list[Audit[Any]]:
        """Return the audits of a family that were written within a window, in no order."""
        begin, end = self._told(Window(window.start - self._reach, window.end))
        return [
            audit
            for piece in pieces(begin, end, self.tenant.zone)
            for audit in self._day(family, piece.day, self._stamp(piece.day, self._reach))
            if window.start <= audit.at < window.end
        ]

    def sums(self, tally: Tally, question: Question, window: Window) -> Rows:
        """Return the rows of a window by group; a group without audits has none."""
        found: defaultdict[Key, list[Row]] = defaultdict(list)
        for piece in pieces(*self._told(window), self.tenant.zone):
            stamp = self._stamp(piece.day, 0)
            for key, row in self._piece(tally, question, piece, stamp).items():
                found[key].append(row)
        return {key: columns(rows) for key, rows in found.items()}

    def _told(self, window: Window) -> Window:
        """Cut a window to what can be known: the account's time up to now."""
        now = milliseconds(self.tenant.account.now)
        return Window(max(window.start, self._opened), min(window.end, now + 1))

    def _stamp(self, day: date, reach: int) -> int | None:
        """Return None for a day that no longer changes, else the present."""
        now = milliseconds(self.tenant.account.now)
        return None if day_window(day, self.tenant.zone).end + reach <= now else now

    def _make_day(self, family: str, day: date, _: int | None) -> tuple[Audit[Any], ...]:
        """Tell the audits of the interactions that began on a day."""
        tell = FAMILIES[family]
        start, end = day_window(day, self.tenant.zone)
        contacts = self.tenant.account.contacts(moment(start), moment(end))
        return tuple(audit for contact in contacts for audit in tell(contact, self.tenant))

    def _add_up(self, tally: Tally, question: Question, piece: Piece, _: int | None) -> Rows:
        return tally.rows(self, question, Window(piece.start, piece.end))
