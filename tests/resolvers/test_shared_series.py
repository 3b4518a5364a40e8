"""The series tier where several processes write to one store, and where it is looked at ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from tests.fakes import NOW, FakeCache, FakeClock, PlainSealer, platform_of
from tests.resolvers.measuring import source_of

from resolvers.aged import AgedSeries
from resolvers.planner.cells import Cell
from resolvers.planner.request import Column, Lot, Slot
from resolvers.planner.store import SeriesLifetimes, SeriesStore
from resolvers.planner.turns import Turns
from vendors.calls import Call

SOURCE = source_of()
ONE = platform_of("one")
COLUMN: Column = ("contacts", Lot(source="only", zone="UTC"))


def day(number: int) -> Slot:
    start = datetime(2026, 3, number, tzinfo=NOW.tzinfo)
    return start, start + timedelta(days=1)


class Nearby(FakeCache):
    """The cache of a process that holds what it has read itself, and does not look again."""

    def __init__(self, clock: FakeClock, far: FakeCache) -> None:
        super().__init__(clock)
        self.far = far

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        await super().set_many(entries, ttl)
        await self.far.set_many(entries, ttl)


class Slow(FakeCache):
    """A store that takes a while to tell what it has: others ask meanwhile."""

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        found = await super().get_many(keys)
        for _ in range(20):
            await asyncio.sleep(0)
        return found


class Shared:
    """Leases of several processes: a lock for each name."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def hold(self, name: str, _call: Call) -> AsyncIterator[bool]:
        async with self._locks.setdefault(name, asyncio.Lock()):
            yield True

    async def claim(self, name: str, seconds: float) -> bool:
        raise AssertionError((name, seconds))


async def wrote(store: SeriesStore, *days: int) -> None:
    cells = {day(number): Cell(NOW, float(number)) for number in days}
    await store.write(ONE, SOURCE, {COLUMN: cells})


async def held(store: SeriesStore, days: Sequence[int]) -> dict[Slot, Cell]:
    found = await store.read(ONE, {COLUMN: [day(number) for number in days]}, NOW)
    return found.get(COLUMN, {})


async def test_what_others_have_added_since_is_not_lost_by_adding_to_it() -> None:
    clock = FakeClock()
    far = FakeCache(clock)
    near = Nearby(clock, far)
    own = SeriesStore(near, SeriesLifetimes(), PlainSealer(), latest=far)
    other = SeriesStore(far, SeriesLifetimes(), PlainSealer())
    await wrote(own, 2)
    await wrote(other, 3)
    await wrote(own, 4)

    assert set(await held(other, [2, 3, 4])) == {day(2), day(3), day(4)}


async def test_what_several_add_at_the_same_time_is_all_there() -> None:
    far, leases = Slow(FakeClock()), Shared()
    processes = [
        SeriesStore(far, SeriesLifetimes(), PlainSealer(), Turns(), leases=leases) for _ in range(3)
    ]
    await asyncio.gather(*(wrote(one, number) for number, one in enumerate(processes, 2)))

    assert set(await held(processes[0], [2, 3, 4])) == {day(2), day(3), day(4)}


async def test_a_cache_is_written_to_although_somebody_holds_on_to_the_lease() -> None:
    class Taken(Shared):
        @asynccontextmanager
        async def hold(self, _name: str, call: Call) -> AsyncIterator[bool]:
            assert 0.0 < call.remaining <= 5.0
            yield False

    store = SeriesStore(
        FakeCache(FakeClock()), SeriesLifetimes(), PlainSealer(), Turns(), leases=Taken()
    )
    await wrote(store, 2)

    assert set(await held(store, [2])) == {day(2)}


async def test_seen_ahead_a_value_is_as_old_as_it_will_be() -> None:
    cache = FakeCache(FakeClock())
    by = timedelta(minutes=5)
    await wrote(SeriesStore(cache, SeriesLifetimes(), PlainSealer()), 2)
    ahead = AgedSeries(cache, SeriesLifetimes(), PlainSealer(), Turns(), by=by)

    (cell,) = (await held(ahead, [2])).values()

    assert (cell.at, cell.told) == (NOW - by, 2.0)
