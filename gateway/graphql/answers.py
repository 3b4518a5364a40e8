"""What the schema answers, as callers see it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any

from graphql import GraphQLError
from strawberry.http import GraphQLRequestData
from strawberry.schema import BaseSchema
from strawberry.schema.schema import StreamResult
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from gateway.graphql.incremental import ACCEPTED, Part, Parts
from gateway.security.masking import shown_errors
from resolvers.context import RequestContext
from resolvers.context import Scope as Allowed

__all__ = ["answer_of", "answers_of", "withheld_of"]


async def answers_of(
    schema: BaseSchema,
    wanted: GraphQLRequestData,
    operation: RequestContext,
    kinds: Iterable[OperationType] = tuple(OperationType),
) -> AsyncGenerator[tuple[dict[str, Any], bool], None]:
    """Give the answers of an operation of any kind, each with whether it was refused early."""
    results = await schema.stream(
        wanted.query,
        wanted.variables,
        context_value=operation,
        operation_name=wanted.operation_name,
        operation_extensions=dict(ACCEPTED),
        allowed_operation_types=kinds,
    )
    request_id = operation.call.request_id
    parts = Parts(request_id)
    async with aclosing(_with_early_errors(results)) as whole:
        async for result in whole:
            if isinstance(result, Part):
                answer, refused = parts.shown(result), False
            else:
                answer, refused = answer_of(result, request_id)
            told = withheld_of(operation)
            if told:
                answer["extensions"] = {"switchboard": told}
            yield answer, refused


async def _with_early_errors(results: StreamResult) -> AsyncGenerator[ExecutionResult | Part, None]:
    """Give the results; an error of the document's own, which is raised, is one of them."""
    async with aclosing(results):
        try:
            async for result in results:
                yield result
        except GraphQLError as error:
            yield PreExecutionError(data=None, errors=[error])


def withheld_of(operation: RequestContext) -> dict[str, Any]:
    """Return what an answer says of personal data that was left out of it, if any was."""
    if not operation.withheld:
        return {}
    return {"withheld": {"scope": Allowed.PERSONAL.value, "fields": list(operation.withheld)}}


def answer_of(result: ExecutionResult, request_id: str) -> tuple[dict[str, Any], bool]:
    """Return what the caller sees of a result, and whether it was refused before execution."""
    errors = shown_errors(result, request_id)
    early = isinstance(result, PreExecutionError)
    # Without data and place, it was the variables that were refused.
    refused = early or (result.data is None and bool(errors) and "path" not in errors[0])
    answer: dict[str, Any] = {} if refused else {"data": result.data}
    if errors:
        answer["errors"] = errors
    return answer, refused
