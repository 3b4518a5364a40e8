"""How values of several buckets, groups or platforms become one: exactly, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import msgspec

from vendors.measures import Merge

__all__ = ["Amount", "merge_amounts"]


# There is one for each point: what holds no other object need not be known to the collector.
class Amount(msgspec.Struct, frozen=True, gc=False):
    """A value together with what is needed to merge it further.

    For SUM-like rules `value` is all. For MEAN `weight` is what weighs it, None where the vendor
    tells none. For RATIO `weight` is the denominator and `numerator` what stands above it, which
    matters where the denominator is zero.
    """

    value: float | None
    weight: float | None = None
    numerator: float | None = None


def merge_amounts(rule: Merge, amounts: Sequence[Amount]) -> tuple[Amount, str | None]:
    """Return the merged amount, and why it is null where parts that exist cannot be merged."""
    if len(amounts) == 1:
        return amounts[0], None
    return _RULES[rule](amounts)


def _sum(amounts: Sequence[Amount]) -> tuple[Amount, str | None]:
    measured = [one.value for one in amounts if one.value is not None]
    return Amount(fsum(measured) if measured else None), None


def _mean(amounts: Sequence[Amount]) -> tuple[Amount, str | None]:
    measured = [one for one in amounts if one.value is not None and one.weight != 0]
    if not measured:
        weights = [one.weight for one in amounts if one.weight is not None]
        return Amount(None, fsum(weights) if weights else None), None
    if len(measured) == 1 and all(one.weight is not None for one in amounts):
        return measured[0], None
    weights = [one.weight for one in measured if one.weight is not None]
    if len(weights) < len(measured):
        return Amount(None), "It is a mean, and not every part of it comes with a weight."
    weight = fsum(weights)
    parts = [one.value * one.weight for one in measured if one.value is not None and one.weight]
    return Amount(fsum(parts) / weight if weight else None, weight), None


def _ratio(amounts: Sequence[Amount]) -> tuple[Amount, str | None]:
    if any(one.numerator is None and one.value is not None for one in amounts):
        return Amount(None), "It is a ratio, and not every part of it comes with both its terms."
    parts = [
        (one.numerator, one.weight)
        for one in amounts
        if one.numerator is not None and one.weight is not None
    ]
    if not parts:
        return Amount(None), None
    numerator, denominator = map(fsum, zip(*parts, strict=True))
    value = numerator / denominator if denominator else None
    return Amount(value, denominator, numerator), None


def _apart(amounts: Sequence[Amount]) -> tuple[Amount, str | None]:
    measured = [one for one in amounts if one.value is not None]
    if len(measured) <= 1:
        return (measured[0] if measured else Amount(None)), None
    return Amount(None), "Its parts overlap or belong to different moments and cannot be added."


_RULES = {
    Merge.SUM: _sum,
    Merge.UNION: _sum,
    Merge.MEAN: _mean,
    Merge.RATIO: _ratio,
    Merge.SNAPSHOT: _apart,
    Merge.DISTINCT: _apart,
}
