"""The answer to a question as tables for people: what is beside the point stands below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.graphql.tables import Sheet, sheets_of

__all__ = ["Answered", "Shown", "answered"]

MOST_ROWS = 60
_BESIDE = {"columns", "sources", "failures", "pageInfo", "comparedPeriod", "period"}
"""Parts of an answer that are about the answer."""
_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
_NOTHING = {"", "–"}
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A table: of each column its heading, and whether it holds numbers."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    more: int
    """Rows that are not shown."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a question."""

    tables: tuple[Shown, ...]
    sources: tuple[str, ...]
    problems: tuple[str, ...]


def answered(answer: Mapping[str, Any]) -> Answered:
    """Return an answer of GraphQL as it is shown."""
    fields = [one for one in (answer.get("data") or {}).values() if isinstance(one, Mapping)]
    tables = [_shown(sheet) for field in fields for sheet in sheets_of(_to_the_point(field))]
    problems = [str(error["message"]) for error in answer.get("errors") or ()]
    return Answered(
        tuple(table for table in tables if table.columns),
        tuple(_sources(fields)),
        (*problems, *_failures(fields)),
    )


def _to_the_point(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field without what is about the answer; a report's values under their names."""
    kept = {name: value for name, value in field.items() if name not in _BESIDE}
    if "columns" in field and "rows" in field:
        names = [
            str(one.get("title") or one["name"]) for one in field["columns"] if _of_numbers(one)
        ]
        kept = {"rows": [_named(row, names) for row in field["rows"]]}
    return kept


def _of_numbers(column: Mapping[str, Any]) -> bool:
    """Return whether a row's `values` hold one for this column."""
    # Every number has a unit, and nothing else has: an example may ask for that alone.
    return bool(column.get("type", "NUMBER" if column.get("unit") else "") == "NUMBER")


def _named(row: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    values = row.get("values", ())
    if len(values) != len(names):
        # Rather no names than wrong ones.
        return dict(row)
    rest = {name: value for name, value in row.items() if name != "values"}
    return {**rest, **dict(zip(names, values, strict=True))}


def _shown(sheet: Sheet) -> Shown:
    columns = zip(*sheet.rows, strict=True) if sheet.columns else ()
    numbers = [_is_of_numbers(texts) for texts in columns]
    heads = (_heading(name) for name in sheet.columns)
    return Shown(
        tuple(zip(heads, numbers, strict=True)),
        sheet.rows[:MOST_ROWS],
        max(len(sheet.rows) - MOST_ROWS, 0),
    )


def _heading(name: str) -> str:
    words = _CAPITAL.sub(" ", name.replace(".", " ").replace("_", " ")).lower()
    return words[:1].upper() + words[1:]


def _is_of_numbers(texts: tuple[str, ...]) -> bool:
    told = [text for text in texts if text not in _NOTHING]
    return bool(told) and all(_NUMBER.fullmatch(text) for text in told)


def _sources(fields: list[Mapping[str, Any]]) -> Iterator[str]:
    for field in fields:
        for source in field.get("sources") or ():
            yield f"{source['platform']}: {str(source['freshness']).lower()}"


def _failures(fields: list[Mapping[str, Any]]) -> Iterator[str]:
    for field in fields:
        for failure in field.get("failures") or ():
            yield f"{failure['platform']}: {str(failure['code']).lower().replace('_', ' ')}"
