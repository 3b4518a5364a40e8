"""Who works when: shifts, lunch, breaks and meetings, on the clock of the account's zone."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from vendors.world.calendar import HOUR, is_weekend, wall

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from vendors.world.people import StaffMember
    from vendors.world.profile import AccountProfile, Hours

_SHIFT_HOURS = 8.5
_AHEAD = 4
_LANE = HOUR * 3 // 2
_ILL = 0.07
_MEETING = 0.3
_LATE = 2


class Block(NamedTuple):
    """A stretch of one state, in whole seconds since 1970."""

    start: int
    end: int
    state: str


class Rota:
    """The plan of every day: a function of the seed and the day, whatever happens on it."""

    def __init__(self, profile: AccountProfile, seed: int, staff: tuple[StaffMember, ...]) -> None:
        self._profile = profile
        self._seed = f"{seed}/{profile.name}/rota"
        self._staff = staff
        self.plan = lru_cache(maxsize=1_024)(self._plan)

    def next_open(self, day: date) -> date | None:
        """Return the next day on which somebody works, or None if it is too far away."""
        for ahead in range(1, _AHEAD + 1):
            later = day + timedelta(days=ahead)
            if self.plan(later):
                return later
        return None

    def letters_until(self, day: date, blocks: tuple[Block, ...]) -> int:
        """Return until when a shift is to answer letters of the closed days before it."""
        for lag in range(1, _AHEAD + 1):
            if self.plan(day - timedelta(days=lag)):
                return blocks[0].start + lag * _LANE
        return blocks[0].start + _AHEAD * _LANE

    def _plan(self, day: date) -> Mapping[int, tuple[Block, ...]]:
        """Return the blocks of everybody who works on a day: without a gap from first to last."""
        hours = self._profile.opening[day.weekday()]
        if hours is None or not self._staff:
            return {}
        rng = Random(f"{self._seed}/{day}")
        indexes = range(len(self._staff))
        here = [index for index in indexes if self._works(index, day, rng)]
        here = here or [day.toordinal() % len(self._staff)]
        return {self._staff[index].id: self._shift(index, day, hours, rng) for index in here}

    def _works(self, index: int, day: date, rng: Random) -> bool:
        """Decide by weekly rest and illness; half of the people work on a weekend."""
        ill = rng.random() < _ILL
        if is_weekend(day):
            # Neighbours together: they have different shifts.
            return not ill and (index // 3 + day.toordinal() // 7) % 2 == 0
        rest = (index + day.toordinal() // 7) % 10
        return not ill and rest != day.weekday()

    def _shift(self, index: int, day: date, hours: Hours, rng: Random) -> tuple[Block, ...]:
        length = min(_SHIFT_HOURS, hours.closes - hours.opens)
        slack = hours.closes - hours.opens - length
        turn = (index + day.toordinal() // 7) % 3
        begin = hours.opens + slack * turn / 2 + rng.random() * min(0.2, slack / 4) * (turn < _LATE)
        zone = self._profile.time_zone
        cuts = [(begin, "available"), *_pauses(begin, length, rng), (begin + length, "")]
        moments = [(wall(day, hour, zone), state) for hour, state in cuts]
        return tuple(
            Block(start, end, state)
            for (start, state), (end, _) in pairwise(moments)
            if start < end
        )


def _pauses(begin: float, length: float, rng: Random) -> list[tuple[float, str]]:
    """Lay a break, perhaps a meeting, a lunch and another break into a shift, in order."""
    plan = [(0.22, 0.2, "away"), (0.46, 0.75, "away"), (0.8, 0.2, "away")]
    if rng.random() < _MEETING:
        plan.insert(1, (0.31, 0.6, "in_meeting"))
    scale = length / _SHIFT_HOURS
    cuts: list[tuple[float, str]] = []
    for part, hours, state in plan:
        start = begin + length * part + rng.random() * 0.2 * scale
        cuts += [(start, state), (start + hours * scale, "available")]
    return cuts


def windows(blocks: tuple[Block, ...]) -> list[tuple[int, int]]:
    """Return when somebody takes new contacts."""
    return [(block.start, block.end) for block in blocks if block.state == "available"]


def lane(blocks: tuple[Block, ...], lag: int) -> tuple[int, int] | None:
    """Return the part of a shift kept for letters that arrived `lag` days before, if it has one.

    Lanes of different lags never overlap, so that the letters of several closed days share out.
    """
    start = blocks[0].start + (lag - 1) * _LANE
    return (start, start + _LANE) if start + _LANE <= blocks[-1].end else None
