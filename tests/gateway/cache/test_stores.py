"""What a store promises, kept by each of them: on disk, and by a real Redis server."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gateway.cache.conftest import Opening
from tests.gateway.cache.times import Times

from gateway.cache.store import ALL, SharedStore, in_batches, purge_scopes_of

SERIES = {f"series:aa:{number}": b"%d" % number for number in range(1200)}
AGENTS = {"agents:aa:1": b"a1", "agents:bb:1": b"b1"}


async def test_what_was_written_is_read_in_order_by_others_too(opening: Opening) -> None:
    await opening("tests").write(SERIES, 60)

    keys = [*reversed(SERIES), "series:aa:none"]
    assert await opening("tests").read(keys) == [*reversed(SERIES.values()), None]


async def test_it_can_be_written_again_and_dropped(store: SharedStore) -> None:
    await store.write({"a:a:1": b"1", "a:a:2": b"2"}, 60)
    await store.write({"a:a:1": b"\x00\xff" * 1000}, 60)
    await store.drop(["a:a:2", "a:a:3"])

    assert await store.read(["a:a:1", "a:a:2"]) == [b"\x00\xff" * 1000, None]


async def test_nothing_asked_is_nothing_done(store: SharedStore) -> None:
    await store.write({}, 60)
    await store.drop([])
    assert await store.read([]) == []


async def test_it_ends_in_time_even_after_less_than_a_second(
    store: SharedStore, times: Times
) -> None:
    await store.write({"a:a:long": b"1"}, 600)
    await store.write({"a:a:short": b"1"}, 0.05)
    # One by the clock of the server, one by ours.
    while await store.read(["a:a:short"]) != [None]:
        times.pass_(0.05)
        await asyncio.sleep(0.01)
    assert await store.read(["a:a:long"]) == [b"1"]


async def test_namespaces_are_apart(opening: Opening) -> None:
    one, other = opening("one"), opening("one*")
    await one.write({"a:a:1": b"one"}, 60)
    await other.write({"a:a:1": b"other"}, 60)
    await other.exchange({"a.near": 1})
    assert await other.purge(ALL, ALL) == 1

    assert await one.read(["a:a:1"]) == [b"one"]
    assert await one.exchange({}) == {}
    contents = await one.contents()
    assert [(tier.tier, tier.entries) for tier in contents.tiers] == [("a", 1)]
    assert contents.counts == {}


@pytest.mark.parametrize(
    ("tier", "scope", "left"),
    [
        (ALL, ALL, set()),
        ("agents", ALL, {"series:aa:1"}),
        (ALL, "aa", {"agents:bb:1"}),
        ("agents", "aa", {"series:aa:1", "agents:bb:1"}),
    ],
)
async def test_a_purge_drops_its_scope_and_leaves_a_mark_for_others(
    opening: Opening, tier: str, scope: str, left: set[str]
) -> None:
    store, other = opening("tests"), opening("tests")
    entries = {"series:aa:1": b"s", **AGENTS}
    await store.write(entries, 60)

    assert await store.purge(tier, scope) == len(entries) - len(left)

    found = await other.read(list(entries))
    assert {key for key, value in zip(entries, found, strict=True) if value} == left
    marks = await other.exchange({})
    marked = {key for key in entries if not marks.keys().isdisjoint(purge_scopes_of(key))}
    assert marked == entries.keys() - left


async def test_marks_only_grow(store: SharedStore) -> None:
    seen = []
    for tier in ("agents", "series", "agents"):
        await store.purge(tier, ALL)
        seen.append((await store.exchange({}))[f"{tier}:*"])
    assert seen == sorted(set(seen))


async def test_what_several_were_asked_is_added_up(opening: Opening) -> None:
    one, other = opening("tests"), opening("tests")
    await one.exchange({"series.near": 2, "series.far": 1})
    await other.exchange({"series.near": 3})
    assert (await one.contents()).counts == {"series.near": 5, "series.far": 1}


async def test_it_tells_what_it_holds(store: SharedStore) -> None:
    assert (await store.contents()).tiers == ()
    await store.write({**SERIES, **AGENTS}, 60)
    await store.acquire("series:aa:1", "token", 60)
    agents, series = (await store.contents()).tiers
    assert (agents.tier, agents.entries, agents.size) == ("agents", 2, 4)
    assert (series.entries, series.size) == (1200, sum(map(len, SERIES.values())))


class TestLeases:
    async def test_one_holds_it_until_it_gives_it_back(self, opening: Opening) -> None:
        one, other = opening("tests"), opening("tests")
        assert await one.acquire("work", "a", 60)
        assert not await other.acquire("work", "b", 60)
        assert await other.acquire("other work", "b", 60)
        await one.release("work", "a")
        assert await other.acquire("work", "b", 60)

    async def test_only_its_holder_gives_it_back_or_renews_it(self, store: SharedStore) -> None:
        await store.acquire("work", "a", 60)
        await store.release("work", "b")
        assert not await store.renew("work", "b", 60)
        assert await store.renew("work", "a", 60)
        assert not await store.acquire("work", "b", 60)

    async def test_all_at_once_and_one_has_it(self, opening: Opening) -> None:
        stores = [opening("tests") for _ in range(8)]
        taken = await asyncio.gather(
            *(store.acquire("work", str(place), 60) for place, store in enumerate(stores))
        )
        assert sum(taken) == 1


class TestAsAnAiocacheBackend:
    """Both are backends of aiocache: its own methods see the same entries."""

    async def test_its_methods_see_the_same_entries(self, opening: Opening) -> None:
        store = opening("tests")
        backend = store
        await store.write({"a:a:1": b"1"}, 60)
        assert await backend.get("a:a:1") == b"1"  # type: ignore[attr-defined]
        assert await backend.exists("a:a:1")  # type: ignore[attr-defined]
        await backend.set("a:a:2", b"2", ttl=60)  # type: ignore[attr-defined]
        assert await backend.delete("a:a:1") == 1  # type: ignore[attr-defined]
        assert await store.read(["a:a:1", "a:a:2"]) == [None, b"2"]
        with pytest.raises(TypeError, match="not dict"):
            await backend.set("a:a:3", {"pickled": "never"})  # type: ignore[attr-defined]

    async def test_clearing_is_for_its_own_namespace(self, opening: Opening) -> None:
        store, other = opening("tests"), opening("other")
        await store.write({"a:a:1": b"1"}, 60)
        await other.write({"a:a:1": b"1"}, 60)
        with pytest.raises(ValueError, match="own namespace"):
            await store.clear(namespace="other")  # type: ignore[attr-defined]
        await store.clear()  # type: ignore[attr-defined]
        assert await store.read(["a:a:1"]) == [None]
        assert await other.read(["a:a:1"]) == [b"1"]


@given(items=st.lists(st.integers()), size=st.integers(1, 9))
def test_batches_are_the_whole_in_order(items: list[int], size: int) -> None:
    batches = list(in_batches(items, size))
    assert [one for batch in batches for one in batch] == items
    assert all(0 < len(batch) <= size for batch in batches)
