"""Rows as JSON: as one document, or a line for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from gateway.rows.forms import Ending, Form, Options, Sink
from resolvers.rows.columns import Row, RowColumn, RowType
from resolvers.rows.table import RowArgument

__all__ = ["JSON", "NDJSON"]

_OPTIONS = orjson.OPT_UTC_Z
_LINE = _OPTIONS | orjson.OPT_APPEND_NEWLINE


class _Rows:
    """Makes objects of rows: their members, and the types of these, are those of the columns."""

    def __init__(self, columns: Sequence[RowColumn]) -> None:
        self._names = [column.name for column in columns]
        numbers = [column.type is RowType.NUMBER for column in columns]
        self._numbers = [place for place, number in enumerate(numbers) if number]

    def of(self, row: Row) -> dict[str, object]:
        """Return the object of a row."""
        named: dict[str, Any] = dict(zip(self._names, row, strict=True))
        for place in self._numbers:
            name = self._names[place]
            if named[name] is not None:
                named[name] = float(named[name])
        return named


class _Lines:
    """Fulfils `forms.Writer` with a line for each row."""

    def __init__(self, spool: Sink, columns: Sequence[RowColumn], _options: Options) -> None:
        self._spool = spool
        self._rows = _Rows(columns)

    def add(self, rows: Sequence[Row]) -> None:
        of = self._rows.of
        self._spool.write(b"".join(orjson.dumps(of(row), option=_LINE) for row in rows))

    def end(self, ending: Ending) -> None:
        """Write nothing: every line stands for itself."""


class _Document:
    """Fulfils `forms.Writer` with one document."""

    def __init__(self, spool: Sink, columns: Sequence[RowColumn], options: Options) -> None:
        self._spool = spool
        self._rows = _Rows(columns)
        self._begun = False
        self._ended = _ENDS[options["shape"]]
        spool.write(_HEADS[options["shape"]])

    def add(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        between = b",\n" if self._begun else b"\n"
        self._begun = True
        of = self._rows.of
        lines = (orjson.dumps(of(row), option=_OPTIONS) for row in rows)
        self._spool.write(between + b",\n".join(lines))

    def end(self, ending: Ending) -> None:
        """Close it, saying what is to be said."""
        self._spool.write(self._ended(ending))


def _page_end(ending: Ending) -> bytes:
    sources = [
        {
            "platform": one.platform,
            "freshness": one.freshness.value,
            "as_of": one.as_of,
            "truncated": one.platform in ending.truncated,
        }
        for one in ending.sources
    ]
    told = orjson.dumps({"next_cursor": ending.next_cursor, "sources": sources}, option=_OPTIONS)
    return b"\n]," + told[1:] + b"\n"


_HEADS: Mapping[str, bytes] = {"array": b"[", "page": b'{"rows":['}
_ENDS: Mapping[str, Callable[[Ending], bytes]] = {
    "array": lambda _ending: b"\n]\n",
    "page": _page_end,
}

JSON = Form(
    name="json",
    media_type="application/json",
    description="One array of objects, or one object with `rows`, `next_cursor` and `sources`.",
    open=_Document,
    options=(
        RowArgument(
            name="shape",
            description="An array of rows, or an object that holds it and the next cursor.",
            choices=tuple(_HEADS),
            default=("array",),
        ),
    ),
)
"""One document."""

NDJSON = Form(
    name="ndjson",
    media_type="application/x-ndjson",
    description="One object in each line.",
    open=_Lines,
)
"""Newline-delimited JSON."""
