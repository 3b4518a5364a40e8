"""What the vendor's `total...` figures count: everything there ever was.

The account is older than what is told of it. Its totals are known at some moments; those of any
other follow from what happened in between, so that they grow by just what each bucket counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.chattonic.sandbox.profile import COUNTED

if TYPE_CHECKING:
    from datetime import datetime

    from vendors.chattonic.sandbox.ledger import Ledger
    from vendors.chattonic.sandbox.tally import Tally


class Totals(NamedTuple):
    """How many users there were, and messages of them and to them."""

    users: int
    received: int
    sent: int

    def after(self, tally: Tally, sign: int = 1) -> Totals:
        """Return the totals once that has happened too; with -1, before it happened."""
        return Totals(
            self.users + sign * tally.of("new"),
            self.received + sign * tally.of("received"),
            self.sent + sign * tally.of("sent"),
        )


def totals(ledger: Ledger, moment: datetime, now: datetime) -> Totals:
    """Return the totals of t < `moment`."""
    known = next(counted for counted in COUNTED if counted.at <= now)
    figures = Totals(known.users, known.received, known.sent)
    if known.at <= moment:
        return figures.after(ledger.tally(known.at, moment, now))
    return figures.after(ledger.tally(moment, known.at, now), sign=-1)
