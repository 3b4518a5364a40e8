"""What is kept, for how long, and what becomes of it when the platform fails."""

from __future__ import annotations

import asyncio
import pickle
from datetime import timedelta

import msgspec
import pytest
from tests.fakes import NOW, FakeCache, FakeClock, Tasks

from resolvers.cached import Held, Lifetime, ReadThrough
from resolvers.flights import Flights
from resolvers.outcomes import Freshness, PlatformFailure
from vendors.calls import Call, CallRecord
from vendors.errors import PlatformAuthError, PlatformServerError

LIFETIME = Lifetime(timedelta(seconds=20), timedelta(seconds=30), timedelta(minutes=10))


class House:
    """A read-through cache over a platform that counts its calls."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)
        self.tasks = Tasks()
        self.value: str | None = "first"
        self.fails: Exception | None = None
        self.asked: list[Call] = []
        self.takes = 0.0
        self.entities = ReadThrough(self.cache, Flights(), self.clock, self.tasks)

    async def _fetch(self, call: Call) -> str | None:
        self.asked.append(call)
        call.log.add(CallRecord(platform="one", endpoint="e", status=200, seconds=0.0))
        self.clock.pass_(seconds=self.takes)
        if self.fails is not None:
            raise self.fails
        return self.value

    async def read(self, call: Call | None = None) -> Held[str | None]:
        return await self.entities.read(
            "k",
            str | None,  # type: ignore[arg-type]  # a union is a shape too
            LIFETIME,
            call or Call.within(30),
            self._fetch,
        )


async def test_it_is_fetched_once_while_fresh() -> None:
    house = House()

    told = [await house.read() for _ in range(3)]

    assert [one.freshness for one in told] == [Freshness.LIVE, Freshness.CACHED, Freshness.CACHED]
    assert {one.value for one in told} == {"first"}
    assert len(house.asked) == 1


async def test_a_little_past_fresh_it_is_served_while_it_is_refreshed() -> None:
    house = House()
    await house.read()
    house.clock.pass_(seconds=25)
    house.value = "second"

    stale = await house.read()
    await house.tasks.done()
    again = await house.read()

    assert (stale.value, stale.freshness) == ("first", Freshness.STALE)
    assert (again.value, again.freshness) == ("second", Freshness.CACHED)


async def test_a_refresh_has_its_own_time_and_is_not_the_callers_call() -> None:
    house = House()
    await house.read()
    house.clock.pass_(seconds=25)
    hurried = Call.within(0.001)

    await house.read(hurried)
    await house.tasks.done()

    assert hurried.log.records == []
    assert house.asked[1].deadline > hurried.deadline + 1
    assert house.asked[1].request_id == hurried.request_id


async def test_stale_stands_in_for_a_platform_that_fails_and_says_so() -> None:
    house = House()
    await house.read()
    house.clock.pass_(minutes=5)
    house.fails = PlatformServerError(platform="one")

    held = await house.read()

    assert (held.value, held.freshness, held.at) == ("first", Freshness.STALE, NOW)
    assert held.failure is not None
    assert (held.failure.code, held.failure.stale_age_seconds) == ("PLATFORM_ERROR", 300.0)


async def test_what_is_made_of_several_is_as_old_as_the_oldest_of_them() -> None:
    failures = [
        PlatformFailure.of(PlatformServerError(platform="one"), stale_age=timedelta(seconds=age))
        for age in (10, 90)
    ]
    fresh = Held("a", NOW, Freshness.CACHED)
    stale = Held("b", NOW - timedelta(seconds=10), Freshness.STALE, failures[0])
    older = Held("c", NOW - timedelta(seconds=90), Freshness.STALE, failures[1])

    assert Held.made_of("d", fresh) == Held("d", NOW, Freshness.CACHED)
    assert Held.made_of("d", fresh, stale, older) == Held(
        "d", older.at, older.freshness, failures[1]
    )


async def test_stale_never_stands_in_where_access_was_withdrawn() -> None:
    house = House()
    await house.read()
    house.clock.pass_(minutes=5)
    house.fails = PlatformAuthError(platform="one")

    with pytest.raises(PlatformAuthError):
        await house.read()


async def test_beyond_its_life_nothing_stands_in() -> None:
    house = House()
    await house.read()
    house.clock.pass_(minutes=11)
    house.fails = PlatformServerError(platform="one")

    with pytest.raises(PlatformServerError):
        await house.read()


async def test_what_failed_is_not_kept() -> None:
    house = House()
    house.fails = PlatformServerError(platform="one")
    with pytest.raises(PlatformServerError):
        await house.read()
    house.fails = None

    assert (await house.read()).value == "first"
    assert len(house.asked) == 2


async def test_nothing_is_kept_briefly_and_never_stands_in_for_a_failure() -> None:
    house = House()
    house.value = None
    await house.read()
    briefly = await house.read()
    house.clock.pass_(seconds=25)
    house.fails = PlatformServerError(platform="one")

    assert (briefly.value, briefly.freshness) == (None, Freshness.CACHED)
    with pytest.raises(PlatformServerError):
        await house.read()


async def test_it_is_as_old_as_the_question() -> None:
    house = House()
    house.takes = 3.0

    held = await house.read()

    assert held.at == NOW
    assert (await house.read()).at == NOW


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        pickle.dumps("first"),
        msgspec.msgpack.encode(["no instant", "x"]),
        msgspec.msgpack.encode([1e300, "x"]),
        msgspec.msgpack.encode([NOW, 7]),
        b"\x92\xcb\x41\xda\x00\x00\x00\x00\x00\x00\xa2\xff\xfe",
    ],
    ids=["empty", "noise", "pickle", "no instant", "number", "another shape", "no text"],
)
async def test_what_is_not_ours_is_as_good_as_absent(content: bytes) -> None:
    house = House()
    await house.cache.set_many({"k": content}, 60)

    held = await house.read()

    assert (held.value, held.freshness) == ("first", Freshness.LIVE)


async def test_many_at_once_are_one_call() -> None:
    house = House()

    await asyncio.gather(*(house.read() for _ in range(200)))

    assert len(house.asked) == 1
