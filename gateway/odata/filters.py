"""What terms mean for a row: a filter keeps it or not, and an order has a key for it.

Empty cells are as OData has them: null is equal to null and to nothing else; that it is more or
less than something is false, and not unknown; it makes a function null, and comes before all other
values in an order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, TypeAlias

from gateway.odata.terms import Call, Column, Constant, Several, Term
from resolvers.rows.columns import Row

__all__ = ["Order", "kept_by", "sorted_by", "value_of"]

Value: TypeAlias = Callable[[Row], Any]
Order: TypeAlias = Sequence[tuple[Term, bool]]


def kept_by(term: Term | None, names: Sequence[str]) -> Callable[[Row], bool]:
    """Return what tells whether a row of the columns with these names is kept."""
    if term is None:
        return lambda _row: True
    value = value_of(term, names)
    return lambda row: value(row) is True


def sorted_by(rows: Sequence[Row], order: Order, names: Sequence[str]) -> list[Row]:
    """Return the rows in that order; those that are equal in it stay as they were."""
    ordered = list(rows)
    for term, falls in reversed(order):
        value = value_of(term, names)
        ordered.sort(key=lambda row, of=value: _place(of(row)), reverse=falls)  # type: ignore[misc]
    return ordered


def _place(value: Any) -> tuple[bool, Any]:  # noqa: ANN401 (the cells of one column compare)
    return (value is not None, 0 if value is None else value)


def value_of(term: Term, names: Sequence[str]) -> Value:
    """Return what the term is worth, for a row of the columns with these names."""
    if isinstance(term, Column):
        return operator.itemgetter(names.index(term.name))
    if isinstance(term, Constant):
        constant = term.value
        return lambda _row: constant
    if isinstance(term, Several):
        values = frozenset(term.values)
        return lambda _row: values
    parts = [value_of(one, names) for one in term.arguments]
    if term.name in _LOGIC:
        return _LOGIC[term.name](parts)
    return _applied(_FUNCTIONS[term.name], term, parts)


def _applied(work: Callable[..., Any], term: Call, parts: Sequence[Value]) -> Value:
    if term.name in _TAKE_NULL:
        left, right = parts
        return lambda row: work(left(row), right(row))

    def apply(row: Row) -> Any:  # noqa: ANN401 (whatever the function gives)
        values = [part(row) for part in parts]
        return None if None in values else work(*values)

    return apply


def _joined(decisive: bool, parts: Sequence[Value]) -> Value:
    """Return what one part decides by that value; else it is unknown if any part is."""

    def joined(row: Row) -> bool | None:
        unknown = False
        for part in parts:
            value = part(row)
            if value is decisive:
                return bool(value)
            unknown = unknown or value is None
        return None if unknown else not decisive

    return joined


def _not(parts: Sequence[Value]) -> Value:
    (part,) = parts

    def other(row: Row) -> bool | None:
        value = part(row)
        return None if value is None else not value

    return other


def _utc(part: str) -> Callable[[date], int]:
    """Return what takes that part of an instant in UTC, or of a day."""
    get = operator.attrgetter(part)

    def take(moment: date) -> int:
        found: int = get(moment.astimezone(UTC) if isinstance(moment, datetime) else moment)
        return found

    return take


def _both(one: object, other: object) -> bool:
    return one is not None and other is not None


def _day(moment: date) -> date:
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment


_LOGIC: Mapping[str, Callable[[Sequence[Value]], Value]] = {
    "and": partial(_joined, False),
    "or": partial(_joined, True),
    "not": _not,
}
_TAKE_NULL = frozenset({"eq", "ne", "in", "gt", "ge", "lt", "le"})
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda value, values: value in values,
    "gt": lambda one, other: _both(one, other) and one > other,
    "lt": lambda one, other: _both(one, other) and one < other,
    "ge": lambda one, other: one == other or (_both(one, other) and one > other),
    "le": lambda one, other: one == other or (_both(one, other) and one < other),
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "length": len,
    "date": _day,
    **{part: _utc(part) for part in ("year", "month", "day", "hour", "minute", "second")},
}
