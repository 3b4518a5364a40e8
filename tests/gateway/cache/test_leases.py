"""One of several processes does the work, and the others find its result."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes import FakeClock, Tasks
from tests.gateway.cache.conftest import Opening
from tests.gateway.cache.test_tiered import process
from tests.gateway.cache.times import Times
from tests.stores import RedisServer, running_redis

from gateway.cache.disk_store import DiskStore
from gateway.cache.guard import StoreGuard
from gateway.cache.leases import SharedLeases
from gateway.cache.redis_store import RedisStore
from gateway.cache.store import SharedStore
from gateway.cache.tiered import Latest
from resolvers.cached import Held, Lifetime, ReadThrough
from resolvers.flights import Flights
from resolvers.outcomes import Freshness
from vendors.calls import Call
from vendors.errors import PlatformServerError

ROOT = Path(__file__).parents[3]
LIFETIME = Lifetime(timedelta(seconds=60))


class Platform:
    """Something slow to ask, by however many processes."""

    def __init__(self) -> None:
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.fails: Exception | None = None
        self.begun = asyncio.Event()

    async def __call__(self, _call: Call) -> str:
        self.begun.set()
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.05)
        self.at_once -= 1
        if self.fails is not None:
            raise self.fails
        return "told"


def leases(store: SharedStore, times: Times, seconds: float = 5.0) -> SharedLeases:
    return SharedLeases(store, StoreGuard("tests", 5, monotonic=times.monotonic), seconds)


def reader(store: SharedStore, times: Times, seconds: float = 5.0) -> ReadThrough:
    """Return the entity tier of one more process."""
    cache = process(store, times)
    return ReadThrough(
        cache,
        Flights(),
        FakeClock(),
        Tasks(),
        leases=leases(store, times, seconds),
        latest=Latest(cache),
    )


async def read(one: ReadThrough, platform: Platform, seconds: float = 30.0) -> Held[str]:
    return await one.read("agents:a:1", str, LIFETIME, Call.within(seconds), platform)


async def test_many_processes_ask_once(opening: Opening, times: Times) -> None:
    processes = [reader(opening("tests"), times) for _ in range(6)]
    platform = Platform()

    told = await asyncio.gather(*(read(one, platform) for one in processes * 3))

    assert platform.asked == 1
    assert {held.value for held in told} == {"told"}
    assert {held.freshness for held in told} == {Freshness.LIVE, Freshness.CACHED}


async def test_what_another_had_told_before_the_lease_is_not_asked_again(
    opening: Opening, times: Times
) -> None:
    one, other = (reader(opening("tests"), times) for _ in range(2))
    platform = Platform()
    await read(one, platform)
    # Its memory knows of nothing, and there is nobody to wait for.
    assert (await read(other, platform)).freshness is Freshness.CACHED
    assert platform.asked == 1


async def test_where_it_fails_each_tries_for_itself_and_never_together(
    opening: Opening, times: Times
) -> None:
    processes = [reader(opening("tests"), times) for _ in range(3)]
    platform = Platform()
    platform.fails = PlatformServerError(platform="one")

    failed = await asyncio.gather(
        *(read(one, platform) for one in processes), return_exceptions=True
    )

    assert all(isinstance(one, PlatformServerError) for one in failed)
    assert (platform.asked, platform.most_at_once) == (3, 1)


async def test_a_lease_is_kept_for_as_long_as_the_work_takes(
    opening: Opening, times: Times
) -> None:
    one, other = (leases(opening("tests"), times, seconds=1.0) for _ in range(2))
    order = []

    async def work(mine: SharedLeases, name: str) -> None:
        async with mine.hold("work", Call.within(30)) as look:
            assert look
            order.append(f"{name} begins")
            # Longer than the life of the lease; on disk the clock is ours.
            for _ in range(30):
                await asyncio.sleep(0.05)
                times.pass_(0.05)
            order.append(f"{name} ends")

    await asyncio.gather(work(one, "a"), work(other, "b"))
    assert [each.partition(" ")[2] for each in order] == ["begins", "ends"] * 2


async def test_one_that_dies_holds_the_others_up_for_the_life_of_its_lease(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    assert await store.acquire("agents:a:1", "of one that died", 0.2)
    platform = Platform()
    asking = asyncio.create_task(read(reader(opening("tests"), times), platform))
    await asyncio.sleep(0.02)
    assert platform.asked == 0
    times.pass_(0.2)
    assert (await asking).value == "told"
    assert platform.asked == 1


async def test_a_caller_without_time_does_not_wait_for_ever(opening: Opening, times: Times) -> None:
    store = opening("tests")
    await store.acquire("work", "of another", 600)
    async with leases(opening("tests"), times).hold("work", Call.within(0.05)):
        pass
    assert not await store.acquire("work", "mine", 600)


async def test_who_is_cancelled_gives_it_back(opening: Opening, times: Times) -> None:
    store = opening("tests")
    own = leases(store, times)
    held = asyncio.Event()

    async def work() -> None:
        async with own.hold("work", Call.within(30)):
            held.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await held.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await store.acquire("work", "another", 60)


async def test_a_claim_is_one_process_and_ends_by_itself(opening: Opening, times: Times) -> None:
    one, other = (leases(opening("tests"), times) for _ in range(2))
    assert await one.claim("refresh:1", 0.1)
    assert not await other.claim("refresh:1", 0.1)
    assert await other.claim("refresh:2", 0.1)
    while not await other.claim("refresh:1", 0.1):
        times.pass_(0.1)
        await asyncio.sleep(0.01)


async def test_where_results_are_not_shared_nobody_waits(opening: Opening, times: Times) -> None:
    store = opening("tests")
    guard = StoreGuard("tests", 5, monotonic=times.monotonic)
    own = SharedLeases(store, guard, 5, tiers=frozenset({"measure"}))
    await store.acquire("agents:a:1", "of another", 60)
    async with own.hold("agents:a:1", Call.within(30)) as look:
        assert not look
    for _ in range(2):
        assert await own.claim("refresh:1", 60)


async def test_without_a_store_everybody_works_alone(tmp_path: Path, times: Times) -> None:
    store = RedisStore(f"unix://{tmp_path}/nobody", "tests", seconds=1, connections=1)
    own = leases(store, times)
    async with own.hold("work", Call.within(30)) as look:
        assert not look
    assert await own.claim("refresh:1", 60)
    await store.close()


@pytest.mark.redis
async def test_a_store_that_goes_in_the_middle_costs_calls_and_no_answer(times: Times) -> None:
    with running_redis() as server:
        stores = [RedisStore(server.url, "tests", seconds=0.2, connections=5) for _ in range(2)]
        one, other = (reader(store, times) for store in stores)
        platform = Platform()
        asking = asyncio.create_task(read(one, platform))
        await platform.begun.wait()
        waiting = asyncio.create_task(read(other, platform))
        await asyncio.sleep(0.01)
        server.stop()
        assert [held.value for held in (await asking, await waiting)] == ["told", "told"]
        assert platform.asked == 2
        for store in stores:
            await store.close()
        server.start()


@pytest.mark.redis
async def test_the_lease_of_a_killed_process_is_bound_to_end(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url, "tests", seconds=5, connections=1)
    await store.acquire("killed", "token", 5)
    with redis_server.client() as client:
        assert 0 < client.pttl("tests:lease:killed") <= 5000
    await store.close()


HOLDER = """
import asyncio, sys
from pathlib import Path
from gateway.cache.disk_store import DiskStore
from gateway.cache.guard import StoreGuard
from gateway.cache.leases import SharedLeases
from gateway.cache.redis_store import RedisStore
from vendors.calls import Call

async def main(kind, place):
    if kind == "disk":
        store = DiskStore(Path(place), "tests", max_bytes=1 << 20, seconds=5)
    else:
        store = RedisStore(place, "tests", seconds=5, connections=2)
    async with SharedLeases(store, StoreGuard("tests", 5), 1.0).hold("work", Call.within(60)):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("kind", ["disk", pytest.param("redis", marks=pytest.mark.redis)])
async def test_a_process_that_is_killed_while_it_holds_a_lease_loses_it(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store: SharedStore
    if kind == "disk":
        place = str(tmp_path / "cache.sqlite")
        store = DiskStore(Path(place), "tests", max_bytes=1 << 20, seconds=5)
    else:
        place = request.getfixturevalue("redis_server").url
        store = RedisStore(place, "tests", seconds=5, connections=2)
    own = SharedLeases(store, StoreGuard("tests", 5), 1.0)
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", HOLDER, kind, place),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        # While it lives, it holds on for longer than one life of the lease.
        async with own.hold("work", Call.within(2.0)):
            assert not await store.acquire("work", "mine", 1.0)
    finally:
        holder.kill()
        await holder.wait()
    async with own.hold("work", Call.within(30)) as look:
        assert look
        assert not await store.acquire("work", "another", 1.0)
    assert await store.acquire("work", "another", 1.0)
    await store.close()
