"""What an exchange refuses to be used for."""

from __future__ import annotations

import time

import httpx
import pytest
from tests.vendors.http.asking import Noon

from vendors.calls import Call
from vendors.http.exchange import Exchange, Sending
from vendors.http.health import HealthRecorder
from vendors.http.transport import Transports


def exchange(answer: httpx.Response) -> Exchange:
    transport = httpx.MockTransport(lambda _: answer)
    return Exchange(
        Transports(transport, transport),
        HealthRecorder(Noon()),
        time.monotonic,
        most_bytes=10,
        read_seconds=5.0,
    )


async def test_a_request_that_nobody_answers_for_is_not_sent() -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await exchange(httpx.Response(200)).handle_async_request(
            httpx.Request("GET", "https://api.test")
        )


async def test_a_stream_that_would_block_is_not_read() -> None:
    class Blocking(httpx.SyncByteStream):
        """Reads while everybody waits."""

    sending = Sending(platform="plat", endpoint="e", call=Call.within(5))
    request = httpx.Request("GET", "https://api.test", extensions=sending.extensions())
    with pytest.raises(TypeError):
        await exchange(httpx.Response(200, stream=Blocking())).handle_async_request(request)
