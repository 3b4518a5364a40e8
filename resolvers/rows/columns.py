"""The columns of flat tables: few plain types, which never depend on the data."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from vendors.measures import Unit
from vendors.words import Word

__all__ = ["Cell", "Row", "RowColumn", "RowType", "local_date", "titled"]

Cell: TypeAlias = str | int | float | bool | datetime | date | None
"""What stands in a column: a value of its type, or None. Instants are aware, in UTC."""
Row: TypeAlias = tuple[Cell, ...]
"""One cell for each column of the table, in their order."""


class RowType(Word):
    """The type of a column. Ids are texts; lists are texts, joined by commas."""

    TEXT = "text", "A text."
    INTEGER = "integer", "A whole number of 32 bits."
    NUMBER = "number", "A floating-point number, in the unit of the column."
    BOOLEAN = "boolean", "True or false."
    INSTANT = "instant", "A moment in UTC."
    DATE = "date", "A day of the asked time zone."


class RowColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a table. Whatever its type, a cell may be None, but for parts of keys."""

    name: str
    """In snake_case, and unlike any other of its table."""
    title: str
    type: RowType
    description: str
    unit: Unit | None = None
    personal: bool = False
    """Whether it is left empty for callers without the scope `personal`."""


def titled(name: str) -> str:
    """Return the name of a column as people read it."""
    return name.replace("_", " ").capitalize().replace(" id", " ID").replace("Url", "URL")


def local_date(instant: datetime | None, where: ZoneInfo) -> date | None:
    """Return the day of that zone on which the instant lies."""
    return None if instant is None else instant.astimezone(where).date()
