"""Asked periods cut into slots: the buckets that are asked for, and the pieces they are made of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from operator import eq, itemgetter
from zoneinfo import ZoneInfo

from resolvers.planner.request import MeasureRequest, Slot
from vendors.buckets import Span, bucket_edges, zone
from vendors.measures import Grain

__all__ = [
    "Buckets",
    "asked_buckets",
    "clipped",
    "count_windows",
    "is_cut_by",
    "places_in",
    "windows",
]

_HOURS_OF_DAY = 24
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Buckets:
    """The asked buckets of a period, and the stretches of time that they are made of."""

    shown: tuple[Slot, ...]
    """The bounds of each bucket; of an hour of the day those of the period that it is taken of."""
    slots: tuple[Slot, ...]
    """The stretches that no value may span, in their order."""
    places: tuple[int, ...]
    """The index of the bucket that each stretch is a part of."""

    def places_of(self, slots: Sequence[Slot]) -> tuple[int, ...]:
        """Return the index of the bucket that holds each of these slots, which span no edge."""
        if slots == self.slots:
            return self.places
        starts = [left for left, _ in self.slots]
        return tuple(self.places[bisect_right(starts, left) - 1] for left, _ in slots)


# One operation asks again and again for the same few; years of hours are megabytes.
@lru_cache(maxsize=8)
def asked_buckets(grain: Grain, start: datetime, end: datetime, where: ZoneInfo) -> Buckets:
    """Return the asked buckets of `[start, end)`, the first and last clipped to it.

    HOUR_OF_DAY makes 24 buckets, whatever hours the period has.
    """
    if grain is Grain.TOTAL:
        slots: tuple[Slot, ...] = ((start, end),)
    else:
        size = Grain.HOUR if grain is Grain.HOUR_OF_DAY else grain
        slots = clipped(bucket_edges(size, start, end, where), start, end)
    if grain is not Grain.HOUR_OF_DAY:
        return Buckets(slots, slots, tuple(range(len(slots))))
    hours = tuple(left.astimezone(where).hour for left, _ in slots)
    return Buckets(((start, end),) * _HOURS_OF_DAY, slots, hours)


@lru_cache(maxsize=8)
def places_in(
    asked: MeasureRequest, grain: Grain, where: ZoneInfo
) -> tuple[tuple[Slot, ...], tuple[int, ...]] | None:
    """Return the slots of that size which make up the asked buckets, and their places in them.

    None where an edge of an asked bucket would lie within a slot.
    """
    buckets = asked_buckets(asked.grain, asked.start, asked.end, zone(asked.zone))
    slots = asked_buckets(grain, asked.start, asked.end, where).slots
    return (slots, buckets.places_of(slots)) if is_cut_by(buckets.slots, slots) else None


def clipped(edges: Sequence[datetime], start: datetime, end: datetime) -> tuple[Slot, ...]:
    """Return the slots between the edges, clipped to `[start, end)`."""
    return tuple((max(left, start), min(right, end)) for left, right in pairwise(edges))


def is_cut_by(coarse: Sequence[Slot], fine: Sequence[Slot]) -> bool:
    """Return whether every edge of the coarse slots is an edge of the fine ones."""
    if coarse == fine:
        return True
    return {edge for slot in coarse for edge in slot} <= {edge for slot in fine for edge in slot}


def count_windows(slots: Sequence[Slot], longest: Span | None, where: ZoneInfo) -> int:
    """Return how many runs `windows` makes of slots without a gap."""
    if longest is None:
        return 1
    count = at = 0
    while at < len(slots):
        limit = longest.after(slots[at][0], where)
        at = max(at + 1, bisect_right(slots, limit, at, key=itemgetter(1)))
        count += 1
    return count


def windows(
    slots: Sequence[Slot],
    longest: Span | None,
    where: ZoneInfo,
    go_on: Callable[[datetime, datetime], bool] = eq,
) -> list[list[Slot]]:
    """Group slots, in their order, into runs that are no longer than one call may span.

    `go_on` says whether a run that ends there may go on with a slot that begins there. A slot that
    is itself longer than a call may span makes a run of its own.
    """
    runs: list[list[Slot]] = []
    limits: list[datetime] = []
    for slot in slots:
        if runs and slot[1] <= limits[-1] and go_on(runs[-1][-1][1], slot[0]):
            runs[-1].append(slot)
            continue
        # Where slots overlap, it need not be the last run that goes on. Older ones end earlier.
        for run, limit in zip(reversed(runs), reversed(limits), strict=True):
            if slot[1] > limit:
                runs.append([slot])
                break
            if go_on(run[-1][1], slot[0]):
                run.append(slot)
                break
        else:
            runs.append([slot])
        if len(runs) > len(limits):
            limits.append(_NEVER if longest is None else longest.after(slot[0], where))
    return runs
