"""What there is to ask for, as JSON: the tables, what each takes, and its columns."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from gateway.rows.asking import parameters_for
from gateway.rows.formats import FORMS
from gateway.rows.forms import Form
from resolvers.rows.asking import parameters_of
from resolvers.rows.columns import RowColumn
from resolvers.rows.table import RowArgument, RowTable

__all__ = ["column_told", "forms_told", "parameter_told", "schema_of", "tables_told"]


def tables_told(every: Iterable[RowTable]) -> bytes:
    """Return the list of the tables, with what each takes and where it is found.

    Addresses are relative to that of the list.
    """
    listed = [_table(one) for one in every]
    return orjson.dumps({"openapi": "openapi.json", "forms": forms_told(), "tables": listed})


def forms_told() -> dict[str, object]:
    """Return what is said of every kind of file, by its name."""
    return {form.name: _form(form) for form in FORMS.values()}


def schema_of(table: RowTable) -> bytes:
    """Return the columns of a table; they are the same whatever rows there are."""
    columns = [column_told(one) for one in table.columns]
    told = {"name": table.name, "key": table.key, "incremental": table.incremental}
    return orjson.dumps({**told, "columns": columns})


def _table(table: RowTable) -> dict[str, object]:
    own = {one.name for one in parameters_of(table)}
    every = parameters_for(table, next(iter(FORMS.values())))
    forms = {option.name for form in FORMS.values() for option in form.options}
    return {
        "name": table.name,
        "title": table.title,
        "description": table.description,
        "key": table.key,
        "incremental": table.incremental,
        "files": {form: f"{table.name}.{form}" for form in FORMS},
        "schema": f"{table.name}/schema",
        "parameters": [
            parameter_told(one) for one in every if one.name in own or one.name not in forms
        ],
    }


def _form(form: Form) -> dict[str, object]:
    return {
        "media_type": form.media_type,
        "description": form.description,
        "installed": not form.missing,
        "parameters": [parameter_told(one) for one in form.options],
    }


def parameter_told(argument: RowArgument) -> dict[str, object]:
    """Return what is said of one parameter."""
    return {
        "name": argument.name,
        "description": argument.description,
        "several": argument.several,
        "choices": argument.choices,
        "default": ",".join(argument.default) or None,
    }


def column_told(column: RowColumn) -> dict[str, object]:
    """Return what is said of one column."""
    return {
        "name": column.name,
        "title": column.title,
        "type": column.type.value,
        "description": column.description,
        "unit": None if column.unit is None else column.unit.value,
        "personal": column.personal,
    }
