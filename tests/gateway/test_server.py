from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.gateway.fakes import Grove
from tests.gateway.serving import real_settings
from tests.gateway.staffed import until

from gateway.app import create_app
from gateway.disconnect import CancelOnDisconnect
from gateway.observability.request_log import RequestLog
from gateway.security.headers import SecurityHeaders
from gateway.security.limits import BodyLimit
from gateway.server import Server, StartError, address_of, bind

JSON = {"Content-Type": "application/json"}
AGENTS = b'{"query":"{agents{nodes{nativeId}}}"}'


@asynccontextmanager
async def listening(grove: Grove) -> AsyncIterator[str]:
    """Serve the whole application on a real socket; yield its address."""
    app = create_app(real_settings(grove), specs=grove.specs())
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def started() -> None:
        loop.call_soon_threadsafe(begun.set)

    server = Server(app, shutdown_seconds=5, started=started)
    with bind("127.0.0.1", 0) as socket_:
        serving = loop.create_task(server.serve([socket_]))
        await begun.wait()
        try:
            yield address_of(socket_)
        finally:
            server.should_exit = True
            await serving


def request(length: int = len(AGENTS), *more: str) -> bytes:
    head = [
        "POST /graphql HTTP/1.1",
        "Host: gateway.test",
        "Content-Type: application/json",
        f"Content-Length: {length}",
        *more,
    ]
    return "\r\n".join([*head, "", ""]).encode()


@asynccontextmanager
async def connected(
    address: str,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_it_answers_over_a_real_socket() -> None:
    grove = Grove()
    async with listening(grove) as address, httpx.AsyncClient(base_url=address) as client:
        response = await client.post("/graphql", json={"query": "{platforms{key}}"})
    assert response.json() == {"data": {"platforms": [{"key": "birch-fr"}]}}
    assert "server" not in response.headers
    assert grove.closed == ["birch-fr"]


async def test_a_caller_that_leaves_cancels_what_was_asked_for_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    grove = Grove()
    grove.gate = asyncio.Event()
    async with listening(grove) as address:
        async with connected(address) as (_, writer):
            writer.write(request() + AGENTS)
            await grove.reached.wait()
        await grove.cancelled.wait()
        grove.gate.set()
        async with httpx.AsyncClient(base_url=address) as client:
            answer = await client.post("/graphql", content=AGENTS, headers=JSON)
    assert len(answer.json()["data"]["agents"]["nodes"]) == 2
    statuses = [vars(one)["status"] for one in caplog.records if one.msg == "request"]
    assert statuses == [499, 200]
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


class Heard(logging.Handler):
    """Tells when a request has been logged."""

    def __init__(self) -> None:
        super().__init__()
        self.request = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "request":
            self.request.set()


async def test_a_caller_that_leaves_within_its_body_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    heard = Heard()
    logging.getLogger().addHandler(heard)
    grove = Grove()
    async with listening(grove) as address:
        async with connected(address) as (_, writer):
            writer.write(request(5000) + AGENTS)
            await writer.drain()
        await heard.request.wait()
    logging.getLogger().removeHandler(heard)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert not grove.reached.is_set()


async def test_what_is_cut_off_by_a_stop_is_told_to_ask_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    grove = Grove()
    grove.gate = asyncio.Event()
    app = create_app(real_settings(grove), specs=grove.specs())
    async with (
        stopping(app, shutdown_seconds=1) as (address, stop),
        httpx.AsyncClient(base_url=address, timeout=30) as client,
    ):
        asked = asyncio.create_task(client.post("/graphql", content=AGENTS, headers=JSON))
        events = {**JSON, "accept": "text/event-stream"}
        streamed = asyncio.create_task(client.post("/graphql", content=AGENTS, headers=events))
        file = asyncio.create_task(client.get("/v1/agents.csv"))
        await grove.reached.wait()
        await until(lambda: len(app.state.streams) > 0)
        stop()
        for answer in (await asked, await file):
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["cache-control"] == "no-store"
            (error,) = answer.json()["errors"]
            assert error["message"] == "The gateway is stopping; ask again."
            assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
        event, end = (await streamed).text.removeprefix(":").strip().split("\n\n")
        (error,) = orjson.loads(event.removeprefix("event: next\ndata: "))["errors"]
        assert "ask again" in error["message"]
        assert end.startswith("event: complete")
    assert grove.closed == ["birch-fr"]
    assert not [one for one in caplog.records if one.exc_info]
    statuses = [vars(one)["status"] for one in caplog.records if one.msg == "request"]
    assert {200, 503} == set(statuses)


@asynccontextmanager
async def stopping(
    app: Starlette, shutdown_seconds: int
) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """Serve the application; yield its address, and what makes it stop."""
    begun, loop = asyncio.Event(), asyncio.get_running_loop()
    server = Server(
        app,
        shutdown_seconds=shutdown_seconds,
        started=lambda: _set(loop, begun),
        stopping=app.state.streams.stop,
    )
    with bind("127.0.0.1", 0) as socket_:
        serving = loop.create_task(server.serve([socket_]))
        await begun.wait()
        yield address_of(socket_), lambda: setattr(server, "should_exit", True)
        await serving


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


async def test_a_body_may_come_in_pieces_and_after_a_question() -> None:
    grove = Grove()
    async with listening(grove) as address, connected(address) as (reader, writer):
        writer.write(request(len(AGENTS), "Expect: 100-continue"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 100")
        await reader.readline()
        for byte in AGENTS:
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


async def test_a_chunked_body_is_limited_too() -> None:
    grove = Grove()
    async with listening(grove) as address, connected(address) as (reader, writer):
        head = request().replace(
            f"Content-Length: {len(AGENTS)}".encode(), b"Transfer-Encoding: chunked"
        )
        writer.write(head)
        with suppress(ConnectionError):
            for _ in range(20):
                writer.write(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
                await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")


class TestCancelling:
    """Without a server, where the order of things can be told."""

    async def call(self, app: CancelOnDisconnect, receive: Receive) -> None:
        async def send(_message: object) -> None:
            return None

        await app({"type": "http"}, receive, send)

    async def test_an_error_of_the_work_is_its_own(self) -> None:
        async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
            raise ValueError("broken")

        async def receive() -> dict[str, object]:
            return {"type": "http.request"}

        with pytest.raises(ValueError, match="broken"):
            await self.call(CancelOnDisconnect(broken), receive)

    async def test_a_stop_of_the_process_cancels_the_work(self) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def slow(_scope: Scope, receive: Receive, _send: Send) -> None:
            await receive()
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        messages = [{"type": "http.request"}]

        async def receive() -> dict[str, object]:
            if messages:
                return dict(messages.pop())
            await asyncio.Event().wait()
            raise AssertionError

        task = asyncio.create_task(self.call(CancelOnDisconnect(slow), receive))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    async def test_work_that_listens_is_told(self) -> None:
        heard: list[object] = []

        async def listener(_scope: Scope, receive: Receive, _send: Send) -> None:
            heard.extend([(await receive())["type"], (await receive())["type"]])

        messages = [{"type": "http.disconnect"}, {"type": "http.request"}]

        async def receive() -> dict[str, object]:
            return dict(messages.pop())

        await self.call(CancelOnDisconnect(listener), receive)
        assert heard == ["http.request", "http.disconnect"]


@pytest.mark.parametrize(
    "wrap",
    [CancelOnDisconnect, RequestLog, SecurityHeaders, lambda app: BodyLimit(app, most=1)],
)
async def test_what_is_no_request_passes_through(wrap: Callable[[ASGIApp], ASGIApp]) -> None:
    seen: list[object] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:  # noqa: ANN401 (never called)
        raise AssertionError

    await wrap(app)({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]


async def test_what_fails_while_the_start_is_told_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    grove = Grove()
    app = create_app(real_settings(grove), specs=grove.specs())
    logged = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Watching(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            loop.call_soon(logged.set)

    def started() -> None:
        raise OSError("nobody to tell")

    handler = Watching()
    logging.getLogger("switchboard.server").addHandler(handler)
    server = Server(app, shutdown_seconds=1, started=started)
    with bind("127.0.0.1", 0) as socket_:
        serving = loop.create_task(server.serve([socket_]))
        await logged.wait()
        server.should_exit = True
        await serving
    logging.getLogger("switchboard.server").removeHandler(handler)
    assert "nobody to tell" in caplog.text


class TestBinding:
    def test_a_taken_port_is_told(self) -> None:
        with bind("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(StartError, match=f"port {port}: Address already in use; --port"):
                bind("127.0.0.1", port)

    @pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
    def test_an_address_of_another_machine_is_told(self, host: str) -> None:
        with pytest.raises(StartError, match="cannot listen"):
            bind(host, 0)

    def test_the_address_is_one_that_a_browser_takes(self) -> None:
        with bind("0.0.0.0", 0) as everywhere:  # noqa: S104 (for a moment)
            port = everywhere.getsockname()[1]
            assert address_of(everywhere) == f"http://127.0.0.1:{port}"

    @pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
    def test_a_newer_address_stands_in_brackets(self) -> None:
        with bind("::1", 0) as newer:
            assert address_of(newer) == f"http://[::1]:{newer.getsockname()[1]}"
