"""Memory in front of a store: what is found where, for how long, and what goes where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tests.gateway.cache.conftest import Opening
from tests.gateway.cache.times import Times
from tests.stores import RedisServer, running_redis

from gateway.cache.bounded import BoundedBackend
from gateway.cache.disk_store import DiskStore
from gateway.cache.envelope import Envelope
from gateway.cache.guard import StoreGuard
from gateway.cache.redis_store import RedisStore
from gateway.cache.store import ALL, SharedStore
from gateway.cache.tiered import Latest, TieredCache

NAME = b"Ana Ruiz, ana.ruiz@example.org"


def process(
    store: SharedStore,
    times: Times,
    *,
    secret: str = "secret",
    tiers: frozenset[str] | None = None,
    seconds: float = 5.0,
) -> TieredCache:
    """Return the cache of one more process over that store."""
    return TieredCache(
        BoundedBackend(1_000_000, monotonic=times.monotonic),
        store,
        StoreGuard("tests", seconds, monotonic=times.monotonic),
        Envelope(secret),
        tiers=tiers,
        now=times.wall,
        monotonic=times.monotonic,
    )


async def test_what_one_process_keeps_another_finds_and_holds(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    one, other = process(store, times), process(store, times)
    await one.set_many({"series:a:1": b"1", "series:a:2": b"2"}, 60)

    assert await other.get_many(["series:a:1", "series:a:0", "series:a:2"]) == [b"1", None, b"2"]
    await store.drop(["series:a:1"])
    assert await other.get_many(["series:a:1"]) == [b"1"]
    assert other.counts.asked == {"series.far": 2, "series.missed": 1, "series.near": 1}
    assert one.counts.asked == {}


async def test_what_another_has_written_since_is_seen_by_looking_past_memory(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    one, other = process(store, times), process(store, times)
    await one.set_many({"series:a:1": b"old"}, 60)
    await other.get_many(["series:a:1"])
    await one.set_many({"series:a:1": b"new"}, 60)

    assert await other.get_many(["series:a:1"]) == [b"old"]
    assert await Latest(other).get_many(["series:a:1", "series:a:2"]) == [b"new", None]
    assert await other.get_many(["series:a:1"]) == [b"new"]


async def test_nobody_makes_it_live_longer_than_it_was_meant_to(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    await process(store, times).set_many({"agents:a:1": NAME}, 900)
    times.pass_(890)
    late = process(store, times)
    assert await late.get_many(["agents:a:1"]) == [NAME]
    times.pass_(11)
    assert await late.get_many(["agents:a:1"]) == [None]
    assert await process(store, times).get_many(["agents:a:1"]) == [None]


async def test_a_purge_reaches_every_process_within_moments(opening: Opening, times: Times) -> None:
    store = opening("tests")
    one, other = process(store, times), process(store, times)
    await one.set_many({"series:a:1": b"a", "series:b:1": b"b"}, 60)
    await other.get_many(["series:a:1", "series:b:1"])

    await store.purge(ALL, "a")
    times.pass_(1.5)

    for each in (one, other, process(store, times)):
        assert await each.get_many(["series:a:1", "series:b:1"]) == [None, b"b"]


async def test_whoever_asks_first_after_a_long_while_finds_nothing_of_what_was_purged(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    one = process(store, times)
    keys = [f"series:{platform}:1" for platform in "abcd"]
    await one.set_many(dict.fromkeys(keys, b"1"), 3600)

    await store.purge(ALL, ALL)
    times.pass_(600)

    found = await asyncio.gather(*(one.get_many([key]) for key in keys))
    assert found == [[None]] * len(keys)


async def test_what_is_written_in_ignorance_of_a_purge_is_not_read(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    ignorant = process(store, times)
    await ignorant.get_many(["series:a:1"])
    await store.purge("series", ALL)
    await ignorant.set_many({"series:a:1": b"fetched before"}, 60)

    assert await process(store, times).get_many(["series:a:1"]) == [None]
    times.pass_(1.5)
    assert await ignorant.get_many(["series:a:1"]) == [None]
    await ignorant.set_many({"series:a:1": b"fetched after"}, 60)
    assert await process(store, times).get_many(["series:a:1"]) == [b"fetched after"]


async def test_another_secret_finds_nothing(opening: Opening, times: Times) -> None:
    store = opening("tests")
    await process(store, times).set_many({"series:a:1": b"1"}, 60)
    assert await process(store, times, secret="other").get_many(["series:a:1"]) == [None]


async def test_what_was_asked_is_told_to_the_store(opening: Opening, times: Times) -> None:
    store = opening("tests")
    one, other = process(store, times), process(store, times)
    await one.set_many({"series:a:1": b"1"}, 60)
    await one.get_many(["series:a:1", "agents:a:1"])
    await other.get_many(["series:a:1"])
    for each in (one, one, other):
        await each.tell_counts()
    assert (await store.contents()).counts == {
        "agents.missed": 1,
        "series.near": 1,
        "series.far": 1,
    }


async def test_the_very_first_who_come_together_all_find_what_is_kept(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    await process(store, times).set_many({"series:a:1": b"1"}, 60)
    own = process(store, times)
    found = await asyncio.gather(*(own.get_many(["series:a:1"]) for _ in range(10)))
    assert found == [[b"1"]] * 10


async def test_forgetting_is_for_all(opening: Opening, times: Times) -> None:
    store = opening("tests")
    one = process(store, times)
    await one.set_many({"members:a:1": b"1"}, 60)
    await one.delete_many(["members:a:1"])
    assert await one.get_many(["members:a:1"]) == [None]
    assert await process(store, times).get_many(["members:a:1"]) == [None]


def everything_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


class TestOnDisk:
    @pytest.fixture
    async def store(self, tmp_path: Path, times: Times) -> AsyncIterator[DiskStore]:
        path = tmp_path / "cache.sqlite"
        store = DiskStore(path, "tests", max_bytes=4 << 20, seconds=5, now=times.wall)
        yield store
        await store.close()

    async def test_only_the_named_tiers_are_written_and_nothing_in_the_clear(
        self, store: DiskStore, times: Times, tmp_path: Path
    ) -> None:
        own = process(store, times, tiers=frozenset({"series"}))
        entries = {"agents:a:1": NAME, "conversations:a:1": NAME, "series:a:1": b"figure" + NAME}
        await own.set_many(entries, 60)

        assert await own.get_many(list(entries)) == list(entries.values())
        assert await Latest(own).get_many(list(entries)) == list(entries.values())
        again = process(store, times, tiers=frozenset({"series"}))
        assert await again.get_many(list(entries)) == [None, None, entries["series:a:1"]]
        await store.close()
        written = await asyncio.to_thread(everything_in, tmp_path)
        assert b"series:a:1" in written
        for part in (b"figure", b"Ana", b"ruiz", b"agents:", b"conversations:"):
            assert part not in written


@pytest.mark.redis
class TestOnRedis:
    def store(self, server: RedisServer, seconds: float = 5.0) -> RedisStore:
        return RedisStore(server.url, "tests", seconds=seconds, connections=10)

    async def test_nothing_can_be_read_on_the_server(
        self, redis_server: RedisServer, times: Times
    ) -> None:
        store = self.store(redis_server)
        await process(store, times).set_many({"agents:a:1": NAME}, 60)
        dump = redis_server.dump()
        assert b"agents:a:1" in dump
        assert b"Ana" not in dump
        await store.close()

    async def test_what_others_keep_there_is_not_touched(
        self, redis_server: RedisServer, times: Times
    ) -> None:
        with redis_server.client() as client:
            client.set("another application", "1")
            client.set("tests2:entry:agents:a:1", "1")
            store = self.store(redis_server)
            await process(store, times).set_many({"agents:a:1": b"1"}, 60)
            await store.purge(ALL, ALL)
            await store.close()
            assert client.get("another application") == b"1"
            assert client.get("tests2:entry:agents:a:1") == b"1"
            commands = client.info("commandstats")
        assert not {"cmdstat_flushdb", "cmdstat_flushall", "cmdstat_keys"} & commands.keys()

    async def test_everything_kept_ends_by_itself(
        self, redis_server: RedisServer, times: Times
    ) -> None:
        store = self.store(redis_server)
        await process(store, times).set_many({"agents:a:1": b"1", "series:a:1": b"1"}, 900)
        await store.close()
        with redis_server.client() as client:
            ends = [client.pttl(key) for key in client.scan_iter("tests:entry:*")]
        assert ends
        assert all(0 < end <= 900_000 for end in ends)

    async def test_a_hundred_at_once_on_few_connections(
        self, redis_server: RedisServer, times: Times
    ) -> None:
        store = RedisStore(redis_server.url, "few", seconds=20, connections=2)
        own = process(store, times, seconds=30)
        await own.set_many({"series:a:1": b"1"}, 60)
        found = await asyncio.gather(*(own.get_latest(["series:a:1"]) for _ in range(100)))
        assert found == [[b"1"]] * 100
        assert own.counts.store_failures == 0
        await store.close()

    async def test_no_query_fails_while_it_is_stopped_held_up_or_begun_anew(
        self, times: Times
    ) -> None:
        with running_redis() as server:
            store = self.store(server, seconds=0.1)
            own = process(store, times, seconds=0.1)
            await own.set_many({"series:a:1": b"1"}, 600)
            for spoil in (server.hold, server.stop):
                spoil()
                await self.used(own, "near only")
                assert own.counts.store_failures > 0
                if spoil is server.hold:
                    server.go_on()
            server.start()
            times.pass_(60)
            await own.set_many({"series:a:2": b"2"}, 600)
            again = process(store, times)
            assert await again.get_many(["series:a:2"]) == [b"2"]
            await store.close()

    async def used(self, own: TieredCache, key: str) -> None:
        """Read and write as if nothing were the matter."""
        for number in range(30):
            await own.set_many({f"series:a:{key} {number}": b"1"}, 600)
            found = await own.get_many(["series:a:1", f"series:a:{key} {number}", "series:a:0"])
            assert found == [b"1", b"1", None]

    async def test_one_that_is_full_is_still_read(self, times: Times) -> None:
        with running_redis("--maxmemory-policy", "noeviction") as server:
            store = self.store(server)
            own = process(store, times)
            await own.set_many({"series:a:1": b"1"}, 600)
            with server.client() as client:
                client.config_set("maxmemory", "1")
            for number in range(10):
                await own.set_many({f"series:a:{number}": b"x" * 100}, 600)
            assert await process(store, times).get_many(["series:a:1"]) == [b"1"]
            times.pass_(1.5)
            assert await own.get_many(["series:a:9"]) == [b"x" * 100]
            assert own.counts.store_failures > 0
            await store.close()

    async def test_pickles_and_the_like_are_not_read(
        self, redis_server: RedisServer, times: Times
    ) -> None:
        store = self.store(redis_server)
        contents: Sequence[bytes] = (b"\x80\x04\x95", b"", b"\x01 by hand")
        for content in contents:
            await store.write({"series:a:hand": content}, 60)
            assert await process(store, times).get_many(["series:a:hand"]) == [None]
        await store.close()


async def test_without_any_store_at_all_memory_is_a_cache(tmp_path: Path, times: Times) -> None:
    store = RedisStore(f"unix://{tmp_path}/nobody-listens", "tests", seconds=5, connections=1)
    own = process(store, times)
    await own.set_many({"agents:a:1": b"1"}, 60)
    for _ in range(1000):
        assert await own.get_many(["agents:a:1", "agents:a:2"]) == [b"1", None]
        assert await own.get_latest(["agents:a:1"]) == [b"1"]
    # Not asked a thousand times: it was soon left alone.
    assert own.counts.store_failures < 10
    await store.close()


async def test_looking_past_memory_finds_what_is_there_even_at_the_first_look(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    await process(store, times).set_many({"outcome:a:1": b"sent"}, 60)
    just_started = process(store, times)

    assert await Latest(just_started).get_many(["outcome:a:1"]) == [b"sent"]


async def test_a_purge_takes_nothing_from_memory_but_what_it_is_of(
    opening: Opening, times: Times
) -> None:
    store = opening("tests")
    one = process(store, times, tiers=frozenset({"series"}))
    apart = ["outcome:of-a:1", "agents:b:1"]
    await one.set_many(dict.fromkeys(["series:a:1", "agents:a:1", *apart], b"1"), 600)

    await store.purge(ALL, "a")
    times.pass_(1.5)

    assert await one.get_many(["series:a:1", "agents:a:1", *apart]) == [None, None, b"1", b"1"]
    await store.purge("outcome", ALL)
    times.pass_(1.5)
    assert await one.get_many(apart) == [None, b"1"]
