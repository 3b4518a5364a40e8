"""Indicators: figures that are comparable over platforms, as totals and as series."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers import catalogue, indicators, periods
from resolvers.planner import series
from resolvers.planner.request import MeasureRequest
from schema.context import Info
from schema.failures import PlatformFailure, SourceStatus
from schema.platforms import PLATFORMS, Platform, platform_named
from schema.windows import PERIOD, TIME_ZONE, Period, PeriodInput, read_period
from vendors.catalogue import IndicatorKey
from vendors.errors import BadInputError, PlatformError
from vendors.measures import Dimension, Grain, Merge, Unit
from vendors.records import Channel

__all__ = ["IndicatorAnswer", "IndicatorQuery", "answer_of", "grouping", "read_filter"]


@strawberry.type(description="How one platform measures an indicator.")
class IndicatorSource:
    """A platform's figures behind an indicator."""

    platform: str = strawberry.field(description="The key of the platform.")
    formula: str = strawberry.field(
        description="How the vendor's own figures make it, under the vendor's own names."
    )
    weighed_by: str | None = strawberry.field(
        description="What weighs it when values become one; null where the vendor gives nothing."
    )
    figures: list[str] = strawberry.field(description="The native figures that it is made of.")
    caveat: str | None = strawberry.field(
        description="What makes it not quite comparable with other platforms."
    )


@strawberry.type(description="What an indicator means, and how each platform measures it.")
class IndicatorDefinition:
    """One row of the catalogue, or one native figure."""

    key: str = strawberry.field(description="Its key, or `vendor.figure` for a native figure.")
    title: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it measures.")
    unit: Unit = strawberry.field(description="The unit of its values.")
    merge: Merge = strawberry.field(description="How several values become one.")
    weighed_by: str | None = strawberry.field(
        description="What weighs a mean, or the two terms of a ratio, in words."
    )
    sources: list[IndicatorSource] = strawberry.field(
        description="How each platform that measures it does so; the others do not."
    )


async def _agent_name(root: series.GroupMember, info: Info) -> str | None:
    try:
        agent = await info.context.loaders.agent_by_key.load((root.platform or "", root.id))
    except PlatformError:
        # The figures are there; that a name is not is no fault of theirs.
        return None
    return None if agent is None else agent.label


def _name(root: Parent[series.GroupMember], info: Info) -> str | None:
    if root.name is None and root.dimension is Dimension.AGENT and root.platform:
        return _agent_name(root, info)  # type: ignore[return-value]  # awaited by the executor
    return root.name


@strawberry.type(description="The member of one dimension that a series is about.")
class GroupMember:
    """One agent, channel, queue and so on."""

    dimension: Dimension = strawberry.field(description="The dimension.")
    id: str = strawberry.field(description="The platform's own id of the member.")
    name: str | None = strawberry.field(
        description="Its name; null where the platform does not tell it, or fails to.",
        resolver=_name,
    )
    channel: Channel | None = strawberry.field(
        description="For the dimension CHANNEL: the channel, whatever the platform calls it."
    )


@strawberry.type(description="The value of one bucket.")
class IndicatorPoint:
    """A half-open bucket."""

    start: datetime = strawberry.field(
        description="The bucket's first instant; for an hour of the day the period's."
    )
    end: datetime = strawberry.field(description="The instant at which it ends, not in it.")
    hour: int | None = strawberry.field(
        description="For granularity HOUR_OF_DAY: the hour of local time, 0 to 23."
    )
    value: float | None = strawberry.field(description="The value; null if not measured.")
    weight: float | None = strawberry.field(
        description="What weighs it, where it is a mean or a ratio."
    )
    final: bool = strawberry.field(description="Whether it can no longer change.")


def _definition(root: Parent[series.Series], info: Info) -> IndicatorDefinition:
    return info.context.catalogue.defined(root.item)  # type: ignore[return-value]  # the type reads the record


def _series_platform(root: Parent[series.Series], info: Info) -> Platform | None:
    if root.platform is None:
        return None
    return platform_named(info, root.platform)  # type: ignore[return-value]  # the type reads the record


@strawberry.type(
    description="One indicator of one platform (or combined) and one group, over the period."
)
class IndicatorSeries:
    """A value, and its points by bucket."""

    indicator: IndicatorDefinition = strawberry.field(
        description="What is measured.", resolver=_definition
    )
    key: str = strawberry.field(
        description="The indicator's key, or `vendor.figure`.", resolver=lambda root: root.item
    )
    platform: Platform | None = strawberry.field(
        description="The platform; null for a combined series.", resolver=_series_platform
    )
    platforms: list[str] = strawberry.field(
        description="The keys of the platforms whose values are in it."
    )
    group: list[GroupMember] = strawberry.field(
        description="What it is about, one member for each dimension of `groupBy`."
    )
    unit: Unit = strawberry.field(description="The unit of the values.")
    currency: str | None = strawberry.field(description="The currency, where it is money.")
    value: float | None = strawberry.field(
        description="The value of the whole period; null if not measured or not to be merged."
    )
    weight: float | None = strawberry.field(
        description="What weighs it, where it is a mean or a ratio."
    )
    points: list[IndicatorPoint] = strawberry.field(
        description="The values by bucket, oldest first; empty for granularity TOTAL."
    )
    note: str | None = strawberry.field(description="Why a value is null, where that is known.")


@strawberry.type(description="What was measured, and what became of each platform.")
class IndicatorAnswer:
    """The answer of `indicators`."""

    period: Period = strawberry.field(description="The period that was measured.")
    series: list[IndicatorSeries] = strawberry.field(
        description="One for each indicator, platform and group; combined ones come last."
    )
    failures: list[PlatformFailure] = strawberry.field(
        description="The platforms whose part is missing, and why."
    )
    sources: list[SourceStatus] = strawberry.field(description="Each platform's share.")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the type IndicatorAnswer reads."""

    period: periods.Period
    series: tuple[series.Series, ...]
    failures: object
    sources: object


def answer_of(
    period: periods.Period, answer: series.MeasureAnswer, more: Iterable[series.Series] = ()
) -> IndicatorAnswer:
    """Return the answer for callers, with further series behind the platforms' own."""
    return _Answer(period, (*answer.series, *more), answer.failures, answer.sources)  # type: ignore[return-value]  # the type reads the record


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
    filter: Annotated[
        IndicatorFilter | None, strawberry.argument(description="What to restrict to.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
) -> IndicatorAnswer | None:
    context = info.context
    asked = read_period(context, period, time_zone)
    items = (*(keys or ()), *(native or ()))
    if not items:
        message = "Nothing to measure was named."
        accepted = "`keys`, `native`, or both"
        raise BadInputError(message, argument="keys", accepted=accepted)
    members, channels = read_filter(filter)
    request = MeasureRequest(
        items=tuple(dict.fromkeys(str(item) for item in items)),
        start=asked.start,
        end=asked.end,
        zone=asked.time_zone,
        grain=granularity,
        group_by=grouping(group_by),
        filters=members,
        channels=channels,
    )
    answer = await indicators.measure(context, request, context.choose(platforms))
    across = indicators.combined(answer.series) if combined else []
    return answer_of(asked, answer, across)


def _catalogue(
    info: Info,
    keys: Annotated[
        list[IndicatorKey] | None,
        strawberry.argument(description="Which indicators; all if left out."),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
) -> list[IndicatorDefinition]:
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
    indicator_catalogue: list[IndicatorDefinition] = strawberry.field(
        description="What can be measured, and how each platform does so; asks no platform.",
        resolver=_catalogue,
    )
