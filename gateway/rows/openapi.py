"""The description of the file door by OpenAPI 3.1, made of the tables themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from gateway import __version__
from gateway.rows.asking import parameters_for
from gateway.rows.formats import FORMS
from gateway.rows.forms import Form
from resolvers.rows.columns import RowColumn, RowType
from resolvers.rows.table import RowArgument, RowTable

__all__ = ["Described", "Told", "openapi", "parameter"]

Told = dict[str, object]

_PROBLEM = {"$ref": "#/components/responses/Problem"}
_UNCHANGED = {"description": "What the caller has already is still the same."}
_TYPES: Mapping[RowType, Told] = {
    RowType.TEXT: {"type": ["string", "null"]},
    RowType.INTEGER: {"type": ["integer", "null"], "format": "int32"},
    RowType.NUMBER: {"type": ["number", "null"], "format": "double"},
    RowType.BOOLEAN: {"type": ["boolean", "null"]},
    RowType.INSTANT: {"type": ["string", "null"], "format": "date-time"},
    RowType.DATE: {"type": ["string", "null"], "format": "date"},
}
_KEY_TYPES: Mapping[RowType, object] = {
    RowType.TEXT: "string",
    RowType.INTEGER: "integer",
    RowType.INSTANT: "string",
}
"""Those of columns that are never null."""
_INTEGERS: Mapping[str, int] = {"limit": 1, "wait": 0}
_REFUSALS = ("400", "401", "403", "404", "412", "416", "501", "502", "503", "504")


def _parameters(table: RowTable, form: Form) -> list[Told]:
    return [parameter(one, table) for one in parameters_for(table, form)]


@dataclass(frozen=True)
class Described:
    """The door that is described."""

    prefix: str = "/v1/"
    title: str = "Switchboard: tables as files"
    description: str = (
        "Flat tables over all platforms. The same question finds the same bytes for a while; "
        "nothing is missing in silence."
    )
    parameters: Callable[[RowTable, Form], Sequence[Told]] = _parameters
    """What a file takes."""


_TABLES = Described()


def openapi(tables: Iterable[RowTable], server: str, door: Described = _TABLES) -> bytes:
    """Return the document for these tables; `server` is the address of the gateway."""
    every = tuple(tables)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": door.title,
            "version": __version__,
            "description": door.description,
        },
        "servers": [{"url": server}],
        "security": [{"basic": []}, {"bearer": []}, {"header": []}, {"query": []}],
        "tags": [{"name": one.name, "description": one.description} for one in every],
        "paths": dict(pair for table in every for pair in _paths(table, door)),
        "components": {
            "schemas": {**{one.name: _row(one) for one in every}, "Problem": _PROBLEM_SCHEMA},
            "responses": {"Problem": _problem()},
            "headers": _HEADERS,
            "securitySchemes": _SCHEMES,
        },
    }
    return orjson.dumps(document)


def _paths(table: RowTable, door: Described) -> Iterable[tuple[str, Told]]:
    for form in FORMS.values():
        yield (
            f"{door.prefix}{table.name}.{form.name}",
            {
                "get": _operation(table, form, "get", door),
                "head": _operation(table, form, "head", door),
            },
        )


def _operation(table: RowTable, form: Form, method: str, door: Described) -> Told:
    refusals = dict.fromkeys(_REFUSALS, _PROBLEM)
    found: Told = {
        "description": form.description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS},
    }
    answers: Told = {"200": found, "304": _UNCHANGED}
    if method == "get":
        found["content"] = {form.media_type: {"schema": _content(table, form)}}
        answers["202"] = {"description": "It is being made: `Location` tells how far it is."}
        answers["206"] = {"description": "The asked range of the file."}
    return {
        "operationId": f"{method}_{table.name}_{form.name}",
        "summary": f"{table.title} as {form.name}",
        "tags": [table.name],
        "parameters": door.parameters(table, form),
        "responses": {**answers, **refusals},
    }


def _content(table: RowTable, form: Form) -> Told:
    """Return the schema of what is sent, as far as JSON Schema can tell it."""
    if form.name != "json":
        return {"type": "string"}
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{table.name}"}}
    page = {
        "type": "object",
        "required": ["rows", "next_cursor", "sources"],
        "properties": {"rows": rows, "next_cursor": {"type": "string"}, "sources": _SOURCES},
    }
    return {"oneOf": [rows, page]}


_SOURCES: Told = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["platform", "freshness", "as_of", "truncated"],
        "properties": {
            "platform": {"type": "string"},
            "freshness": {"type": "string"},
            "as_of": {"type": ["string", "null"], "format": "date-time"},
            "truncated": {"type": "boolean"},
        },
    },
}


def parameter(argument: RowArgument, table: RowTable) -> Told:
    """Return how one parameter is told."""
    told: Told = {"name": argument.name, "in": "query", "description": argument.description}
    one: Told = {"type": "string"}
    if argument.name in _INTEGERS:
        one = {"type": "integer", "minimum": _INTEGERS[argument.name]}
    elif argument.name == "fields":
        one["enum"] = [*table.names]
    elif argument.choices:
        one["enum"] = [*argument.choices]
    if argument.several:
        told |= {"style": "form", "explode": False}
        many: Told = {"type": "array", "items": one}
        if argument.most is not None:
            many["maxItems"] = argument.most
        if argument.default:
            many["default"] = [*argument.default]
        return {**told, "schema": many}
    if argument.default:
        one["default"] = argument.default[0]
    return {**told, "schema": one}


def _row(table: RowTable) -> Told:
    return {
        "type": "object",
        "title": table.title,
        "description": table.description,
        "properties": {
            column.name: _column(column, part_of_key=column.name in table.key)
            for column in table.columns
        },
    }


def _column(column: RowColumn, *, part_of_key: bool) -> Told:
    told = {**_TYPES[column.type], "title": column.title, "description": column.description}
    return told | {"type": _KEY_TYPES[column.type]} if part_of_key else told


def _problem() -> Told:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": "There is no file; why is told by RFC 9457.", "content": content}


_PROBLEM_SCHEMA: Told = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "requestId"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "parameter": {"type": "string", "description": "The parameter that is not acceptable."},
        "accepts": {"description": "What would be: a sentence, or a list."},
        "platforms": {"type": "array", "description": "Whose rows would be missing, and why."},
        "requestId": {"type": "string"},
    },
}
_HEADERS: Mapping[str, Told] = {
    "ETag": {"description": "Stands for these bytes.", "schema": {"type": "string"}},
    "X-Next-Cursor": {
        "description": "Where the next file begins; left out at the end.",
        "schema": {"type": "string"},
    },
    "X-Sources": {
        "description": "What became of each platform, such as `a=live;age=12, b=failed`.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The address of what follows, as `rel="next"`; left out at the end.',
        "schema": {"type": "string"},
    },
}
_SCHEMES: Mapping[str, Told] = {
    "basic": {"type": "http", "scheme": "basic", "description": "The key is the password."},
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "api_key"},
}
