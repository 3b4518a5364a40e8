"""`/operator/{id}/statistic`: what an operator has done since the account began.

Conversations count to whom they belong in the list of conversations. Satisfaction is deprecated,
and told no more than the statistics tell it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vendors.iadvize.sandbox import envelope, operators
from vendors.iadvize.sandbox.facts import Scope
from vendors.iadvize.sandbox.profile import COUNTED, POINTS_PER_CONVERSATION

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.ledger import Ledger
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query


class Careers:
    """Counts what each operator has ever done."""

    def __init__(self, office: Office, ledger: Ledger) -> None:
        self._office = office
        self._ledger = ledger

    def statistic(self, query: Query) -> Payload:
        """Show the figures of one operator."""
        number = operators.find(self._office, query).id
        conversations = self._conversations(number)
        return envelope.success(
            {
                "id": number,
                "conversation_number": conversations,
                "satisfaction_global_rate": None,
                "experience": conversations * POINTS_PER_CONVERSATION,
            }
        )

    def _conversations(self, number: int) -> int:
        now = self._office.now
        known = next(counted for counted in COUNTED if counted.at <= now)
        # What begins at this very moment counts, as it does in the statistics.
        end = now + timedelta(seconds=1)
        figures = self._ledger.figures(
            (known.at, end),
            Scope(frozenset(self._office.sites), frozenset(self._office.account.profile.channels)),
            ("contacts",),
            resource="operator",
            now=now,
        )
        return known.conversations.get(number, 0) + figures(number).contacts.number
