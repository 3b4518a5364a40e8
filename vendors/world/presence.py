"""Who is there, in what state, and with how many contacts in hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vendors.world.calendar import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from vendors.world.people import StaffMember
    from vendors.world.rota import Block

STATES = ("available", "busy", "away", "in_meeting")


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of one state, `start` <= t < `end`; busy is available with every slot in use."""

    start: datetime
    end: datetime
    state: str

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Load:
    """A stretch with the same number of contacts in hand, at least one."""

    start: datetime
    end: datetime
    load: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Live:
    """Somebody at one moment: `state` is None when offline; `slots_used` <= `max_slots`."""

    staff: StaffMember
    state: str | None
    slots_used: int
    contact_ids: tuple[int, ...]

    @property
    def connected(self) -> bool:
        """Whether they are logged in."""
        return self.state is not None


def loads(stints: Iterable[tuple[int, int]]) -> tuple[Load, ...]:
    """Count overlapping stints, in order of time; stretches with nothing in hand are left out."""
    steps: Counter[int] = Counter()
    for start, end in stints:
        steps[start] += 1
        steps[end] -= 1
    found: list[Load] = []
    level, since = 0, 0
    for moment in sorted(moment for moment, step in steps.items() if step):
        if level:
            found.append(Load(instant(since), instant(moment), level))
        level, since = level + steps[moment], moment
    return tuple(found)


def intervals(
    blocks: Sequence[Block], full: Sequence[tuple[datetime, datetime]]
) -> tuple[Interval, ...]:
    """Return a shift as states, with the stretches at full load cut out of available as busy."""
    found: list[Interval] = []
    for block in blocks:
        start, end = instant(block.start), instant(block.end)
        if block.state != "available":
            found.append(Interval(start, end, block.state))
            continue
        for busy_from, busy_to in full:
            lower, upper = max(busy_from, start), min(busy_to, end)
            if lower >= upper:
                continue
            if start < lower:
                found.append(Interval(start, lower, "available"))
            found.append(Interval(lower, upper, "busy"))
            start = upper
        if start < end:
            found.append(Interval(start, end, "available"))
    return tuple(found)


def clip_intervals(found: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """Keep what lies within `start` <= t < `end`."""
    return [
        replace(item, start=max(item.start, start), end=min(item.end, end))
        for item in found
        if item.start < end and item.end > start
    ]


def clip_loads(found: Iterable[Load], start: datetime, end: datetime) -> list[Load]:
    """Keep what lies within `start` <= t < `end`."""
    return [
        replace(item, start=max(item.start, start), end=min(item.end, end))
        for item in found
        if item.start < end and item.end > start
    ]


def union_seconds(spans: Iterable[tuple[datetime, datetime]]) -> float:
    """Return how long at least one of the spans lasts."""
    total = 0.0
    reached: datetime | None = None
    for start, end in sorted(spans):
        lower = start if reached is None else max(start, reached)
        if end > lower:
            total += (end - lower).total_seconds()
            reached = end
    return total
