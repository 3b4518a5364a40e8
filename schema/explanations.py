"""How values came about."""

from datetime import datetime

import strawberry

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers.planner.explain import FigureRole
from vendors.measures import Dimension, Grain, Merge, Unit

__all__ = ["Explanation"]


@strawberry.type(description="One of a platform's own figures behind a value.")
class ExplainedFigure:
    """A figure, how it was asked for, and the state of its parts."""

    name: str = strawberry.field(description="Its name, in the vendor's words.")
    title: str = strawberry.field(description="Its name for people.")
    role: FigureRole = strawberry.field(description="What it is to the value.")
    unit: Unit = strawberry.field(description="Its unit, after conversion.")
    merge: Merge = strawberry.field(description="How several of its values become one.")
    conversion: str | None = strawberry.field(
        description="How the vendor's value became this one; null where it is taken as it is."
    )
    endpoint: str = strawberry.field(description="The vendor's endpoint that tells it.")
    granularity: Grain = strawberry.field(
        description="The buckets that it was asked for in; TOTAL: each part with exact bounds."
    )
    live: int = strawberry.field(description="How many of its parts were asked for now.")
    cached: int = strawberry.field(description="How many were kept, and are still fresh or final.")
    stale: int = strawberry.field(description="How many are older than they should be.")
    missing: int = strawberry.field(description="How many could not be had.")
    as_of: datetime | None = strawberry.field(description="When the oldest of them was asked for.")


@strawberry.type(description="One call to a platform that was made for this answer.")
class ExplainedCall:
    """What was asked, without the ids of people."""

    endpoint: str = strawberry.field(description="The vendor's endpoint.")
    start: datetime = strawberry.field(description="The first instant of its window.")
    end: datetime = strawberry.field(description="The instant at which the window ends.")
    granularity: Grain = strawberry.field(description="The size of the buckets it asked for.")
    figures: list[str] = strawberry.field(description="The figures that it asked for.")
    group_by: list[Dimension] = strawberry.field(description="What it told apart.")
    restricted_by: list[Dimension] = strawberry.field(description="What it was restricted by.")
    parameters: list[str] = strawberry.field(
        description="The names of the parameters that it was told."
    )


@strawberry.type(description="How one platform's value came about.")
class Explanation:
    """Formula, figures, calls and caveats."""

    platform: str = strawberry.field(description="The key of the platform.")
    merge: Merge = strawberry.field(description="How parts were made one value.")
    formula: str = strawberry.field(description="How the vendor's figures make the value.")
    weighed_by: str | None = strawberry.field(
        description="What weighs it, or what it is divided by; null where nothing does."
    )
    figures: list[ExplainedFigure] = strawberry.field(description="The figures behind it.")
    calls: list[ExplainedCall] = strawberry.field(
        description="The calls that were made for it now; none where all of it was kept."
    )
    caveats: list[str] = strawberry.field(
        description="What to know before it is compared with other platforms."
    )
