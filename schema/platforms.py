"""Platforms: the configured accounts, what each can do, and what it measures."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers.node_ids import NodeKind, node_id
from schema.context import Info
from schema.nodes import Node
from vendors import port
from vendors.capabilities import Capability
from vendors.http.health import HealthState
from vendors.measures import Figure, Merge, Unit

__all__ = ["PLATFORMS", "NativeFigure", "Platform", "PlatformQuery"]

PLATFORMS = strawberry.argument(
    description="The keys of the platforms to ask; all that the caller sees if left out."
)


@strawberry.type(description="One figure of a platform under the vendor's own name.")
class NativeFigure:
    """A figure that `indicators(native:)` takes."""

    name: str = strawberry.field(description="The name to ask for it by: `vendor.figure`.")
    title: str = strawberry.field(description="What the vendor calls it.")
    description: str = strawberry.field(description="What it measures.")
    unit: Unit = strawberry.field(description="Its unit, after conversion.")
    merge: Merge = strawberry.field(description="How several of its values become one.")
    caveat: str | None = strawberry.field(description="What to know before it is compared.")
    drill_through: bool = strawberry.field(
        description="Whether the events that it counts can be listed: see `drillThrough`."
    )
    deprecated: str | None = strawberry.field(
        description="Why the vendor no longer wants it used, where that is so."
    )


@strawberry.type(description="What the platform last said of its rate limit, in its own words.")
class RateLimit:
    """The headers of the last answer; platforms differ in how they write them."""

    limit: str | None = strawberry.field(description="How much is allowed.")
    remaining: str | None = strawberry.field(description="How much of it is left.")
    reset: str | None = strawberry.field(description="When it begins anew.")


@strawberry.type(description="How a platform has fared lately, seen from here without asking it.")
class PlatformHealth:
    """A snapshot of what its last calls have shown."""

    state: HealthState = strawberry.field(description="What all of this amounts to.")
    last_success_at: datetime | None = strawberry.field(description="When a call last succeeded.")
    last_failure_at: datetime | None = strawberry.field(description="When a call last failed.")
    last_failure_code: str | None = strawberry.field(description="Why it failed.")
    median_seconds: float | None = strawberry.field(
        description="The median time of its last calls that succeeded."
    )
    in_flight: int = strawberry.field(description="Calls that are under way.")
    rate_limit: RateLimit | None = strawberry.field(
        description="What it last said of its rate limit; null if it says nothing."
    )
    deprecation: str | None = strawberry.field(
        description="What it announced of the end of the vendor's version."
    )


def _health(root: Parent[port.Platform]) -> PlatformHealth | None:
    return None if root.health is None else root.health()  # type: ignore[return-value]  # the type reads the record


def _id(root: Parent[port.Platform], info: Info) -> strawberry.ID:
    sealer = info.context.services.sealer
    return strawberry.ID(node_id(sealer, NodeKind.PLATFORM, root.key, ""))


def _capabilities(root: Parent[port.Platform]) -> list[Capability]:
    return [one for one in Capability if one in root.capabilities]


def _native(root: Parent[port.Platform]) -> list[NativeFigure]:
    if root.measures is None:
        return []
    figures = root.measures.measurables.figures.values()
    listed = {} if root.drill_through is None else root.drill_through.drillable
    return [_native_figure(root.vendor, one, listed=one.name in listed) for one in figures]


def _native_figure(vendor: str, figure: Figure, *, listed: bool) -> NativeFigure:
    return NativeFigure(
        name=f"{vendor}.{figure.name}",
        title=figure.title,
        description=figure.description or figure.title,
        unit=figure.unit,
        merge=figure.merge,
        caveat=figure.caveat,
        drill_through=listed,
        deprecated=figure.deprecated,
    )


@strawberry.type(description="One configured account of a vendor.")
class Platform(Node):
    """A platform."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same platform, for ever.", resolver=_id
    )
    key: str = strawberry.field(description="The name by which queries know it.")
    title: str = strawberry.field(description="The name for people.")
    vendor: str = strawberry.field(description="The kind of system.")
    vendor_title: str = strawberry.field(description="The kind of system, for people.")
    time_zone: str = strawberry.field(description="The account's IANA time zone.")
    capabilities: list[Capability] = strawberry.field(
        description="What it can do; what is not here is never asked of it.",
        resolver=_capabilities,
    )
    health: PlatformHealth | None = strawberry.field(
        description="How it has fared lately, without asking it.", resolver=_health
    )
    native_figures: list[NativeFigure] = strawberry.field(
        description="The figures that it gives under the vendor's own names.", resolver=_native
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a platform."""
        return isinstance(value, port.Platform)


def platform_named(info: Info, key: str) -> port.Platform:
    """Return the platform of that key, which a record of it named."""
    return info.context.platforms[key]


def _platforms(
    info: Info,
    only: Annotated[list[str] | None, PLATFORMS] = None,
) -> list[Platform] | None:
    return list(info.context.choose(only, "only"))  # type: ignore[arg-type]  # the type reads the record


@strawberry.type
class PlatformQuery:
    """The part of Query that is about platforms."""

    platforms: list[Platform] | None = strawberry.field(
        description="The platforms that the caller sees, without asking any of them.",
        resolver=_platforms,
    )
