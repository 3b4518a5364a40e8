"""Pages of lists: `skip` and `limit`, a filter and an order, each as JSON.

Without `sort` the newest come first. The answer does not say how many there are.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from vendors.chattonic.sandbox.refusals import invalid, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vendors.chattonic.sandbox.request import Parameters

    T = TypeVar("T")

_LIMIT_AT_MOST = 100
_ORDERS = {-1: True, 1: False}


class Ask(NamedTuple):
    """What part of a list is asked for."""

    skip: int
    limit: int
    filters: Mapping[str, object]
    newest_first: bool


def read(parameters: Parameters, *filters: str) -> Ask:
    """Read the parameters that every list has; `filters` are the properties that it filters by."""
    parameters.allow("skip", "limit", "query", "sort")
    found = parameters.document("query")
    for name in found:
        if name not in filters:
            raise unknown(f"query.{name}")
    return Ask(
        skip=parameters.number("skip", default=0, least=0),
        limit=parameters.number("limit", default=_LIMIT_AT_MOST, least=1, most=_LIMIT_AT_MOST),
        filters=found,
        newest_first=_newest_first(parameters.document("sort")),
    )


def page(ask: Ask, items: Iterable[T], fields: Callable[[T], object]) -> Mapping[str, object]:
    """Return the part of the items that is asked for."""
    shown = islice(items, ask.skip, ask.skip + ask.limit)
    return {"limit": ask.limit, "skip": ask.skip, "objects": [fields(item) for item in shown]}


def text(ask: Ask, name: str) -> str | None:
    """Return a property of the filter that has to be equal to a text."""
    value = ask.filters.get(name)
    if name in ask.filters and not isinstance(value, str):
        raise invalid(f"query.{name}")
    return value if isinstance(value, str) else None


def _newest_first(sort: Mapping[str, object]) -> bool:
    if not sort:
        return True
    order = sort.get("createdAt")
    if len(sort) != 1 or type(order) is not int or order not in _ORDERS:
        raise invalid("sort")
    return _ORDERS[order]
