"""Reads addresses of OData, by the grammar and the types of the OData library.

What the library reads and we do not answer is refused here, so that nothing of an address is ever
passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from odatapy.errors import ODataLibraryException, UriParserException
from odatapy.server.adapters.common import decode_path
from odatapy.server.uri import (
    Parser,
    UriInfo,
    UriInfoKind,
    UriResourceEntitySet,
    UriResourceKind,
)

from gateway.odata.expressions import Terms, literal
from gateway.odata.refusals import unsupported
from gateway.odata.terms import Literal, Term
from gateway.refusals import RefusedError

if TYPE_CHECKING:
    from odatapy.edm import Edm

__all__ = ["Asked", "read_address"]

_ANSWERED = frozenset(
    {"$filter", "$orderby", "$select", "$top", "$skip", "$count", "$format", "$skiptoken"}
)
_KNOWN = _ANSWERED | {
    "$apply",
    "$compute",
    "$deltatoken",
    "$expand",
    "$id",
    "$index",
    "$schemaversion",
    "$search",
}
_MOST_ORDERS = 32
"""Columns and functions to sort by, at most: each sorts all rows once more."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address says."""

    kind: UriInfoKind
    entity_set: str = ""
    key: Mapping[str, Literal] | None = None
    counted: bool = False
    """Whether the number of entities alone is asked for."""
    filter: Term | None = None
    order: tuple[tuple[Term, bool], ...] = ()
    """What to sort by, and whether that falls."""
    select: tuple[str, ...] | None = None
    """The wanted properties; None: all."""
    top: int | None = None
    skip: int = 0
    count: bool = False
    form: str | None = None
    """What `$format` says."""
    skiptoken: str | None = None

    @property
    def is_service(self) -> bool:
        """Return whether the list of entity sets is asked for."""
        return self.kind is UriInfoKind.SERVICE

    @property
    def is_metadata(self) -> bool:
        """Return whether the description of all of them is asked for."""
        return self.kind is UriInfoKind.METADATA


def read_address(edm: Edm, path: str, query: str) -> Asked:
    """Return what is asked by the path, behind the root, and the query, both as sent.

    Raises RefusedError: 400 for what cannot be read, 404 for what there is not, 501 for what is not
    supported.
    """
    _check_options(query)
    try:
        # A slash within quotes parts nothing, and quotes may have come escaped.
        return _asked(Parser(edm).parse_uri(decode_path(path.replace("%27", "'")), query))
    except UriParserException as error:
        raise RefusedError(error.status_code, _code(error.status_code), str(error)) from None
    except (ODataLibraryException, RecursionError, ValueError, OverflowError):
        message = "The address cannot be read as OData."
        raise RefusedError(HTTPStatus.BAD_REQUEST, "BAD_USER_INPUT", message) from None


def _code(status: int) -> str:
    return "NOT_FOUND" if status == HTTPStatus.NOT_FOUND else "BAD_USER_INPUT"


def _check_options(query: str) -> None:
    """Refuse what OData knows and we do not, before it is looked at any further."""
    for part in query.split("&"):
        name = unquote_plus(part.partition("=")[0]).strip()
        if name in _KNOWN and name not in _ANSWERED:
            raise unsupported(f"`{name}`", name)


def _asked(info: UriInfo) -> Asked:
    form = None if info.format is None else info.format.format
    if info.kind in {UriInfoKind.SERVICE, UriInfoKind.METADATA}:
        return Asked(kind=info.kind, form=form)
    if info.kind is not UriInfoKind.RESOURCE:
        raise unsupported("This kind of address", "path")
    entity_set, key, counted = _resource(info)
    terms = Terms()
    return Asked(
        kind=info.kind,
        entity_set=entity_set,
        key=key,
        counted=counted,
        filter=None if info.filter is None else terms.read(info.filter.expression),
        order=tuple(_orders(info, terms)),
        select=_selected(info),
        top=None if info.top is None else info.top.value,
        skip=0 if info.skip is None else info.skip.value,
        count=info.count is not None and info.count.value,
        form=form,
        skiptoken=info.skiptoken,
    )


def _resource(info: UriInfo) -> tuple[str, Mapping[str, Literal] | None, bool]:
    """Return the entity set, the key of the entity if there is one, and whether to count."""
    first, *more = info.resource_parts
    if not isinstance(first, UriResourceEntitySet) or first.type_filter:
        raise unsupported("This kind of address", "path")
    counted = [part.kind for part in more] == [UriResourceKind.COUNT]
    if more and not counted:
        raise unsupported("Addressing a part of an entity", "path")
    key = None
    if first.key_predicates:
        key = {name: literal(value) for name, value in first.typed_keys.items()}
    return first.entity_set.name, key, counted


def _orders(info: UriInfo, terms: Terms) -> Iterator[tuple[Term, bool]]:
    items = () if info.orderby is None else info.orderby.items
    if len(items) > _MOST_ORDERS:
        message = f"Rows are sorted by {_MOST_ORDERS} columns at most."
        raise RefusedError(HTTPStatus.BAD_REQUEST, "QUERY_TOO_COMPLEX", message)
    for item in items:
        yield terms.read(item.expression), item.descending


def _selected(info: UriInfo) -> tuple[str, ...] | None:
    if info.select is None or any(item.star for item in info.select.items):
        return None
    for item in info.select.items:
        if len(item.path) != 1 or item.type_cast or item.operation:
            raise unsupported(f"`{item.path_str}` in `$select`", "$select")
    return tuple(dict.fromkeys(item.path[0] for item in info.select.items))
