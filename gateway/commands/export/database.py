"""A table in a DuckDB database: made or replaced by one transaction, among whatever is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.rows.filling import in_thread
from resolvers.rows.columns import RowColumn, RowType

__all__ = ["Database", "DatabaseError"]

_TYPES: Mapping[RowType, str] = {
    RowType.TEXT: "VARCHAR",
    RowType.INTEGER: "INTEGER",
    RowType.NUMBER: "DOUBLE",
    RowType.BOOLEAN: "BOOLEAN",
    RowType.INSTANT: "TIMESTAMP WITH TIME ZONE",
    RowType.DATE: "DATE",
}
_MEMORY = "512MB"


class DatabaseError(Exception):
    """The database cannot be used, and why."""


class Database:
    """The file, new or not."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Name it; what is new is made in the folder first."""
        self._path = path
        self._folder = folder
        self._file = path if path.exists() else folder / "new.duckdb"
        self._open: Any = None

    async def check(self) -> None:
        """Raise DatabaseError where it is there, and cannot be written to."""
        await in_thread(self._check)

    def _check(self) -> None:
        if self._path.exists():
            try:
                self._connect()
            finally:
                self._close()

    async def filled(
        self, table: str, columns: Sequence[RowColumn], lines: Path
    ) -> Callable[[], None]:
        """Fill the table with the rows of these JSON lines; return what makes it so for good.

        Raises DatabaseError. Until then, and where it does not come to that, the database is as it
        was.
        """
        try:
            await in_thread(self._fill, table, columns, lines)
        except BaseException:
            self._close()
            raise
        return self._commit

    def _fill(self, table: str, columns: Sequence[RowColumn], lines: Path) -> None:
        typed = {one.name: _TYPES[one.type] for one in columns}
        told = ", ".join(f"{_quoted(name)}: '{kind}'" for name, kind in typed.items())
        made = ", ".join(f"{_name(name)} {kind}" for name, kind in typed.items())
        source = f"read_json({_quoted(lines)}, format='newline_delimited', columns={{{told}}})"
        self._connect()
        with _told():
            self._open.begin()
            self._open.execute(f"CREATE OR REPLACE TABLE {_name(table)} ({made})")
            self._open.execute(f"INSERT INTO {_name(table)} SELECT * FROM {source}")  # noqa: S608 (quoted)
            for one in columns:
                about = f"COMMENT ON COLUMN {_name(table)}.{_name(one.name)}"
                self._open.execute(f"{about} IS {_quoted(one.description)}")

    def _connect(self) -> None:
        import duckdb  # noqa: PLC0415 (an extra)

        config: dict[str, Any] = {"memory_limit": _MEMORY}
        with _told():
            self._open = duckdb.connect(
                str(self._file), config={**config, "temp_directory": os.fspath(self._folder)}
            )

    def _commit(self) -> None:
        is_new = self._file != self._path
        try:
            with _told():
                self._open.commit()
                if is_new:
                    # What is in the log beside it would not go along to the new name.
                    self._open.execute("CHECKPOINT")
        finally:
            self._close()
        if is_new:
            self._file.replace(self._path)

    def _close(self) -> None:
        """Close it: what was not committed has not happened."""
        if self._open is not None:
            self._open.close()
            self._open = None


@contextmanager
def _told() -> Iterator[None]:
    """Raise DatabaseError for what the database refuses."""
    import duckdb  # noqa: PLC0415 (an extra)

    try:
        yield
    except duckdb.Error as error:
        raise DatabaseError(str(error).partition("\n")[0]) from error


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
