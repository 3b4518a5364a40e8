"""A store in trouble is left alone soon, tried again by one, and told of once."""

from __future__ import annotations

import asyncio
import logging

import pytest
import redis.exceptions
from tests.gateway.cache.times import Times

from gateway.cache.guard import RULES, StoreGuard


class Store:
    """Answers, fails or stalls, as it is told, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails: Exception | None = None
        self.stalls = False

    async def __call__(self) -> str:
        self.asked += 1
        if self.stalls:
            await asyncio.Event().wait()
        if self.fails is not None:
            raise self.fails
        return "here"


def guarding(times: Times, seconds: float = 30.0) -> StoreGuard:
    return StoreGuard("tests", seconds, monotonic=times.monotonic)


async def test_what_the_store_says_is_passed_on(times: Times) -> None:
    assert await guarding(times).attempt("read", Store()) == "here"


@pytest.mark.parametrize(
    "error",
    [OSError("refused"), redis.exceptions.ConnectionError(), redis.exceptions.TimeoutError()],
    ids=lambda error: type(error).__module__,
)
async def test_a_store_that_is_gone_is_soon_left_alone(times: Times, error: Exception) -> None:
    guard, store = guarding(times), Store()
    store.fails = error
    for _ in range(20):
        assert await guard.attempt("read", store) is None
    assert store.asked == guard.failures == RULES.in_a_row
    assert guard.is_open
    # For everything: what it does not answer to a reader, it does not to a writer.
    assert await guard.attempt("write", store) is None
    assert store.asked == RULES.in_a_row


async def test_one_that_stalls_costs_its_short_time_and_no_more(times: Times) -> None:
    guard, store = guarding(times, seconds=0.01), Store()
    store.stalls = True
    for _ in range(20):
        assert await guard.attempt("read", store) is None
    assert store.asked == RULES.in_a_row


async def test_one_probe_finds_out_that_it_is_back(times: Times) -> None:
    guard, store = guarding(times), Store()
    store.fails = OSError()
    for _ in range(RULES.in_a_row):
        await guard.attempt("read", store)
    store.fails = None
    times.pass_(RULES.seconds * 1.2)
    store.stalls = True
    probe = asyncio.create_task(guard.attempt("read", store))
    await asyncio.sleep(0)
    others = [await guard.attempt("read", store) for _ in range(5)]
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    store.stalls = False

    assert others == [None] * 5
    assert store.asked == RULES.in_a_row + 1
    assert [await guard.attempt("read", store) for _ in range(3)] == ["here"] * 3
    assert not guard.is_open


async def test_what_refuses_to_write_is_still_read(times: Times) -> None:
    guard, full, good = guarding(times), Store(), Store()
    full.fails = redis.exceptions.OutOfMemoryError("OOM command not allowed")
    for _ in range(20):
        await guard.attempt("write", full)
    assert full.asked == RULES.in_a_row
    assert await guard.attempt("read", good) == "here"
    assert not guard.is_open


async def test_failures_with_successes_between_them_are_borne(times: Times) -> None:
    guard, store = guarding(times), Store()
    for _ in range(10):
        store.fails = OSError()
        await guard.attempt("read", store)
        store.fails = None
        assert await guard.attempt("read", store) == "here"


async def test_it_is_told_once_that_it_fails_and_once_that_it_is_back(
    times: Times, caplog: pytest.LogCaptureFixture
) -> None:
    guard, store = guarding(times), Store()
    store.fails = OSError("secret-host:6379")
    with caplog.at_level(logging.INFO, "switchboard.cache"):
        for _ in range(5):
            for _ in range(10):
                await guard.attempt("read", store)
            times.pass_(RULES.longest * 1.2)
        store.fails = None
        for _ in range(3):
            await guard.attempt("read", store)
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO"]
    assert "secret-host" not in caplog.text
