"""GraphQL over HTTP, by POST and GET: JSON, events where they are asked for, a page for browsers.

Follows the GraphQL-over-HTTP draft: what was refused before it was executed has no `data`, and
its status is 400 for callers who ask for `application/graphql-response+json`, 200 for the others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import ExitStack, aclosing
from typing import Any

import orjson
import strawberry
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from graphql import ExperimentalIncrementalExecutionResults
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from gateway.configuration.settings import Settings
from gateway.context import Operations
from gateway.execution import compiled_execution
from gateway.graphql.answers import answer_of, answers_of, withheld_of
from gateway.graphql.chosen_operation import ChosenOperation
from gateway.graphql.event_stream import EventStream
from gateway.graphql.incremental import (
    ACCEPTED,
    IncrementalRefusedError,
    IncrementalResponse,
    OnlyWhereAccepted,
    parts_of,
)
from gateway.graphql.negotiation import (
    GRAPHQL_RESPONSE,
    accepts_parts,
    prefers_html,
    wants_events,
    wants_graphql_response,
)
from gateway.graphql.requests import Wanted, asked, bad, check_form, json_of
from gateway.graphql.streams import Streams
from gateway.graphql.trace import trace_of
from gateway.observability.request_log import note_operation
from gateway.persisted import Documents
from gateway.refusals import RefusedError, request_id_of
from gateway.security.field_limits import limit_fields
from gateway.security.limits import document_limits
from resolvers.context import RequestContext
from schema import build_schema
from vendors.errors import BadInputError

__all__ = ["GraphQLDoor", "answer_of", "answers_of", "schema_for", "withheld_of"]

_METHODS = "GET, HEAD, POST"
_VARY = "Accept, Authorization, X-API-Key"
_KINDS = {
    "GET": frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION}),
    "POST": frozenset(OperationType),
}
_PARAMETERS = ("query", "documentId", "operationName", "variables", "extensions")
_ASKING = frozenset({"query", "documentId", "extensions"})
"""By which of its parameters an address asks something."""
_COMPILED_FIELDS = 10_000
"""Of operations that are kept compiled: a few hundred of them, and some tens of megabytes."""

_HOW_TO_SUBSCRIBE = (
    "A subscription is answered by WebSocket, or as events: send `Accept: text/event-stream`."
)
_GRACE_SECONDS = 1.0
"""Platforms end by the deadline; an operation that then still has no end is given up."""


def schema_for(settings: Settings, *, introspection: bool) -> strawberry.Schema:
    """Return the schema within the limits of these settings, executed as they say.

    Raises ConfigurationError where a limit is of a field that is not there.
    """
    limits = settings.limits
    allowed = document_limits(
        depth=limits.depth,
        aliases=limits.aliases,
        tokens=limits.tokens,
        introspection=introspection,
    )
    compiled = settings.execution == "compiled"
    execution = [compiled_execution(most_fields=_COMPILED_FIELDS)] if compiled else []
    schema = build_schema([*allowed, ChosenOperation, OnlyWhereAccepted, *execution])
    limit_fields(schema, limits.fields)
    return schema


class _PartsToComeError(Exception):
    """The answer comes in parts, and not as one response."""

    def __init__(self, results: ExperimentalIncrementalExecutionResults) -> None:
        super().__init__()
        self.results = results


class _Asking(StarletteRequestAdapter):
    """A request as Strawberry sees it, and as it is."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class GraphQLDoor(GraphQL[RequestContext, None]):
    """The GraphQL endpoint."""

    request_adapter_class = _Asking

    def __init__(
        self,
        schema: BaseSchema,
        operations: Callable[[], Operations],
        page: Callable[[Request], Response] | None,
        streams: Streams,
        documents: Documents | None = None,
    ) -> None:
        """Serve that schema; `page` is for browsers, and None gives them none."""
        super().__init__(schema, graphql_ide=None, subscription_protocols=())
        self._operations = operations
        self._page = page
        self._streams = streams
        self._documents = documents or Documents()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except RefusedError as error:
            response = _fitting(error, request)
        response.headers["vary"] = _VARY
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method not in _METHODS.split(", "):
            raise _not_allowed("GraphQL is asked by GET or POST.", _METHODS)
        if self._page is not None and _is_for_people(request):
            return self._page(request)
        operations = self._operations()
        if wants_events(request.headers.get("accept", "")):
            return await self._events(request, operations)
        operation = await operations.begin(request)
        request.state.operation = operation
        request.state.began = time.perf_counter()
        request.state.traced = operations.traces(request)
        try:
            async with asyncio.timeout_at(operation.call.deadline + _GRACE_SECONDS):
                response: Response = await self.run(request, context=operation)
        except _PartsToComeError as error:
            return self._in_parts(request, operation, error.results)
        except TimeoutError:
            message = "The operation was not done within its deadline."
            raise RefusedError(504, "DEADLINE_EXCEEDED", message) from None
        except HTTPException as error:
            raise _refused(error) from None
        _fit_to_accept(request, response)
        return response

    async def execute_single(  # noqa: PLR0917 (as in the base)
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,  # noqa: ARG002 (as in the base)
        context: RequestContext,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Return the one answer of an operation; one with many is not asked for so."""
        method = request_adapter.method
        assert isinstance(request_data, Wanted)  # noqa: S101 (it was read here)
        try:
            result = await self.schema.execute(
                request_data.query,
                request_data.variables,
                context,
                root_value,
                request_data.operation_name,
                _KINDS[method] - {OperationType.SUBSCRIPTION},
                dict(ACCEPTED) if accepts_parts(request.headers.get("accept", "")) else None,
            )
        except CannotGetOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason()) from error
        except InvalidOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason(method)) from error
        if not isinstance(result, PreExecutionError):
            await self._documents.keep(request_data, context.principal)
        if isinstance(result, ExperimentalIncrementalExecutionResults):
            raise _PartsToComeError(result)
        return result

    def _in_parts(
        self,
        request: Request,
        operation: RequestContext,
        results: ExperimentalIncrementalExecutionResults,
    ) -> Response:
        """Return the answer in parts, the last of which tells what all of them cost."""
        call = operation.call

        async def parts() -> AsyncGenerator[dict[str, Any], None]:
            deadline = call.deadline + _GRACE_SECONDS
            async with aclosing(parts_of(results, call.request_id, deadline)) as given:
                async for part in given:
                    told = {} if part["hasNext"] else self._told(request)
                    yield part | ({"extensions": {"switchboard": told}} if told else {})

        return IncrementalResponse(parts)

    async def answers(
        self,
        data: object,
        operation: RequestContext,
    ) -> AsyncGenerator[tuple[dict[str, Any], bool], None]:
        """Give the answers of what is asked for, each with whether it was refused early.

        Raises RefusedError where that cannot be read.
        """
        wanted = await self._wanted(data, operation)
        async with aclosing(self._answers(wanted, operation, tuple(OperationType))) as given:
            async for each in given:
                yield each

    async def _answers(
        self, wanted: Wanted, operation: RequestContext, kinds: Iterable[OperationType]
    ) -> AsyncGenerator[tuple[dict[str, Any], bool], None]:
        first = True
        async with aclosing(answers_of(self.schema, wanted, operation, kinds)) as given:
            async for answer, refused in given:
                if first and not refused:
                    await self._documents.keep(wanted, operation.principal)
                first = False
                yield answer, refused

    async def _wanted(self, data: object, operation: RequestContext) -> Wanted:
        wanted = await self._documents.found(asked(data), operation.principal)
        if wanted.most_calls is not None:
            operation.spending.most_calls = wanted.most_calls
        return wanted

    async def _events(self, request: Request, operations: Operations) -> Response:
        """Return the answers as they come: events, which may be asked for by any operation."""
        operation = operations.begin_as(
            await operations.principal_of(request), request_id_of(request.scope)
        )
        note_operation(request.scope, operation)
        request.state.operation = operation
        wanted = await self.parse_http_body(_Asking(request))
        kinds = _KINDS[request.method]

        async def answers() -> AsyncGenerator[Mapping[str, Any], None]:
            async with aclosing(self._answers(wanted, operation, kinds)) as given:
                async for answer, _ in given:
                    yield answer

        with ExitStack() as stack:
            stack.enter_context(self._streams.place(operation.principal))
            return EventStream(answers, self._streams, stack.pop_all())
        raise AssertionError  # pragma: no cover (the stack swallows nothing)

    def should_render_graphql_ide(self, request: Any) -> bool:  # noqa: ANN401, ARG002 (as in the base)
        """Return False: whether a page is wanted has been decided before."""
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> Wanted:
        """Return the operation that is asked for; raise RefusedError where it cannot be read."""
        assert isinstance(request, _Asking)  # noqa: S101 (this class makes no others)
        return await self._wanted(await _sent(request), request.request.state.operation)

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Return what the caller sees of a result."""
        operation: RequestContext = request.state.operation
        answer, request.state.refused = answer_of(result, operation.call.request_id)
        told = self._told(request)
        if told:
            answer["extensions"] = {"switchboard": told}
        return answer  # type: ignore[return-value]  # the base's type knows no refusals

    @staticmethod
    def _told(request: Request) -> dict[str, Any]:
        """Return what is told beside an answer, or beside the last of its parts."""
        operation: RequestContext = request.state.operation
        told = withheld_of(operation)
        if request.state.traced:
            told |= trace_of(operation, time.perf_counter() - request.state.began)
        return told

    def decode_json(self, data: str | bytes) -> object:
        """Return what the JSON text says."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """Return the data as JSON text."""
        return orjson.dumps(data)


def _is_for_people(request: Request) -> bool:
    return (
        request.method == "GET"
        and _ASKING.isdisjoint(request.query_params)
        and prefers_html(request.headers.get("accept", ""))
    )


def _fit_to_accept(request: Request, response: Response) -> None:
    """Give the answer the media type and the status that the caller's `Accept` asks for."""
    if wants_graphql_response(request.headers.get("accept", "")):
        response.headers["content-type"] = GRAPHQL_RESPONSE
        if request.state.refused:
            response.status_code = 400


async def _sent(request: _Asking) -> object:
    """Return what the request says, in its address or as its body."""
    if request.method == "GET":
        return _of_query(request.request.query_params)
    check_form(request.headers)
    return json_of(await request.get_body(), "The body")


def _fitting(error: RefusedError, request: Request) -> Response:
    """Return the refusal with the media type, and the status, that `Accept` asks for."""
    response = error.response(request_id_of(request.scope))
    if wants_graphql_response(request.headers.get("accept", "")):
        response.headers["content-type"] = GRAPHQL_RESPONSE
    else:
        response.status_code = error.plain_status
    return response


def _of_query(params: QueryParams) -> dict[str, Any]:
    """Return the operation that stands in the address; two of its parts are JSON."""
    parts: dict[str, Any] = dict(params)
    for name in _PARAMETERS:
        if len(params.getlist(name)) > 1:
            # What stands in front of the gateway may have judged by the other one.
            raise bad(f"`{name}` stands in the address more than once.")
    for name in ("variables", "extensions"):
        text = parts.get(name)
        parts[name] = json_of(text.encode(), f"The parameter `{name}`") if text else None
    return parts


def _not_allowed(message: str, methods: str) -> RefusedError:
    return RefusedError(405, "METHOD_NOT_ALLOWED", message, headers={"allow": methods})


def _refused(error: HTTPException) -> RefusedError:
    """Return how we refuse what Strawberry refuses."""
    cause = error.__cause__
    if isinstance(cause, IncrementalRefusedError):
        return RefusedError(406, "NOT_ACCEPTABLE", error.reason)
    if isinstance(cause, InvalidOperationTypeError):
        if cause.operation_type is OperationType.SUBSCRIPTION:
            return RefusedError(406, "NOT_ACCEPTABLE", _HOW_TO_SUBSCRIBE)
        return _not_allowed(f"{error.reason[:1].upper()}{error.reason[1:]}.", "POST")
    return RefusedError(error.status_code, BadInputError.code, error.reason)
