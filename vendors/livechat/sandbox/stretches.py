"""Stretches of time, `start` <= t < `end`: their union, what they share, how long they last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Stretch: TypeAlias = tuple[datetime, datetime]


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return when at least one of the stretches lasted, in order of time and apart."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def overlaps(left: Sequence[Stretch], right: Sequence[Stretch]) -> Iterator[tuple[int, Stretch]]:
    """Yield what stretches of two lists share, with the index on the left.

    Each list is in order of time and its stretches lie apart.
    """
    first = second = 0
    while first < len(left) and second < len(right):
        start = max(left[first][0], right[second][0])
        end = min(left[first][1], right[second][1])
        if start < end:
            yield first, (start, end)
        if left[first][1] <= right[second][1]:
            first += 1
        else:
            second += 1


def lasting(stretches: Iterable[Stretch]) -> timedelta:
    """Return how long the stretches last together."""
    return sum((end - start for start, end in stretches), timedelta())
