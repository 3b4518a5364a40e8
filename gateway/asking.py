"""Asks one GraphQL operation: in this process, or over HTTP of one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPConnection
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import orjson
from strawberry import Schema

from gateway.context import TIMEOUT_HEADER
from gateway.graphql import answer_of, schema_for
from gateway.services import open_services
from gateway.settings import Settings
from gateway.trace import TRACE_HEADER, trace_of
from resolvers.context import Principal, RequestContext, Scope, Services
from vendors.calls import Call
from vendors.port import VendorSpec, Wiring

__all__ = ["ask_here", "ask_over_http", "ask_services", "operators_schema"]

_OPERATOR = Principal("command line", frozenset(Scope))


def operators_schema(settings: Settings) -> Schema:
    """Return the schema as whoever runs the gateway asks it: with its limits, and introspection."""
    return schema_for(settings, introspection=True)


async def ask_here(
    settings: Settings,
    specs: Mapping[str, VendorSpec[Any]],
    wiring: Wiring,
    query: str,
    variables: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the answer of this process's own platforms, with what it cost."""
    schema = operators_schema(settings)
    async with open_services(settings, specs, wiring) as services:
        call = Call.within(settings.deadline_seconds, request_id="command line")
        return await ask_services(schema, services, call, query, variables)


async def ask_services(
    schema: Schema,
    services: Services,
    call: Call,
    query: str,
    variables: Mapping[str, Any] | None = None,
    *,
    ahead: timedelta = timedelta(0),
) -> dict[str, Any]:
    """Return the answer of these services within that budget, with what it cost.

    With `ahead`, what is kept is fetched anew where it will not be fresh for that long.
    """
    operation = RequestContext(services, _OPERATOR, call, ahead=ahead)
    began = perf_counter()
    result = await schema.execute(query, dict(variables or {}), context_value=operation)
    answer, _ = answer_of(result, call.request_id)
    answer["extensions"] = {"switchboard": trace_of(operation, perf_counter() - began)}
    return answer


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
