"""Desks: what a person can take on at once, so that nobody has more in hand than slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.world.rota import windows

if TYPE_CHECKING:
    from vendors.world.people import StaffMember
    from vendors.world.rota import Block

_SHORTEST_STAY = 420
_MARGIN = 45


class Desk:
    """One person on one day: grants slots in the order in which contacts ask for them.

    Until `letters_until` one slot is kept for letters of days before.
    """

    def __init__(self, member: StaffMember, blocks: tuple[Block, ...], letters_until: int) -> None:
        self.member = member
        self.leaves = blocks[-1].end
        self._letters_until = letters_until
        self._windows = windows(blocks)
        self._ends: list[int] = []
        self._talks_until = 0

    def load(self, at: int) -> int:
        """Return how many contacts are in hand, or promised, at a moment."""
        return sum(end > at for end in self._ends)

    def free_at(self, at: int, *, voice: bool) -> int | None:
        """Return the first moment from `at` on at which another contact can be taken, if any."""
        at = self._slot_at(at)
        if voice:
            at = max(at, self._talks_until)
        return self._in_window(at)

    def take(self, end: int, *, voice: bool) -> None:
        """Hold a slot until `end`."""
        self._ends.append(end)
        if voice:
            self._talks_until = max(self._talks_until, end)

    def forget(self, before: int) -> None:
        """Drop what ended before a moment that no later question precedes."""
        if self._ends:
            self._ends = [end for end in self._ends if end > before]

    def _slot_at(self, at: int) -> int:
        ends = [end for end in self._ends if end > at]
        slots = self.member.max_slots - (at < self._letters_until)
        if len(ends) < slots:
            return at
        # Promised contacts count from now on: so many must end before one more fits.
        free = sorted(ends)[len(ends) - slots]
        if at < self._letters_until < free:
            return self._slot_at(self._letters_until)
        return free

    def _in_window(self, at: int) -> int | None:
        for start, end in self._windows:
            moment = max(at, start)
            if moment < end - _MARGIN and moment <= self.leaves - _SHORTEST_STAY:
                return moment
        return None
