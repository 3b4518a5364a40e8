"""The envelope of every answer, and pages of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from vendors.iadvize.sandbox.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vendors.iadvize.sandbox.query import Query

    Payload: TypeAlias = Mapping[str, Any]

_LIMIT = 20
_LIMIT_AT_MOST = 100


class Numbered(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> int:
        """The id."""
        ...


T = TypeVar("T", bound=Numbered)


def success(data: object) -> Payload:
    """Return an answer without pages."""
    return {"meta": {"status": "success"}, "data": data}


def done() -> Payload:
    """Return the answer to what leaves nothing to show."""
    return {"meta": {"status": "success"}}


def told(message: str) -> Payload:
    """Return the answer to what is told in a sentence."""
    return {"meta": {"status": "success", "message": message}}


def one(resource: str, item: T, fields: Callable[[T], Payload]) -> Payload:
    """Return one item with all of its fields."""
    return success(_linked(resource, item, fields(item)))


def listing(
    query: Query, resource: str, items: Sequence[T], fields: Callable[[T], Payload]
) -> Payload:
    """Return one page of items; beyond the last page there is the last page again.

    Without `full` an item is its id and link alone.
    """
    page, limit = query.positive("page", default=1), query.positive("limit", default=_LIMIT)
    if limit > _LIMIT_AT_MOST:
        raise invalid("limit")
    full = query.flag("full", default=False)
    pages = max(1, -(-len(items) // limit))
    page = min(page, pages)
    shown = items[(page - 1) * limit : page * limit]
    data = [_linked(resource, item, fields(item) if full else {"id": item.id}) for item in shown]
    pagination = {"page": page, "pages": pages, "limit": limit, "count": len(items)}
    return {**success(data), "pagination": pagination}


def _linked(resource: str, item: Numbered, fields: Payload) -> Payload:
    return {**fields, "_link": f"/{resource}/{item.id}"}
