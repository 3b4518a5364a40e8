"""Shows any GraphQL answer as tables: one for each list of objects in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any, TypeGuard

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["Sheet", "print_answer", "rows_of", "sheets_of"]

_NOTHING = "–"
_ITEM = "node"
_TINY = 0.1
_LARGE = (Mapping, list)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts; without columns' names it is one of names and values."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def print_answer(console: Console, answer: Mapping[str, Any], *, most_rows: int = 50) -> None:
    """Print the errors of an answer, then its data field by field."""
    for error in answer.get("errors") or ():
        code = (error.get("extensions") or {}).get("code", "")
        place = ".".join(str(part) for part in error.get("path") or ())
        line = " ".join(filter(None, (code, place and f"at {place}:", error["message"])))
        console.print(Text(line, style="red"))
    for name, value in (answer.get("data") or {}).items():
        console.print(Text(f"\n{name}", style="bold"))
        sheets = sheets_of(value) if value and isinstance(value, _LARGE) else ()
        tables = [_table(sheet, most_rows) for sheet in sheets]
        console.print(Columns(tables, padding=(0, 4)) if tables else Text(_text(value)))


def sheets_of(value: object) -> Iterator[Sheet]:
    """Yield a sheet for the value's own texts and numbers, and one for each list within."""
    own: Row = {}
    lists: dict[str, list[Mapping[str, Any]]] = {}
    _sort_out("", value, own, lists)
    if own:
        yield Sheet("", (), tuple(own.items()))
    for name, items in lists.items():
        if items:
            yield _sheet(name, [row for item in items for row in rows_of(item)])


def _sort_out(
    name: str, value: object, own: Row, lists: dict[str, list[Mapping[str, Any]]]
) -> None:
    if isinstance(value, Mapping):
        for inner, part in value.items():
            _sort_out(f"{name}.{inner}" if name else inner, part, own, lists)
    elif _is_list_of_objects(value):
        lists[name] = [_item(each) for each in value]
    elif value != []:
        own[name] = _text(value)


def _sheet(title: str, rows: Sequence[Row]) -> Sheet:
    columns = [*dict.fromkeys(name for row in rows for name in row)]
    # Where an object is missing in some rows, it has columns of its own in the others.
    split = {name.rpartition(".")[0] for name in columns}
    columns = [name for name in columns if name not in split]
    return Sheet(
        title,
        tuple(_heading(name, columns) for name in columns),
        tuple(
            tuple(row.get(name, row.get(name.rpartition(".")[0], "")) for name in columns)
            for row in rows
        ),
    )


def _table(sheet: Sheet, most_rows: int) -> Table:
    if not sheet.columns:
        table = Table("", "", box=SIMPLE_HEAD, show_header=False)
        for row in sheet.rows:
            table.add_row(*map(Text, row))
        return table
    title = Text(sheet.title) if sheet.title else None
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in sheet.columns:
        table.add_column(Text(name))
    for row in sheet.rows[:most_rows]:
        table.add_row(*map(Text, row))
    if len(sheet.rows) > most_rows:
        table.add_row(Text(f"and {len(sheet.rows) - most_rows} more"))
    return table


def _heading(name: str, columns: Sequence[str]) -> str:
    """Return a column's name: that of the object alone, where it gives no other column."""
    holder = name.rpartition(".")[0]
    alone = not any(other.startswith(f"{holder}.") for other in columns if other != name)
    return holder if holder and alone else name


def rows_of(item: Mapping[str, Any], prefix: str = "") -> list[Row]:
    """Return the rows that an object fills: more than one where it holds lists of objects.

    Objects within become columns with dotted names. Lists of objects stand beside each other,
    and what they belong to stands in the first row alone.
    """
    first: Row = {}
    lists: list[list[Row]] = []
    for name, value in item.items():
        column = f"{prefix}{name}"
        if isinstance(value, Mapping):
            inner, *further = rows_of(value, f"{column}.")
            first.update(inner)
            lists.append([{}, *further])
        elif _is_list_of_objects(value):
            lists.append([row for each in value for row in rows_of(_item(each), f"{column}.")])
        else:
            first[column] = _text(value)
    beside = [_joined(rows) for rows in zip_longest(*lists, fillvalue={})]
    return [first | beside[0], *beside[1:]] if beside else [first]


def _joined(rows: Sequence[Row]) -> Row:
    return {name: text for row in rows for name, text in row.items()}


def _is_list_of_objects(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and any(isinstance(each, Mapping) for each in value)


def _item(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 (whatever an answer holds)
    """Return an item of a list: of a connection, what its edge leads to."""
    if isinstance(value, Mapping) and isinstance(value.get(_ITEM), Mapping):
        return {**value[_ITEM], **{name: part for name, part in value.items() if name != _ITEM}}
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or _NOTHING
    # What customers wrote is shown, never obeyed by the terminal.
    text = "".join(sign if sign.isprintable() else " " for sign in str(value))
    return f"{text[:10]} {text[11:16]}Z" if _INSTANT.fullmatch(text) else text


def _number(value: float) -> str:
    """Return it by two decimals, or by three digits where these would show nothing."""
    if 0 < abs(value) < _TINY:
        return f"{Decimal(f'{value:.3g}'):f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
