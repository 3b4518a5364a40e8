"""Series of figures as callers read them: what was measured, of whom, and by bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
import strawberry
from strawberry import Parent

from resolvers import periods
from resolvers.planner import series
from schema.context import Info
from schema.explanations import Explanation
from schema.failures import PlatformFailure, SourceStatus
from schema.paging import FIRST
from schema.platforms import Platform, platform_named
from schema.windows import Period
from vendors.errors import BadInputError, PlatformError
from vendors.measures import Dimension, Merge, Unit
from vendors.records import Channel

__all__ = ["GroupMember", "IndicatorAnswer", "IndicatorDefinition", "answer_of"]

_PURPOSE = "series"
AFTER_SERIES = strawberry.argument(description="Go on behind the series of this `cursor`.")


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
    # Clients keep what has an `id` under it, as one thing; a member's is one of its dimension only.
    id: str = strawberry.field(name="nativeId", description="The platform's own id of the member.")
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


def _cursor(root: Parent[series.Series], info: Info) -> str:
    return info.context.services.sealer.seal(_PURPOSE, _named(root))


def _named(one: series.Series) -> bytes:
    """Return what tells a series from every other of its answer."""
    return msgspec.json.encode(one.identity)


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
    comparison: Annotated["IndicatorSeries", strawberry.lazy("schema.series")] | None = (
        strawberry.field(
            description="The same in the period that `compareWith` names; null without one."
        )
    )
    change: float | None = strawberry.field(
        description=(
            "By what share of the earlier value the value differs from it: 0.25 is a quarter "
            "more. Null where one of them is not known, the earlier one is zero, or they are "
            "not of the same platforms."
        )
    )
    note: str | None = strawberry.field(
        description="Why a value is null, or what it lacks, where that is known."
    )
    explain: list[Explanation] = strawberry.field(
        description="How the values came about, for each platform that is in them.",
        resolver=lambda root: root.explanations,
    )
    cursor: str = strawberry.field(
        description="Where the series behind this one begin, for `series(after:)`.",
        resolver=_cursor,
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the type IndicatorAnswer reads."""

    period: periods.Period
    compared_period: periods.Period | None
    every: Sequence[series.Series]
    failures: object
    sources: object


def _page(
    root: Parent[_Answer],
    info: Info,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER_SERIES] = None,
) -> list[IndicatorSeries]:
    if first is None and after is None:
        return root.every  # type: ignore[return-value]  # the type reads the record
    begin = 0 if after is None else _place_behind(root.every, after, info)
    size = len(root.every) if first is None else info.context.page_size(first)
    return root.every[begin : begin + size]  # type: ignore[return-value]  # the type reads the record


def _place_behind(every: Sequence[series.Series], after: str, info: Info) -> int:
    """Return the place behind the series of that cursor; raise BadInputError if there is none."""
    name = info.context.services.sealer.unseal(_PURPOSE, after)
    for place, one in enumerate(every, 1):
        if _named(one) == name:
            return place
    message = "There is no series of this cursor in the answer."
    raise BadInputError(message, argument="after", accepted="a `cursor` of the same question")


@strawberry.type(description="What was measured, and what became of each platform.")
class IndicatorAnswer:
    """The answer of `indicators`."""

    period: Period = strawberry.field(description="The period that was measured.")
    compared_period: Period | None = strawberry.field(
        description="The period that it is compared with; null without `compareWith`."
    )
    series: list[IndicatorSeries] = strawberry.field(
        description=(
            "One for each indicator, platform and group; combined ones come last. All of them, "
            "or a page where `first` is given."
        ),
        resolver=_page,
    )
    series_count: int = strawberry.field(
        description="How many series there are on all pages.",
        resolver=lambda root: len(root.every),
    )
    failures: list[PlatformFailure] = strawberry.field(
        description="The platforms whose part is missing, and why."
    )
    sources: list[SourceStatus] = strawberry.field(description="Each platform's share.")


def answer_of(
    period: periods.Period,
    answer: series.MeasureAnswer,
    *,
    across: Sequence[series.Series] = (),
    compared: periods.Period | None = None,
) -> IndicatorAnswer:
    """Return the answer for callers, with the series across platforms behind their own."""
    every = (*answer.series, *across)
    return _Answer(period, compared, every, answer.failures, answer.sources)  # type: ignore[return-value]  # the type reads the record
