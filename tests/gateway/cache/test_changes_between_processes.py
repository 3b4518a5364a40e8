"""Changes and purges where several processes share a store: sent once, forgotten by all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from pydantic import SecretStr
from tests.fakes import EVERYTHING, PlainSealer, Tasks, platform_of
from tests.resolvers.changeable import Changeable, platform_with, tag, written
from tests.stores import RedisServer, running_redis

from gateway.cache.opening import open_cache
from gateway.configuration.settings import CacheSettings, Settings
from resolvers.cached import Lifetime
from resolvers.context import RequestContext, Services
from resolvers.directories import directory_of
from resolvers.keys import cache_key
from resolvers.purging import Purged, purge
from resolvers.writes import Result, WriteStatus
from vendors.calls import Call
from vendors.clock import SystemClock
from vendors.errors import PlatformOutcomeUnknownError, PlatformTimeoutError
from vendors.records import Tag
from vendors.writes import CreateTag, PickUpCallback

CALLED = PickUpCallback(agent_external_id="RH-1", site_id="1", phone="+33699887766")
OTHER = platform_of("b")
TOLD = Result(WriteStatus.DONE, "a", "conversation-7", (), {"customer_id": "uid-7", "site_id": "1"})
"""What becomes of a call."""

Begin = Callable[[], RequestContext]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        yield running


@pytest.fixture(params=["memory", "disk", pytest.param("redis", marks=pytest.mark.redis)])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> CacheSettings:
    if request.param == "memory":
        return CacheSettings()
    if request.param == "disk":
        return CacheSettings(backend="disk", path=tmp_path / "cache.sqlite")
    return shared_by(request.getfixturevalue("server"))


@pytest.fixture
def shared(server: RedisServer) -> CacheSettings:
    return shared_by(server)


def shared_by(server: RedisServer) -> CacheSettings:
    url = SecretStr(server.url)
    return CacheSettings(backend="redis", url=url, namespace=f"tests-{token_hex(4)}")


@pytest.fixture
def vendor() -> Changeable:
    return Changeable()


class Processes:
    """Processes that are set up alike, over one platform."""

    def __init__(self, stack: AsyncExitStack, vendor: Changeable) -> None:
        self._stack = stack
        self.platform = platform_with(vendor)

    async def start(self, kept: CacheSettings) -> Begin:
        """Start one more; return how an operation of it begins."""
        settings = Settings(cache=kept, id_key=SecretStr("one secret of all of them" * 2))
        opened = await self._stack.enter_async_context(open_cache(settings))
        services = Services(
            platforms={"a": self.platform, "b": OTHER},
            clock=SystemClock(),
            cache=opened.cache,
            latest=opened.latest,
            leases=opened.leases,
            purge=opened.purge,
            background=Tasks(),
            sealer=PlainSealer(),
        )

        def begin() -> RequestContext:
            context = RequestContext(services, EVERYTHING, Call.within(30))
            context.platforms = {"a": self.platform}
            return context

        return begin


@pytest.fixture
async def processes(vendor: Changeable) -> AsyncIterator[Processes]:
    async with AsyncExitStack() as stack:
        yield Processes(stack, vendor)


async def names(context: RequestContext) -> set[str | None]:
    (platform,) = context.platforms.values()
    return {one.name for one in (await directory_of(context, platform, Tag, context.call)).value}


async def eventually(ask: Callable[[], Awaitable[object]], expected: object) -> None:
    """Ask until that is the answer."""
    async with asyncio.timeout(20):
        while True:
            if await ask() == expected:
                return
            await asyncio.sleep(0.1)


@pytest.mark.redis
async def test_a_process_that_just_started_knows_what_was_sent(
    processes: Processes, vendor: Changeable, shared: CacheSettings
) -> None:
    one = await processes.start(shared)
    assert await written(one(), CALLED, key="k") == [TOLD]
    vendor.fault = PlatformTimeoutError(platform="a")
    await written(one(), CALLED, key="lost")
    vendor.fault = None
    other = await processes.start(shared)

    assert await written(other(), CALLED, key="k") == [TOLD]
    (lost,) = await written(other(), CALLED, key="lost")
    assert isinstance(lost, PlatformOutcomeUnknownError)
    assert len(vendor.sent) == 2


@pytest.mark.redis
async def test_what_two_processes_are_told_at_once_is_sent_once(
    processes: Processes, vendor: Changeable, shared: CacheSettings
) -> None:
    one, other = await processes.start(shared), await processes.start(shared)
    vendor.holds.clear()
    asked = [asyncio.create_task(written(each(), CALLED, key="k")) for each in (one, other) * 2]
    await vendor.reached.wait()
    vendor.holds.set()

    assert await asyncio.gather(*asked) == [[TOLD]] * 4
    assert len(vendor.sent) == 1


@pytest.mark.redis
async def test_what_one_process_changed_another_shows_a_moment_later(
    processes: Processes, shared: CacheSettings
) -> None:
    one, other = await processes.start(shared), await processes.start(shared)
    assert [await names(each()) for each in (one, other)] == [set(), set()]
    await written(one(), CreateTag(name="new", site_id="1"))
    assert await names(one()) == {"new"}

    await eventually(lambda: names(other()), {"new"})


async def test_a_purge_forgets_what_is_kept_of_one_platform_and_no_outcome(
    processes: Processes, vendor: Changeable, kept: CacheSettings
) -> None:
    one = await processes.start(kept)
    cache, others = one().services.cache, cache_key("series", OTHER, "figures")
    await cache.set_many({others: b"1"}, 3600)
    await written(one(), CALLED, key="k")
    vendor.tags.append(tag("first", "1"))
    await names(one())
    figures = [cache_key("series", processes.platform, number) for number in range(3)]
    await cache.set_many(dict.fromkeys(figures, b"1"), 3600)
    vendor.tags.append(tag("second", "2"))
    assert await names(one()) == {"first"}

    (purged,) = await purge(one(), [processes.platform])
    assert purged.platform == "a"
    assert purged.entries >= len(figures) + 1
    assert await cache.get_many([*figures, others]) == [None, None, None, b"1"]
    assert await names(one()) == {"first", "second"}
    assert await written(one(), CALLED, key="k") == [TOLD]
    assert len(vendor.sent) == 1
    assert await purge(one(), [OTHER]) == [Purged("b", 1)]


@pytest.mark.parametrize("backend", ["disk", pytest.param("redis", marks=pytest.mark.redis)])
async def test_other_processes_learn_of_a_purge_and_find_nothing_of_before(
    processes: Processes, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    disk = CacheSettings(backend="disk", path=tmp_path / "cache.sqlite")
    kept = disk if backend == "disk" else request.getfixturevalue("shared")
    one, other = await processes.start(kept), await processes.start(kept)
    key, lifetime = cache_key("series", processes.platform, "figures"), Lifetime(timedelta(hours=1))
    reading, answers, told = asyncio.Event(), asyncio.Event(), ["old"]

    async def fetch(_call: Call) -> str:
        value = told[-1]
        reading.set()
        await answers.wait()
        return value

    async def read(process: Begin) -> str:
        context = process()
        held = await context.entities.read(key, str, lifetime, context.call, fetch)
        return held.value

    late = asyncio.create_task(read(other))
    await reading.wait()
    await purge(one(), [processes.platform])
    told.append("new")
    answers.set()
    assert await late == "old"

    assert await read(one) == "new"
    await eventually(lambda: read(other), "new")
    assert await read(await processes.start(kept)) == "new"
