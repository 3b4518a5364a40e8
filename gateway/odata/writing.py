"""Writes what was found as OData's JSON, at the three levels of what is told beside the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from gateway.odata.answering import Found
from gateway.odata.asking import Question
from gateway.odata.formats import Level
from gateway.odata.metadata import NAMESPACE
from gateway.odata.service import EntitySet
from resolvers.outcomes import SourceStatus
from resolvers.rows.columns import Row, RowType

__all__ = ["collection", "entity", "service_document", "sources_told"]

_OPTIONS = orjson.OPT_UTC_Z
_UNTOLD = frozenset({RowType.TEXT, RowType.BOOLEAN})
"""What JSON tells by itself."""
_SAFE = "$',()@:/*"


def service_document(root: str, sets: Iterable[EntitySet], level: Level) -> bytes:
    """Return the list of entity sets."""
    listed = [
        {"name": one.name, "title": one.table.title, "kind": "EntitySet", "url": one.name}
        for one in sets
    ]
    return orjson.dumps({**_context(f"{root}$metadata", level), "value": listed})


def collection(root: str, question: Question, found: Found, level: Level, key: str | None) -> bytes:
    """Return a page of rows; `key` is the one that the caller sent in the address, if any."""
    told: dict[str, Any] = _context(_about(root, question), level)
    if found.count is not None:
        told["@odata.count"] = found.count
    if found.missing and level is not Level.NONE:
        told[f"@{NAMESPACE}.missing"] = list(found.missing)
    told["value"] = _objects(root, question, found.rows, level)
    if found.next is not None:
        told["@odata.nextLink"] = _next(root, question, found, key)
    return orjson.dumps(told, option=_OPTIONS)


def entity(root: str, question: Question, row: Row, level: Level) -> bytes:
    """Return one row."""
    context = _context(f"{_about(root, question)}/$entity", level)
    (shown,) = _objects(root, question, [row], level)
    return orjson.dumps({**context, **shown}, option=_OPTIONS)


def sources_told(sources: Iterable[SourceStatus], now: datetime) -> str:
    """Return what became of each platform, for the header `X-Sources`."""
    return ", ".join(f"{one.platform}={one.freshness.value}{_age(one, now)}" for one in sources)


def _age(one: SourceStatus, now: datetime) -> str:
    return "" if one.as_of is None else f";age={max(0, int((now - one.as_of).total_seconds()))}"


def _context(url: str, level: Level) -> dict[str, Any]:
    return {} if level is Level.NONE else {"@odata.context": url}


def _about(root: str, question: Question) -> str:
    chosen = question.asked.select
    columns = "" if chosen is None else f"({','.join(chosen)})"
    return f"{root}$metadata#{question.entity_set.name}{columns}"


def _objects(
    root: str, question: Question, rows: Sequence[Row], level: Level
) -> list[dict[str, object]]:
    names = question.entity_set.table.names
    places = [(column.name, names.index(column.name)) for column in question.columns]
    if level is not Level.FULL:
        return [{name: row[place] for name, place in places} for row in rows]
    types = _types(question)
    own = _own_options(question)
    return [
        {
            "@odata.type": f"#{NAMESPACE}.{question.entity_set.type_name}",
            "@odata.id": f"{root}{question.entity_set.address_of(row)}{own}",
            **{
                member: value
                for name, place in places
                for member, value in ((f"{name}@odata.type", types.get(name)), (name, row[place]))
                if value is not None or member == name
            },
        }
        for row in rows
    ]


def _types(question: Question) -> Mapping[str, str]:
    """Return the types that are told beside their values."""
    types = question.entity_set.types
    return {
        column.name: f"#{types[column.name].removeprefix('Edm.')}"
        for column in question.columns
        if column.type not in _UNTOLD
    }


def _own_options(question: Question) -> str:
    """Return the parameters of the table, by which the row is found again."""
    own = [one for one in question.options if one[0][:1] not in {"$", "@"}]
    own += question.bounds.items()
    return f"?{_written(own)}" if own else ""


def _next(root: str, question: Question, found: Found, key: str | None) -> str:
    options = list(question.options)
    if key is not None:
        options.append(("api_key", key))
    if found.left is not None:
        options.append(("$top", str(found.left)))
    if found.aside:
        options.append(("$skip", str(found.aside)))
    if found.next is not None:
        options.append(("$skiptoken", found.next))
    return f"{root}{question.entity_set.name}?{_written(options)}"


def _written(options: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(options), safe=_SAFE, quote_via=quote)
