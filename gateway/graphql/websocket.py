"""GraphQL over WebSocket, by the protocol `graphql-transport-ws`.

https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.http.websocket_origin import is_same_origin, normalize_origin

from gateway.context import Operations
from gateway.graphql.streams import LEAVING_SECONDS, Streams
from gateway.refusals import RefusedError
from resolvers.context import Principal, RequestContext

__all__ = ["PROTOCOL", "SocketDoor"]

PROTOCOL = "graphql-transport-ws"

_LOG = logging.getLogger("switchboard.requests")

_INIT_SECONDS = 5.0
"""Within how long a caller says who it is."""
_KEYS = frozenset({"authorization", "x-api-key"})
_LONGEST_REASON = 120
"""Bytes; a close frame has room for 123."""

Answer = Callable[[Any, RequestContext], AsyncGenerator[tuple[dict[str, Any], bool], None]]
"""Gives the answers of what is asked for, each with whether it was refused before execution."""


class _ClosedError(Exception):
    """The caller has broken the protocol: the socket is closed with that code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class SocketDoor:
    """The GraphQL endpoint for sockets."""

    def __init__(
        self,
        answers: Answer,
        operations: Callable[[], Operations],
        streams: Streams,
        origins: tuple[str, ...],
    ) -> None:
        """Serve pages of this origin and of those named, and whoever is no browser."""
        self._answers = answers
        self._operations = operations
        self._streams = streams
        self._origins = {one if one == "*" else normalize_origin(one) for one in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        socket = WebSocket(scope, receive, send)
        if not self._is_welcome(socket.headers):
            await socket.close(4403, "The origin is not allowed.")
            return
        if PROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        session = _Session(socket, self._answers, self._operations, self._streams)
        if not await self._streams.until_over(session.serve()):
            await _close(socket, 1001, "Going away; connect again.")

    def _is_welcome(self, headers: Headers) -> bool:
        """Return whether the page that opens the socket may; browsers leave that to us."""
        origin = headers.get("origin")
        if origin is None or "*" in self._origins:
            return True
        return is_same_origin(origin, headers.get("host")) or (
            normalize_origin(origin) in self._origins - {None}
        )


class _Session:
    """One caller on one socket, and what it asks for."""

    def __init__(
        self,
        socket: WebSocket,
        answers: Answer,
        operations: Callable[[], Operations],
        streams: Streams,
    ) -> None:
        self._socket = socket
        self._answers = answers
        self._operations = operations
        self._streams = streams
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._count = 0
        self._credentials: Mapping[str, str] = {}

    async def serve(self) -> None:
        """Answer until the caller leaves, or breaks the protocol."""
        try:
            with ExitStack() as stack:
                principal = await self._greeted()
                stack.callback(self._log, principal, time.perf_counter())
                try:
                    stack.enter_context(self._streams.place(principal, "sockets"))
                except RefusedError as error:
                    raise _ClosedError(4403, str(error)) from None
                await self._send("connection_ack")
                while True:
                    await self._heed(await self._heard())
        except _ClosedError as closed:
            await self._end_all()
            await _close(self._socket, closed.code, str(closed)[:_LONGEST_REASON])
        except WebSocketDisconnect:
            pass
        finally:
            await self._end_all()

    def _log(self, principal: Principal, began: float) -> None:
        about = {
            "key": principal.name,
            "operations": self._count,
            "seconds": round(time.perf_counter() - began, 1),
        }
        _LOG.info("socket", extra=about)

    async def _greeted(self) -> Principal:
        """Return who has opened the socket, by its headers or by what it says first."""
        try:
            async with asyncio.timeout(_INIT_SECONDS):
                message = await self._heard()
                while message["type"] == "ping":
                    await self._send("pong")
                    message = await self._heard()
        except TimeoutError:
            raise _ClosedError(4408, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise _ClosedError(4401, "Unauthorized")
        said = message.get("payload") or {}
        if not isinstance(said, dict):
            raise _ClosedError(4400, "The payload of connection_init must be an object.")
        self._credentials = _headers(self._socket.headers, said)
        try:
            return await self._operations().principal_by(self._credentials)
        except RefusedError as error:
            raise _ClosedError(4403, str(error)) from None

    async def _heard(self) -> dict[str, Any]:
        """Return the next message of the caller."""
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        try:
            message = orjson.loads(received.get("text") or b"")
        except orjson.JSONDecodeError:
            raise _ClosedError(4400, "A message must be JSON, sent as text.") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _ClosedError(4400, "A message must be an object with a `type`.")
        return message

    async def _heed(self, message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind == "subscribe":
            self._begin(message)
        elif kind == "complete":
            self._end(str(message.get("id")))
        elif kind == "ping":
            await self._send("pong")
        elif kind == "connection_init":
            raise _ClosedError(4429, "Too many initialisation requests")
        elif kind != "pong":
            raise _ClosedError(4400, "There is no such type of message.")

    def _begin(self, message: Mapping[str, Any]) -> None:
        name = message.get("id")
        if not isinstance(name, str) or not name:
            raise _ClosedError(4400, "`subscribe` needs an `id`.")
        if name in self._tasks:
            raise _ClosedError(4409, f"Subscriber for {name} already exists")
        task = asyncio.ensure_future(self._answered(name, message.get("payload")))
        self._tasks[name] = task
        self._count += 1
        task.add_done_callback(lambda done: self._forget(name, done))

    def _forget(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]

    def _end(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()

    async def _end_all(self) -> None:
        tasks = [*self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answered(self, name: str, payload: object) -> None:
        """Send all answers of one operation, and that they are all, or why there are none."""
        request_id = secrets.token_hex(8)
        try:
            operations = self._operations()
            # A socket may be open for long, and its key may have been withdrawn meanwhile.
            principal = await operations.principal_by(self._credentials)
            with self._streams.place(principal):
                operation = operations.begin_as(principal, request_id)
                last = await self._poured(name, payload, operation)
        except RefusedError as error:
            last = {"type": "error", "payload": error.shown(request_id)}
        except WebSocketDisconnect:
            # Whoever reads from the socket ends the rest.
            return
        except Exception:  # noqa: BLE001 (the other operations go on)
            _LOG.exception("unexpected error", extra={"request_id": request_id})
            failed = RefusedError(500, "INTERNAL_SERVER_ERROR", "Something went wrong on our side.")
            last = {"type": "error", "payload": failed.shown(request_id)}
        # It may be used again as soon as the end is told.
        self._tasks.pop(name, None)
        with suppress(WebSocketDisconnect):
            await self._send(last["type"], id=name, **_without_type(last))

    async def _poured(
        self, name: str, payload: object, operation: RequestContext
    ) -> dict[str, Any]:
        async with aclosing(self._answers(payload, operation)) as answers:
            async for answer, refused in answers:
                if refused:
                    return {"type": "error", "payload": answer["errors"]}
                await self._send("next", id=name, payload=answer)
        return {"type": "complete"}

    async def _send(self, kind: str, **fields: object) -> None:
        text = orjson.dumps({"type": kind, **fields}).decode()
        await self._socket.send_text(text)


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    """Close the socket, unless the caller has, or does not read."""
    with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(LEAVING_SECONDS):
            await socket.close(code, reason)


def _without_type(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "type"}


def _headers(sent: Headers, said: Mapping[str, object]) -> dict[str, str]:
    """Return the headers of the handshake, and what was said first in place of headers.

    A key that is said is the only one: browsers send by themselves what they once were given.
    """
    own = {name.lower(): value for name, value in said.items() if isinstance(value, str)}
    if _KEYS.isdisjoint(own):
        return {**dict(sent), **own}
    return {name: value for name, value in sent.items() if name not in _KEYS} | own
