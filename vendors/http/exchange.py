"""One request and its whole answer: sent, read within bounds, noted, its faults named by cause.

It is a transport, so that every request that an authentication makes beside the one that was asked
for passes here, too, and is counted and bounded like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import httpx

from vendors.calls import Call, CallRecord
from vendors.http.body import Decoder, read_body
from vendors.http.faults import CAUGHT, fault_before_answer, fault_in_body
from vendors.http.health import HealthRecorder
from vendors.http.streaming import Stream
from vendors.http.transport import Transports

__all__ = ["Exchange", "Sending"]

_KEY = "switchboard.sending"
_UNAUTHORIZED = 401


@dataclass(slots=True)
class Sending:
    """What belongs to one try of one call while it is under way."""

    platform: str
    endpoint: str
    call: Call
    credential: bool = False
    attempt: int = 1
    fresh: bool = False
    """Whether it takes a connection of its own."""
    started: float = 0.0
    seconds: float = 0.0
    """How long the last exchange took."""
    status: int | None = None
    """Of the last exchange; None where no answer came."""
    body: bytes = b""
    """Of the last exchange, whole and decompressed."""
    refusals: int = 0
    """How many 401 it got."""
    authenticating: bool = False
    """Whether it is waiting for a token."""
    streams: bool = False
    """Whether the body of a success is handed on as it comes, rather than read to its end."""
    stream: Stream | None = None
    """What is handed on, once it has begun; `body` then holds its first piece only."""

    def extensions(self) -> dict[str, object]:
        """Return what carries this along with an httpx request."""
        return {_KEY: self}

    @classmethod
    def of(cls, request: httpx.Request) -> Sending | None:
        """Return what a request carries, if it came from a VendorHttp."""
        found = request.extensions.get(_KEY)
        return found if isinstance(found, Sending) else None


class Exchange(httpx.AsyncBaseTransport):
    """Sends requests, and returns answers that are whole; raises PlatformError otherwise."""

    def __init__(
        self,
        transports: Transports,
        health: HealthRecorder,
        monotonic: Callable[[], float],
        *,
        most_bytes: int,
        read_seconds: float,
    ) -> None:
        self._transports = transports
        self._health = health
        self._monotonic = monotonic
        self._most_bytes = most_bytes
        self._read_seconds = read_seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request of a `Sending`."""
        sending = Sending.of(request)
        if sending is None:
            raise httpx.UnsupportedProtocol("a request that nobody answers for", request=request)
        started = self._monotonic()
        sending.status = None
        try:
            response = await self._head(request, fresh=sending.fresh)
            sending.status = response.status_code
            fields = {name.lower(): value for name, value in response.headers.raw}
            if sending.streams and response.is_success:
                sending.stream = await self._begun(response, fields, sending)
                sending.body = sending.stream.first
            else:
                sending.body = await self._body(response, fields)
        finally:
            sending.seconds = self._monotonic() - started
            if sending.stream is None:
                _note(sending)
        self._health.headers(fields)
        if b"content-encoding" in fields:
            del response.headers["content-encoding"]
        response.stream = httpx.ByteStream(sending.body)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transports.aclose()

    async def _head(self, request: httpx.Request, *, fresh: bool) -> httpx.Response:
        transport = self._transports.fresh if fresh else self._transports.kept
        try:
            return await transport.handle_async_request(request)
        except CAUGHT as error:
            raise fault_before_answer(error) from None

    async def _begun(
        self, response: httpx.Response, fields: Mapping[bytes, bytes], sending: Sending
    ) -> Stream:
        """Return the body, of which the first piece is there."""
        source = _source(response)
        over = partial(self._over, sending, self._monotonic())
        try:
            stream = Stream(source, Decoder(fields, self._most_bytes), self._read_seconds, over)
            await stream.begin()
        except BaseException:
            with suppress(*CAUGHT):
                await source.aclose()
            raise
        return stream

    def _over(self, sending: Sending, started: float) -> None:
        sending.seconds = self._monotonic() - started
        _note(sending)

    async def _body(self, response: httpx.Response, fields: Mapping[bytes, bytes]) -> bytes:
        stream = _source(response)
        try:
            # aiohttp has a limit of its own, but forgets it when a chunk's framing is broken.
            async with asyncio.timeout(self._read_seconds) as limit:
                chunks = _each_in_time(stream, limit, self._read_seconds)
                return await read_body(chunks, fields, self._most_bytes)
        except CAUGHT as error:
            raise fault_in_body(error) from None
        finally:
            # What was not read to its end is closed, not drained.
            with suppress(*CAUGHT):
                await stream.aclose()


def _source(response: httpx.Response) -> httpx.AsyncByteStream:
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("a transport that does not stream asynchronously")
    return stream


async def _each_in_time(
    stream: AsyncIterable[bytes], limit: asyncio.Timeout, seconds: float
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    async for chunk in stream:
        yield chunk
        limit.reschedule(loop.time() + seconds)


def _note(sending: Sending) -> None:
    sending.refusals += sending.status == _UNAUTHORIZED
    sending.call.log.add(
        CallRecord(
            platform=sending.platform,
            endpoint=sending.endpoint,
            status=sending.status,
            seconds=sending.seconds,
            attempt=sending.attempt,
            credential=sending.credential,
        )
    )
