"""Runs the application: one process, one event loop, and an orderly end."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Server", "StartError", "address_of", "bind"]

_LOG = logging.getLogger("switchboard.server")

_BACKLOG = 2048
_MESSAGE_BYTES = 64 * 1024
_LEAVING_SECONDS = 1.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StartError(Exception):
    """The process cannot begin; the message says what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; raise StartError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        # Python adds the address to some errors' own words.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise StartError(
            f"cannot listen on {host} port {port}: {reason}; --port takes another, 0 a free one"
        ) from None


def address_of(listening: socket.socket) -> str:
    """Return the address at which a browser on this machine reaches the socket."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 (read, not bound)
    return f"http://{f'[{shown}]' if ':' in shown and shown[0] != '[' else shown}:{port}"


class Server(uvicorn.Server):
    """uvicorn, which ends by itself where it was asked to, and says when it has begun."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        shutdown_seconds: int,
        lifespan: bool = True,
        started: Callable[[], None] | None = None,
        stopping: Callable[[], Awaitable[None]] | None = None,
        message_bytes: int = _MESSAGE_BYTES,
    ) -> None:
        """Serve that application; `started` is called, in a thread, once it does.

        `stopping` ends what would not end by itself, before connections are waited for. Messages
        on sockets are no larger than `message_bytes`.
        """
        super().__init__(
            uvicorn.Config(
                _ending_quietly(app),
                loop="uvloop",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=message_bytes,
                lifespan="on" if lifespan else "off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=shutdown_seconds,
            )
        )
        self._when_started = started
        self._when_stopping = stopping
        self._announcing: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and then tell that it has begun."""
        await super().startup(sockets)
        if self.started and self._when_started is not None:
            telling = asyncio.to_thread(self._when_started)
            self._announcing = asyncio.get_running_loop().create_task(telling)
            self._announcing.add_done_callback(_log_failure)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what goes on for ever, and then wait for the rest."""
        if self._when_stopping is not None:
            await self._when_stopping()
        await super().shutdown(sockets)
        if self.server_state.tasks:
            # They were cut off, and tell it to whoever waits.
            await asyncio.wait({*self.server_state.tasks}, timeout=_LEAVING_SECONDS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the server in order.

        uvicorn raises them again afterwards, which would kill the process before what was
        started beside the server is stopped.
        """
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _ending_quietly(app: ASGIApp) -> ASGIApp:
    """Return the application; that a request was cut off by the end is no fault of its code."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return served


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _LOG.error("telling of the start failed", exc_info=task.exception())
