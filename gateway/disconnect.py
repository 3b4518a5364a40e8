"""A caller that has gone is not answered: what was begun for it is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CancelOnDisconnect"]


_WITHOUT_BODY = frozenset({"GET", "HEAD"})


class CancelOnDisconnect:
    """Cancels the work on a request when its caller closes the connection.

    Servers tell only those who listen. The body is handed through untouched; once it is read,
    the connection is watched beside the work.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Watch over the requests to `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = _Connection(receive, has_body=scope.get("method") not in _WITHOUT_BODY)
        work = asyncio.ensure_future(self._app(scope, connection.receive, send))
        watch = asyncio.ensure_future(connection.closed())
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone = not work.done()
            work.cancel()
            watch.cancel()
            await asyncio.wait({work, watch})
        if not (gone and work.cancelled()):
            with suppress(ClientDisconnect):
                work.result()


class _Connection:
    """The caller's side of a request: first its body, then only whether it is still there."""

    def __init__(self, receive: Receive, *, has_body: bool) -> None:
        self._receive = receive
        self._body_read = asyncio.Event()
        self._closed = asyncio.Event()
        self._empty = not has_body
        if self._empty:
            # Nobody reads what is not there, and so nobody would begin to watch.
            self._body_read.set()

    async def receive(self) -> Message:
        if self._empty:
            self._empty = False
            return {"type": "http.request", "body": b"", "more_body": False}
        if self._body_read.is_set():
            await self._closed.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        if not message.get("more_body", False):
            self._body_read.set()
        return message

    async def closed(self) -> None:
        """Return when the caller has gone."""
        await self._body_read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._closed.set()
