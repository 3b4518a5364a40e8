"""What the planner answers: series of values, by platform and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

import msgspec

from resolvers.merge import Amount
from resolvers.outcomes import PlatformFailure, SourceStatus
from resolvers.planner.calls import PlannedCall
from resolvers.planner.explain import Explanation, Origin, explained
from resolvers.planner.request import MeasureRequest, Slot
from vendors.errors import PlatformError
from vendors.measures import Dimension, Grain, Merge, Unit
from vendors.records import Channel

__all__ = ["GroupMember", "Made", "MeasureAnswer", "Point", "Series"]

Made: TypeAlias = frozenset[PlannedCall | Dimension]
"""Calls: those that measure, and those for the members of a dimension, whom they must name."""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """The member of one dimension that a series is about."""

    dimension: Dimension
    id: str
    platform: str | None = None
    name: str | None = None
    channel: Channel | None = None


class Point(msgspec.Struct, frozen=True, gc=False):
    """One bucket of a series: half-open, in UTC instants."""

    start: datetime
    end: datetime
    hour: int | None
    """For an hour of the day: which, from 0 to 23 of local time."""
    value: float | None
    weight: float | None
    final: bool


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator or native figure of one platform (or of several, combined) and group.

    `amounts` are the values by asked bucket and `total` the value of the whole period; a total
    that cannot be merged from the buckets is null, and `note` says why.
    """

    item: str
    unit: Unit
    merge: Merge
    platform: str | None
    group: tuple[GroupMember, ...]
    currency: str | None
    buckets: Sequence[Slot]
    amounts: Sequence[Amount]
    final: Sequence[bool]
    total: Amount
    grain: Grain
    note: str | None = None
    notes: Mapping[int, str] = field(default_factory=dict)
    """Why buckets lack their value, by their places."""
    platforms: tuple[str, ...] = ()
    apart: bool = False
    """Whether the value of the whole period is there, but cannot be made of its buckets."""
    comparison: Series | None = None
    """The same in an earlier period, where one was asked for."""
    origins: tuple[Origin, ...] = field(default=(), compare=False, repr=False)
    """What it was made of, for each platform that is in it."""
    additive_over: frozenset[Dimension] = frozenset(Dimension)
    """Over what the figures behind it may be added up, be it with other platforms' of the item."""

    @property
    def identity(self) -> tuple[object, ...]:
        """Return what tells this series from every other of its answer."""
        group = tuple((one.dimension, one.platform, one.id) for one in self.group)
        return self.item, self.platform, group, self.currency

    @property
    def value(self) -> float | None:
        """Return the value of the whole period."""
        return self.total.value

    @property
    def explanations(self) -> list[Explanation]:
        """Return how the values came about, platform by platform."""
        return [explained(origin) for origin in self.origins]

    @property
    def change(self) -> float | None:
        """Return by what share the value differs from the earlier one; null where that is 0.

        What a platform adds to one of both alone is no change.
        """
        earlier = self.comparison
        if earlier is None or set(earlier.platforms) != set(self.platforms):
            return None
        before, value = earlier.value, self.value
        return None if value is None or not before else (value - before) / abs(before)

    @property
    def weight(self) -> float | None:
        """Return what weighs the value, where it is a mean or a ratio."""
        return self.total.weight

    @property
    def points(self) -> list[Point]:
        """Return the values by bucket; a TOTAL has none beside its value."""
        if self.grain is Grain.TOTAL:
            return []
        of_day = self.grain is Grain.HOUR_OF_DAY
        return [
            Point(start, end, at if of_day else None, amount.value, amount.weight, final)
            for at, ((start, end), amount, final) in enumerate(
                zip(self.buckets, self.amounts, self.final, strict=True)
            )
        ]


@dataclass(frozen=True)
class MeasureAnswer:
    """The answer to one request: what was measured, and what became of each platform."""

    request: MeasureRequest
    series: tuple[Series, ...]
    errors: tuple[PlatformError, ...]
    sources: tuple[SourceStatus, ...]
    made: Mapping[str, Made] = field(default_factory=dict)
    """The calls that were made for it, by platform: those that it shares with others, too."""
    stand_ins: tuple[PlatformFailure, ...] = ()
    """What failed and cost nothing, since older values stand in for it."""
    lost: tuple[Series, ...] = ()
    """A null series without groups for each platform's item of which a part is missing."""
    lost_before: tuple[Series, ...] = ()
    """The same of the earlier period, where one was asked for."""

    @property
    def failures(self) -> tuple[PlatformFailure, ...]:
        """Return the failures for callers to see."""
        return (*map(PlatformFailure.of, self.errors), *self.stand_ins)

    @cached_property
    def by_member(self) -> Mapping[str, tuple[Series, ...]]:
        """Return the series of each member, where they are grouped by one dimension."""
        found: dict[str, list[Series]] = {}
        for one in self.series:
            for member in one.group:
                found.setdefault(member.id, []).append(one)
        return {member: tuple(own) for member, own in found.items()}
