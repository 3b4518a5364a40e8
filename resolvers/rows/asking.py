"""What callers ask of a table, read from texts in one way for every door.

All tables take `tz`, `platform` and `fields`, dated ones `from` and `to`, those with an incremental
column `updated_since`, and each its own arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from resolvers.context import RequestContext
from resolvers.paging import begun_at
from resolvers.periods import Period
from resolvers.rows.moments import MOMENTS, read_moment, read_period, read_period_ahead
from resolvers.rows.table import RowArgument, RowRequest, RowTable
from vendors.buckets import zone
from vendors.errors import BadInputError

__all__ = ["parameters_of", "read_request", "size_of"]

_ZONE = RowArgument(
    name="tz",
    description="The IANA time zone of local dates, hours and buckets, such as Europe/Paris.",
)
_PLATFORM = RowArgument(
    name="platform",
    description="The keys of the platforms to ask; all that the caller sees if left out.",
    several=True,
)
_FIELDS = RowArgument(
    name="fields", description="The columns that are wanted; all if left out.", several=True
)
_FROM = RowArgument(name="from", description=f"The first instant: {MOMENTS}.")
_TO = RowArgument(name="to", description="The instant at which the period ends, not in it.")
_SINCE = RowArgument(
    name="updated_since",
    description="Only rows whose incremental column is not before this moment.",
)


def parameters_of(table: RowTable) -> tuple[RowArgument, ...]:
    """Return all that `read_request` takes for the table: what every table takes, and its own."""
    dated = (_FROM, _TO) if table.dated else ()
    since = (_SINCE,) if table.incremental else ()
    return (*dated, *since, _ZONE, _PLATFORM, _FIELDS, *table.arguments)


def read_request(
    context: RequestContext,
    table: RowTable,
    given: Mapping[str, str | None],
    *,
    fields: frozenset[str] | None = None,
    after: str | None = None,
) -> RowRequest:
    """Return what is asked; a parameter that is None or empty counts as left out.

    `fields` are the wanted columns of callers who say so otherwise than by the parameter. What is
    told in relation to now is about the moment of the first page, which the cursor `after` holds.

    Raises BadInputError naming the parameter and what it accepts, for one that the table does not
    take as well.
    """
    told = {name: text for name, text in given.items() if text and text.strip(", ")}
    _check_names(told, table)
    where = _zone(context, told.get(_ZONE.name))
    now = begun_at(context.services.sealer, after) or context.clock.now()
    text = told.get(_SINCE.name)
    since = None if text is None else read_moment(text, where, now, _SINCE.name)
    return RowRequest(
        period=_period(table, told, where, now, since),
        platforms=_platforms(context, told.get(_PLATFORM.name)),
        arguments={
            one.name: _values(one, told[one.name]) for one in table.arguments if one.name in told
        },
        fields=fields if fields is not None else _fields(table, told.get(_FIELDS.name)),
        updated_since=since,
        at=now,
    )


def _period(
    table: RowTable,
    told: Mapping[str, str],
    where: ZoneInfo,
    now: datetime,
    since: datetime | None,
) -> Period:
    bounds = told.get(_FROM.name), told.get(_TO.name)
    if table.ahead:
        return read_period_ahead(*bounds, where, now, since)
    return read_period(*bounds, where, now)


def _zone(context: RequestContext, text: str | None) -> ZoneInfo:
    try:
        return zone(context.zone_name(text))
    except BadInputError as error:
        message = str(error)
        raise BadInputError(message, argument=_ZONE.name, accepted="an IANA time zone") from error


def size_of(context: RequestContext, first: int | None) -> int:
    """Return how many rows a page holds; raise BadInputError where that is not allowed."""
    limits = context.services.limits
    size = min(limits.rows_per_page, limits.most_rows_per_page) if first is None else first
    if not 1 <= size <= limits.most_rows_per_page:
        message = f"Cannot give {size} rows at once."
        accepted = f"1 to {limits.most_rows_per_page}"
        raise BadInputError(message, argument="first", accepted=accepted)
    return size


def _check_names(told: Iterable[str], table: RowTable) -> None:
    taken = [one.name for one in parameters_of(table)]
    for name in told:
        if name not in taken:
            message = f"The table `{table.name}` does not take `{name}`."
            raise BadInputError(message, argument=name, accepted=taken)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for one in text.split(",") if (part := one.strip())))


def _platforms(context: RequestContext, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return tuple(one.key for one in context.choose(_listed(text), _PLATFORM.name))


def _fields(table: RowTable, text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    for name in (names := _listed(text)):
        if name not in table.names:
            message = f"The table `{table.name}` has no column `{name}`."
            raise BadInputError(message, argument=_FIELDS.name, accepted=list(table.names))
    return frozenset(names)


def _values(argument: RowArgument, text: str) -> tuple[str, ...]:
    """Return the values, each once; those that are choices in the case in which these are."""
    words = {choice.casefold(): choice for choice in argument.choices}
    told = _listed(text) if argument.several else (text.strip(),)
    values = tuple(dict.fromkeys(words.get(value.casefold(), value) for value in told))
    for value in values if words else ():
        if value not in argument.choices:
            message = f"`{argument.name}` has no value {value!r}."
            raise BadInputError(message, argument=argument.name, accepted=argument.choices)
    if argument.most is not None and len(values) > argument.most:
        message = f"`{argument.name}` takes {argument.most} values at most."
        accepted = f"{argument.most} values or fewer"
        raise BadInputError(message, argument=argument.name, accepted=accepted)
    return values
