"""What is asked of the planner, and the pieces that it thinks in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

import msgspec

from vendors.measures import Dimension, Grain, Term, Unit
from vendors.measures import Merge as MergeRule
from vendors.parameters import Argument
from vendors.records import Channel

__all__ = [
    "Column",
    "Columns",
    "Item",
    "Lot",
    "MeasureRequest",
    "Refusal",
    "Route",
    "Slot",
    "Wanted",
]

T = TypeVar("T")

Slot: TypeAlias = tuple[datetime, datetime]
"""A half-open interval of UTC instants."""


class MeasureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Figures over a period: equal requests are one request.

    `items` are canonical indicator keys, and native figures as `vendor.figure`. `group_by` does
    not hold PLATFORM: every answer is by platform. The period is half-open, in UTC instants.
    """

    items: tuple[str, ...]
    start: datetime
    end: datetime
    zone: str
    grain: Grain = Grain.TOTAL
    group_by: tuple[Dimension, ...] = ()
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    channels: tuple[Channel, ...] = ()
    arguments: tuple[Argument, ...] = ()
    """What the vendor's sources are told beside that, in the one order of equal arguments."""

    def filtered(self, dimension: Dimension) -> tuple[str, ...]:
        """Return the ids that `dimension` is restricted to, or an empty tuple for all."""
        return next((ids for name, ids in self.filters if name is dimension), ())


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator or native figure on one platform: how its value is made of figures."""

    key: str
    unit: Unit
    merge: MergeRule
    value: tuple[Term, ...]
    weight: tuple[Term, ...] = ()
    channels: frozenset[str] | None = None
    caveat: str | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the names of all figures that it needs, each once."""
        named = (n for t in (*self.value, *self.weight) for n in (t.figure, t.by) if n)
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that a platform declares it cannot give as asked, and why."""

    item: str
    reason: str
    unknown: Dimension | None = None
    """The dimension of which no member is known, where that is the reason."""


class Lot(msgspec.Struct, frozen=True, cache_hash=True):
    """What calls of one kind have in common, whatever their figures and windows."""

    source: str
    zone: str
    group_by: tuple[Dimension, ...] = ()
    members: tuple[str, ...] = ()
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    partition: str = ""
    assigned: tuple[tuple[Dimension, str], ...] = ()
    """The member of each EACH dimension that this lot is about."""
    channels: tuple[str, ...] = ()
    """The channels that count, where the answer holds others, too; empty: all."""
    arguments: tuple[Argument, ...] = ()


Column: TypeAlias = tuple[str, Lot]
"""A figure, and the lot that it comes from: with an interval, what is fetched as one cell."""
Columns: TypeAlias = dict[Column, dict[Slot, T]]
"""Something for each cell."""
Wanted: TypeAlias = Mapping[Column, Mapping[Slot, Grain]]
"""Cells that are needed, and how to ask for each. Columns may share one mapping of slots."""


@dataclass(frozen=True, slots=True)
class Route:
    """How one figure is obtained: by which lots, in which slots, each part of which asked bucket.

    `grain` TOTAL means a call for each slot, with its exact bounds. `buckets[i]` is the index of
    the asked bucket that `slots[i]` is a part of.
    """

    figure: str
    grain: Grain
    lots: tuple[Lot, ...]
    slots: tuple[Slot, ...]
    buckets: tuple[int, ...]

    @property
    def is_one_to_one(self) -> bool:
        """Return whether each asked bucket is one of the slots, in their order."""
        return self.buckets == tuple(range(len(self.slots)))
