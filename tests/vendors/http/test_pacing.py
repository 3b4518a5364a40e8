"""The limits as state machines, and the queue in front of them."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.http.asking import Hands

from vendors.calls import Call
from vendors.errors import PlatformRateLimitedError, PlatformTimeoutError, Trips
from vendors.http.pacing import Concurrency, Pace, Pacer, RateGate
from vendors.settings import Pacing
from vendors.waits import UNWATCHED, Waits

# ---------------------------------------------------------------------------------- concurrency


def test_each_429_takes_a_tenth() -> None:
    limit = Concurrency(10)
    limit.limited(0.0)
    assert limit.limit == 9
    for _ in range(5):
        limit.limited(0.0)
    assert limit.limit == 5
    for _ in range(50):
        limit.limited(0.0)
    assert limit.limit == 1


def test_a_quiet_time_gives_one_back() -> None:
    limit = Concurrency(10)
    for _ in range(50):
        limit.limited(0.0)
    limit.succeeded(9.9)
    assert limit.limit == 1
    seen = []
    for second in range(10, 130, 10):
        limit.succeeded(float(second))
        limit.succeeded(float(second))
        seen.append(limit.limit)
    assert seen == [2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10]


# ----------------------------------------------------------------------------------------- pace


@given(
    rate=st.one_of(st.integers(1, 30).map(float), st.floats(0.2, 30.0)),
    gaps=st.lists(st.floats(0.0, 0.5), min_size=1, max_size=80),
)
def test_never_more_starts_in_a_second_than_configured(rate: float, gaps: list[float]) -> None:
    pace = Pace(rate)
    now, starts = 100.0, []
    for gap in gaps:
        now += gap
        now += pace.wait(now)
        pace.start(now)
        starts.append(now)
    most = max(1, int(rate))
    for index in range(len(starts) - most):
        assert starts[index + most] - starts[index] >= most / rate


def test_a_burst_within_the_limit_does_not_wait() -> None:
    pace = Pace(5.0)
    for _ in range(5):
        assert pace.wait(0.0) == 0.0
        pace.start(0.0)
    assert pace.wait(0.0) == pytest.approx(1.05)


def test_without_a_limit_nothing_waits() -> None:
    pace = Pace(None)
    for _ in range(2000):
        assert pace.wait(0.0) == 0.0
        pace.start(0.0)


def burst(pace: Pace, starts: int, refused: int, now: float = 0.0) -> None:
    for _ in range(starts):
        pace.start(now)
    for _ in range(refused):
        pace.limited(now)


def test_a_pace_is_learned_from_what_was_answered() -> None:
    pace = Pace(None)
    burst(pace, starts=60, refused=10)
    assert pace.per_second == pytest.approx(45.0)
    # More is tried after each quiet time, and all is forgotten after a long one.
    pace.succeeded(9.0)
    assert pace.per_second == pytest.approx(45.0)
    pace.succeeded(10.0)
    pace.succeeded(11.0)
    assert pace.per_second == pytest.approx(50.0)
    pace.succeeded(70.0)
    assert pace.per_second is None


def test_too_few_answers_teach_nothing() -> None:
    pace = Pace(None)
    burst(pace, starts=5, refused=1)
    assert pace.per_second is None


def test_a_configured_pace_is_never_exceeded_by_a_learned_one() -> None:
    pace = Pace(20.0)
    burst(pace, starts=60, refused=10)
    assert pace.per_second == 20.0


# ----------------------------------------------------------------------------------------- gate


def test_the_gate_keeps_the_latest_time_that_was_given() -> None:
    gate = RateGate()
    gate.limited(100.0, 99.0, 20.0)
    gate.limited(101.0, 99.0, 5.0)
    assert (gate.wait(101.0), gate.wait(119.0), gate.wait(120.0)) == (19.0, 1.0, 0.0)
    gate.limited(120.0, 119.0, 1e9)
    assert gate.wait(120.0) == 300.0


def test_without_a_time_each_burst_doubles_the_pause() -> None:
    gate, now, pauses = RateGate(), 0.0, []
    for _ in range(14):
        gate.limited(now, now, None)
        gate.limited(now, now - 0.1, None)  # of the same burst
        pauses.append(gate.wait(now))
        now += pauses[-1]
    assert pauses[:4] == pytest.approx([0.1, 0.2, 0.4, 0.8])
    assert pauses[-1] == pytest.approx(300.0)
    gate.succeeded()
    gate.limited(now, now, None)
    assert gate.wait(now) == pytest.approx(0.1)


# ---------------------------------------------------------------------------------------- queue


def queue(pacing: Pacing, hands: Hands) -> Pacer:
    return Pacer(pacing, hands, Waits("plat", UNWATCHED, hands))


def within(seconds: float) -> float:
    return Call.within(seconds).deadline


async def test_first_come_first_served() -> None:
    pacer = queue(Pacing(concurrency=1), Hands())
    order: list[int] = []

    async def one(number: int) -> None:
        await pacer.enter(within(5))
        order.append(number)
        await asyncio.sleep(0)
        pacer.leave()

    await asyncio.gather(*map(one, range(10)))
    assert order == list(range(10))
    assert pacer.in_flight == 0


async def test_whoever_leaves_the_queue_leaves_no_gap() -> None:
    pacer = queue(Pacing(concurrency=1), Hands())
    await pacer.enter(within(5))
    waiting = [asyncio.create_task(pacer.enter(within(5))) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    pacer.leave()
    # The second got the place in the very moment in which it leaves.
    waiting[1].cancel()
    await waiting[2]
    assert pacer.in_flight == 1
    pacer.leave()
    assert pacer.in_flight == 0


async def test_a_place_that_does_not_come_in_time() -> None:
    pacer = queue(Pacing(concurrency=1), Hands())
    await pacer.enter(within(5))
    with pytest.raises(PlatformTimeoutError) as caught:
        await pacer.enter(within(0.02))
    assert (caught.value.attempts, caught.value.trips_as) == (0, Trips.NOTHING)
    pacer.leave()
    await pacer.enter(within(5))
    assert pacer.in_flight == 1


async def test_fewer_places_after_a_429() -> None:
    pacer = queue(Pacing(concurrency=2), Hands())
    await pacer.enter(within(5))
    await pacer.enter(within(5))
    pacer.limited(0.0, 0.0)
    waiting = asyncio.create_task(pacer.enter(within(5)))
    await asyncio.sleep(0)
    pacer.leave()
    await asyncio.sleep(0)
    assert not waiting.done()
    pacer.leave()
    await waiting


async def test_a_shut_gate_is_told_at_once_where_it_lasts_too_long() -> None:
    hands = Hands()
    pacer = queue(Pacing(), hands)
    pacer.limited(0.0, 8.0)
    with pytest.raises(PlatformRateLimitedError) as caught:
        await pacer.enter(within(7))
    assert (caught.value.retry_after, caught.value.attempts) == (8.0, 0)
    pacer.limited(0.0, 11.0)
    with pytest.raises(PlatformRateLimitedError):
        await pacer.enter(within(60))
    assert pacer.in_flight == 0
    hands.seconds += 11.0
    await pacer.enter(within(1))


async def test_a_turn_that_the_pace_gives_too_late_is_not_taken() -> None:
    pacer = queue(Pacing(calls_per_second=1), Hands())
    await pacer.enter(within(5))
    for _ in range(3):
        with pytest.raises(PlatformTimeoutError):
            await pacer.enter(within(0.5))
    # Those who gave up used nothing up.
    assert pacer.in_flight == 1
    assert pacer.pace.wait(1000.0) == pytest.approx(1.05)


async def test_a_paced_call_starts_later() -> None:
    pacer = queue(Pacing(calls_per_second=20), Hands())
    await asyncio.gather(*(pacer.enter(within(5)) for _ in range(10)))
    assert pacer.in_flight == 10
