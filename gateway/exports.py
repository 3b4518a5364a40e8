"""Tables of platforms as files, by GET: handed on as they arrive, at the pace of whoever reads.

What goes wrong before the first byte is an error as everywhere else. Afterwards the answer cannot
be taken back: the connection is broken, so that nobody takes a part for the whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.configuration.settings import LimitSettings
from gateway.context import Operations
from gateway.observability.request_log import note_operation
from gateway.places import Places
from gateway.refusals import RefusedError, refused_by, request_id_of
from resolvers.context import RequestContext
from resolvers.exports import Table, UnknownExportError, download, find, read_query
from vendors.calls import Call
from vendors.errors import CallerError, PlatformError
from vendors.exports import ExportQuery

__all__ = ["ExportDoor"]

_LOG = logging.getLogger("switchboard.exports")

_METHODS = "GET, HEAD"
_STALL_SECONDS = 60.0
"""How long a caller may take nothing; whoever does not read holds a place at the platform."""
_TOO_LATE = "The file was not handed on within its time."


class ExportDoor:
    """Serves `/exports/{platform}/{file}`."""

    def __init__(
        self,
        operations: Callable[[], Operations],
        limits: LimitSettings,
        *,
        stall_seconds: float = _STALL_SECONDS,
    ) -> None:
        """Serve so many at a time, each for so long, as the limits say.

        A caller that takes nothing for `stall_seconds` is left.
        """
        self._operations = operations
        self._stall_seconds = stall_seconds
        self._seconds = limits.download_seconds
        full = f"The gateway hands on {limits.downloads} files at a time"
        self._places = Places(limits.downloads, full)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        # Read, so that the connection can be watched from now on.
        await request.body()
        try:
            context, table, query = await self._asked(request)
            start = Response(headers=_headers(table, query), media_type=table.export.media_type)
            del start.headers["content-length"]
            if request.method == "HEAD":
                await start(scope, receive, send)
                return
            answer = _Answer(start, send, self._stall_seconds)
            await self._hand_on(answer, context, table, query)
        except RefusedError as error:
            await error.response(request_id_of(scope))(scope, receive, send)

    async def _asked(self, request: Request) -> tuple[RequestContext, Table, ExportQuery]:
        """Return what is asked for; raise RefusedError. No platform is asked."""
        if request.method not in _METHODS.split(", "):
            message = "Files are asked for by GET."
            raise RefusedError(405, "METHOD_NOT_ALLOWED", message, headers={"allow": _METHODS})
        operations = self._operations()
        principal = await operations.principal_of(request, by_query=True)
        call = Call.within(self._seconds, request_id=request_id_of(request.scope))
        context = RequestContext(operations.services, principal, call)
        note_operation(request.scope, context)
        try:
            named = request.path_params
            table = find(context, named["platform"], named["file"])
            return context, table, read_query(context, table, request.query_params.multi_items())
        except CallerError as error:
            raise _refused(error) from None

    async def _hand_on(
        self, answer: _Answer, context: RequestContext, table: Table, query: ExportQuery
    ) -> None:
        with self._places.taken():
            try:
                async with asyncio.timeout_at(context.call.deadline):
                    await _pour(answer, context, table, query)
            except (PlatformError, CallerError, TimeoutError) as error:
                if not answer.started:
                    raise _refused(error) from None
                # The answer is left without its end: the server breaks the connection.
                code = getattr(error, "code", "TIMEOUT")
                about = {"platform": table.platform.key, "export": table.export.name, "code": code}
                _LOG.warning("a download broke off", extra=about)


class _Answer:
    """An answer of which the head goes out with the first piece."""

    def __init__(self, head: Response, send: Send, stall_seconds: float) -> None:
        self._head = head
        self._send = send
        self._stall_seconds = stall_seconds
        self.started = False

    async def send(self, piece: bytes, *, more: bool = True) -> None:
        """Send a piece; raise TimeoutError where the caller takes nothing for too long."""
        async with asyncio.timeout(self._stall_seconds):
            if not self.started:
                self.started = True
                headers, status = self._head.raw_headers, self._head.status_code
                await self._send(
                    {"type": "http.response.start", "status": status, "headers": headers}
                )
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})


async def _pour(answer: _Answer, context: RequestContext, table: Table, query: ExportQuery) -> None:
    async with download(context, table, query) as pieces:
        async for piece in pieces:
            await answer.send(piece)
    await answer.send(b"", more=False)


def _headers(table: Table, query: ExportQuery) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="{table.file_name(query)}"',
        "cache-control": "no-store",
    }


def _refused(error: PlatformError | CallerError | TimeoutError) -> RefusedError:
    if isinstance(error, UnknownExportError):
        return RefusedError(404, "NOT_FOUND", str(error), extensions=error.extensions)
    if isinstance(error, TimeoutError):
        return RefusedError(504, "DEADLINE_EXCEEDED", _TOO_LATE)
    return refused_by(error)
