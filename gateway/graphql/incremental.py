"""Answers in parts: what `@defer` and `@stream` let come later.

The parts are those of the incremental delivery proposal of GraphQL (`pending`, `incremental`,
`completed`), as graphql-core makes them; over HTTP they are sent as `multipart/mixed`.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import Any, TypeAlias

import orjson
from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution import (
    CompletedResult,
    IncrementalDeferResult,
    IncrementalStreamResult,
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.execution import ExecutionResult

from gateway.refusals import RefusedError
from gateway.security.masking import shown_errors

__all__ = [
    "ACCEPTED",
    "IncrementalRefusedError",
    "IncrementalResponse",
    "OnlyWhereAccepted",
    "Part",
    "Parts",
    "parts_of",
]

ACCEPTED: Mapping[str, Any] = {"incremental": True}
"""The extensions of an operation whose caller takes an answer in parts."""

_LATER = frozenset({"defer", "stream"})
_REASON = (
    "An answer in parts is sent as `multipart/mixed`, as events, or over a WebSocket: send "
    "`Accept: multipart/mixed, application/json`, or leave out `@defer` and `@stream`."
)

Part: TypeAlias = InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult


class IncrementalRefusedError(CannotGetOperationTypeError):
    """The operation has an answer in parts, and its caller takes none."""

    def as_http_error_reason(self) -> str:
        """Return the message for the caller, under the name that Strawberry asks for."""
        return _REASON


class OnlyWhereAccepted(SchemaExtension):
    """Refuses `@defer` and `@stream` before anything is executed, unless parts are accepted."""

    def on_parse(self) -> Iterator[None]:
        """Look at the parsed document; raise IncrementalRefusedError."""
        yield
        context = self.execution_context
        document, text = context.graphql_document, context.query or ""
        if document is None or (context.operation_extensions or {}).get("incremental"):
            return
        # A look at the text is cheap, and nearly all documents end here.
        if any(name in text for name in _LATER) and _comes_later(document, context.variables):
            raise IncrementalRefusedError(None)


def _comes_later(document: DocumentNode, variables: Mapping[str, Any] | None) -> bool:
    """Return whether a directive lets a part come later, as far as that is known beforehand."""
    given = {**_defaults(document), **(variables or {})}
    found = _Directives()
    visit(document, found)
    return any(_is_on(one, given) for one in found.later)


class _Directives(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.later: list[DirectiveNode] = []

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in _LATER:
            self.later.append(node)


def _defaults(document: DocumentNode) -> dict[str, Any]:
    found: dict[str, bool] = {}
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            for variable in operation.variable_definitions or ():
                if isinstance(variable.default_value, BooleanValueNode):
                    name = variable.variable.name.value
                    # Of several operations any may be meant: off is what is off in all of them.
                    found[name] = found.get(name, False) or variable.default_value.value
    return found


def _is_on(directive: DirectiveNode, variables: Mapping[str, Any]) -> bool:
    for argument in directive.arguments or ():
        if argument.name.value == "if":
            value = argument.value
            if isinstance(value, VariableNode):
                return variables.get(value.name.value) is not False
            return not isinstance(value, BooleanValueNode) or value.value
    return True


class Parts:
    """Shows the parts of one answer as callers see them."""

    def __init__(self, request_id: str) -> None:
        """Show errors with that id."""
        self._request_id = request_id
        self._pending: dict[str, None] = {}

    def shown(self, part: Part) -> dict[str, Any]:
        """Return what the caller sees of a part."""
        shown: dict[str, Any] = {}
        if isinstance(part, InitialIncrementalExecutionResult):
            shown["data"] = part.data
            self._add_errors(shown, part.errors)
        if part.pending:
            self._pending.update(dict.fromkeys(one.id for one in part.pending))
            shown["pending"] = [one.formatted for one in part.pending]
        if isinstance(part, SubsequentIncrementalExecutionResult):
            if part.incremental:
                shown["incremental"] = [self._item(one) for one in part.incremental]
            if part.completed:
                shown["completed"] = [self._completed(one) for one in part.completed]
        shown["hasNext"] = part.has_next
        return shown

    def given_up(self, error: RefusedError) -> dict[str, Any]:
        """Return the last part where the rest is not waited for."""
        errors = error.shown(self._request_id)
        completed = [{"id": one, "errors": errors} for one in self._pending]
        return {"completed": completed, "hasNext": False}

    def _item(self, one: IncrementalDeferResult | IncrementalStreamResult) -> dict[str, Any]:
        item: dict[str, Any] = {"id": one.id}
        if one.sub_path:
            item["subPath"] = one.sub_path
        if isinstance(one, IncrementalDeferResult):
            item["data"] = one.data
        else:
            item["items"] = one.items
        self._add_errors(item, one.errors)
        return item

    def _completed(self, one: CompletedResult) -> dict[str, Any]:
        self._pending.pop(one.id, None)
        completed: dict[str, Any] = {"id": one.id}
        self._add_errors(completed, one.errors)
        return completed

    def _add_errors(self, shown: dict[str, Any], errors: list[GraphQLError] | None) -> None:
        if errors:
            result = ExecutionResult(data=None, errors=errors)
            shown["errors"] = shown_errors(result, self._request_id)


async def parts_of(
    results: ExperimentalIncrementalExecutionResults, request_id: str, deadline: float
) -> AsyncGenerator[dict[str, Any], None]:
    """Give all parts of an answer; what is not there by the deadline is told as failed."""
    parts = Parts(request_id)
    async with aclosing(results.subsequent_results) as later:
        yield parts.shown(results.initial_result)
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    part = await anext(later, None)
            except TimeoutError:
                message = "The rest of the answer was not done within its deadline."
                yield parts.given_up(RefusedError(504, "DEADLINE_EXCEEDED", message))
                return
            if part is None:
                return
            yield parts.shown(part)


_TYPE = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"
_NEXT = b"\r\n---"
_END = b"--\r\n"


class IncrementalResponse(Response):
    """Sends each part when it is there, as one of `multipart/mixed`."""

    def __init__(self, parts: Callable[[], AsyncGenerator[dict[str, Any], None]]) -> None:
        """Send these parts, of which each tells whether it has a next one."""
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(headers=headers, media_type='multipart/mixed; boundary="-"')
        del self.headers["content-length"]
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (the signature is ASGI's)
        """Send the parts until they end, or the caller goes."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        await _send(send, b"---")
        async with aclosing(self._parts()) as parts:
            async for part in parts:
                # A part is known to be whole when what delimits it from the next has come.
                await _send(send, _TYPE + orjson.dumps(part) + _NEXT)
        await _send(send, _END, more=False)


async def _send(send: Send, text: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": more})
