"""Asked periods cut into slots: the buckets that are asked for, and the pieces they are made of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from operator import eq
from zoneinfo import ZoneInfo

from resolvers.planner.request import Slot
from vendors.buckets import Span, bucket_edges
from vendors.measures import Grain

__all__ = ["asked_slots", "belongs_to", "clipped", "is_cut_by", "windows"]

_NEVER = datetime.max.replace(tzinfo=UTC)


# One operation asks again and again for the same few; years of hours are megabytes.
@lru_cache(maxsize=8)
def asked_slots(grain: Grain, start: datetime, end: datetime, where: ZoneInfo) -> tuple[Slot, ...]:
    """Return the buckets of the asked period, the first and last clipped to it."""
    if grain is Grain.TOTAL:
        return ((start, end),)
    return clipped(bucket_edges(grain, start, end, where), start, end)


def clipped(edges: Sequence[datetime], start: datetime, end: datetime) -> tuple[Slot, ...]:
    """Return the slots between the edges, clipped to `[start, end)`."""
    return tuple((max(left, start), min(right, end)) for left, right in pairwise(edges))


def is_cut_by(coarse: Sequence[Slot], fine: Sequence[Slot]) -> bool:
    """Return whether every edge of the coarse slots is an edge of the fine ones."""
    return {edge for slot in coarse for edge in slot} <= {edge for slot in fine for edge in slot}


def belongs_to(fine: Sequence[Slot], coarse: Sequence[Slot]) -> tuple[int, ...]:
    """Return for each fine slot the index of the coarse slot that holds it."""
    starts = [left for left, _ in coarse]
    return tuple(bisect_right(starts, left) - 1 for left, _ in fine)


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
