"""Rows 22 and 25 to 43: what a status means, and what follows for the next call."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest
from tests.vendors.http import faulty
from tests.vendors.http.asking import ASK, Hands, Thing, client, paced

from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformBadResponseError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    PlatformTimeoutError,
    Trips,
)
from vendors.http import Answer, VendorHttp, judge_by_status
from vendors.http.circuit import BreakerState

GOOD = faulty.ok(b'{"id":1}')
ONE_TRY = paced(attempts=1)


async def failure(http: VendorHttp, call: Call | None = None) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        await http.fetch(ASK, Thing, call or Call.within(5))
    return caught.value


def limited(text: str | None = None) -> faulty.Behaviour:
    return faulty.answer(429, b"", {} if text is None else {"Retry-After": text})


async def test_22_an_error_in_an_envelope_is_judged_by_the_vendors_own_judge() -> None:
    def judge(answer: Answer) -> None:
        judge_by_status(answer)
        if b"expired" in answer.body:
            raise PlatformAuthError("envelope says so", status=answer.status)

    envelope = faulty.ok(b'{"meta":"key expired"}')
    async with (
        faulty.Faulty(envelope, GOOD) as platform,
        client(platform.origin, judge=judge) as http,
    ):
        error = await failure(http)
        assert (error.code, error.platform, error.operation) == (
            "PLATFORM_AUTH",
            "plat",
            "thing list",
        )
        assert http.health.last_success_at is None
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


async def test_25_a_redirect_to_another_host_is_not_followed() -> None:
    async with faulty.Faulty(GOOD) as elsewhere:
        redirect = faulty.answer(302, b"", {"Location": f"{elsewhere.origin}/things"})
        async with (
            faulty.Faulty(redirect) as platform,
            client(platform.origin, headers={"X-API-Key": "secret"}) as http,
        ):
            error = await failure(http)
        assert platform.requests[0].headers["x-api-key"] == "secret"
        assert elsewhere.requests == []
    assert type(error) is PlatformBadResponseError
    assert (error.attempts, error.trips_as) == (1, Trips.CIRCUIT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_26_a_redirect_loop_is_one_call(status: int) -> None:
    behaviour = faulty.answer(status, b"", {"Location": "/things"})
    async with faulty.Faulty(behaviour) as platform, client(platform.origin) as http:
        assert type(await failure(http)) is PlatformBadResponseError
        assert len(platform.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind", "requests"),
    [
        (400, PlatformRejectedError, 1),
        (422, PlatformRejectedError, 1),
        (409, PlatformRejectedError, 1),
        (403, PlatformForbiddenError, 1),
        (404, PlatformNotFoundError, 1),
        (408, PlatformTimeoutError, 2),
        (418, PlatformRejectedError, 1),
        (500, PlatformServerError, 3),
        (501, PlatformServerError, 1),
        (502, PlatformServerError, 3),
        (503, PlatformServerError, 3),
        (504, PlatformServerError, 3),
        (599, PlatformServerError, 3),
    ],
    ids=lambda one: one if isinstance(one, int) else None,
)
async def test_27_31_to_34_39_40_statuses(
    status: int, kind: type[PlatformError], requests: int
) -> None:
    async with (
        faulty.Faulty(faulty.answer(status, b'{"secret":"text"}')) as platform,
        client(platform.origin) as http,
    ):
        error = await failure(http)
        assert type(error) is kind
        assert (error.status, len(platform.requests)) == (status, requests)
        assert error.attempts == requests
        assert "secret" not in str(error)


async def test_27_our_own_mistake_is_logged_with_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        faulty.Faulty(faulty.answer(422, b"vendor text")) as platform,
        client(platform.origin) as http,
    ):
        await failure(http, Call.within(5, request_id="req-7\nforged"))
    (record,) = caplog.records
    line = record.getMessage()
    assert record.levelno == logging.ERROR
    assert "request='req-7\\nforged'" in line
    assert "\n" not in line
    assert "vendor text" not in line
    assert "127.0.0.1" not in line
    assert "things" not in line


@pytest.mark.parametrize("status", [400, 403, 404, 409])
async def test_27_to_34_what_is_our_doing_never_opens_the_circuit(status: int) -> None:
    async with (
        faulty.Faulty(faulty.answer(status)) as platform,
        client(platform.origin) as http,
    ):
        for _ in range(30):
            assert type(await failure(http)) is not PlatformCircuitOpenError
        assert len(platform.requests) == 30


async def test_29_a_refused_key_is_left_alone_for_a_minute() -> None:
    hands = Hands()
    async with (
        faulty.Faulty(*[faulty.answer(401)] * 3, GOOD) as platform,
        client(platform.origin, monotonic=hands) as http,
    ):
        for expected in (1, 2, 2):
            error = await failure(http)
            assert (type(error), error.retryable) == (PlatformAuthError, False)
            assert len(platform.requests) == expected
        error = await failure(http)
        assert (error.attempts, error.retry_after) == (0, 60.0)
        hands.seconds += 60.0
        # One call goes to see; it shuts the gate again, or opens it.
        await failure(http)
        await failure(http)
        assert len(platform.requests) == 3
        hands.seconds += 60.0
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1
        # The platform itself was never in doubt.
        assert http.health.circuits["data"] is BreakerState.CLOSED
        assert http.health.credential is BreakerState.CLOSED


async def test_35_no_call_before_the_time_that_was_given() -> None:
    hands = Hands()
    async with (
        faulty.Faulty(limited("60"), GOOD) as platform,
        client(platform.origin, monotonic=hands) as http,
    ):
        first = await failure(http)
        assert type(first) is PlatformRateLimitedError
        assert (first.retry_after, first.attempts) == (60.0, 1)
        hands.seconds += 20.0
        second = await failure(http)
        assert type(second) is PlatformRateLimitedError
        assert (second.retry_after, second.attempts) == (40.0, 0)
        assert len(platform.requests) == 1
        hands.seconds += 40.0
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1
        # It kept its word: that is no failure of its health.
        assert http.health.circuits["data"] is BreakerState.CLOSED


async def test_35_a_short_time_is_waited_for() -> None:
    async with faulty.Faulty(limited("0.2"), GOOD) as platform, client(platform.origin) as http:
        call = Call.within(5)
        assert (await http.fetch(ASK, Thing, call)).id == 1
        assert [one.status for one in call.log.records] == [429, 200]


async def test_35_a_date_counts_from_the_platforms_own_clock() -> None:
    """Its clock is a day off; the difference of its two dates is what it means."""
    wrong = datetime.now(UTC) + timedelta(days=1)
    headers = {
        "Date": format_datetime(wrong, usegmt=True),
        "Retry-After": format_datetime(wrong + timedelta(seconds=50), usegmt=True),
    }
    async with (
        faulty.Faulty(faulty.answer(429, b"", headers)) as platform,
        client(platform.origin) as http,
    ):
        assert (await failure(http)).retry_after == 50.0


@pytest.mark.parametrize(
    "text", ["garbage", "-5", "Wed, 21 Oct 2015 07:28:00 GMT", None, "1e9", "12 garbage", "٣"]
)
async def test_36_a_time_that_says_nothing_is_tried_again_and_then_told(text: str | None) -> None:
    async with faulty.Faulty(limited(text)) as platform, client(platform.origin) as http:
        error = await failure(http)
        assert type(error) is PlatformRateLimitedError
        assert (error.retry_after, len(platform.requests)) == (None, 3)
    async with faulty.Faulty(limited(text), GOOD) as platform, client(platform.origin) as http:
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


async def test_36_a_huge_time_is_capped() -> None:
    hands = Hands()
    async with (
        faulty.Faulty(limited("99999999"), GOOD) as platform,
        client(platform.origin, monotonic=hands) as http,
    ):
        assert (await failure(http)).attempts == 1
        assert (await failure(http)).retry_after == 300.0
        hands.seconds += 300.0
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


async def test_37_the_pace_of_the_platform_is_learned() -> None:
    """100 calls a second are borne, and nobody told us."""
    limit = faulty.PerSecond(100, GOOD)
    async with faulty.Faulty(limit) as platform, client(platform.origin) as http:

        async def ask(worker: int) -> None:
            for _ in range(worker, 200, 10):
                assert (await http.fetch(ASK, Thing, Call.within(30))).id == 1

        await asyncio.gather(*map(ask, range(10)))
        assert limit.refused <= len(platform.requests) * 0.05


async def test_38_the_number_of_calls_at_once_is_learned() -> None:
    limit = faulty.AtOnce(5, GOOD)
    pacing = paced(attempts=5)
    async with faulty.Faulty(limit) as platform, client(platform.origin, pacing) as http:

        async def ask(worker: int) -> None:
            for _ in range(worker, 200, 20):
                assert (await http.fetch(ASK, Thing, Call.within(30))).id == 1

        await asyncio.gather(*map(ask, range(20)))
        platform.most_in_flight = 0
        await asyncio.gather(*map(ask, range(20)))
        assert platform.most_in_flight <= 5


async def test_40_a_burst_of_failures_does_not_show() -> None:
    burst = [faulty.answer(status) for status in (502, 503, 504)]
    pacing = paced(attempts=4)
    for failing in (burst[:2], burst):
        async with (
            faulty.Faulty(*failing, GOOD) as platform,
            client(platform.origin, pacing) as http,
        ):
            results = await asyncio.gather(
                *(http.fetch(ASK, Thing, Call.within(5)) for _ in range(2))
            )
            assert [one.id for one in results] == [1, 1]


async def test_40_503_with_a_time_is_waited_for() -> None:
    busy = faulty.answer(503, b"", {"Retry-After": "0.1"})
    async with faulty.Faulty(busy, busy, GOOD) as platform, client(platform.origin) as http:
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


async def test_41_a_long_outage_costs_few_calls() -> None:
    """A minute of outage, ten callers a second: the threshold, a probe or two, little else."""
    hands = Hands()
    async with (
        faulty.Faulty(faulty.answer(500)) as platform,
        client(platform.origin, monotonic=hands) as http,
    ):
        codes = set()
        for _ in range(600):
            codes.add((await failure(http)).code)
            hands.seconds += 0.1
        probes = 2
        assert len(platform.requests) <= 1.2 * (5 + probes) + 10
        assert codes == {"PLATFORM_ERROR", "PLATFORM_CIRCUIT_OPEN"}


async def test_41_the_failure_that_opens_the_circuit_is_told_as_it_is() -> None:
    async with faulty.Faulty(faulty.answer(500)) as platform, client(platform.origin) as http:
        told = [await failure(http) for _ in range(3)]
        assert [(one.code, one.attempts) for one in told] == [
            ("PLATFORM_ERROR", 3),
            ("PLATFORM_ERROR", 2),
            ("PLATFORM_CIRCUIT_OPEN", 0),
        ]
        assert len(platform.requests) == 5


async def test_41_the_circuit_is_the_groups_own() -> None:
    async with (
        faulty.Faulty(*[faulty.answer(500)] * 5, GOOD) as platform,
        client(platform.origin, ONE_TRY) as http,
    ):
        for _ in range(5):
            await failure(http)
        assert type(await failure(http)) is PlatformCircuitOpenError
        other = msgspec.structs.replace(ASK, group="exports")
        assert (await http.fetch(other, Thing, Call.within(5))).id == 1
        assert http.health.circuits == {
            "data": BreakerState.OPEN,
            "exports": BreakerState.CLOSED,
        }


async def test_41_after_the_pause_one_call_goes_to_see() -> None:
    hands = Hands()
    async with (
        faulty.Faulty(*[faulty.answer(500)] * 5, faulty.after(0.1, GOOD)) as platform,
        client(platform.origin, ONE_TRY, monotonic=hands) as http,
    ):
        for _ in range(5):
            await failure(http)
        hands.seconds += 33.0
        outcomes = await asyncio.gather(
            *(http.fetch(ASK, Thing, Call.within(5)) for _ in range(10)), return_exceptions=True
        )
        assert sum(isinstance(one, Thing) for one in outcomes) == 1
        assert sum(isinstance(one, PlatformCircuitOpenError) for one in outcomes) == 9
        assert len(platform.requests) == 6
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


async def test_41_a_probe_whose_caller_leaves_lets_the_next_one_go() -> None:
    hands = Hands()
    async with (
        faulty.Faulty(*[faulty.answer(500)] * 5, faulty.stall(), GOOD) as platform,
        client(platform.origin, ONE_TRY, monotonic=hands) as http,
    ):
        for _ in range(5):
            await failure(http)
        hands.seconds += 33.0
        probe = asyncio.create_task(http.fetch(ASK, Thing, Call.within(5)))
        await asyncio.sleep(0.05)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        assert (await http.fetch(ASK, Thing, Call.within(5))).id == 1


async def test_42_a_slow_platform_has_few_calls_in_flight() -> None:
    async with (
        faulty.Faulty(faulty.after(0.05, GOOD)) as platform,
        client(platform.origin) as http,
    ):
        asks = [http.fetch(ASK, Thing, Call.within(20)) for _ in range(50)]
        assert [one.id for one in await asyncio.gather(*asks)] == [1] * 50
        assert platform.most_in_flight <= 10
