"""Each request has an id and one line in the log."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.observability.metrics import Metrics
from gateway.refusals import REQUEST_ID, refusal, request_id_of

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["REQUEST_ID_HEADER", "RequestLog", "note_operation", "operation_of"]

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_OPERATION = "operation"
_EVENTS = b"text/event-stream"
_LEFT = 499
"""No answer was begun: the caller has gone."""

REQUEST_ID_HEADER = "x-request-id"

_LOG = logging.getLogger("switchboard.requests")


def note_operation(scope: Scope, operation: RequestContext) -> None:
    """Keep the operation beside the request, for the line that is logged of it."""
    scope.setdefault("state", {})[_OPERATION] = operation


def operation_of(scope: Scope) -> RequestContext | None:
    """Return the operation that the request asked for, if it came to that."""
    operation: RequestContext | None = scope.get("state", {}).get(_OPERATION)
    return operation


@dataclass(slots=True)
class _Answer:
    """What is seen of an answer while it passes."""

    status: int | None = None
    streamed: bool = False

    def note(self, message: Message) -> None:
        """Note how it begins."""
        self.status = message["status"]
        kinds = [value for name, value in message.get("headers", ()) if name == b"content-type"]
        self.streamed = any(kind.startswith(_EVENTS) for kind in kinds)


class RequestLog:
    """Gives each request its id, logs one line of it, and answers 500 where nothing else does."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        """Log the requests to `app`, and count them where there are metrics."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _chosen_id(Headers(scope=scope))
        scope.setdefault("state", {})[REQUEST_ID] = request_id
        answer = _Answer()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.note(message)
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        door = self._begun(scope)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._served(scope, receive, noted, answer)
            finally:
                seconds = time.perf_counter() - started
                if self._metrics is not None:
                    status = answer.status or _LEFT
                    self._metrics.answered(door, status, seconds, streamed=answer.streamed)
                _log(scope, answer, seconds)

    def _begun(self, scope: Scope) -> str:
        if self._metrics is None:
            return ""
        door = self._metrics.door(scope["path"].removeprefix(scope.get("root_path", "")))
        self._metrics.begun(door)
        return door

    async def _served(self, scope: Scope, receive: Receive, send: Send, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # The process stops, and has waited for as long as it may.
            if answer.status is None:
                await _stopping(request_id_of(scope))(scope, receive, send)
            raise
        except Exception:
            _LOG.exception("unexpected error")
            if answer.status is not None:
                # Half an answer is out: only a broken connection tells that it is not whole.
                raise
            failed = refusal(
                500,
                "INTERNAL_SERVER_ERROR",
                "Something went wrong on our side.",
                request_id_of(scope),
            )
            await failed(scope, receive, send)


def _stopping(request_id: str) -> Response:
    message = "The gateway is stopping; ask again."
    return refusal(503, "OVERLOADED", message, request_id, headers={"retry-after": "1"})


def _chosen_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID_HEADER, "")
    return given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)


def _log(scope: Scope, answer: _Answer, seconds: float) -> None:
    about: dict[str, Any] = {
        "method": scope["method"],
        "path": scope["path"],
        "status": answer.status or _LEFT,
        "milliseconds": round(seconds * 1000, 1),
    }
    operation = operation_of(scope)
    if operation is not None:
        about["key"] = operation.principal.name
        about["calls"] = len(operation.call.log.records)
    _LOG.info("request", extra=about)
