"""One fetch for all who want the same, whoever leaves, and whoever has little time."""

from __future__ import annotations

import asyncio

import pytest

from resolvers.flights import Flights
from vendors.calls import Call
from vendors.errors import PlatformServerError, PlatformTimeoutError


class Fetching:
    """Something to fetch that takes until it is told, or until the time is up."""

    def __init__(self) -> None:
        self.begun: list[Call] = []
        self.cancelled = 0
        self.another = asyncio.Event()
        self.ready = asyncio.Event()
        self.fails: Exception | None = None

    async def __call__(self, call: Call) -> str:
        self.begun.append(call)
        self.another.set()
        try:
            async with asyncio.timeout_at(call.deadline):
                await self.ready.wait()
        except TimeoutError:
            raise PlatformTimeoutError(platform="one") from None
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails is not None:
            raise self.fails
        return "told"


async def _underway(fetching: Fetching, calls: int) -> None:
    while len(fetching.begun) < calls:
        fetching.another.clear()
        await fetching.another.wait()


async def test_the_first_leaves_and_the_others_are_answered() -> None:
    flights, fetching = Flights(), Fetching()
    waiters = [asyncio.create_task(flights.join("k", Call.within(30), fetching)) for _ in range(20)]
    await _underway(fetching, 1)

    waiters[0].cancel()
    await asyncio.gather(waiters[0], return_exceptions=True)
    fetching.ready.set()

    assert await asyncio.gather(*waiters[1:]) == ["told"] * 19
    assert len(fetching.begun) == 1
    assert len(flights) == 0


async def test_when_the_last_leaves_nothing_is_left_running() -> None:
    flights, fetching = Flights(), Fetching()
    waiters = [asyncio.create_task(flights.join("k", Call.within(30), fetching)) for _ in range(3)]
    await _underway(fetching, 1)

    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    await asyncio.sleep(0)

    assert fetching.cancelled == 1
    assert len(flights) == 0


async def test_who_comes_while_the_last_one_leaves_is_answered() -> None:
    flights, fetching = Flights(), Fetching()
    first = asyncio.create_task(flights.join("k", Call.within(30), fetching))
    await _underway(fetching, 1)

    first.cancel()
    second = asyncio.create_task(flights.join("k", Call.within(30), fetching))
    await asyncio.gather(first, return_exceptions=True)
    fetching.ready.set()

    assert await second == "told"


async def test_a_failure_reaches_all_and_is_not_kept() -> None:
    flights, fetching = Flights(), Fetching()
    fetching.fails = PlatformServerError(platform="one")
    fetching.ready.set()
    calls = [Call.within(30) for _ in range(5)]

    failed = await asyncio.gather(
        *(flights.join("k", call, fetching) for call in calls), return_exceptions=True
    )
    fetching.fails = None

    assert failed == [failed[0]] * 5
    assert isinstance(failed[0], PlatformServerError)
    assert len(fetching.begun) == 1
    assert await flights.join("k", Call.within(30), fetching) == "told"


async def test_the_short_time_of_one_is_not_the_failure_of_another() -> None:
    flights, fetching = Flights(), Fetching()
    hurried = asyncio.create_task(flights.join("k", Call.within(0.02), fetching))
    await _underway(fetching, 1)
    patient = [asyncio.create_task(flights.join("k", Call.within(30), fetching)) for _ in range(10)]

    with pytest.raises(PlatformTimeoutError):
        await hurried
    await _underway(fetching, 2)
    fetching.ready.set()

    assert await asyncio.gather(*patient) == ["told"] * 10
    assert len(fetching.begun) == 2


async def test_who_has_little_more_time_does_not_try_again() -> None:
    flights, fetching = Flights(), Fetching()
    first = Call.within(0.5)
    calls = [first, *(Call(first.deadline + 0.0001 * more) for more in range(50))]

    failed = await asyncio.gather(
        *(flights.join("k", call, fetching) for call in calls), return_exceptions=True
    )

    assert all(isinstance(one, PlatformTimeoutError) for one in failed)
    assert len(fetching.begun) == 1


async def test_a_slow_platform_is_not_asked_again_for_who_came_late() -> None:
    flights = Flights()
    begun: list[Call] = []

    async def slow(call: Call) -> str:
        begun.append(call)
        await asyncio.sleep(0.01)
        raise PlatformTimeoutError("the platform's own limit", platform="one")

    failed = await asyncio.gather(
        flights.join("k", Call.within(30), slow),
        flights.join("k", Call.within(90), slow),
        return_exceptions=True,
    )

    assert all(isinstance(one, PlatformTimeoutError) for one in failed)
    assert len(begun) == 1


async def test_without_any_time_it_fails_at_once() -> None:
    flights, fetching = Flights(), Fetching()

    with pytest.raises(PlatformTimeoutError):
        await flights.join("k", Call.within(0), fetching)
    assert len(fetching.begun) == 1


async def test_who_comes_as_anothers_time_ends_begins_anew() -> None:
    """Between a flight's end and the loop's next turn it is still to be found."""
    flights, started = Flights(), asyncio.Event()

    async def cut_short(_call: Call) -> str:
        await started.wait()
        raise PlatformTimeoutError(platform="one")

    async def come() -> str:
        await started.wait()
        return await flights.join("k", Call.within(30), told)

    async def told(_call: Call) -> str:
        return "told"

    first = asyncio.create_task(flights.join("k", Call.within(0), cut_short))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second = asyncio.create_task(come())
    await asyncio.sleep(0)
    started.set()

    assert await second == "told"
    with pytest.raises(PlatformTimeoutError):
        await first
