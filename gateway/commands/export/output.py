"""Writes the output of the windows: whole, and under its name by one step, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from gateway.commands.export.database import Database
from gateway.rows.asking import FileRequest
from gateway.rows.filling import in_thread
from gateway.rows.formats import FORMS
from gateway.rows.forms import Ending, Form, Options, Sink, Writer
from gateway.rows.xlsx_form import XLSX, workbook_in
from resolvers.rows.columns import Row, RowColumn
from vendors.errors import TooComplexError

__all__ = ["DUCKDB", "OUTPUTS", "check", "written"]


def _as_lines(spool: Sink, columns: Sequence[RowColumn], options: Options) -> Writer:
    return FORMS["ndjson"].open(spool, columns, options)


DUCKDB = Form(
    name="duckdb",
    media_type="application/vnd.duckdb.file",
    description="A DuckDB database, in which the table is made or replaced.",
    # It is read by the database itself, which then knows each type.
    open=_as_lines,
    text=False,
    needs="duckdb",
    extra="duckdb",
)
"""A table in a database, among others."""

OUTPUTS: Mapping[str, Form] = {**FORMS, DUCKDB.name: DUCKDB}
"""What can be written, by what the names of such files end with."""


class _File:
    """Fulfils `forms.Sink` by a file that is on the disk when it is ended."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, data: bytes, /) -> int:
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def end(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def close(self) -> None:
        self._file.close()


async def check(form: Form, path: Path, folder: Path) -> None:
    """Raise DatabaseError for a database that is there, and cannot be written to."""
    if form is DUCKDB:
        await Database(path, folder).check()


async def written(
    request: FileRequest, path: Path, rows: Iterable[list[Row]], folder: Path
) -> Callable[[], None]:
    """Write the rows in the folder; return what puts them where they belong, by one step.

    Raises TooComplexError for more rows than the form can hold, OSError, and DatabaseError.
    """
    whole = folder / f"output.{request.form.name}"
    await _filled(request, whole, rows)
    if request.form is DUCKDB:
        return await Database(path, folder).filled(request.table.name, request.columns, whole)

    def move() -> None:
        whole.replace(path)

    return move


async def _filled(request: FileRequest, whole: Path, rows: Iterable[list[Row]]) -> None:
    form = workbook_in(whole.parent) if request.form is XLSX else request.form
    sink = await in_thread(_File, whole)
    try:
        writer = await in_thread(form.open, sink, request.columns, request.options)
        count = 0
        for some in rows:
            count += len(some)
            _check(form, count)
            await in_thread(writer.add, some)
        ending = Ending(rows=count, next_cursor="", sources=(), failed=(), truncated=())
        await in_thread(writer.end, ending)
        await in_thread(sink.end)
    finally:
        sink.close()


def _check(form: Form, count: int) -> None:
    if form.most_rows is not None and count > form.most_rows:
        message = f"This has more than the {form.most_rows:,} rows that such a file can hold."
        raise TooComplexError(f"{message} Take another form, or ask for less.")
