"""Bodies that are handed on as they come: pace, bounds, tries, and what becomes of the call."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, Hands, canned, client, paced

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformRateLimitedError,
    PlatformServerError,
    PlatformTimeoutError,
    PlatformTooLargeError,
    PlatformTruncatedError,
)
from vendors.http import VendorHttp
from vendors.http.circuit import BreakerState
from vendors.http.tokens import Token, TokenAuth

MB = 1024 * 1024
ROWS = b"".join(b"%d,Email,2026-03-01T00:00:00Z\r\n" % number for number in range(20_000))


async def read(http: VendorHttp, call: Call | None = None) -> bytes:
    async with http.stream(ASK, call or Call.within(20)) as pieces:
        return b"".join([piece async for piece in pieces])


async def collect(http: VendorHttp, into: list[bytes]) -> None:
    async with http.stream(ASK, Call.within(10)) as pieces:
        async for piece in pieces:
            into += [piece]


async def leave(http: VendorHttp, error: type[BaseException]) -> None:
    async with http.stream(ASK, Call.within(30)) as pieces:
        assert await anext(pieces)
        raise error


class Endless:
    """Answers a body of so many bytes, and counts what was taken off it."""

    def __init__(self, size: int = 256 * MB) -> None:
        self.size = size
        self.sent = 0
        self.done = asyncio.Event()

    async def __call__(self, _request: faulty.Request, writer: faulty.Writer) -> None:
        writer.write(faulty.head(200, {"Content-Length": str(self.size)}))
        block = b"x" * 65_536
        while self.sent < self.size:
            writer.write(block)
            await writer.drain()
            self.sent += len(block)
        self.done.set()


async def test_what_nobody_reads_stays_with_the_platform() -> None:
    source = Endless()
    async with (
        faulty.Faulty(source) as platform,
        client(platform.origin, paced(body_bytes=2 * source.size)) as http,
        http.stream(ASK, Call.within(30)) as pieces,
    ):
        assert await anext(pieces)
        # Held back, it never ends; else this is soon over.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(source.done.wait(), 1.0)
        assert source.sent < source.size / 4


async def test_a_large_body_is_handed_on_in_small_pieces() -> None:
    source = Endless(32 * MB)
    async with (
        faulty.Faulty(source) as platform,
        client(platform.origin, paced(body_bytes=32 * MB)) as http,
    ):
        call = Call.within(30)
        async with http.stream(ASK, call) as pieces:
            sizes = [len(piece) async for piece in pieces]
            assert call.log.records == []
    assert (sum(sizes), max(sizes) <= 256 * 1024) == (32 * MB, True)
    (record,) = call.log.records
    assert (record.status, record.endpoint) == (200, "thing list")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(ROWS)),
        ("gzip", gzip.compress(ROWS[:1000]) + gzip.compress(ROWS[1000:])),
        ("deflate", zlib.compress(ROWS)),
        ("deflate", zlib.compress(ROWS)[2:-4]),
        ("identity", ROWS),
    ],
)
@pytest.mark.parametrize("step", [1, 700, 10**9])
async def test_it_is_decompressed_however_it_is_cut(encoding: str, body: bytes, step: int) -> None:
    cut = [body[at : at + step] for at in range(0, len(body), step)][: 10**6]
    chunks = cut if step > 1 else [*(bytes([one]) for one in body[:50]), body[50:]]

    async def given() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": encoding}, content=given())

    assert await read(canned(answer)) == ROWS


async def test_a_body_that_inflates_beyond_measure_is_held_a_piece_at_a_time() -> None:
    bomb = gzip.compress(bytes(8 * MB))

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=bomb)

    async with canned(answer).stream(ASK, Call.within(20)) as pieces:
        sizes = [len(piece) async for piece in pieces]
    assert (sum(sizes), max(sizes)) == (8 * MB, 65_536)


async def test_an_empty_body_is_no_piece() -> None:
    assert await read(canned(lambda _: httpx.Response(200))) == b""


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        ({"content-encoding": "gzip"}, gzip.compress(ROWS)[:-20], PlatformTruncatedError),
        ({"content-encoding": "gzip"}, b"no gzip at all", PlatformBadResponseError),
        ({"content-encoding": "br"}, b"x", PlatformBadResponseError),
        ({}, b"<!doctype html><html></html>", PlatformAuthError),
    ],
)
async def test_what_is_no_such_body_is_an_error(
    headers: dict[str, str], body: bytes, error: type[PlatformError]
) -> None:
    http = canned(lambda _: httpx.Response(200, headers=headers, content=body))
    with pytest.raises(error):
        await read(http)


@pytest.mark.parametrize("announced", [True, False])
async def test_more_than_is_allowed_is_not_handed_on(announced: bool) -> None:
    body = b"x" * 1001
    behaviour = faulty.ok(body) if announced else faulty.chunked(body[:600], body[600:])
    async with (
        faulty.Faulty(behaviour) as platform,
        client(platform.origin, paced(body_bytes=1000)) as http,
    ):
        with pytest.raises(PlatformTooLargeError) as caught:
            await read(http)
    assert (caught.value.platform, caught.value.operation) == ("plat", "thing list")


# ---------------------------------------------------------------------------- before the body


async def test_before_the_first_byte_it_is_tried_again() -> None:
    cut = faulty.raw(faulty.head(200, {"Content-Length": "9"}))
    async with (
        faulty.Faulty(faulty.answer(502), cut, faulty.ok(b"a,b\r\n1,2")) as platform,
        client(platform.origin) as http,
    ):
        call = Call.within(10)
        assert await read(http, call) == b"a,b\r\n1,2"
    assert [one.status for one in call.log.records] == [502, 200, 200]


async def test_after_the_first_byte_it_is_not() -> None:
    cut = faulty.raw(faulty.head(200, {"Content-Length": "900"}) + b"a,b\r\n")
    async with faulty.Faulty(cut, faulty.ok(b"whole")) as platform, client(platform.origin) as http:
        got: list[bytes] = []
        with pytest.raises(PlatformTruncatedError):
            await collect(http, got)
        assert (got, len(platform.requests)) == ([b"a,b\r\n"], 1)
        assert http.health.last_failure_code == "PLATFORM_BAD_RESPONSE"


async def test_a_refused_token_is_renewed_before_the_body() -> None:
    tokens = iter(["old", "new"])
    seen = []

    async def obtain(_: Call) -> Token:
        return Token(next(tokens))

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(401) if seen == ["Bearer old"] else httpx.Response(200, text="a,b")

    http = canned(answer, auth=TokenAuth(obtain))
    assert await read(http) == b"a,b"
    assert seen == ["Bearer old", "Bearer new"]


async def test_the_time_that_the_platform_asked_for_is_kept() -> None:
    limited = faulty.answer(429, headers={"Retry-After": "60"})
    async with faulty.Faulty(limited) as platform, client(platform.origin) as http:
        for sent in (1, 1):
            with pytest.raises(PlatformRateLimitedError) as caught:
                await read(http)
            assert len(platform.requests) == sent
            assert 50 < (caught.value.retry_after or 0) <= 60


# ----------------------------------------------------------------------- how the call goes on


async def test_a_stream_keeps_its_place_until_it_is_closed() -> None:
    async with (
        faulty.Faulty(Endless(), faulty.ok(b"next")) as platform,
        client(platform.origin, paced(concurrency=1, body_bytes=512 * MB)) as http,
    ):
        async with http.stream(ASK, Call.within(30)) as pieces:
            assert await anext(pieces)
            assert http.health.in_flight == 1
            waiting = asyncio.ensure_future(read(http))
            await asyncio.sleep(0.05)
            assert len(platform.requests) == 1
        assert await waiting == b"next"
        assert http.health.in_flight == 0


@pytest.mark.parametrize("leaves", [asyncio.CancelledError, RuntimeError])
async def test_who_leaves_closes_the_connection(leaves: type[BaseException]) -> None:
    async with (
        faulty.Faulty(Endless()) as platform,
        client(platform.origin, paced(body_bytes=512 * MB)) as http,
    ):
        with pytest.raises(leaves):
            await leave(http, leaves)
        await faulty.soon(platform.hung_up)
        assert http.health.in_flight == 0
        assert http.health.last_failure_code is None
        assert http.health.circuits == {"data": BreakerState.CLOSED}


async def test_a_cancelled_reader_closes_the_connection() -> None:
    async with (
        faulty.Faulty(faulty.stall(faulty.head(200, {"Content-Length": "9"}) + b"a")) as platform,
        client(platform.origin) as http,
    ):
        reading = asyncio.ensure_future(read(http))
        await faulty.soon(platform.asked)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await faulty.soon(platform.hung_up)
        assert http.health.in_flight == 0


async def test_a_platform_that_stalls_is_given_up() -> None:
    stalled = faulty.stall(faulty.head(200, {"Content-Length": "900"}) + b"a,b\r\n")
    async with (
        faulty.Faulty(stalled) as platform,
        client(platform.origin, paced(read_seconds=0.2)) as http,
    ):
        with pytest.raises(PlatformTimeoutError, match="body stalled"):
            await read(http)
        await faulty.soon(platform.hung_up)
        assert http.health.last_failure_code == "PLATFORM_TIMEOUT"


async def test_a_stream_has_a_deadline_of_its_own_which_is_nobodys_fault() -> None:
    dripping = faulty.drip_body()
    async with (
        faulty.Faulty(dripping) as platform,
        client(platform.origin, paced(call_seconds=0.4)) as http,
    ):
        for _ in range(6):
            with pytest.raises(PlatformTimeoutError, match="not handed on in time"):
                await read(http)
        assert http.health.circuits == {"data": BreakerState.CLOSED}


async def test_streams_that_break_open_the_circuit() -> None:
    cut = faulty.raw(faulty.head(200, {"Content-Length": "900"}) + b"a,b\r\n")
    async with (
        faulty.Faulty(cut) as platform,
        client(platform.origin, monotonic=Hands()) as http,
    ):
        for _ in range(5):
            with pytest.raises(PlatformTruncatedError):
                await read(http)
        with pytest.raises(PlatformCircuitOpenError):
            await read(http)
        assert len(platform.requests) == 5


async def test_an_error_is_read_whole_and_its_connection_kept() -> None:
    async with (
        faulty.Faulty(faulty.answer(500, b"sorry")) as platform,
        client(platform.origin, paced(attempts=1)) as http,
    ):
        for _ in range(2):
            with pytest.raises(PlatformServerError):
                await read(http)
        assert (len(platform.requests), platform.connections) == (2, 1)
