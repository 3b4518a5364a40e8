"""What was written of visitors: those who were made, what is said of any, and who was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vendors.world import Customer


class VisitorBook:
    """The visitors of one account, as far as they were written."""

    def __init__(self) -> None:
        self._made: dict[int, Customer] = {}
        self._said: dict[int, dict[str, Any]] = {}
        self._gone: set[int] = set()

    def __contains__(self, number: object) -> bool:
        """Tell whether a visitor of that id is still there, as far as is known here."""
        return number not in self._gone

    @property
    def made(self) -> list[Customer]:
        """The visitors who were made, without those who were deleted."""
        return [one for one in self._made.values() if one.id in self]

    @property
    def said_of(self) -> list[int]:
        """The ids of all of whom something is said."""
        return [number for number in self._said if number in self]

    def said(self, number: int) -> Mapping[str, Any]:
        """Return the fields that were written of one."""
        return self._said.get(number, {})

    def make(self, customer: Customer, said: Mapping[str, Any]) -> None:
        """Keep a new one; what is not said of them is not known."""
        self._made[customer.id] = customer
        self._said[customer.id] = dict(said)

    def find(self, number: int) -> Customer | None:
        """Return the one of that id who was made."""
        return self._made.get(number)

    def say(self, number: int, said: Mapping[str, Any]) -> None:
        """Change what is said of one."""
        self._said[number] = {**self.said(number), **said}

    def delete(self, number: int) -> None:
        """Forget one."""
        self._gone.add(number)
