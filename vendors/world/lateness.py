"""How late what happened becomes known: a delay for each contact, sale and shift.

Real vendors count what reaches them, and some of it reaches them late. Here each contact is known
as it stood a while ago, each person's day up to a while ago, and each sale a while after it. The
delays follow from the seed: most are minutes where the longest is an hour, and none is longer.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from vendors.world.contact import Contact, Sale

_GOLDEN = 0x9E37_79B9_7F4A_7C15
_BITS = 64
_KEPT_BITS = 24
_STEEPNESS = 6
_NOTHING = timedelta()


class Lateness:
    """The delays of one account; `longest` is zero where everything is known at once."""

    def __init__(self, seed: int, longest: timedelta = _NOTHING) -> None:
        """Refuse to know what has not happened yet.

        Raises:
            ValueError: The longest delay is negative.
        """
        if longest < _NOTHING:
            raise ValueError("nothing is known before it happens")
        self.longest = longest
        self._seed = seed
        self._seconds = longest.total_seconds()

    def of_contact(self, contact: Contact) -> timedelta:
        """Return how late everything about a contact is known."""
        return self._delay(contact.stamp)

    def of_sale(self, sale: Sale) -> timedelta:
        """Return how late a sale that no contact led to is known."""
        return self._delay(sale.id)

    def of_shift(self, staff_id: int, day: date) -> timedelta:
        """Return how late somebody's presence on a day, and what they had in hand, is known."""
        return self._delay(staff_id * 10_000_019 + day.toordinal())

    def _delay(self, number: int) -> timedelta:
        """Return whole seconds, few for most numbers, the same for the same number and seed."""
        mixed = (number + self._seed) * _GOLDEN % (1 << _BITS) >> _BITS - _KEPT_BITS
        part = mixed / (1 << _KEPT_BITS)
        return timedelta(seconds=round(self._seconds * part**_STEEPNESS))
