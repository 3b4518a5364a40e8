"""What another process finds after a change, and what of a read that began before it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.fakes import EVERYTHING, FakeCache, FakeClock, context_of, platform_of

from resolvers.cached import Lifetime
from resolvers.changes import Changes
from resolvers.context import RequestContext
from resolvers.generations import InGeneration
from resolvers.keys import cache_key, place_of
from resolvers.purging import purge
from vendors.calls import Call

PLATFORM = platform_of("a")
KEY = cache_key("directory", PLATFORM, "teams")
FIGURES = cache_key("series", PLATFORM, "figures")


class House:
    """Processes that share one store, and the clock on its wall."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeCache(self.clock)
        self.told = ["first"]

    def process(self) -> RequestContext:
        """Return an operation of one more process."""
        context = context_of(PLATFORM, clock=self.clock, cache=self.store)
        services = replace(context.services, latest=self.store, changes=Changes())
        return RequestContext(services, EVERYTHING, Call.within(30))

    async def read(self, process: RequestContext) -> str:
        async def fetch(_call: Call) -> str:
            return self.told[-1]

        lifetime = Lifetime(self.clock.now().resolution * 3_600_000_000)
        held = await process.entities.read(KEY, str, lifetime, process.call, fetch)
        return held.value


async def test_another_process_finds_what_was_before_a_change_for_a_second_at_most() -> None:
    house = House()
    one, other = house.process(), house.process()
    assert [await house.read(each) for each in (one, other)] == ["first", "first"]
    house.told.append("second")
    await one.note_change(PLATFORM, ["directory"])

    assert await house.read(one) == "second"
    house.clock.pass_(seconds=1.5)
    house.told.append("third")
    assert await house.read(other) == "second"
    assert await house.read(house.process()) == "second"


async def test_a_change_of_one_tier_or_platform_leaves_the_others() -> None:
    house = House()
    one = house.process()
    await house.read(one)
    house.told.append("second")
    await one.note_change(PLATFORM, ["agents", "record"])
    await one.note_change(platform_of("b"), ["directory"])

    assert await house.read(one) == "first"


async def test_figures_that_were_asked_before_a_purge_are_not_found_after_it() -> None:
    house = House()
    one, other = house.process(), house.process()

    def begun(process: RequestContext) -> InGeneration:
        services = process.services
        return InGeneration(services.cache, services.changes, services.latest, house.clock)

    slow, late = begun(one), begun(other)
    assert [await each.get_many([FIGURES]) for each in (slow, late)] == [[None], [None]]
    await purge(one, [PLATFORM])
    await slow.set_many({FIGURES: b"old"}, 86_400)
    await late.set_many({FIGURES: b"old"}, 86_400)
    house.clock.pass_(seconds=1.5)

    for process in (one, other, house.process()):
        assert await begun(process).get_many([FIGURES]) == [None]
    assert await slow.get_many([FIGURES]) == [b"old"]
    await begun(one).set_many({FIGURES: b"new"}, 86_400)
    for process in (one, other, house.process()):
        assert await begun(process).get_many([FIGURES]) == [b"new"]


async def test_a_process_that_starts_weeks_after_a_purge_finds_nothing_of_before() -> None:
    house = House()
    one = house.process()
    await one.note_change(PLATFORM, ["series"])
    house.clock.pass_(days=30)

    started, place = Changes(), place_of(FIGURES)
    told = await started.generation(place, house.store, house.clock.now())
    assert told
    assert told == await one.services.changes.generation(place, None, house.clock.now())


async def test_a_look_that_was_under_way_does_not_undo_a_change() -> None:
    house = House()
    clock, place, changes = house.clock, place_of(KEY), Changes()
    looking = asyncio.Event()

    class Slow(FakeCache):
        async def get_many(self, keys: object) -> list[bytes | None]:
            del keys
            looking.set()
            await asyncio.sleep(0)
            return [b"earlier"]

    look = asyncio.create_task(changes.generation(place, Slow(clock), clock.now()))
    await looking.wait()
    await changes.note([place], house.store, clock.now())

    assert await look not in {"", "earlier"}
    assert await changes.generation(place, None, clock.now()) == await look


async def test_who_asks_after_a_purge_does_not_wait_for_what_was_asked_before() -> None:
    house = House()
    context = house.process()
    flights, call = context.services.flights, context.call
    answers = asyncio.Event()

    async def slow(_call: Call) -> str:
        await answers.wait()
        return "old"

    async def quick(_call: Call) -> str:
        await asyncio.sleep(0)
        return "new"

    keys = [cache_key("measure", each, "figures") for each in (PLATFORM, platform_of("b"))]
    begun = [asyncio.create_task(flights.join(key, call, slow)) for key in keys]
    leaving = asyncio.create_task(flights.join(keys[0], call, slow))
    await asyncio.sleep(0)
    await purge(context, [PLATFORM])

    later = [asyncio.create_task(flights.join(key, call, quick)) for key in keys]
    leaving.cancel()
    assert await later[0] == "new"
    answers.set()
    assert [await each for each in (*begun, later[1])] == ["old", "old", "old"]
    assert len(flights) == 0


async def test_who_leaves_what_was_asked_before_a_purge_stops_nobody_else() -> None:
    house = House()
    context = house.process()
    flights, call, key = context.services.flights, context.call, cache_key("measure", PLATFORM)
    answers, begun = asyncio.Event(), []

    async def slow(_call: Call) -> str:
        begun.append(key)
        await answers.wait()
        return "told"

    before = asyncio.create_task(flights.join(key, call, slow))
    await asyncio.sleep(0)
    await purge(context, [PLATFORM])
    after = asyncio.create_task(flights.join(key, call, slow))
    await asyncio.sleep(0)
    before.cancel()
    await asyncio.wait([before])
    joined = asyncio.create_task(flights.join(key, call, slow))
    await asyncio.sleep(0)

    answers.set()
    assert [await each for each in (after, joined)] == ["told", "told"]
    assert (len(begun), len(flights)) == (2, 0)
