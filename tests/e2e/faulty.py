"""A proxy on a real socket between a gateway and a simulator, which can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import urlsplit

__all__ = ["RETRY_AFTER", "VENDOR_WORDS", "Fault", "FaultProxy", "Proxies", "running_proxies"]

T = TypeVar("T")

VENDOR_WORDS = "words-of-the-vendor"
"""What every faulty answer says, and no caller may ever read."""
RETRY_AFTER = 20


class Fault(Enum):
    """What a proxy does with a request, instead of passing it on."""

    REFUSED = "refused"
    SILENT = "silent"
    UNAUTHORIZED = "unauthorized"
    LOGIN_PAGE = "login-page"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    CUT = "cut"
    LOST = "lost"
    """Changes reach the vendor, and their answers get lost; what only asks is passed on."""


def _canned(status: str, body: str, *headers: str, missing: int = 0) -> bytes:
    """Return an answer that closes its connection, `missing` bytes before its end."""
    length = f"Content-Length: {len(body) + missing}"
    head = [f"HTTP/1.1 {status}", length, "Connection: close", *headers]
    return ("\r\n".join([*head, "", ""]) + body).encode()


_JSON = "Content-Type: application/json"
_ANSWERS: Mapping[Fault, bytes] = MappingProxyType(
    {
        Fault.UNAUTHORIZED: _canned(
            "401 Unauthorized", f'{{"error": "{VENDOR_WORDS}"}}', _JSON, "WWW-Authenticate: Bearer"
        ),
        Fault.LOGIN_PAGE: _canned(
            "200 OK",
            f"<!DOCTYPE html><html><body>{VENDOR_WORDS}</body></html>",
            "Content-Type: text/html; charset=utf-8",
        ),
        Fault.RATE_LIMITED: _canned(
            "429 Too Many Requests",
            f'{{"error": "{VENDOR_WORDS}"}}',
            _JSON,
            f"Retry-After: {RETRY_AFTER}",
        ),
        Fault.SERVER_ERROR: _canned(
            "500 Internal Server Error", f'{{"error": "{VENDOR_WORDS}"}}', _JSON
        ),
        Fault.CUT: _canned("200 OK", f'{{"data": ["{VENDOR_WORDS}", ', _JSON, missing=1000),
    }
)


class FaultProxy:
    """Passes requests on to one origin, until it is told to do otherwise."""

    def __init__(self, upstream: str, run: _Running) -> None:
        self._upstream = urlsplit(upstream)
        self._run = run
        # Bound and never listening: the port stays ours while connections to it are refused.
        self._reserved = _bound(0)
        self.port: int = self._reserved.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._fault: Fault | None = None
        self._server: asyncio.Server | None = None
        self._held: set[asyncio.Task[None]] = set()
        run(self._listen())

    def break_(self, fault: Fault) -> None:
        """Misbehave in this way from now on."""
        self._fault = fault
        if fault is Fault.REFUSED:
            self._run(self._hang_up())

    def mend(self) -> None:
        """Pass requests on again."""
        refused, self._fault = self._fault is Fault.REFUSED, None
        if refused:
            self._run(self._listen())

    def close(self) -> None:
        """Stop."""
        self._run(self._hang_up())
        self._reserved.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=_bound(self.port))

    async def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._held:
            task.cancel()
        await asyncio.gather(*self._held, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._held.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._answer(reader, writer)
        finally:
            self._held.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; each has a connection of its own."""
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        fault = self._fault
        if fault is None or (fault is Fault.LOST and head.startswith(b"GET ")):
            await self._pass_on(_closing(head) + body, writer)
        elif fault is Fault.LOST:
            await self._swallow(_closing(head) + body)
        elif fault is Fault.SILENT:
            await reader.read()  # until whoever asks gives up
        else:
            writer.write(_ANSWERS[fault])
            await writer.drain()

    async def _pass_on(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        async for chunk in self._answered(request):
            writer.write(chunk)
            await writer.drain()

    async def _swallow(self, request: bytes) -> None:
        async for _ in self._answered(request):
            continue

    async def _answered(self, request: bytes) -> AsyncIterator[bytes]:
        host, port = self._upstream.hostname, self._upstream.port
        answer, sending = await asyncio.open_connection(host, port)
        try:
            sending.write(request)
            while chunk := await answer.read(65536):
                yield chunk
        finally:
            sending.close()


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _fields(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        yield name.lower(), value.strip()


def _length(head: bytes) -> int:
    return int(dict(_fields(head)).get(b"content-length", b"0"))


def _closing(head: bytes) -> bytes:
    """Return the head of a request that asks for the connection to be closed after the answer."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


class _Running:
    """A loop in a thread of its own; calling it runs a coroutine there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


class Proxies:
    """The proxies of one test run."""

    def __init__(self, run: _Running) -> None:
        self._run = run
        self._open: list[FaultProxy] = []

    def open(self, upstream: str) -> FaultProxy:
        """Return a new proxy in front of that origin."""
        proxy = FaultProxy(upstream, self._run)
        self._open.append(proxy)
        return proxy

    def close(self) -> None:
        """Close all."""
        for proxy in self._open:
            proxy.close()


@contextmanager
def running_proxies() -> Iterator[Proxies]:
    """Run proxies beside the tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxies", daemon=True)
    thread.start()
    proxies = Proxies(_Running(loop))
    try:
        yield proxies
    finally:
        proxies.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
