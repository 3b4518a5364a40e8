"""What is asked of a named query: its variables, and what every file takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from strawberry import Schema

from gateway.queries.named import NamedQuery
from gateway.queries.reading import QueryReading
from gateway.queries.variables import read_variables
from gateway.rows.asking import FIELDS, OWN, FileRequest, request_of
from gateway.rows.forms import Form
from resolvers.context import RequestContext
from resolvers.rows.asking import parameters_of, read_request
from resolvers.rows.table import RowArgument, RowRequest

__all__ = ["asked_of_query", "parameters_of_query"]


def parameters_of_query(query: NamedQuery, form: Form) -> tuple[RowArgument, ...]:
    """Return all that a file of the query takes: its variables, and what every file takes."""
    fields = [one for one in parameters_of(query.table()) if one.name == FIELDS]
    return (*(one.argument for one in query.variables), *fields, *OWN, *form.options)


def asked_of_query(
    context: RequestContext,
    schema: Schema,
    query: NamedQuery,
    form: Form,
    parameters: Iterable[tuple[str, str]],
) -> FileRequest:
    """Return what is asked; raise BadInputError naming the parameter and what it accepts."""
    reading = QueryReading(schema, query)
    table = query.table(reading.page)

    def read(told: Mapping[str, str], _cursor: str | None) -> RowRequest:
        reading.told = told
        reading.variables = read_variables(query.variables, told, context, query.zone)
        # Its variables say what it is about, so that nothing else is left of what tables take.
        return read_request(context, table, {FIELDS: told.get(FIELDS)})

    asked = request_of(context, (table, form), parameters, parameters_of_query(query, form), read)
    # A table may have the same name.
    return msgspec.structs.replace(asked, question=("query", *asked.question))
