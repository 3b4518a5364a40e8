from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from tests.gateway.cache.times import Times
from tests.stores import RedisServer, running_redis

from gateway.cache.disk_store import DiskStore
from gateway.cache.redis_store import RedisStore
from gateway.cache.store import SharedStore

Opening = Callable[[str], SharedStore]
"""Opens the store under a namespace, as one more process would."""


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    """A server for all tests of a module: each has a namespace of its own."""
    with running_redis() as server:
        yield server


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture(params=["disk", pytest.param("redis", marks=pytest.mark.redis)])
async def opening(
    request: pytest.FixtureRequest, tmp_path: Path, times: Times
) -> AsyncIterator[Opening]:
    """A way to open one and the same store again and again."""
    opened: list[SharedStore] = []
    own = token_hex(4)

    def on_disk(space: str) -> SharedStore:
        path = tmp_path / "cache.sqlite"
        return DiskStore(path, space, max_bytes=4 << 20, seconds=5, now=times.wall)

    def on_redis(space: str) -> SharedStore:
        server: RedisServer = request.getfixturevalue("redis_server")
        return RedisStore(server.url, f"{space}-{own}", seconds=5, connections=10)

    def open_(space: str) -> SharedStore:
        opened.append({"disk": on_disk, "redis": on_redis}[request.param](space))
        return opened[-1]

    yield open_
    for each in opened:
        await each.close()


@pytest.fixture
def store(opening: Opening) -> SharedStore:
    return opening("tests")
