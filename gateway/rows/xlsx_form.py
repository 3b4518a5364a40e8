"""Rows as a workbook for Excel, by xlsxwriter: an extra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any

from gateway.rows.forms import Ending, Form, Options, Sink
from gateway.rows.spool import PIECE
from resolvers.rows.columns import Row, RowColumn, RowType

__all__ = ["XLSX", "workbook_in"]

_MOST_ROWS = 100_000
"""It is put together in memory. A sheet could hold ten times as many."""
_MOST_IN_SHEET = 1_048_575
"""Beside the line with the names."""
_LONGEST_TEXT = 32_767
_OPTIONS = {
    # Nothing of it touches the disk unencrypted.
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_SHOWN: Mapping[RowType, Mapping[str, str]] = {
    RowType.INSTANT: {"num_format": "yyyy-mm-dd hh:mm:ss"},
    RowType.DATE: {"num_format": "yyyy-mm-dd"},
}


class _Writer:
    """Fulfils `forms.Writer`."""

    def __init__(
        self,
        spool: Sink,
        columns: Sequence[RowColumn],
        _options: Options,
        book: Mapping[str, object] = _OPTIONS,
    ) -> None:
        from xlsxwriter import Workbook  # noqa: PLC0415 (an extra)

        self._spool = spool
        self._target = BytesIO()
        self._book = Workbook(self._target, book)
        # The same rows make the same bytes.
        self._book.set_properties({"created": _BEGAN})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._shown = {kind: self._book.add_format(told) for kind, told in _SHOWN.items()}
        self._kinds = [column.type for column in columns]
        self._at = 0
        for place, column in enumerate(columns):
            self._sheet.write_string(0, place, column.name)

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._at += 1
            for place, (kind, cell) in enumerate(zip(self._kinds, row, strict=True)):
                if cell is not None:
                    self._write(place, kind, cell)

    def _write(self, place: int, kind: RowType, cell: Any) -> None:  # noqa: ANN401 (of that type)
        shown = self._shown.get(kind)
        if kind in _SHOWN:
            moment = _local(cell)
            self._sheet.write_datetime(self._at, place, moment, shown)
            return
        _WRITERS[kind](self._sheet, self._at, place, cell)

    def end(self, ending: Ending) -> None:  # noqa: ARG002 (the protocol's)
        """Put the workbook together."""
        self._book.close()
        self._target.seek(0)
        while piece := self._target.read(PIECE):
            self._spool.write(piece)


def _local(cell: Any) -> Any:  # noqa: ANN401 (an instant or a day)
    """Return a moment as sheets have it, without a zone: in UTC."""
    return cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else cell


_BEGAN = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_WRITERS: Mapping[RowType, Callable[[Any, int, int, Any], Any]] = {
    RowType.TEXT: lambda sheet, row, at, cell: sheet.write_string(row, at, cell[:_LONGEST_TEXT]),
    RowType.INTEGER: lambda sheet, row, at, cell: sheet.write_number(row, at, cell),
    RowType.NUMBER: lambda sheet, row, at, cell: (
        sheet.write_number(row, at, cell) if isfinite(cell) else None
    ),
    RowType.BOOLEAN: lambda sheet, row, at, cell: sheet.write_boolean(row, at, cell),
}

XLSX = Form(
    name="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    description="A workbook for Excel with one sheet. Instants are in UTC.",
    open=_Writer,
    text=False,
    most_rows=_MOST_ROWS,
    needs="xlsxwriter",
    extra="xlsx",
)
"""A workbook."""


def workbook_in(folder: Path) -> Form:
    """Return the form of as many rows as a sheet holds: these wait in that folder for the end."""
    book = {**_OPTIONS, "in_memory": False, "constant_memory": True, "tmpdir": str(folder)}
    return replace(XLSX, open=partial(_Writer, book=book), most_rows=_MOST_IN_SHEET)
