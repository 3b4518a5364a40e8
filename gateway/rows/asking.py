"""What is asked of the file door: a table, a form, and parameters, read from an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import msgspec

from gateway.rows.forms import Form, Options
from resolvers.context import RequestContext, Scope
from resolvers.rows.asking import parameters_of, read_request
from resolvers.rows.columns import RowColumn
from resolvers.rows.table import RowArgument, RowRequest, RowTable
from vendors.errors import BadInputError

__all__ = ["FIELDS", "OWN", "FileRequest", "asked_of", "parameters_for", "request_of"]

_LIMIT = RowArgument(name="limit", description="How many rows at most; all if left out.")
_CURSOR = RowArgument(
    name="cursor", description="Where to go on: `next_cursor` of an answer with a limit."
)
_ORDER = RowArgument(
    name="order",
    description="The columns by which all rows are sorted, `-` before those that fall; empty cells "
    "come last. It takes neither `limit` nor `cursor`.",
    several=True,
)
_PARTIAL = RowArgument(
    name="partial",
    description="Whether rows of platforms that fail may be missing: `X-Sources` tells.",
    choices=("refuse", "allow"),
    default=("refuse",),
)
_WAIT = RowArgument(
    name="wait",
    description="How many seconds to wait at most: what takes longer is answered by 202, and by a "
    "`Location` where it is told how far it has come. Without it the answer is waited for.",
)
OWN = (_LIMIT, _CURSOR, _ORDER, _PARTIAL, _WAIT)
"""What every file takes, whatever it is made of."""
FIELDS = "fields"
"""By which the wanted columns are named."""
_MOST_DIGITS = 9


class FileRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of which columns, in which form."""

    table: RowTable
    form: Form
    rows: RowRequest
    columns: tuple[RowColumn, ...]
    options: Options
    order: tuple[tuple[str, bool], ...] = ()
    """Columns to sort by, and whether they fall."""
    limit: int | None = None
    cursor: str | None = None
    partial: bool = False
    wait: int | None = None
    """How many seconds the caller waits for it; None: as long as it takes."""
    question: tuple[object, ...] = ()
    """What is the same wherever the same bytes are meant."""


@cache
def parameters_for(table: RowTable, form: Form) -> tuple[RowArgument, ...]:
    """Return all that a file takes: what the table takes, the door's own, and the form's."""
    return (*parameters_of(table), *OWN, *form.options)


def asked_of(
    context: RequestContext, table: RowTable, form: Form, query: Iterable[tuple[str, str]]
) -> FileRequest:
    """Return what is asked; raise BadInputError naming the parameter and what it accepts."""

    def read(told: Mapping[str, str], cursor: str | None) -> RowRequest:
        return read_request(context, table, told, after=cursor)

    return request_of(context, (table, form), query, parameters_for(table, form), read)


def request_of(
    context: RequestContext,
    file: tuple[RowTable, Form],
    query: Iterable[tuple[str, str]],
    parameters: Sequence[RowArgument],
    read: Callable[[Mapping[str, str], str | None], RowRequest],
) -> FileRequest:
    """Return what is asked of a file that takes these parameters.

    `read` is told those that are not the door's own or the form's, and where to go on. Raises
    BadInputError.
    """
    table, form = file
    told = _told(f"{table.name}.{form.name}", parameters, query)
    own = {one.name: told.pop(one.name, None) for one in (*OWN, *form.options)}
    rows = read(told, own[_CURSOR.name])
    order = _order(table, own)
    sorting = frozenset(name for name, _ in order)
    wanted = None if rows.fields is None else rows.fields | sorting
    return FileRequest(
        table=table,
        form=form,
        rows=msgspec.structs.replace(rows, fields=wanted),
        columns=_columns(table, rows, told.get(FIELDS)),
        options={one.name: _choice(one, own[one.name]) for one in form.options},
        order=order,
        limit=_number(_LIMIT, own[_LIMIT.name], 1),
        cursor=own[_CURSOR.name],
        partial=_choice(_PARTIAL, own[_PARTIAL.name]) == "allow",
        wait=_number(_WAIT, own.pop(_WAIT.name), 0),
        question=_question(context, table, form, {**told, **own}),
    )


def _told(
    file: str, parameters: Iterable[RowArgument], query: Iterable[tuple[str, str]]
) -> dict[str, str]:
    """Return the parameters that are not empty; what stands there several times is a list."""
    known = {one.name: one for one in parameters}
    told: dict[str, str] = {}
    for name, text in query:
        if name not in known:
            message = f"`{file}` does not take `{name}`."
            raise BadInputError(message, argument=name, accepted=list(known))
        if not text.strip(" "):
            continue
        if name in told and not known[name].several:
            accepted = "one value"
            message = f"`{name}` stands there twice."
            raise BadInputError(message, argument=name, accepted=accepted)
        told[name] = f"{told[name]},{text}" if name in told else text
    return told


def _choice(argument: RowArgument, text: str | None) -> str:
    value = argument.default[0] if text is None else text.strip(" ").lower()
    if value not in argument.choices:
        message = f"`{argument.name}` has no value {value!r}."
        raise BadInputError(message, argument=argument.name, accepted=argument.choices)
    return value


def _number(argument: RowArgument, text: str | None, least: int) -> int | None:
    if text is None:
        return None
    digits = text.strip()
    plain = digits.isdecimal() and digits.isascii() and len(digits) <= _MOST_DIGITS
    if not plain or int(digits) < least:
        message = f"`{argument.name}` is no such number."
        accepted = f"a whole number from {least}"
        raise BadInputError(message, argument=argument.name, accepted=accepted)
    return int(digits)


def _order(table: RowTable, own: Mapping[str, str | None]) -> tuple[tuple[str, bool], ...]:
    told = [part for one in (own[_ORDER.name] or "").split(",") if (part := one.strip())]
    for name in told:
        if name.removeprefix("-") not in table.names:
            message = f"The table `{table.name}` has no column `{name.removeprefix('-')}`."
            raise BadInputError(message, argument=_ORDER.name, accepted=list(table.names))
    for other in (_LIMIT.name, _CURSOR.name) if told else ():
        if own[other] is not None:
            message = f"`order` sorts all rows, and takes no `{other}` beside it."
            accepted = f"`order` or `{other}`"
            raise BadInputError(message, argument=_ORDER.name, accepted=accepted)
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in told)


def _columns(table: RowTable, rows: RowRequest, fields: str | None) -> tuple[RowColumn, ...]:
    """Return the wanted columns, in the order in which they were named."""
    if rows.fields is None or fields is None:
        return table.columns
    named = {column.name: column for column in table.columns}
    told = dict.fromkeys(part.strip() for part in fields.split(",") if part.strip())
    return tuple(named[name] for name in told)


def _question(
    context: RequestContext, table: RowTable, form: Form, told: Mapping[str, str | None]
) -> tuple[object, ...]:
    """Return what is asked and how much of it the caller sees, whoever that is.

    Moments stand there as they were told: `-7d` is the same question a minute later.
    """
    seen = (tuple(sorted(context.platforms)), Scope.PERSONAL in context.principal.scopes)
    parameters = tuple(sorted((name, text) for name, text in told.items() if text is not None))
    return (table.name, form.name, seen, parameters)
