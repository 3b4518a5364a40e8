"""Rows as Parquet and as Arrow, by pyarrow: an extra, because it is large.

The schema is made of the columns alone, so that no row, and no lack of rows, changes a type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from gateway.rows.forms import Ending, Form, Options, Sink
from resolvers.rows.columns import Row, RowColumn, RowType

__all__ = ["ARROW", "PARQUET"]

_GROUP = 50_000
"""How many rows are read of a file at once, by who does not want all of them."""

_TYPES: Mapping[RowType, Callable[[Any], Any]] = {
    RowType.TEXT: lambda pa: pa.string(),
    RowType.INTEGER: lambda pa: pa.int32(),
    RowType.NUMBER: lambda pa: pa.float64(),
    RowType.BOOLEAN: lambda pa: pa.bool_(),
    RowType.INSTANT: lambda pa: pa.timestamp("us", tz="UTC"),
    RowType.DATE: lambda pa: pa.date32(),
}


class _Writer:
    """Fulfils `forms.Writer` by one of pyarrow's writers."""

    def __init__(
        self,
        columns: Sequence[RowColumn],
        begin: Callable[[Any], Any],
        arrow: Any,  # noqa: ANN401 (the module)
    ) -> None:
        self._arrow = arrow
        self._numbers = [column.type is RowType.NUMBER for column in columns]
        self._schema = arrow.schema(
            [
                arrow.field(
                    column.name,
                    _TYPES[column.type](arrow),
                    metadata={"description": column.description},
                )
                for column in columns
            ]
        )
        self._held: list[Row] = []
        self._writer = begin(self._schema)

    def add(self, rows: Sequence[Row]) -> None:
        self._held += rows
        while len(self._held) >= _GROUP:
            self._put(self._held[:_GROUP])
            del self._held[:_GROUP]

    def end(self, ending: Ending) -> None:  # noqa: ARG002 (the protocol's)
        """Write what is held, and what says where all of it lies."""
        if self._held:
            self._put(self._held)
        self._writer.close()

    def _put(self, rows: Sequence[Row]) -> None:
        arrays = [
            self._arrow.array([_cell(row[place], number) for row in rows], field.type)
            for place, (field, number) in enumerate(zip(self._schema, self._numbers, strict=True))
        ]
        self._writer.write_table(self._arrow.table(arrays, schema=self._schema))


def _cell(cell: Any, number: bool) -> Any:  # noqa: ANN401 (of the column's type)
    """Return the cell as its column's type takes it; what is no number, or endless, is no value."""
    if not number or cell is None:
        return cell
    return float(cell) if isfinite(cell) else None


def _parquet(spool: Sink, columns: Sequence[RowColumn], _options: Options) -> _Writer:
    import pyarrow as pa  # noqa: PLC0415 (an extra)
    from pyarrow import parquet  # noqa: PLC0415 (an extra)

    return _Writer(
        columns, lambda schema: parquet.ParquetWriter(spool, schema, compression="zstd"), pa
    )


def _arrow(spool: Sink, columns: Sequence[RowColumn], _options: Options) -> _Writer:
    import pyarrow as pa  # noqa: PLC0415 (an extra)

    return _Writer(columns, lambda schema: pa.ipc.new_file(spool, schema), pa)


PARQUET = Form(
    name="parquet",
    media_type="application/vnd.apache.parquet",
    description="Apache Parquet, with the types of the columns.",
    open=_parquet,
    text=False,
    needs="pyarrow",
    extra="parquet",
)
"""Apache Parquet."""

ARROW = Form(
    name="arrow",
    media_type="application/vnd.apache.arrow.file",
    description="An Arrow IPC file, also known as Feather, with the types of the columns.",
    open=_arrow,
    text=False,
    needs="pyarrow",
    extra="parquet",
)
"""An Arrow IPC file."""
