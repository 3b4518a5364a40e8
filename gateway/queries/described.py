"""What named queries there are, as JSON and by OpenAPI: parameters, columns, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from gateway.queries.asking import parameters_of_query
from gateway.queries.loading import Queries
from gateway.queries.named import NamedQuery
from gateway.queries.variables import Variable
from gateway.rows.described import column_told, forms_told, parameter_told
from gateway.rows.formats import FORMS
from gateway.rows.forms import Form
from gateway.rows.openapi import Described, Told, openapi, parameter
from resolvers.rows.table import RowTable

__all__ = ["openapi_of", "queries_told", "query_told"]

_TITLE = "Switchboard: named queries as files"
_DESCRIPTION = (
    "Queries that the operator has written, as flat rows. The same question finds the same bytes "
    "for a while; nothing is missing in silence."
)
_JSON_TYPES: Mapping[str, Told] = {
    "Int": {"type": "integer", "format": "int32"},
    "Float": {"type": "number", "format": "double"},
    "Boolean": {"type": "boolean"},
}
"""By the name of the scalar; all others are texts."""


def queries_told(every: Iterable[NamedQuery]) -> bytes:
    """Return the list of the queries, with what each takes and gives, and where it is found.

    Addresses are relative to that of the list.
    """
    listed = [_told(one) for one in every]
    return orjson.dumps({"openapi": "openapi.json", "forms": forms_told(), "queries": listed})


def query_told(query: NamedQuery) -> bytes:
    """Return the columns of a query; they are the same whatever rows there are."""
    columns = [column_told(one) for one in query.shape.columns]
    return orjson.dumps({"name": query.name, "columns": columns})


def openapi_of(queries: Queries, server: str) -> bytes:
    """Return the description of all files by OpenAPI 3.1."""

    def parameters(table: RowTable, form: Form) -> list[Told]:
        query = queries[table.name]
        variables = {one.name: one for one in query.variables}
        return [
            _variable_by_openapi(variables[one.name], parameter(one, table))
            if one.name in variables
            else parameter(one, table)
            for one in parameters_of_query(query, form)
        ]

    door = Described("/q/", _TITLE, _DESCRIPTION, parameters)
    return openapi([one.table() for one in queries.values()], server, door)


def _variable_by_openapi(variable: Variable, told: Told) -> Told:
    """Return a parameter with what is known of it beside what all have."""
    schema = told["schema"]
    assert isinstance(schema, dict)  # noqa: S101 (so parameters are told)
    one = schema["items"] if variable.argument.several else schema
    one |= _JSON_TYPES.get(variable.named.name, {})
    if "default" in schema:
        schema["default"] = variable.default
    return {**told, "required": variable.required}


def _told(query: NamedQuery) -> dict[str, object]:
    form, *_ = FORMS.values()
    of_form = {one.name for one in form.options}
    own = {one.name for one in query.variables}
    every = parameters_of_query(query, form)
    return {
        "name": query.name,
        "description": query.description,
        "files": {one: f"{query.name}.{one}" for one in FORMS},
        "schema": f"{query.name}/schema",
        "parameters": [
            *map(_variable, query.variables),
            *(parameter_told(one) for one in every if one.name not in own | of_form),
        ],
        "columns": [column_told(one) for one in query.shape.columns],
    }


def _variable(variable: Variable) -> dict[str, object]:
    return {
        **parameter_told(variable.argument),
        "type": variable.type,
        "required": variable.required,
        "accepts": variable.accepted,
    }
