"""Reads expressions of filters and orders, as the OData library has parsed them, into terms.

What the library reads and we do not answer is refused here with 501, and what would be too much
work for every row with 400.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from odatapy.server.uri import Alias, Binary, Expression, ListExpression, Member, Method, Unary
from odatapy.server.uri import Literal as UriLiteral

from gateway.odata.refusals import unsupported
from gateway.odata.terms import Call, Column, Constant, Literal, Several, Term
from gateway.refusals import RefusedError

__all__ = ["FUNCTIONS", "Terms", "literal"]

_OPERATORS = frozenset({"and", "or", "eq", "ne", "gt", "ge", "lt", "le", "in"})
FUNCTIONS = (
    "contains",
    "startswith",
    "endswith",
    "tolower",
    "toupper",
    "trim",
    "length",
    "date",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
)
"""What can be called."""
_MOST = 1_000
"""Operators and functions that are worked out for every row, at most."""
_LISTED: Mapping[str, str] = {"or": "eq", "and": "ne"}
"""Chains that are lists of values, however long."""


class Terms:
    """Reads the expressions of one address."""

    def __init__(self) -> None:
        """Begin with all the work that an address may make."""
        self._left = _MOST
        self._readers: Mapping[type, Callable[[Any], Term]] = {
            Binary: self._binary,
            Unary: self._unary,
            Method: self._function,
            Member: _member,
            ListExpression: self._several,
            UriLiteral: lambda one: Constant(literal(one.value)),
            Alias: self._alias,
        }

    def read(self, expression: Expression) -> Term:
        """Return the term; raise RefusedError where there is none."""
        for kind, read in self._readers.items():
            if isinstance(expression, kind):
                return read(expression)
        raise unsupported(f"`{expression!r}`", "$filter")

    def _call(self, name: str, arguments: Iterable[Expression]) -> Call:
        self._spend()
        return Call(name, tuple(map(self.read, arguments)))

    def _spend(self) -> None:
        # Counted while it is read: aliases of aliases say very much in few words.
        self._left -= 1
        if self._left < 0:
            message = f"No more than {_MOST} operators and functions are worked out for each row."
            raise RefusedError(HTTPStatus.BAD_REQUEST, "QUERY_TOO_COMPLEX", message)

    def _binary(self, expression: Binary) -> Term:
        name = expression.operator.value
        if name not in _OPERATORS:
            raise unsupported(f"The operator `{name}`", "$filter")
        if name not in _LISTED:
            return self._call(name, (expression.left, expression.right))
        return self._chain(name, _links(expression))

    def _chain(self, name: str, links: Iterable[Expression]) -> Term:
        """Return the chain, with the values of one column in one place."""
        listed: dict[Column, list[Literal]] = {}
        others: list[Term] = []
        for link in links:
            column, value = _compared(link, _LISTED[name])
            if column is None:
                others.append(self.read(link))
            else:
                listed.setdefault(column, []).append(value)
        parts = [*(self._listed(name, *one) for one in listed.items()), *others]
        self._spend()
        return parts[0] if len(parts) == 1 else Call(name, tuple(parts))

    def _listed(self, name: str, column: Column, values: list[Literal]) -> Term:
        self._spend()
        if len(values) == 1:
            return Call(_LISTED[name], (column, Constant(values[0])))
        within = Call("in", (column, Several(tuple(values))))
        return within if name == "or" else Call("not", (within,))

    def _unary(self, expression: Unary) -> Term:
        if expression.operator.value != "not":
            raise unsupported(f"The operator `{expression.operator.value}`", "$filter")
        return self._call("not", (expression.operand,))

    def _function(self, expression: Method) -> Term:
        name = expression.method.value
        if name not in FUNCTIONS:
            raise unsupported(f"The function `{name}`", "$filter")
        return self._call(name, expression.parameters)

    def _several(self, expression: ListExpression) -> Term:
        values = [self.read(item) for item in expression.items]
        if not all(isinstance(one, Constant) for one in values):
            raise unsupported("`in` of other than literals", "$filter")
        return Several(tuple(one.value for one in values if isinstance(one, Constant)))

    def _alias(self, expression: Alias) -> Term:
        if expression.expression is None:
            message = f"`@{expression.name}` has no value."
            raise RefusedError(HTTPStatus.BAD_REQUEST, "BAD_USER_INPUT", message)
        self._spend()
        return self.read(expression.expression)


def _links(expression: Binary) -> list[Expression]:
    """Return what is joined by one operator: a chain of hundreds is not hundreds of levels deep."""
    links: list[Expression] = [expression.right]
    left = expression.left
    while isinstance(left, Binary) and left.operator is expression.operator:
        links.append(left.right)
        left = left.left
    return [left, *reversed(links)]


def _compared(link: Expression, name: str) -> tuple[Column | None, Literal]:
    """Return the column that the link compares by that operator, and with what literal."""
    if isinstance(link, Binary) and link.operator.value == name:
        left, right = link.left, link.right
        if isinstance(left, Member) and isinstance(right, UriLiteral):
            return _member(left), literal(right.value)
    return None, None


def _member(expression: Member) -> Column:
    plain = not (
        expression.lambda_variable
        or expression.lambda_expression
        or expression.count
        or expression.root_uri_info
    )
    if not plain or len(expression.path) != 1:
        raise unsupported(f"`{expression.path_str}`", "$filter")
    return Column(expression.path[0])


def literal(value: object) -> Literal:
    """Return a literal as cells are; raise RefusedError for one of a type that no column has."""
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, str | int | float | datetime | date):
        return value
    raise unsupported(f"A literal such as `{value}`", "$filter")
