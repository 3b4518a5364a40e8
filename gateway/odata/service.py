"""How flat tables are shown by OData: entity sets, their types, and addresses of rows.

A key has no empty parts in OData, and none in a table: what there is not is an empty text there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from urllib.parse import quote

from resolvers.rows.columns import Cell, Row, RowColumn, RowType
from resolvers.rows.table import RowTable

__all__ = ["EntitySet", "entity_sets"]

_TYPES: Mapping[RowType, str] = {
    RowType.TEXT: "Edm.String",
    RowType.INTEGER: "Edm.Int32",
    RowType.NUMBER: "Edm.Double",
    RowType.BOOLEAN: "Edm.Boolean",
    RowType.INSTANT: "Edm.DateTimeOffset",
    RowType.DATE: "Edm.Date",
}


@dataclass(frozen=True)
class EntitySet:
    """One table."""

    table: RowTable
    type_name: str

    @property
    def name(self) -> str:
        """Return its name in addresses."""
        return self.table.name

    @cached_property
    def types(self) -> Mapping[str, str]:
        """Return the OData types of its columns, by name."""
        return {column.name: _TYPES[column.type] for column in self.table.columns}

    @cached_property
    def columns(self) -> Mapping[str, RowColumn]:
        """Return its columns by name."""
        return {column.name: column for column in self.table.columns}

    def address_of(self, row: Row) -> str:
        """Return the address of a row, behind the root of the service."""
        key = self.table.key
        parts = [_written(cell) for cell in self.table.key_of(row)]
        if len(key) == 1:
            return f"{self.name}({parts[0]})"
        told = ",".join(f"{name}={part}" for name, part in zip(key, parts, strict=True))
        return f"{self.name}({told})"


def _written(cell: Cell) -> str:
    """Return a cell as it stands in a key."""
    if isinstance(cell, str):
        doubled = cell.replace("'", "''")
        return f"'{quote(doubled, safe='')}'"
    if isinstance(cell, datetime):
        return quote(cell.isoformat().replace("+00:00", "Z"), safe="")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).lower()


def entity_sets(tables: Iterable[RowTable]) -> Mapping[str, EntitySet]:
    """Return the entity sets of these tables, by name."""
    return {one.name: EntitySet(one, _titled(one.noun)) for one in tables}


def _titled(noun: str) -> str:
    """Return the name of the type: no property has the same, which some clients cannot bear."""
    return "".join(part.capitalize() for part in noun.split("_")) + "Row"
