"""A platform that misbehaves, byte by byte, on a real loopback socket.

    async with Faulty(RESET, ok(b'{"a":1}')) as platform:
        ...                       # the first request is reset, all later ones get the answer

A behaviour gets the request and the writer and does what it likes; when it returns, the connection
is kept for the next request unless it was closed.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """What came in."""

    number: int
    connection: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Writer: TypeAlias = asyncio.StreamWriter
Behaviour: TypeAlias = Callable[[Request, Writer], Awaitable[None]]


class Faulty:
    """Behaves once in each of the given ways, and in the last way from then on."""

    def __init__(
        self, *behaviours: Behaviour, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.asked = asyncio.Event()
        """Set when the first request is there."""
        self.hung_up = asyncio.Event()
        """Set when a client left before it had its answer."""
        self._behaviours = behaviours
        self._port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def origin(self) -> str:
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{'http' if self._tls is None else 'https'}://{host}:{port}"

    async def idle(self) -> None:
        """Wait until no connection is open."""
        await asyncio.gather(*self._tasks)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._port, ssl=self._tls
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # Cancelled is what the end of the test does to it.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._converse(reader, writer, self.connections)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        while not writer.is_closing():
            request = await self._request(reader, connection)
            self.requests.append(request)
            self.asked.set()
            behave = self._behaviours[min(request.number, len(self._behaviours)) - 1]
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            try:
                await self._behave(behave, request, reader, writer)
            finally:
                self.in_flight -= 1

    async def _behave(
        self,
        behave: Behaviour,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Behave, but stop when the client hangs up."""
        acting = asyncio.ensure_future(behave(request, writer))
        leaving = asyncio.ensure_future(_end(reader))
        try:
            await asyncio.wait({acting, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not acting.done():
                self.hung_up.set()
                raise ConnectionAbortedError
            await acting
        except ConnectionError:
            self.hung_up.set()
            raise
        finally:
            for one in (acting, leaving):
                one.cancel()
            await asyncio.gather(acting, leaving, return_exceptions=True)

    async def _request(self, reader: asyncio.StreamReader, connection: int) -> Request:
        head = await reader.readuntil(HEAD_END)
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = dict(_header(line) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        number = len(self.requests) + 1
        return Request(number, connection, method, target, headers, body)


async def soon(event: asyncio.Event) -> None:
    """Wait for something that is about to happen."""
    await asyncio.wait_for(event.wait(), 10)


async def _end(reader: asyncio.StreamReader) -> None:
    """Return when the client has closed; it sends nothing while it waits for an answer."""
    # A stream reader that is to be read later can only be watched.
    while not reader.at_eof():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


# -------------------------------------------------------------------------------- good answers


def answer(
    status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Behaviour:
    """Answer as a server should."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        writer.write(head(status, fields | dict(headers or {})) + body)
        await writer.drain()

    return behave


def ok(body: bytes = b"{}", **headers: str) -> Behaviour:
    """Answer 200 with this body; `Retry_After="1"` becomes a header."""
    return answer(200, body, {name.replace("_", "-"): value for name, value in headers.items()})


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return the head of an answer."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines)).encode() + HEAD_END


async def echo(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer with the request's target, so that a mixed-up answer shows."""
    await ok(b'{"target":"%s"}' % request.target.encode())(request, writer)


def after(seconds: float, behaviour: Behaviour) -> Behaviour:
    """Behave so, but late."""

    async def behave(request: Request, writer: Writer) -> None:
        await asyncio.sleep(seconds)
        await behaviour(request, writer)

    return behave


class PerSecond:
    """Answers so many requests in each second of its own, and refuses the others."""

    def __init__(self, limit: int, behaviour: Behaviour) -> None:
        self.refused = 0
        self._limit = limit
        self._behaviour = behaviour
        self._second = float("-inf")
        self._answered = 0

    async def __call__(self, request: Request, writer: Writer) -> None:
        now = time.monotonic()
        if now >= self._second + 1.0:
            self._second, self._answered = now, 0
        if self._answered < self._limit:
            self._answered += 1
            await self._behaviour(request, writer)
        else:
            self.refused += 1
            await answer(429, b"", {"Retry-After": "1"})(request, writer)


class AtOnce:
    """Answers so many requests at a time, and refuses the others."""

    def __init__(self, limit: int, behaviour: Behaviour) -> None:
        self.refused = 0
        self._limit = limit
        self._behaviour = after(0.01, behaviour)
        self._busy = 0

    async def __call__(self, request: Request, writer: Writer) -> None:
        if self._busy >= self._limit:
            self.refused += 1
            await answer(429)(request, writer)
            return
        self._busy += 1
        try:
            await self._behaviour(request, writer)
        finally:
            self._busy -= 1


# --------------------------------------------------------------------------------- bad answers


def raw(data: bytes, *, close: bool = True) -> Behaviour:
    """Write exactly these bytes."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return behave


async def reset(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Break the connection before any answer."""
    abort(writer)


def reset_after(data: bytes) -> Behaviour:
    """Break the connection after these bytes."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0.02)
        abort(writer)

    return behave


async def hang_up(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Close the connection in good order, without an answer."""
    writer.close()


def answer_and_close(behaviour: Behaviour) -> Behaviour:
    """Answer as if the connection would be kept, and close it."""

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        await behaviour(request, writer)
        writer.close()

    return behave


def answer_and_reset_next(body: bytes) -> Behaviour:
    """Answer the first request of each connection and break it at the second."""
    seen: set[int] = set()

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.connection in seen:
            abort(writer)
            return
        seen.add(request.connection)
        await ok(body)(request, writer)

    return behave


def stall(data: bytes = b"") -> Behaviour:
    """Write this much of an answer and then nothing any more."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await asyncio.Event().wait()

    return behave


def drip(data: bytes, every: float = 0.02) -> Behaviour:
    """Write a byte at a time, for ever: the data over and over."""

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        while True:
            for byte in data:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(every)

    return behave


def drip_body() -> Behaviour:
    """Send a head and then a body that never ends, slowly."""
    start = head(200, {"Content-Length": "1000000"})

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await drip(b" ")(request, writer)

    return behave


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> Behaviour:
    """Answer in chunks of the given bytes; another `end` is a fault."""
    data = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks)
    return raw(head(200, {"Transfer-Encoding": "chunked"}) + data + end)


def gzipped(body: bytes, *, encoding: str = "gzip", lacking: int = 0) -> Behaviour:
    """Answer compressed, without the last bytes if some are to be lacking."""
    packed = gzip.compress(body)
    return ok(packed[: len(packed) - lacking], Content_Encoding=encoding)


def bomb(megabytes: int) -> bytes:
    """Return some kilobytes of gzip that hold so many megabytes."""
    return b"".join(_deflated(b"\0" * 2**20 for _ in range(megabytes)))


def _deflated(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def giant(megabytes: int, *, announced: bool) -> Behaviour:
    """Send a body of so many megabytes, with or without saying so first."""
    length = {"Content-Length": str(megabytes * 2**20)} if announced else {"Connection": "close"}

    async def behave(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, length))
        for _ in range(megabytes):
            writer.write(b" " * 2**20)
            await writer.drain()
        writer.close()

    return behave


# ------------------------------------------------------------------------------------- sockets


def abort(writer: asyncio.StreamWriter) -> None:
    """Close with a reset rather than in good order."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
