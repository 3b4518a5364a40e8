"""Holds the answers of two executors against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult

__all__ = ["answers", "differences"]


def _told(error: GraphQLError) -> tuple[Any, ...]:
    """Return all that a caller, or the masking of errors, sees of an error."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    places = [(place.line, place.column) for place in error.locations or ()]
    aware = isinstance(cause, GraphQLError) and bool(cause.nodes)
    return error.message, str(error.path), str(places), type(cause).__name__, aware


def _nulled(data: Any, path: list[Any] | None) -> tuple[Any, ...]:  # noqa: ANN401 (any answer)
    """Return which place became null because of an error there."""
    reached: tuple[Any, ...] = ()
    for key in path or ():
        if data is None:
            break
        data = data[key]
        reached = (*reached, key)
    return reached


def differences(one: ExecutionResult, other: ExecutionResult, *, in_order: bool) -> list[str]:
    """Return what differs.

    Where things happen at once, the order of errors is nobody's promise, nor which of several
    made a place null: there the places are compared, and all errors that made only their own null.
    """
    found = []
    if repr(one.data) != repr(other.data):
        found.append(f"data: {one.data}\n   is: {other.data}")
    told = [[_told(error) for error in result.errors or ()] for result in (one, other)]
    if in_order:
        return found if told[0] == told[1] else [*found, f"errors: {told[0]}\n    are: {told[1]}"]
    if not found:
        exact = [Counter(_exact(result)) for result in (one, other)]
        if exact[0] != exact[1]:
            found.append(f"errors: {exact[0]}\n    are: {exact[1]}")
        places = [{_nulled(r.data, e.path) for e in r.errors or ()} for r in (one, other)]
        if places[0] != places[1]:
            found.append(f"nulled: {places[0]}\n   are: {places[1]}")
    return found


def _exact(result: ExecutionResult) -> list[tuple[Any, ...]]:
    """Return the errors that made nothing null but their own place."""
    return [
        _told(error)
        for error in result.errors or ()
        if list(_nulled(result.data, error.path)) == error.path
    ]


async def answers(
    schemas: tuple[strawberry.Schema, strawberry.Schema],
    query: str,
    variables: dict[str, Any],
    contexts: Sequence[Any],
) -> tuple[ExecutionResult, ExecutionResult]:
    """Return the answers of both schemas."""
    one = await schemas[0].execute(query, dict(variables), context_value=contexts[0])
    other = await schemas[1].execute(query, dict(variables), context_value=contexts[1])
    return one, other
