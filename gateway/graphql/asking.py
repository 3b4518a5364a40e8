"""Asks one GraphQL operation: in this process, or over HTTP of one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import orjson
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from gateway.configuration.settings import Settings
from gateway.context import TIMEOUT_HEADER
from gateway.graphql.endpoint import answer_of, schema_for
from gateway.graphql.trace import TRACE_HEADER, trace_of
from gateway.services import open_services
from resolvers.context import Principal, RequestContext, Scope, Services
from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.port import VendorSpec, Wiring

__all__ = [
    "Question",
    "answer_to",
    "ask_here",
    "ask_over_http",
    "ask_services",
    "operators_context",
    "operators_schema",
]

_OPERATOR = Principal("command line", frozenset(Scope) - {Scope.WRITE})


@dataclass(frozen=True, slots=True)
class Question:
    """A document, the values of its variables, and which of its operations is meant."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None


def operators_schema(settings: Settings) -> Schema:
    """Return the schema as whoever runs the gateway asks it: with its limits, and introspection."""
    return schema_for(settings, introspection=True)


def operators_context(
    services: Services, call: Call, *, ahead: timedelta = timedelta(0)
) -> RequestContext:
    """Return an operation of whoever runs the gateway, who sees everything and changes nothing."""
    return RequestContext(services, _OPERATOR, call, ahead=ahead)


async def ask_here(
    settings: Settings,
    specs: Mapping[str, VendorSpec[Any]],
    wiring: Wiring,
    question: Question,
) -> dict[str, Any]:
    """Return the answer of this process's own platforms, with what it cost."""
    schema = operators_schema(settings)
    async with open_services(settings, specs, wiring) as services:
        call = Call.within(settings.deadline_seconds, request_id="command line")
        return await ask_services(schema, services, call, question)


async def ask_services(
    schema: Schema,
    services: Services,
    call: Call,
    question: Question,
    *,
    ahead: timedelta = timedelta(0),
) -> dict[str, Any]:
    """Return the answer of these services within that budget, with what it cost.

    With `ahead`, what is kept is fetched anew where it will not be fresh for that long.
    """
    operation = operators_context(services, call, ahead=ahead)
    began = perf_counter()
    answer = await answer_to(question, schema, operation)
    answer["extensions"] = {"switchboard": trace_of(operation, perf_counter() - began)}
    return answer


_ANSWERED_AT_ONCE = (OperationType.QUERY, OperationType.MUTATION)


async def answer_to(
    question: Question, schema: Schema, operation: RequestContext
) -> dict[str, Any]:
    """Return what the schema answers within that operation: data, or errors, or both."""
    try:
        result = await schema.execute(
            question.query,
            dict(question.variables),
            context_value=operation,
            operation_name=question.operation,
            allowed_operation_types=_ANSWERED_AT_ONCE,
        )
    except InvalidOperationTypeError:
        return _refused(
            "A subscription is answered by a server, which is asked to stream.", operation
        )
    except (CannotGetOperationTypeError, MissingQueryError) as error:
        return _refused(_reason(error), operation)
    return answer_of(result, operation.call.request_id)[0]


def _refused(message: str, operation: RequestContext) -> dict[str, Any]:
    extensions = {"code": BadInputError.code, "requestId": operation.call.request_id}
    return {"errors": [{"message": message, "extensions": extensions}]}


def _reason(error: CannotGetOperationTypeError | MissingQueryError) -> str:
    if isinstance(error, MissingQueryError):
        return "There is no query."
    return error.as_http_error_reason()


def ask_over_http(origin: str, query: str, *, seconds: float) -> dict[str, Any]:
    """Return the answer of the gateway that listens there, with what it cost; raise OSError."""
    address = urlsplit(origin)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=seconds + 5)
    headers = {
        "Content-Type": "application/json",
        TIMEOUT_HEADER: f"{seconds:g}",
        TRACE_HEADER: "1",
    }
    try:
        connection.request("POST", "/graphql", orjson.dumps({"query": query}), headers)
        answer: dict[str, Any] = orjson.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()
