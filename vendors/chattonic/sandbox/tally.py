"""Figures that were added up."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vendors.chattonic.sandbox.happenings import Happening


class Tally:
    """Figures of the account and of each of its people, and the users who wrote."""

    def __init__(self, happened: Iterable[Happening] = ()) -> None:
        self.users: set[int] = set()
        # Under None is the whole account.
        self._counts: defaultdict[int | None, defaultdict[str, int]] = defaultdict(_zeros)
        for _, figures, staff_id, writer in happened:
            for whose in {None, staff_id}:
                counts = self._counts[whose]
                for figure, amount in figures:
                    counts[figure] += amount
            if writer is not None:
                self.users.add(writer)

    def add(self, other: Tally) -> None:
        """Take in what another one counted."""
        self.users |= other.users
        for whose, counts in other._counts.items():
            mine = self._counts[whose]
            for figure, amount in counts.items():
                mine[figure] += amount

    def of(self, figure: str, staff_id: int | None = None) -> int:
        """Return a figure, of the account or of one of its people."""
        counts = self._counts.get(staff_id)
        return 0 if counts is None else counts.get(figure, 0)


def percent(part: int, whole: int) -> float:
    """Return a share of 100; of nothing it is 0, as the vendor shows it."""
    return number(100 * part / whole) if whole else 0


def net_promoters(tally: Tally, staff_id: int | None = None) -> float:
    """Return promoters less detractors as a share of 100; 0 without answers."""
    lead = tally.of("promoter", staff_id) - tally.of("detractor", staff_id)
    return percent(lead, tally.of("answers", staff_id))


def number(value: float) -> float:
    """Write a whole number without a fraction, as the vendor's JSON does."""
    return int(value) if value == int(value) else value


def _zeros() -> defaultdict[str, int]:
    return defaultdict(int)
