"""The periods that callers may name."""

from datetime import datetime

import strawberry

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers import periods
from resolvers.context import RequestContext
from resolvers.periods import CalendarPeriod, PeriodUnit
from vendors.buckets import zone

__all__ = ["PERIOD", "TIME_ZONE", "Period", "PeriodInput", "read_period"]

TIME_ZONE = strawberry.argument(
    description="The IANA time zone of days, weeks and months, such as Europe/Paris.",
)
PERIOD = strawberry.argument(description="The period that is asked about.")


@strawberry.input(description="From one instant until before another.")
class BetweenInput:
    """A half-open interval."""

    from_: datetime = strawberry.field(name="from", description="The first instant.")
    to: datetime = strawberry.field(description="The instant at which it ends, not in it.")


@strawberry.input(description="The present unit and those before it, whole.")
class LastInput:
    """Some units of time, counted back from now."""

    count: int = strawberry.field(description="How many, the present one among them.")
    unit: PeriodUnit = strawberry.field(description="Of what.")


@strawberry.input(one_of=True, description="A period, named in one of three ways.")
class PeriodInput:
    """Exactly one of the members is given."""

    between: BetweenInput | None = strawberry.field(
        description="From one instant until before another.", default=strawberry.UNSET
    )
    last: LastInput | None = strawberry.field(
        description="Some hours, days, weeks or months back from now.", default=strawberry.UNSET
    )
    calendar: CalendarPeriod | None = strawberry.field(
        description="A period that the calendar names.", default=strawberry.UNSET
    )


@strawberry.type(description="A half-open period, and the zone in which it was meant.")
class Period:
    """An interval of instants."""

    start: datetime = strawberry.field(description="Its first instant.")
    end: datetime = strawberry.field(description="The instant at which it ends, not in it.")
    time_zone: str = strawberry.field(description="The IANA time zone in which it was meant.")


_DEFAULT_DAYS = 7


def read_period(
    context: RequestContext, given: PeriodInput | None, time_zone: str | None
) -> periods.Period:
    """Return the period that was asked for, the last seven days where none was.

    Raises BadInputError for zones, orders and lengths that are not acceptable.
    """
    where = zone(context.zone_name(time_zone))
    now = context.clock.now()
    if given is not None and given.between:
        return periods.between(given.between.from_, given.between.to, where)
    if given is not None and given.last:
        return periods.last(given.last.count, given.last.unit, where, now)
    if given is not None and given.calendar:
        return periods.calendar(given.calendar, where, now)
    return periods.last(_DEFAULT_DAYS, PeriodUnit.DAY, where, now)
