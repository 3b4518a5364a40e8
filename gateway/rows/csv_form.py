"""Rows as CSV (RFC 4180), which no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from gateway.rows.forms import Ending, Form, Options, Sink
from resolvers.rows.columns import Cell, Row, RowColumn, RowType
from resolvers.rows.table import RowArgument

__all__ = ["CSV", "defused"]

# Sheets take the wide signs of Japanese for the narrow ones.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_SEPARATORS: Mapping[str, str] = {",": ",", ";": ";", "tab": "\t"}
_BOM = b"\xef\xbb\xbf"
_EXCEL = "%Y-%m-%d %H:%M:%S"


def defused(text: str) -> str:
    """Return the text so that a spreadsheet shows it, and does not calculate it."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _number(value: Any) -> str:  # noqa: ANN401 (whatever number a cell holds)
    """Return it with a decimal point, so that a reader that guesses types sees no integers.

    What is no number, or endless, is no value.
    """
    return repr(float(value)) if isfinite(value) else ""


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _excel(value: datetime) -> str:
    return value.astimezone(UTC).strftime(_EXCEL)


_SHOWN: Mapping[RowType, Callable[[Any], str]] = {
    RowType.TEXT: defused,
    RowType.INTEGER: str,
    RowType.NUMBER: _number,
    RowType.BOOLEAN: _boolean,
    RowType.DATE: str,
}
_INSTANTS: Mapping[str, Callable[[Any], str]] = {"iso": _iso, "excel": _excel}


class _Target:
    """Takes text where the spool takes bytes."""

    def __init__(self, spool: Sink) -> None:
        self._spool = spool

    def write(self, text: str) -> int:
        return self._spool.write(text.encode())


class _Writer:
    """Fulfils `forms.Writer`."""

    def __init__(self, spool: Sink, columns: Sequence[RowColumn], options: Options) -> None:
        shown = {**_SHOWN, RowType.INSTANT: _INSTANTS[options["dates"]]}
        self._shown = [shown[column.type] for column in columns]
        if options["bom"] == "1":
            spool.write(_BOM)
        delimiter = _SEPARATORS[options["sep"]]
        self._lines = csv.writer(_Target(spool), delimiter=delimiter, lineterminator="\r\n")
        self._lines.writerow([column.name for column in columns])

    def add(self, rows: Sequence[Row]) -> None:
        self._lines.writerows(map(self._line, rows))

    def _line(self, row: Row) -> list[Cell]:
        cells = zip(self._shown, row, strict=True)
        return [None if cell is None else shown(cell) for shown, cell in cells]

    def end(self, ending: Ending) -> None:
        """Write nothing: a table has no end but its last line."""


CSV = Form(
    name="csv",
    media_type="text/csv; charset=utf-8; header=present",
    description="Comma-separated values by RFC 4180. A ' stands before what looks like a formula.",
    open=_Writer,
    options=(
        RowArgument(
            name="sep",
            description="What stands between cells.",
            choices=tuple(_SEPARATORS),
            default=(",",),
        ),
        RowArgument(
            name="dates",
            description="How instants are written: by ISO 8601, or for Excel; in UTC both.",
            choices=tuple(_INSTANTS),
            default=("iso",),
        ),
        RowArgument(
            name="bom",
            description="Whether it begins with a byte order mark, by which Excel knows UTF-8.",
            choices=("0", "1"),
            default=("0",),
        ),
    ),
)
"""Comma-separated values."""
