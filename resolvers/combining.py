"""One series across platforms, where that is exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import fsum

from resolvers.merge import Amount, merge_amounts
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.series import GroupMember, Series
from vendors.catalogue import CATALOGUE
from vendors.measures import Dimension, Merge

__all__ = ["combined"]

_ACROSS = frozenset({Merge.SUM, Merge.MEAN, Merge.RATIO})
_NOTHING = Amount(None)
_NOT_ACROSS = "It cannot be added over platforms or channels."
_PLACES: Mapping[str, int] = {key: place for place, key in enumerate(CATALOGUE)}


def combined(series: Sequence[Series], lost: Sequence[Series] = ()) -> list[Series]:
    """Return one series across platforms for each item, channel and currency.

    Groups other than channels belong to one platform each and are not combined. A platform whose
    value is missing, be it in one bucket, or means another thing than the others', is left out;
    `platforms` names those that are in. `lost` are null series without groups of what could not be
    fetched: each group lacks it of which that platform told nothing.
    """
    keyed = sorted((one for one in series if _comparable(one.group)), key=_combining_key)
    return [
        one
        for _, group in groupby(keyed, key=_combining_key)
        for same in [list(group)]
        for one in _by_currency(same, _lost_to(same, lost))
    ]


def _lost_to(same: Sequence[Series], lost: Sequence[Series]) -> list[Series]:
    """Return what the series of one item and group lack without being told so themselves."""
    told = {one.platform for one in same}
    return [one for one in lost if one.item == same[0].item and one.platform not in told]


def _comparable(group: Sequence[GroupMember]) -> bool:
    return all(member.channel is not None for member in group)


def _combining_key(one: Series) -> tuple[int, str, str]:
    channels = ",".join(member.channel or "" for member in one.group)
    return _PLACES.get(one.item, len(_PLACES)), one.item, channels


def _by_currency(same: Sequence[Series], untold: Sequence[Series]) -> list[Series]:
    """Return the series that these series of one item make together, one for each currency."""
    lost = [*(one for one in same if one.note == BROKEN), *untold]
    measured = [one for one in same if _measured(one) and one.note != BROKEN]
    if not measured:
        nothing = _combine(same[0], (), lost)
        return [replace(nothing, note=BROKEN if lost else _why(same))]
    currencies = sorted({one.currency or "" for one in measured})
    return [
        _combine(parts[0], parts, lost)
        for currency in currencies
        for parts in [[one for one in measured if (one.currency or "") == currency]]
    ]


def _why(same: Sequence[Series]) -> str | None:
    """Return why nothing of it was measured, each reason once."""
    return " ".join(dict.fromkeys(one.note for one in same if one.note)) or None


def _combine(first: Series, measured: Sequence[Series], lost: Sequence[Series]) -> Series:
    """Return one series of what was measured; parts of `lost` platforms are missing from it."""
    parts = _addable(measured)
    apart = next((one for one in parts if one.note and not _told(one.total)), None)
    total, note = _across(first.merge, [one.total for one in parts])
    return Series(
        item=first.item,
        unit=first.unit,
        merge=first.merge,
        platform=None,
        group=tuple(_anywhere(member) for member in first.group),
        currency=first.currency,
        buckets=first.buckets,
        amounts=_by_bucket(first.merge, parts) if parts else [_NOTHING] * len(first.buckets),
        final=list(map(min, zip(*(one.final for one in parts), strict=True)))
        if parts and not lost
        else [False] * len(first.buckets),
        total=Amount(None) if apart else total,
        grain=first.grain,
        note=(apart.note if apart else note or _without(parts, measured, lost))
        if parts
        else _NOT_ACROSS,
        platforms=tuple(dict.fromkeys(p for one in parts for p in one.platforms)),
        origins=tuple(origin for one in parts for origin in one.origins),
    )


def _without(
    parts: Sequence[Series], measured: Sequence[Series], lost: Sequence[Series]
) -> str | None:
    """Return which platforms' values are not in it, though they measure it, and why."""
    there = {one.platform for one in parts}
    notes = []
    for series, why in ((measured, "cannot be combined"), (lost, "could not be fetched")):
        missing = sorted({one.platform or "" for one in series} - there)
        if missing:
            notes.append(f"Without {' and '.join(missing)}, whose values {why}.")
    return " ".join(notes) or None


def _by_bucket(rule: Merge, parts: Sequence[Series]) -> list[Amount]:
    """Return what the parts make together in each bucket."""
    if len(parts) == 1:
        return list(parts[0].amounts)
    plainly = _PLAINLY.get(rule)
    found = []
    for amounts in zip(*(one.amounts for one in parts), strict=True):
        whole = plainly(amounts) if plainly else None
        found.append(_across(rule, amounts)[0] if whole is None else whole)
    return found


def _sum(amounts: Sequence[Amount]) -> Amount | None:
    values = [one.value for one in amounts if one.value is not None]
    return Amount(fsum(values)) if len(values) == len(amounts) else None


def _mean(amounts: Sequence[Amount]) -> Amount | None:
    weights = [one.weight for one in amounts if one.weight and one.value is not None]
    if len(weights) < len(amounts):
        return None
    parts = [one.value * one.weight for one in amounts if one.weight and one.value is not None]
    weight = fsum(weights)
    return Amount(fsum(parts) / weight, weight) if weight else None


def _ratio(amounts: Sequence[Amount]) -> Amount | None:
    above = [one.numerator for one in amounts if one.numerator is not None]
    below = [one.weight for one in amounts if one.weight is not None]
    if not len(above) == len(below) == len(amounts):
        return None
    numerator, denominator = fsum(above), fsum(below)
    return Amount(numerator / denominator if denominator else None, denominator, numerator)


_PLAINLY: Mapping[Merge, Callable[[Sequence[Amount]], Amount | None]] = {
    Merge.SUM: _sum,
    Merge.MEAN: _mean,
    Merge.RATIO: _ratio,
}
"""The rules of `merge_amounts` where no part lacks anything, which is nearly everywhere."""


def _addable(measured: Sequence[Series]) -> Sequence[Series]:
    """Return the series that mean the same and in which nobody is counted twice."""
    if len(measured) == 1:
        return measured
    same = [one for one in measured if Dimension.PLATFORM in one.additive_over]
    of_platform = Counter(one.platform for one in same)
    return [
        one
        for one in same
        if of_platform[one.platform] == 1 or Dimension.CHANNEL in one.additive_over
    ]


def _across(rule: Merge, amounts: Sequence[Amount]) -> tuple[Amount, str | None]:
    measured = [one for one in amounts if _told(one)]
    if len(measured) > 1 and rule not in _ACROSS:
        return Amount(None), _NOT_ACROSS
    return merge_amounts(rule, measured) if measured else (Amount(None), None)


def _measured(one: Series) -> bool:
    return any(_told(amount) for amount in (one.total, *one.amounts))


def _told(amount: Amount) -> bool:
    """Return whether the platform told anything, if only that there was nothing to weigh."""
    return not (amount.value is None and amount.weight is None and amount.numerator is None)


def _anywhere(member: GroupMember) -> GroupMember:
    channel = member.channel
    word = "" if channel is None else channel.value
    return GroupMember(member.dimension, word, None, word.capitalize() or None, channel)
