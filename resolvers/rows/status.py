"""The table of platforms: what each is and can do, and how it has fared, without asking it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from resolvers.context import RequestContext
from resolvers.paging import Cursor, fingerprint, resumed, sealed
from resolvers.rows.columns import Cell, RowColumn, RowType
from resolvers.rows.listing import Field, dated, field_of
from resolvers.rows.table import RowPage, RowRequest, RowTable
from vendors.buckets import zone
from vendors.capabilities import Capability
from vendors.http.health import Health
from vendors.measures import Unit
from vendors.port import Platform

__all__ = ["PLATFORMS"]


class _Status(NamedTuple):
    platform: Platform
    health: Health | None

    @property
    def state(self) -> Cell:
        return None if self.health is None else self.health.state.value

    @property
    def succeeded_at(self) -> datetime | None:
        return None if self.health is None else self.health.last_success_at

    @property
    def failed_at(self) -> datetime | None:
        return None if self.health is None else self.health.last_failure_at

    @property
    def capabilities(self) -> str:
        return ",".join(one.value for one in Capability if one in self.platform.capabilities)


def _of_platform(name: str, description: str) -> Field:
    return field_of(name, description, of=f"platform.{name}")


def _of_health(
    name: str, description: str, kind: RowType = RowType.TEXT, unit: Unit | None = None
) -> Field:
    return field_of(name, description, kind, of=lambda one: _seen(one, name), unit=unit)


def _seen(one: _Status, name: str) -> Cell:
    value: Cell = getattr(one.health, name, None)
    return value


def _of_limit(name: str, description: str, of: str) -> Field:
    def get(one: _Status) -> Cell:
        said = None if one.health is None else one.health.rate_limit
        value: Cell = getattr(said, of, None)
        return value

    return field_of(name, description, of=get)


_FIELDS = (
    field_of("platform", "The key of the platform.", of="platform.key"),
    _of_platform("title", "Its name for people."),
    _of_platform("vendor", "The kind of system."),
    _of_platform("vendor_title", "The kind of system, for people."),
    _of_platform("time_zone", "The account's IANA time zone."),
    field_of("capabilities", "What it can do, with commas between."),
    field_of("state", "How it fares, as far as its last calls have shown."),
    *dated("last_success_at", "When a call last succeeded.", of="succeeded_at"),
    *dated("last_failure_at", "When a call last failed.", of="failed_at"),
    _of_health("last_failure_code", "Why it failed."),
    _of_health(
        "median_seconds",
        "The median time of its last calls that succeeded.",
        RowType.NUMBER,
        Unit.SECONDS,
    ),
    _of_health("in_flight", "Calls that are under way.", RowType.INTEGER),
    _of_limit("rate_limit", "How much it last said is allowed, in its own words.", "limit"),
    _of_limit("rate_limit_remaining", "How much of that it said is left.", "remaining"),
    _of_limit("rate_limit_reset", "When it said that it begins anew.", "reset"),
    _of_health("deprecation", "What it announced of the end of the vendor's version."),
)


async def _read(
    context: RequestContext, request: RowRequest, first: int, after: str | None
) -> RowPage:
    """Return the platforms behind the cursor; none of them is asked."""
    chosen = context.choose(request.platforms)
    sealer = context.services.sealer
    question = fingerprint("rows", "platforms", [one.key for one in chosen])
    begun = resumed(sealer, after, Cursor(question))
    behind = [one for one in chosen if one.key not in begun.positions]
    shown = behind[:first]
    where = zone(request.period.time_zone)
    told = [_Status(one, one.health() if one.health else None) for one in shown]
    steps = [(one.key, None) for one in shown]
    return RowPage(
        rows=tuple(tuple(field.value(one, where) for field in _FIELDS) for one in told),
        end_cursor=sealed(sealer, begun.moved(steps)) if shown else None,
        has_next=len(behind) > len(shown),
    )


_COLUMNS: tuple[RowColumn, ...] = tuple(one.column for one in _FIELDS)

PLATFORMS = RowTable(
    name="platforms",
    noun="platform",
    title="Platforms",
    description="The platforms that the caller sees, and how each has fared lately.",
    columns=_COLUMNS,
    key=("platform",),
    read=_read,
)
"""The table of platforms."""
