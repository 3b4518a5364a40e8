"""The totals of a report: by each figure's merge rule, or asked of the platforms for the whole."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from resolvers.combining import combined
from resolvers.context import RequestContext
from resolvers.merge import Amount, merge_amounts
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.planner import Asked
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from resolvers.reports.catalogue import ReportDefinition
from resolvers.reports.table import ReportRow, rows_of
from vendors.errors import TooComplexError
from vendors.measures import Grain, Merge

__all__ = ["Totals", "totals_of"]

_OF_THE_WHOLE = "Asked for the whole: it holds what stands in no row, too."
_MERGED = frozenset({Merge.SUM, Merge.MEAN, Merge.RATIO})


class Totals(NamedTuple):
    """The rows of totals, and what was asked for the whole period to make them."""

    rows: tuple[ReportRow, ...]
    answers: Sequence[MeasureAnswer]


async def totals_of(
    context: RequestContext, report: ReportDefinition, answer: MeasureAnswer
) -> Totals:
    """Return all platforms, groups and buckets as one row, and one more for each other currency.

    What cannot be merged from the rows is asked of its platforms for the whole period; a value
    that is neither, or of which a part is lost, is null, with a note that says why.
    """
    request = answer.request
    # Without groups each series says itself what it lacks.
    lost = answer.lost if request.group_by else ()
    broken = {(one.platform, one.item) for one in lost}
    merged: list[Series] = [*lost]
    lacking: list[Series] = []
    for same in _of_one(answer.series):
        if (same[0].platform, same[0].item) in broken:
            continue
        total = _merged(same, request)
        (lacking if total is None else merged).append(total or same[0])
    asked, answers = await _whole(context, request, lacking)
    parts = [
        replace(
            one,
            buckets=((request.start, request.end),),
            amounts=(one.total,),
            final=(all(one.final),),
            grain=Grain.TOTAL,
        )
        for one in (*merged, *asked)
    ]
    return Totals(rows_of(report, _noted(parts, combined(parts))), answers)


def _of_one(series: Iterable[Series]) -> list[list[Series]]:
    """Return the series of each item, platform and currency together."""
    found: dict[tuple[str, str | None, str | None], list[Series]] = {}
    for one in series:
        found.setdefault((one.item, one.platform, one.currency), []).append(one)
    return list(found.values())


def _merged(parts: Sequence[Series], request: MeasureRequest) -> Series | None:
    """Return one series without groups, or None where the parts do not make one."""
    first = parts[0]
    if not request.group_by:
        return None if first.apart else first
    adds = all(one.additive_over.issuperset(request.group_by) for one in parts)
    if not adds or first.merge not in _MERGED or any(one.note for one in parts):
        return None
    total, note = merge_amounts(first.merge, [one.total for one in parts])
    return None if note else replace(first, group=(), total=total, note=None)


async def _whole(
    context: RequestContext, request: MeasureRequest, lacking: Iterable[Series]
) -> tuple[list[Series], Sequence[MeasureAnswer]]:
    """Return what the platforms tell for the whole period; nulls where it costs too much."""
    items: dict[str, dict[str, None]] = {}
    for one in lacking:
        items.setdefault(one.platform or "", {})[one.item] = None
    asked = [
        Asked(
            msgspec.structs.replace(request, items=tuple(own), grain=Grain.TOTAL, group_by=()),
            (platform,),
        )
        for platform, own in items.items()
    ]
    try:
        answers = await asyncio.gather(*map(context.loaders.measures.load, asked))
    except TooComplexError:
        return [replace(one, group=(), total=Amount(None), note=BROKEN) for one in lacking], ()
    grouped = bool(request.group_by)
    told = [
        replace(one, note=_OF_THE_WHOLE) if grouped and one.note is None else one
        for answer in answers
        for one in answer.series
    ]
    return told, answers


def _noted(parts: Sequence[Series], across: Iterable[Series]) -> list[Series]:
    """Return the series across platforms, with a note where they hold more than their rows."""
    asked = {(one.item, one.currency) for one in parts if one.note == _OF_THE_WHOLE}
    return [
        replace(one, note=" ".join(filter(None, (one.note, _OF_THE_WHOLE))))
        if (one.item, one.currency) in asked and one.value is not None
        else one
        for one in across
    ]
