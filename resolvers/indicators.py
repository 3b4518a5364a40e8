"""Indicators over platforms: planned with all else that is asked, and told as one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from resolvers.combining import combined
from resolvers.comparisons import paired
from resolvers.context import RequestContext, Scope
from resolvers.given import name_texts
from resolvers.outcomes import SourceStatus, together_of
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.expand import expand
from resolvers.planner.planner import Asked
from resolvers.planner.request import Item, MeasureRequest
from resolvers.planner.series import Made, MeasureAnswer, Series
from resolvers.planner.slots import asked_buckets
from vendors.buckets import zone
from vendors.catalogue import CATALOGUE
from vendors.errors import BadInputError, TooComplexError
from vendors.measures import Grain, Merge
from vendors.port import Platform

__all__ = ["across", "check_items", "compare", "joined", "measure"]


async def measure(
    context: RequestContext,
    request: MeasureRequest,
    platforms: Sequence[Platform],
    *,
    whole: bool = False,
) -> MeasureAnswer:
    """Return what these platforms measure of the request, planned with all else that is asked.

    `whole` asks for the whole period as well where its value cannot be made of its buckets.

    Raises BadInputError for items that do not exist, ForbiddenError where the caller may not see
    the groups or what the parameters name, and TooComplexError for too many calls.
    """
    check_items(request.items, context.platforms.values())
    _check_scope(context, request, platforms)
    _check_size(context, request, len(platforms))
    load = context.loaders.measures.load
    asked = [Asked(request, tuple(platform.key for platform in platforms))]
    if whole and request.grain is not Grain.TOTAL:
        asked += _whole(request, platforms)
    answer, *wholes = await asyncio.gather(*map(load, asked))
    return _with_whole(answer, wholes) if wholes else answer


async def compare(
    context: RequestContext,
    request: MeasureRequest,
    earlier: MeasureRequest,
    platforms: Sequence[Platform],
    *,
    whole: bool = False,
) -> MeasureAnswer:
    """Return the same, each series beside that of an earlier period."""
    now, before = await asyncio.gather(
        measure(context, request, platforms, whole=whole),
        measure(context, earlier, platforms, whole=whole),
    )
    lost = {(one.platform, one.item) for one in now.lost}
    series = paired(now.series, before.series, request, lost)
    return replace(joined(now, [before]), series=series, lost_before=before.lost)


def across(answer: MeasureAnswer) -> list[Series]:
    """Return the series across platforms, compared as their parts are."""
    series = combined(answer.series, answer.lost)
    before = [one.comparison for one in answer.series if one.comparison is not None]
    if not before:
        return series
    return list(paired(series, combined(before, answer.lost_before), answer.request))


def _whole(request: MeasureRequest, platforms: Sequence[Platform]) -> list[Asked]:
    """Return what is to be asked for the whole period, since its buckets do not add up."""
    return [
        Asked(msgspec.structs.replace(request, items=items, grain=Grain.TOTAL), (platform.key,))
        for platform in platforms
        if (items := _apart(request, platform))
    ]


def _apart(request: MeasureRequest, platform: Platform) -> tuple[str, ...]:
    """Return the items whose buckets this platform gives no means to merge."""
    if platform.measures is None:
        return ()
    tables = platform.measures.measurables
    items = (one for one in expand(request, platform.vendor, tables) if isinstance(one, Item))
    return tuple(
        one.key
        for one in items
        if one.merge is Merge.DISTINCT or (one.merge is Merge.MEAN and not one.weight)
    )


def _with_whole(answer: MeasureAnswer, wholes: Sequence[MeasureAnswer]) -> MeasureAnswer:
    """Return the answer with the values that were asked for the whole period."""
    values = {one.identity: one for whole in wholes for one in whole.series}

    def settled(one: Series) -> Series:
        found = values.get(one.identity) if one.apart else None
        if found is None:
            return one
        origins = (*one.origins, *found.origins)
        # What a bucket lacks the whole need not.
        note = one.note if one.note == BROKEN else found.note
        return replace(one, total=found.total, note=note, origins=origins)

    return replace(joined(answer, wholes), series=tuple(map(settled, answer.series)))


def joined(answer: MeasureAnswer, others: Sequence[MeasureAnswer]) -> MeasureAnswer:
    """Return the answer with the failures, sources and calls of the others as well."""
    every = (answer, *others)
    made: dict[str, Made] = {}
    for one in every:
        for key, calls in one.made.items():
            made[key] = made.get(key, frozenset()) | calls
    errors = {(error.platform, error.code): error for one in every for error in one.errors}
    sources = {status.platform: [status] for status in answer.sources}
    for status in (status for one in others for status in one.sources):
        sources[status.platform].append(status)
    shared = {
        key: sum(len(one.made.get(key, ())) for one in every) - len(calls)
        for key, calls in made.items()
    }
    return replace(
        answer,
        errors=tuple(errors.values()),
        sources=tuple(_status(parts, shared) for parts in sources.values()),
        made=made,
        stand_ins=tuple(dict.fromkeys(failure for one in every for failure in one.stand_ins)),
    )


def _status(parts: Sequence[SourceStatus], shared: Mapping[str, int]) -> SourceStatus:
    """Return what several parts of one platform amount to; a shared call counts once."""
    one = together_of(parts)
    return msgspec.structs.replace(one, calls=one.calls - shared.get(one.platform, 0))


def _check_scope(
    context: RequestContext, request: MeasureRequest, platforms: Sequence[Platform]
) -> None:
    """Raise ForbiddenError for what groups by personal data, or is restricted to some.

    Unless the caller may read such.
    """
    personal = {
        f"{platform.vendor}.{name}"
        for platform in platforms
        if request.group_by and platform.measures
        for name, figure in platform.measures.measurables.figures.items()
        if figure.personal
    }
    if not personal.isdisjoint(request.items) or any(
        name_texts(request.arguments, platform.measures.measurables.parameters)
        for platform in platforms
        if platform.measures
    ):
        context.require(Scope.PERSONAL)


def _check_size(context: RequestContext, request: MeasureRequest, platforms: int) -> None:
    """Raise TooComplexError where the answer would have more points than is allowed."""
    where = zone(request.zone)
    buckets = len(asked_buckets(request.grain, request.start, request.end, where).shown)
    points = buckets * len(request.items) * platforms
    most = context.services.limits.most_points
    if points > most:
        message = (
            f"This query would answer {points} points and more; at most {most} are allowed. "
            "Ask for a shorter period, larger buckets or fewer indicators."
        )
        raise TooComplexError(message, extensions={"points": points, "pointLimit": most})


def check_items(items: Iterable[str], platforms: Iterable[Platform]) -> None:
    """Raise BadInputError for an item that no platform could know."""
    native = [item for item in items if item not in CATALOGUE]
    known = {
        f"{platform.vendor}.{figure}"
        for platform in platforms
        if native and platform.measures
        for figure in platform.measures.measurables.figures
    }
    for item in native:
        if item not in known:
            message = f"There is no native figure {item!r}."
            accepted = "the `name` of one of the `nativeFigures` of `platforms`"
            raise BadInputError(message, argument="native", accepted=accepted)
