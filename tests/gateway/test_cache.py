from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiocache.lock import OptimisticLock, OptimisticLockError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.cache import BoundedBackend, MemoryCache, TalliedCache

ROOMY = 1_000_000


class Watch:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def backend(max_bytes: int = ROOMY, monotonic: Callable[[], float] | None = None) -> BoundedBackend:
    return BoundedBackend(max_bytes, monotonic=monotonic or Watch())


KEYS = st.sampled_from([f"k{number}" for number in range(8)])
VALUES = st.binary(max_size=300)


class AgainstAModel(RuleBasedStateMachine):
    """What is found was the last thing kept; what is kept fits; a roomy store loses nothing."""

    @initialize(max_bytes=st.sampled_from([400, 1500, 4000, ROOMY]))
    def begin(self, max_bytes: int) -> None:
        self.watch = Watch()
        self.max_bytes = max_bytes
        self.backend = backend(max_bytes, self.watch)
        self.cache = MemoryCache(self.backend)
        self.model: dict[str, tuple[bytes, float]] = {}

    @rule(key=KEYS, value=VALUES, ttl=st.integers(1, 20))
    def keep(self, key: str, value: bytes, ttl: int) -> None:
        asyncio.run(self.cache.set_many({key: value}, ttl))
        self.model[key] = (value, self.watch.now + ttl)
        kept = self.found([key])[0]
        assert kept == value or (kept is None and len(value) + 280 + 4 > self.max_bytes)

    @rule(keys=st.lists(KEYS, unique=True))
    def forget(self, keys: list[str]) -> None:
        asyncio.run(self.cache.delete_many(keys))
        for key in keys:
            self.model.pop(key, None)

    @rule(seconds=st.integers(0, 15))
    def wait(self, seconds: int) -> None:
        self.watch.now += seconds

    @rule(keys=st.lists(KEYS, max_size=5))
    def look(self, keys: list[str]) -> None:
        for key, found in zip(keys, self.found(keys), strict=True):
            value, expires = self.model.get(key, (None, 0.0))
            expected = value if expires > self.watch.now else None
            assert found == expected or (found is None and self.max_bytes < ROOMY)

    @invariant()
    def it_is_bounded(self) -> None:
        if hasattr(self, "backend"):
            assert self.backend.size <= self.max_bytes

    def found(self, keys: list[str]) -> list[bytes | None]:
        return asyncio.run(self.cache.get_many(keys))


TestAgainstAModel = AgainstAModel.TestCase


async def test_the_least_used_goes_first() -> None:
    cache = MemoryCache(backend(1000))
    await cache.set_many({"a": b"x" * 100, "b": b"x" * 100}, 60)
    await cache.get_many(["a"])
    await cache.set_many({"c": b"x" * 100}, 60)
    assert await cache.get_many(["a", "b", "c"]) == [b"x" * 100, None, b"x" * 100]


async def test_two_hundred_thousand_keys_stay_within_the_bound() -> None:
    store = backend(1_000_000)
    cache = MemoryCache(store)
    for number in range(200_000):
        await cache.set_many({f"key {number}": b"value"}, 60)
    assert store.size <= 1_000_000
    assert 1000 < len(store) < 4000
    assert await cache.get_many(["key 199999"]) == [b"value"]


async def test_a_value_larger_than_the_store_replaces_nothing_and_is_not_kept() -> None:
    cache = MemoryCache(backend(1000))
    await cache.set_many({"a": b"old", "b": b"other"}, 60)
    await cache.set_many({"a": b"x" * 2000}, 60)
    assert await cache.get_many(["a", "b"]) == [None, b"other"]


async def test_expired_entries_give_their_room_back() -> None:
    watch = Watch()
    store = backend(monotonic=watch)
    cache = MemoryCache(store)
    await cache.set_many({"a": b"1"}, 5)
    watch.now += 5
    assert await cache.get_many(["a"]) == [None]
    assert len(store) == store.size == 0


async def test_hits_and_misses_are_counted() -> None:
    cache = MemoryCache(backend())
    await cache.set_many({"a": b"1", "b": b""}, 60)
    await cache.get_many(["a", "b", "c"])
    assert (cache.counts.hits, cache.counts.misses, cache.counts.entries) == (2, 1, 2)


async def test_a_tally_counts_for_itself_alone() -> None:
    cache = MemoryCache(backend())
    first, second = TalliedCache(cache), TalliedCache(cache)
    await first.set_many({"a": b"1", "b": b"2"}, 60)
    await first.get_many(["a", "c"])
    await second.delete_many(["b"])
    await second.get_many(["b"])
    assert (first.hits, first.misses) == (1, 1)
    assert (second.hits, second.misses) == (0, 1)


class TestAsAnAiocacheBackend:
    async def test_the_resolvers_cache_and_aiocache_see_the_same_entries(self) -> None:
        store = BoundedBackend(ROOMY, namespace="gw")
        await MemoryCache(store).set_many({"a": b"1"}, 60)
        assert await store.get("a") == b"1"
        await store.multi_set([("b", b"2"), ("c", b"3")], ttl=60)
        assert await MemoryCache(store).get_many(["b", "c"]) == [b"2", b"3"]

    async def test_reading_and_writing(self) -> None:
        store = backend()
        assert await store.set("a", b"1") is not None
        assert await store.multi_get(["a", "b"]) == [b"1", None]
        assert await store.exists("a")
        assert await store.delete("a") == 1
        assert await store.delete("a") == 0
        assert not await store.exists("a")

    async def test_adding_twice_is_refused(self) -> None:
        store = backend()
        await store.add("a", b"1")
        with pytest.raises(ValueError, match="already"):
            await store.add("a", b"2")

    async def test_expiry_can_be_set_and_taken_back(self) -> None:
        watch = Watch()
        store = backend(monotonic=watch)
        await store.set("a", b"1", ttl=5)
        assert await store.expire("a", 50)
        assert not await store.expire("b", 50)
        watch.now += 20
        assert await store.get("a") == b"1"
        await store.expire("a", 0)
        watch.now += 10_000
        assert await store.get("a") == b"1"

    async def test_writing_again_after_clearing_begins_a_new_life(self) -> None:
        watch = Watch()
        store = backend(monotonic=watch)
        await store.set("a", b"1", ttl=1)
        await store.clear()
        await store.set("a", b"2", ttl=60)
        watch.now += 2
        assert await store.get("a") == b"2"

    async def test_only_bytes_are_kept(self) -> None:
        with pytest.raises(TypeError, match="not dict"):
            await backend().set("a", {"pickled": "never"})

    async def test_an_optimistic_lock_refuses_what_changed_meanwhile(self) -> None:
        store = backend()
        await store.set("a", b"1")
        lock = OptimisticLock(store, "a")
        async with lock:
            await store.set("a", b"2")
            with pytest.raises(OptimisticLockError):
                await lock.cas(b"3")
        async with lock:
            await lock.cas(b"4")
        assert await store.get("a") == b"4"

    @given(
        first=st.tuples(st.text(max_size=4), st.text(max_size=4)),
        second=st.tuples(st.text(max_size=4), st.text(max_size=4)),
    )
    def test_no_two_keys_of_two_namespaces_are_one(
        self, first: tuple[str, str], second: tuple[str, str]
    ) -> None:
        store = backend()
        built = [store.build_key(key, namespace=space) for space, key in (first, second)]
        assert (built[0] == built[1]) == (first == second)

    async def test_clearing_a_namespace_leaves_the_others(self) -> None:
        store = backend()
        await store.set("1", b"a", namespace="a")
        await store.set("1", b"ab", namespace="ab")
        await store.clear(namespace="a")
        assert await store.get("1", namespace="a") is None
        assert await store.get("1", namespace="ab") == b"ab"
