"""What is asked of one entity set: rows of a table, and what is done with them then.

Beside OData's own options, each table takes the parameters that it takes at every door, by the same
names: `from`, `to`, `tz`, `bucket`... What is not known is refused, by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from gateway.odata.addresses import Asked
from gateway.odata.pushing import pushed
from gateway.odata.refusals import unsupported
from gateway.odata.service import EntitySet
from gateway.odata.terms import Call, Column, Constant, Term, columns_of
from resolvers.context import RequestContext
from resolvers.rows.asking import parameters_of, read_request
from resolvers.rows.columns import RowColumn
from resolvers.rows.table import RowArgument, RowRequest, RowTable
from vendors.buckets import zone
from vendors.errors import BadInputError

__all__ = ["PARTIAL", "Question", "check_parameters", "question_of"]

PARTIAL = RowArgument(
    name="partial",
    description="Whether rows of platforms that fail may be missing: `X-Sources` tells.",
    choices=("refuse", "allow"),
    default=("refuse",),
)
_FIELDS = "fields"
_BOUNDS = ("from", "to")
_FILTER = "$filter"
_OWN = ("$", "@")
"""What begins with these is of OData."""
_LAID_ASIDE = frozenset({"$skip", "$top", "$count", "$skiptoken"})
_UNUSED_BY_KEY = ("$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of one entity set."""

    entity_set: EntitySet
    asked: Asked
    rows: RowRequest
    filter: Term | None
    columns: tuple[RowColumn, ...]
    """What is shown, in its order."""
    partial: bool
    possible: bool
    """Whether any row can be meant; if not, nothing is asked of any platform."""
    options: tuple[tuple[str, str], ...]
    """The options that a next page, or another row of the table, is asked with as well."""
    bounds: Mapping[str, str]
    """The parameters of the period that the filter means."""


def check_parameters(sets: Iterable[EntitySet], query: str) -> None:
    """Raise BadInputError for a parameter that no table takes.

    Some clients send the parameters of a table with every question to the service.
    """
    taken = {name: None for one in sets for name in _taken(one.table)}
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name[:1] not in _OWN and name not in taken:
            message = f"No table takes `{name}`."
            raise BadInputError(message, argument=name, accepted=list(taken))


def question_of(
    context: RequestContext, entity_set: EntitySet, asked: Asked, query: str
) -> Question:
    """Return what is asked; raise BadInputError naming what is not acceptable, or RefusedError."""
    options = tuple(parse_qsl(query, keep_blank_values=True))
    if asked.key is not None:
        _check_single(options)
    table = entity_set.table
    told = _told(table, options)
    partial = _partial(told.pop(PARTIAL.name, None))
    term = _meant(asked)
    plain = read_request(context, table, told, after=asked.skiptoken)
    now = (plain.at or context.clock.now()).astimezone(zone(plain.period.time_zone))
    found = pushed(term, table, told, now, context.platforms)
    parameters = {**told, **found.parameters} if found.possible else told
    columns = _columns(entity_set, asked)
    wanted = _wanted(table, asked, term, columns)
    try:
        rows = read_request(context, table, parameters, fields=wanted, after=asked.skiptoken)
    except BadInputError as error:
        # What the caller has told was read before.
        accepted = error.extensions.get("accepted")
        raise BadInputError(str(error), argument=_FILTER, accepted=accepted) from error
    return Question(
        entity_set=entity_set,
        asked=asked,
        rows=rows,
        filter=term,
        columns=columns,
        partial=partial,
        possible=found.possible,
        options=tuple(one for one in options if one[0] not in _LAID_ASIDE),
        bounds={name: parameters[name] for name in _BOUNDS if name in parameters.keys() - told},
    )


def _check_single(options: Iterable[tuple[str, str]]) -> None:
    for name, _ in options:
        if name in _UNUSED_BY_KEY:
            raise unsupported(f"`{name}` for a single entity", name)


def _told(table: RowTable, options: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that are not empty; what stands there several times is a list."""
    taken = _taken(table)
    told: dict[str, str] = {}
    for name, text in options:
        if name[:1] in _OWN:
            continue
        if name not in taken:
            message = f"The table `{table.name}` does not take `{name}`."
            raise BadInputError(message, argument=name, accepted=list(taken))
        if name in told and not taken[name].several:
            message = f"`{name}` stands there twice."
            raise BadInputError(message, argument=name, accepted="one value")
        if text.strip(", "):
            told[name] = f"{told[name]},{text}" if name in told else text
    return told


def _taken(table: RowTable) -> Mapping[str, RowArgument]:
    """Return what the table takes here; its columns are chosen by `$select`."""
    return {one.name: one for one in (*parameters_of(table), PARTIAL) if one.name != _FIELDS}


def _partial(text: str | None) -> bool:
    value = PARTIAL.default[0] if text is None else text.strip().lower()
    if value not in PARTIAL.choices:
        message = f"`{PARTIAL.name}` has no value {value!r}."
        raise BadInputError(message, argument=PARTIAL.name, accepted=PARTIAL.choices)
    return value == "allow"


def _meant(asked: Asked) -> Term | None:
    """Return the filter; a key is one, too."""
    if asked.key is None:
        return asked.filter
    parts = (Call("eq", (Column(name), Constant(value))) for name, value in asked.key.items())
    return Call("and", tuple(parts))


def _columns(entity_set: EntitySet, asked: Asked) -> tuple[RowColumn, ...]:
    if asked.counted:
        return ()
    if asked.select is None:
        return entity_set.table.columns
    return tuple(entity_set.columns[name] for name in asked.select)


def _wanted(
    table: RowTable, asked: Asked, term: Term | None, columns: Iterable[RowColumn]
) -> frozenset[str]:
    """Return what has to be known of each row, be it shown or not."""
    terms = [term, *(one for one, _ in asked.order)]
    spoken = (name for one in terms if one is not None for name in columns_of(one))
    return frozenset((*table.key, *(one.name for one in columns), *spoken))
