"""Values that are kept: long where they are final, and of people as tokens only."""

from __future__ import annotations

import pickle
from datetime import timedelta

import msgspec
import pytest
from tests.fakes import NOW, FakeCache, FakeClock, PlainSealer, platform_of
from tests.resolvers.measuring import source_of

from resolvers.planner.cells import Cell
from resolvers.planner.request import CellKey, Lot
from resolvers.planner.store import SeriesLifetimes, SeriesStore
from vendors.measures import Dimension

SOURCE = source_of()
LONG_AGO = NOW - timedelta(days=3)
WHOLE = Lot(source="only", zone="UTC")
BY_AGENT = Lot(source="only", zone="UTC", group_by=(Dimension.AGENT,))
BY_CHANNEL = Lot(source="only", zone="UTC", group_by=(Dimension.CHANNEL,))
ONE = platform_of("one")


def _key(lot: Lot = WHOLE, *, hour: int = 0, figure: str = "contacts") -> CellKey:
    start = LONG_AGO + timedelta(hours=hour)
    return figure, lot, (start, start + timedelta(hours=1))


def _cell(**rows: float | None) -> Cell:
    values: dict[tuple[str, ...], float | None] = {(name,): rows[name] for name in rows}
    return Cell(at=NOW, rows=values or {(): 7.0}, names={(name,): (name.title(),) for name in rows})


class Reversed(PlainSealer):
    """A sealer whose tokens can be read by nobody who looks for the plain text."""

    def seal(self, purpose: str, content: bytes) -> str:
        return super().seal(purpose, content[::-1])

    def unseal(self, purpose: str, token: str) -> bytes | None:
        content = super().unseal(purpose, token)
        return None if content is None else content[::-1]


class House:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)
        self.store = SeriesStore(self.cache, SeriesLifetimes(), Reversed())


async def test_a_value_is_kept_as_it_was() -> None:
    house = House()
    cells = {_key(hour=1): _cell(), _key(hour=2): Cell(at=NOW, rows={(): None})}

    await house.store.write(ONE, SOURCE, cells)

    assert await house.store.read(ONE, [*cells, _key(hour=3)]) == cells


async def test_a_value_is_found_by_its_interval_whatever_zone_it_was_asked_in() -> None:
    house = House()
    elsewhere = msgspec.structs.replace(WHOLE, zone="Europe/Paris")
    await house.store.write(ONE, SOURCE, {_key(): _cell()})

    assert _key(elsewhere) in await house.store.read(ONE, [_key(elsewhere)])


async def test_no_value_is_another_platforms_credentials_figures_or_groups() -> None:
    house = House()
    await house.store.write(ONE, SOURCE, {_key(): _cell()})
    other = platform_of("one")
    object.__setattr__(other, "credential", "another")
    filtered = msgspec.structs.replace(WHOLE, filters=((Dimension.AGENT, ("ann",)),))

    assert await house.store.read(other, [_key()]) == {}
    assert await house.store.read(platform_of("two"), [_key()]) == {}
    assert (
        await house.store.read(
            ONE, [_key(figure="busy"), _key(BY_CHANNEL), _key(filtered), _key(hour=1)]
        )
        == {}
    )


async def test_what_is_final_lives_long_and_what_is_not_a_day() -> None:
    house = House()
    open_ = ("contacts", WHOLE, (NOW - timedelta(hours=1), NOW + timedelta(hours=1)))
    await house.store.write(ONE, SOURCE, {_key(): _cell(), open_: _cell()})

    house.clock.pass_(days=2)

    assert list(await house.store.read(ONE, [_key(), open_])) == [_key()]


async def test_who_a_value_is_about_is_kept_as_a_token_and_without_a_name() -> None:
    """An agent may be known by an e-mail address."""
    house = House()
    await house.store.write(ONE, SOURCE, {_key(BY_AGENT): _cell(ann=1.0, bob=None)})

    kept = [*house.cache.entries, *(repr(entry) for _, entry in house.cache.entries.values())]
    found = await house.store.read(ONE, [_key(BY_AGENT)])

    for name in ("ann", "Ann", "bob", b"ann".hex()):
        assert not any(name in one for one in kept)
    assert found[_key(BY_AGENT)].rows == {("ann",): 1.0, ("bob",): None}
    assert found[_key(BY_AGENT)].names == {}


async def test_what_is_no_person_keeps_its_name() -> None:
    house = House()
    await house.store.write(ONE, SOURCE, {_key(BY_CHANNEL): _cell(chat=1.0)})

    assert (await house.store.read(ONE, [_key(BY_CHANNEL)]))[_key(BY_CHANNEL)].names == {
        ("chat",): ("Chat",)
    }


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        pickle.dumps({"at": 1}),
        msgspec.msgpack.encode([NOW.replace(tzinfo=None).isoformat(), []]),
        msgspec.msgpack.encode([NOW, [[["not sealed by us"], 1.0]]]),
        b"\x92\xa2\xff\xfe\x90",
    ],
    ids=["empty", "pickle", "no zone", "no token", "no text"],
)
async def test_what_is_not_ours_is_as_good_as_absent(entry: bytes) -> None:
    house = House()
    await house.store.write(ONE, SOURCE, {_key(BY_AGENT): _cell(ann=1.0)})
    (key,) = house.cache.entries
    await house.cache.set_many({key: entry}, 60)

    assert await house.store.read(ONE, [_key(BY_AGENT)]) == {}
