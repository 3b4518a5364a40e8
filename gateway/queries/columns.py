"""The column that a field of the schema makes."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import FieldNode, GraphQLField, get_named_type, is_enum_type

from gateway.queries.documents import UnfitQueryError, line_of
from resolvers.rows.columns import RowColumn, RowType, titled
from resolvers.rows.registry import STANDARD

__all__ = ["ROW_PAGES", "column_of"]

_TYPES: Mapping[str, RowType] = {
    "String": RowType.TEXT,
    "ID": RowType.TEXT,
    "Int": RowType.INTEGER,
    "Float": RowType.NUMBER,
    "Boolean": RowType.BOOLEAN,
    "DateTime": RowType.INSTANT,
}
"""By the name of the scalar."""


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))


def _row_type(noun: str) -> str:
    return "".join(map(str.capitalize, noun.split("_"))) + "Row"


_DECLARED: Mapping[tuple[str, str], RowColumn] = {
    (_row_type(table.noun), _camel(column.name)): column
    for table in STANDARD.values()
    for column in table.columns
}
"""Columns of flat tables by type and field: GraphQL tells days and instants of them as texts."""
ROW_PAGES = frozenset(f"{_row_type(table.noun)}Connection" for table in STANDARD.values())
"""The types of pages of flat rows, which are longer than others."""


def column_of(name: str, parent: str, node: FieldNode, field: GraphQLField) -> RowColumn:
    """Return the column of that name; raise UnfitQueryError where a scalar is of no known kind."""
    kind = get_named_type(field.type)
    declared = _DECLARED.get((parent, node.name.value))
    if declared is not None:
        return RowColumn(
            name=name,
            title=titled(name),
            type=declared.type,
            description=declared.description,
            unit=declared.unit,
            personal=declared.personal,
        )
    found = RowType.TEXT if is_enum_type(kind) else _TYPES.get(kind.name)
    if found is None:
        message = f"`{node.name.value}` is of the type {kind.name}, which no column can hold"
        raise UnfitQueryError(message, line_of(node))
    said = (field.description or "The type of the object.").strip()
    return RowColumn(name=name, title=titled(name), type=found, description=said)
