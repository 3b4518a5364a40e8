"""Rows 8 to 11 and 44, and the time that a call may take in all: nothing outlasts its deadline."""

from __future__ import annotations

import asyncio

import pytest
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, Hands, Thing, client, paced

from vendors.calls import Call
from vendors.errors import PlatformError, PlatformTimeoutError, Retry, Trips
from vendors.http import Ask
from vendors.http.circuit import BreakerState

GOOD = faulty.ok(b'{"id":1}')
HALF = faulty.head(200, {"Content-Length": "10"}) + b'{"id"'
HASTY = paced(read_seconds=0.25)


@pytest.mark.parametrize("written", [b"", HALF], ids=["08 no answer", "09 stall in the body"])
async def test_08_09_silence_is_a_timeout_that_is_tried_again(written: bytes) -> None:
    async with (
        faulty.Faulty(faulty.stall(written), GOOD) as platform,
        client(platform.origin, HASTY) as http,
    ):
        assert (await http.fetch(ASK, Thing, Call.within(20))).id == 1
        assert len(platform.requests) == 2


@pytest.mark.parametrize("written", [b"", HALF], ids=["08 no answer", "09 stall in the body"])
async def test_08_09_the_call_is_not_left_running(written: bytes) -> None:
    async with (
        faulty.Faulty(faulty.stall(written)) as platform,
        client(platform.origin, paced(read_seconds=0.25, attempts=1)) as http,
    ):
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(20))
        assert (caught.value.retry_as, caught.value.trips_as) == (Retry.BACKOFF, Trips.CIRCUIT)
        await faulty.soon(platform.hung_up)
        assert http.health.in_flight == 0


@pytest.mark.parametrize(
    "behaviour",
    [faulty.drip_body(), faulty.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 4000)],
    ids=["10 body", "11 head"],
)
async def test_10_11_a_drip_ends_with_the_calls_own_limit(behaviour: faulty.Behaviour) -> None:
    async with faulty.Faulty(behaviour) as platform, client(platform.origin) as http:
        ask = Ask(endpoint="thing list", path="things", call_seconds=0.5)
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ask, Call.within(20))
        assert (caught.value.retry_as, caught.value.trips_as) == (Retry.NONE, Trips.CIRCUIT)
        await faulty.soon(platform.hung_up)
        assert len(platform.requests) == 1


async def test_a_chunk_that_is_framed_wrongly_late_does_not_outlast_the_read_limit() -> None:
    """aiohttp closes such a connection, and leaves whoever reads the body waiting."""

    async def behave(_: faulty.Request, writer: faulty.Writer) -> None:
        writer.write(faulty.head(200, {"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"zz\r\n")
        await writer.drain()

    patient = paced(read_seconds=0.25, attempts=1)
    async with faulty.Faulty(behave) as platform, client(platform.origin, patient) as http:
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(60))
    assert caught.value.retry_as is Retry.BACKOFF


async def test_a_body_that_is_slow_but_moves_is_read() -> None:
    """Longer in all than the limit between two pieces."""

    async def behave(_: faulty.Request, writer: faulty.Writer) -> None:
        writer.write(faulty.head(200, {"Content-Length": "8"}))
        for byte in b'{"id":1}':
            await asyncio.sleep(0.1)
            writer.write(bytes([byte]))
            await writer.drain()

    once = paced(read_seconds=0.5, attempts=1)
    async with faulty.Faulty(behave) as platform, client(platform.origin, once) as http:
        assert (await http.fetch(ASK, Thing, Call.within(20))).id == 1


async def test_the_callers_deadline_ends_the_call_before_its_own_limit() -> None:
    async with (
        faulty.Faulty(faulty.stall()) as platform,
        client(platform.origin) as http,
    ):
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(0.5))
        await faulty.soon(platform.hung_up)
    # A tenth of a second proves nothing about the platform: it must not shut it for others.
    assert caught.value.trips_as is Trips.NOTHING


async def test_a_deadline_that_was_long_enough_counts_against_the_platform() -> None:
    hands = Hands()

    async def outwait(_: faulty.Request, __: faulty.Writer) -> None:
        hands.seconds += 2.0
        await asyncio.Event().wait()

    async with (
        faulty.Faulty(outwait) as platform,
        client(platform.origin, monotonic=hands) as http,
    ):
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(0.5))
    assert caught.value.trips_as is Trips.CIRCUIT


async def test_without_time_nothing_is_sent() -> None:
    async with faulty.Faulty(GOOD) as platform, client(platform.origin) as http:
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(0.0))
        assert (caught.value.attempts, platform.requests) == (0, [])


async def test_the_deadline_holds_while_queuing() -> None:
    """One place, taken by a call that stalls: the second never gets its turn."""
    narrow = paced(concurrency=1)
    async with (
        faulty.Faulty(faulty.stall()) as platform,
        client(platform.origin, narrow) as http,
    ):
        first = asyncio.create_task(http.send(ASK, Call.within(20)))
        await faulty.soon(platform.asked)
        with pytest.raises(PlatformTimeoutError) as caught:
            await http.send(ASK, Call.within(0.1))
        assert (caught.value.attempts, caught.value.trips_as) == (0, Trips.NOTHING)
        assert len(platform.requests) == 1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert http.health.in_flight == 0


async def test_no_try_is_made_that_could_not_end_in_time() -> None:
    async with (
        faulty.Faulty(faulty.answer(503, b"", {"Retry-After": "3"})) as platform,
        client(platform.origin) as http,
    ):
        with pytest.raises(PlatformError) as caught:
            await http.send(ASK, Call.within(2))
        assert (caught.value.retry_after, len(platform.requests)) == (3.0, 1)


async def test_44_the_call_ends_when_its_caller_leaves() -> None:
    async with (
        faulty.Faulty(faulty.stall(HALF)) as platform,
        client(platform.origin) as http,
    ):
        call = Call.within(20)
        asking = asyncio.create_task(http.send(ASK, call))
        await faulty.soon(platform.asked)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await faulty.soon(platform.hung_up)
        assert http.health.in_flight == 0
        assert http.health.circuits["data"] is BreakerState.CLOSED
        # It was sent, so it is counted.
        assert call.log.count("plat") == 1


async def test_44_callers_who_leave_under_contention_leave_no_place_taken() -> None:
    healed = False
    bad = (faulty.stall(), GOOD, faulty.answer_and_close(GOOD), faulty.stall(HALF))

    async def behave(request: faulty.Request, writer: faulty.Writer) -> None:
        await (GOOD if healed else bad[request.number % 4])(request, writer)

    narrow = paced(concurrency=3)
    async with faulty.Faulty(behave) as platform, client(platform.origin, narrow) as http:
        tasks = [asyncio.create_task(http.send(ASK, Call.within(20))) for _ in range(40)]
        for number, task in enumerate(tasks):
            await asyncio.sleep(0.002 * (number % 4))
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert http.health.in_flight == 0
        healed = True
        results = [http.fetch(ASK, Thing, Call.within(20)) for _ in range(10)]
        assert [one.id for one in await asyncio.gather(*results)] == [1] * 10
