"""Indicators: figures that are comparable over platforms, as totals and as series."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import strawberry

from resolvers import catalogue, indicators
from resolvers.comparisons import Comparison, earlier
from resolvers.parameters import arguments_of
from resolvers.periods import Period
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from schema.context import Info
from schema.parameters import ReportParameterInput, read_parameters
from schema.platforms import PLATFORMS
from schema.selection import selects
from schema.series import IndicatorAnswer, IndicatorDefinition, answer_of
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors.catalogue import IndicatorKey
from vendors.errors import BadInputError
from vendors.measures import Dimension, Grain
from vendors.port import Platform
from vendors.records import Channel

__all__ = ["IndicatorFilter", "IndicatorQuery", "grouping", "read_filter"]


@strawberry.input(description="Restricts figures to members of dimensions.")
class DimensionFilter:
    """One dimension and its members."""

    dimension: Dimension = strawberry.field(description="The dimension; not PLATFORM or CHANNEL.")
    ids: list[str] = strawberry.field(description="The platforms' own ids of the members.")


@strawberry.input(description="Restricts figures; members that are left out mean all.")
class IndicatorFilter:
    """Channels, and members of other dimensions."""

    channels: list[Channel] | None = strawberry.field(
        description="Channels, whatever the platforms call them.", default=None
    )
    members: list[DimensionFilter] | None = strawberry.field(
        description="Members of further dimensions.", default=None
    )


def read_filter(
    given: IndicatorFilter | None,
) -> tuple[tuple[tuple[Dimension, tuple[str, ...]], ...], tuple[Channel, ...]]:
    """Return the filters by dimension and by channel; raise BadInputError.

    A list without members restricts to nothing, as one that is left out does.
    """
    if given is None:
        return (), ()
    members = tuple((one.dimension, tuple(one.ids)) for one in given.members or () if one.ids)
    for dimension, _ in members:
        if dimension in {Dimension.PLATFORM, Dimension.CHANNEL}:
            message = f"{dimension.name} is not filtered by ids."
            accepted = "the argument `platforms`, or `filter.channels`"
            raise BadInputError(message, argument="filter.members", accepted=accepted)
    if len(dict(members)) < len(members):
        message = "A dimension is restricted more than once."
        accepted = "each dimension once, with all of its ids"
        raise BadInputError(message, argument="filter.members", accepted=accepted)
    return members, tuple(given.channels or ())


def grouping(given: list[Dimension] | None) -> tuple[Dimension, ...]:
    """Return the dimensions to group by beside PLATFORM, which every series is grouped by."""
    asked = dict.fromkeys(given or ())
    return tuple(one for one in asked if one is not Dimension.PLATFORM)


PARAMETERS = strawberry.argument(
    description=(
        "What else the vendors are told of their own figures: with `native` alone, and only what "
        "all of these take."
    )
)


async def _indicators(
    info: Info,
    keys: Annotated[
        list[IndicatorKey] | None, strawberry.argument(description="Which indicators.")
    ] = None,
    native: Annotated[
        list[str] | None,
        strawberry.argument(description="Native figures, as `vendor.figure`."),
    ] = None,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    granularity: Annotated[
        Grain, strawberry.argument(description="The size of the buckets.")
    ] = Grain.TOTAL,
    group_by: Annotated[
        list[Dimension] | None,
        strawberry.argument(description="What to tell apart beside platforms."),
    ] = None,
    combined: Annotated[
        bool,
        strawberry.argument(
            description="Whether to add a series across platforms, where that is exact."
        ),
    ] = False,
    compare_with: Annotated[
        Comparison | None,
        strawberry.argument(description="An earlier period to stand beside this one."),
    ] = None,
    filter: Annotated[
        IndicatorFilter | None, strawberry.argument(description="What to restrict to.")
    ] = None,
    parameters: Annotated[list[ReportParameterInput] | None, PARAMETERS] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
) -> IndicatorAnswer | None:
    context = info.context
    asked = read_period(context, period, time_zone)
    members, channels = read_filter(filter)
    request = MeasureRequest(
        items=_items(keys, native),
        start=asked.start,
        end=asked.end,
        zone=asked.time_zone,
        grain=granularity,
        group_by=grouping(group_by),
        filters=members,
        channels=channels,
    )
    chosen = context.choose(platforms)
    arguments = arguments_of(read_parameters(parameters), request, chosen)
    request = msgspec.structs.replace(request, arguments=arguments)
    before = None if compare_with is None else earlier(asked, compare_with)
    answer = await _measured(info, request, before, chosen)
    across = indicators.across(answer) if combined else ()
    return answer_of(asked, answer, across=across, compared=before)


async def _measured(
    info: Info, request: MeasureRequest, before: Period | None, platforms: Sequence[Platform]
) -> MeasureAnswer:
    """Return what is measured, beside the period before it where one is to be compared."""
    context = info.context
    whole = selects(info, "series", {"value", "weight", "change", "comparison"})
    if before is None:
        return await indicators.measure(context, request, platforms, whole=whole)
    then = msgspec.structs.replace(request, start=before.start, end=before.end)
    return await indicators.compare(context, request, then, platforms, whole=whole)


def _items(keys: list[IndicatorKey] | None, native: list[str] | None) -> tuple[str, ...]:
    """Return what is to be measured, each once; raise BadInputError where that is nothing."""
    items = tuple(dict.fromkeys((*map(str, keys or ()), *(native or ()))))
    if not items:
        message = "Nothing to measure was named."
        raise BadInputError(message, argument="keys", accepted="`keys`, `native`, or both")
    return items


def _catalogue(
    info: Info,
    keys: Annotated[
        list[IndicatorKey] | None,
        strawberry.argument(description="Which indicators; all if left out."),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
) -> list[IndicatorDefinition] | None:
    chosen = catalogue.Catalogue(info.context.choose(platforms))
    return [chosen.defined(key) for key in keys or IndicatorKey]  # type: ignore[misc]  # the type reads the record


@strawberry.type
class IndicatorQuery:
    """The part of Query that is about indicators."""

    indicators: IndicatorAnswer | None = strawberry.field(
        description=(
            "Figures over a period (the last seven days if left out), by platform and group. "
            "What a platform does not measure is null and said so; it is never zero."
        ),
        resolver=_indicators,
    )
    indicator_catalogue: list[IndicatorDefinition] | None = strawberry.field(
        description="What can be measured, and how each platform does so; asks no platform.",
        resolver=_catalogue,
    )
