"""The account's audits, kept by the day on which their interactions began, and sums over them."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vendors.gnatta.sandbox.audits import FAMILIES
from vendors.gnatta.sandbox.figures import columns
from vendors.gnatta.sandbox.window import Piece, Window, day_window, milliseconds, moment, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        self._reach = milliseconds(moment(0) + tenant.account.reach)
        self._late = milliseconds(moment(0) + tenant.account.late)
        self._day = lru_cache(maxsize=_DAYS_KEPT)(self._make_day)
        self._piece = lru_cache(maxsize=_PIECES_KEPT)(self._add_up)

    def audits(self, family: str, window: Window) -> list[Audit[Any]]:
        """Return the audits of a family that were written within a window, in no order."""
        return [
            audit
            for piece in self._pieces(window.start - self._reach, window.end)
            for audit in self._day(family, piece.day, self._stamp(piece.day))
            if window.start <= audit.at < window.end
        ]

    def sums(self, tally: Tally, question: Question, window: Window) -> Rows:
        """Return the rows of a window by group; a group without audits has none."""
        found: defaultdict[Key, list[Row]] = defaultdict(list)
        now = milliseconds(self.tenant.account.now) + 1
        for piece in self._pieces(*window):
            stamp = None if piece.end + self._late <= now else now
            for key, row in self._piece(tally, question, piece, stamp).items():
                found[key].append(row)
        return {key: columns(rows) for key, rows in found.items()}

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        """Cut what is over of a window into days: audits stay as they are written."""
        known = milliseconds(self.tenant.account.now) + 1
        return pieces(start, min(end, known), self.tenant.zone)

    def _stamp(self, day: date) -> int | None:
        """Return None for a day whose interactions no longer change, else the present."""
        now = milliseconds(self.tenant.account.now)
        return None if day_window(day, self.tenant.zone).end + self._reach <= now else now

    def _make_day(self, family: str, day: date, _: int | None) -> tuple[Audit[Any], ...]:
        """Tell the audits of the interactions that began on a day."""
        tell = FAMILIES[family]
        start, end = day_window(day, self.tenant.zone)
        contacts = self.tenant.account.contacts(moment(start), moment(end))
        return tuple(audit for contact in contacts for audit in tell(contact, self.tenant))

    def _add_up(self, tally: Tally, question: Question, piece: Piece, _: int | None) -> Rows:
        return tally.rows(self, question, Window(piece.start, piece.end))
