"""Values that are kept: long where they are final, and of people as tokens only."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, PlainSealer, platform_of
from tests.resolvers.measuring import source_of

from resolvers.planner.cells import Cell, Rows
from resolvers.planner.request import Column, Lot, Slot
from resolvers.planner.store import SeriesLifetimes, SeriesStore
from resolvers.planner.turns import Turns
from vendors.measures import Dimension, Grouping
from vendors.port import Platform

SOURCE = source_of()
LONG_AGO = NOW - timedelta(days=3)
WHOLE = Lot(source="only", zone="UTC")
BY_AGENT = Lot(source="only", zone="UTC", group_by=(Dimension.AGENT,))
BY_CHANNEL = Lot(source="only", zone="UTC", group_by=(Dimension.CHANNEL,))
ONE = platform_of("one")


def _hour(hour: int = 0, *, hours: int = 1) -> Slot:
    start = LONG_AGO + timedelta(hours=hour)
    return start, start + timedelta(hours=hours)


def _column(lot: Lot = WHOLE, figure: str = "contacts") -> Column:
    return figure, lot


def _cell(**rows: float | None) -> Cell:
    values: dict[tuple[str, ...], float | None] = {(name,): rows[name] for name in rows}
    return Cell(NOW, values or 7.0, {(name,): (name.title(),) for name in rows} or None)


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

    async def write(self, *slots: Slot, lot: Lot = WHOLE, cell: Cell | None = None) -> None:
        cells = {slot: cell or _cell() for slot in slots}
        await self.store.write(ONE, SOURCE, {_column(lot): cells})

    async def read(
        self, *slots: Slot, lot: Lot = WHOLE, figure: str = "contacts", platform: Platform = ONE
    ) -> dict[Slot, Cell]:
        column = _column(lot, figure)
        found = await self.store.read(platform, {column: slots}, self.clock.now())
        return found.get(column, {})


DAYS = 24
ALIKE = st.sampled_from([1, DAYS - 1, DAYS, DAYS + 1, 48])


@given(
    st.lists(
        st.dictionaries(
            st.tuples(st.integers(-400, 400), ALIKE),
            st.sampled_from([7.5, 0.0, None, {}]),
            min_size=1,
        ),
        min_size=1,
        max_size=3,
    ),
    st.sets(st.tuples(st.integers(-400, 400), ALIKE)),
    st.sampled_from([0, 15, 30]),
)
def test_whatever_is_kept_is_found_and_nothing_else(
    writes: list[dict[tuple[int, int], float | Rows | None]],
    others: set[tuple[int, int]],
    minutes: int,
) -> None:
    """Hours and days, with gaps and over one another, beside periods of other lengths."""

    def slot(place: tuple[int, int]) -> Slot:
        start = LONG_AGO + timedelta(hours=place[0], minutes=minutes)
        return start, start + timedelta(hours=place[1])

    async def run() -> None:
        house = House()
        kept: dict[Slot, Cell] = {}
        for at, cells in enumerate(writes):
            new = {
                slot(place): Cell(NOW + timedelta(seconds=at), told)
                for place, told in cells.items()
            }
            await house.store.write(ONE, SOURCE, {_column(): new})
            kept |= new
        asked = {*kept, *map(slot, others)}
        assert await house.read(*sorted(asked)) == kept

    asyncio.run(run())


async def test_two_who_fill_a_chunk_at_once_lose_nothing() -> None:
    house = House()
    gate = asyncio.Event()

    class Hesitant(FakeCache):
        async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
            found = await super().get_many(keys)
            await gate.wait()
            return found

    house.cache = Hesitant(house.clock)
    turns = Turns()
    first, second = (
        SeriesStore(house.cache, SeriesLifetimes(), Reversed(), turns) for _ in range(2)
    )
    writing = asyncio.gather(
        first.write(ONE, SOURCE, {_column(): {_hour(1): _cell()}}),
        second.write(ONE, SOURCE, {_column(): {_hour(2): _cell()}}),
    )
    await asyncio.sleep(0)
    gate.set()
    await writing

    house.store = first
    assert list(await house.read(_hour(1), _hour(2))) == [_hour(1), _hour(2)]


async def test_what_was_fetched_earlier_never_replaces_what_was_fetched_later() -> None:
    house = House()
    await house.write(_hour(), cell=Cell(NOW, 2.0))
    await house.write(_hour(), cell=Cell(NOW - timedelta(hours=1), 1.0))

    assert (await house.read(_hour()))[_hour()].told == 2.0


async def test_many_cells_take_little_room() -> None:
    house = House()
    await house.write(*(_hour(at) for at in range(24 * 40)))

    assert len(house.cache.entries) <= 5


async def test_a_value_is_kept_as_it_was() -> None:
    house = House()
    cells = {_hour(1): _cell(), _hour(2): Cell(NOW, None), _hour(3): Cell(NOW, {})}

    await house.store.write(ONE, SOURCE, {_column(): cells})

    assert await house.read(*cells, _hour(4)) == cells


async def test_a_value_is_found_by_its_interval_whatever_zone_it_was_asked_in() -> None:
    house = House()
    elsewhere = msgspec.structs.replace(WHOLE, zone="Europe/Paris")
    await house.write(_hour(), _hour(hours=5))

    assert len(await house.read(_hour(), _hour(hours=5), lot=elsewhere)) == 2


async def test_one_entry_serves_all_who_ask_for_it_in_other_words() -> None:
    house = House()
    elsewhere = msgspec.structs.replace(WHOLE, zone="Europe/Paris")
    await house.write(_hour(), _hour(hours=5))

    wanted = {_column(lot): [_hour(), _hour(hours=5)] for lot in (WHOLE, elsewhere)}
    found = await house.store.read(ONE, wanted, NOW)

    assert [len(found[column]) for column in wanted] == [2, 2]


async def test_no_value_is_another_platforms_credentials_figures_or_groups() -> None:
    house = House()
    await house.write(_hour())
    other = platform_of("one")
    object.__setattr__(other, "credential", "another")
    filtered = msgspec.structs.replace(WHOLE, filters=((Dimension.AGENT, ("ann",)),))

    assert await house.read(_hour(), platform=other) == {}
    assert await house.read(_hour(), platform=platform_of("two")) == {}
    assert await house.read(_hour(), figure="busy") == {}
    assert await house.read(_hour(), lot=BY_CHANNEL) == {}
    assert await house.read(_hour(), lot=filtered) == {}
    assert await house.read(_hour(1)) == {}


async def test_what_is_final_lives_long_and_what_is_not_a_day() -> None:
    house = House()
    open_ = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    await house.write(_hour(), open_)

    house.clock.pass_(days=2)

    assert list(await house.read(_hour(), open_)) == [_hour()]


@pytest.mark.parametrize("hours", [1, 5])
async def test_nothing_is_kept_for_ever_because_its_neighbours_are_renewed(hours: int) -> None:
    house = House()
    await house.write(_hour(hours=hours))
    house.clock.pass_(days=20)
    await house.write(_hour(1, hours=hours), cell=Cell(house.clock.now(), 1.0))
    house.clock.pass_(days=11)

    found = await house.read(_hour(hours=hours), _hour(1, hours=hours))

    assert list(found) == [_hour(1, hours=hours)]


async def test_who_a_value_is_about_is_kept_as_a_token_and_without_a_name() -> None:
    """An agent may be known by an e-mail address."""
    house = House()
    await house.write(_hour(), lot=BY_AGENT, cell=_cell(ann=1.0, bob=None))

    kept = [*house.cache.entries, *(repr(entry) for _, entry in house.cache.entries.values())]
    found = await house.read(_hour(), lot=BY_AGENT)

    for name in ("ann", "Ann", "bob", b"ann".hex()):
        assert not any(name in one for one in kept)
    assert found[_hour()].rows == {("ann",): 1.0, ("bob",): None}
    assert found[_hour()].names is None


LISTED = source_of(groupings={Dimension.AGENT: Grouping.LISTED})


def _team(*agents: str) -> Lot:
    return Lot(source="only", zone="UTC", group_by=(Dimension.AGENT,), members=agents)


async def _tell(house: House, lot: Lot, cell: Cell, slot: Slot | None = None) -> None:
    await house.store.write(ONE, LISTED, {_column(lot): {slot or _hour(): cell}})


async def test_what_was_told_of_some_is_kept_when_others_come_and_go() -> None:
    house = House()
    await _tell(house, _team("ann", "bob"), _cell(ann=1.0, bob=2.0))
    await _tell(house, _team("cem"), _cell(cem=3.0))

    found = {
        team: (await house.read(_hour(), lot=_team(*team))).get(_hour())
        for team in [("ann",), ("ann", "cem"), ("ann", "bob", "cem"), ("ann", "dan")]
    }

    assert {team: cell and cell.rows for team, cell in found.items()} == {
        ("ann",): {("ann",): 1.0},
        ("ann", "cem"): {("ann",): 1.0, ("cem",): 3.0},
        ("ann", "bob", "cem"): {("ann",): 1.0, ("bob",): 2.0, ("cem",): 3.0},
        ("ann", "dan"): None,
    }


async def test_who_was_named_and_has_no_row_is_not_asked_again() -> None:
    house = House()
    await _tell(house, _team("ann", "bob"), Cell(NOW, {("ann",): 1.0}))

    assert (await house.read(_hour(), lot=_team("bob")))[_hour()].rows == {}


async def test_what_may_still_change_belongs_to_those_whom_the_call_named() -> None:
    house = House()
    now = NOW - timedelta(minutes=30), NOW + timedelta(minutes=30)
    await _tell(house, _team("ann", "bob"), _cell(ann=1.0, bob=2.0), now)
    await _tell(house, _team("ann"), _cell(ann=5.0), now)

    both, one = _team("ann", "bob"), _team("ann")
    assert (await house.read(now, lot=both))[now].rows == {("ann",): 1.0, ("bob",): 2.0}
    assert (await house.read(now, lot=one))[now].rows == {("ann",): 5.0}


async def test_the_members_that_were_named_are_tokens_too() -> None:
    house = House()
    await _tell(house, _team("ann", "bob"), _cell(ann=1.0))

    kept = [*house.cache.entries, *(repr(entry) for _, entry in house.cache.entries.values())]

    assert not any(name in one for name in ("ann", "bob") for one in kept)


async def test_what_is_no_person_keeps_its_name() -> None:
    house = House()
    await house.write(_hour(), lot=BY_CHANNEL, cell=_cell(chat=1.0))

    found = await house.read(_hour(), lot=BY_CHANNEL)

    assert found[_hour()].names == {("chat",): ("Chat",)}


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        pickle.dumps({"at": 1}),
        msgspec.msgpack.encode([NOW.replace(tzinfo=None).isoformat(), []]),
        msgspec.msgpack.encode([NOW, [[["not sealed by us"], 1.0]]]),
        msgspec.msgpack.encode([0, False, [[9, NOW]], [1.0]]),
        b"\x92\xa2\xff\xfe\x90",
    ],
    ids=["empty", "pickle", "no zone", "no token", "no length", "no text"],
)
@pytest.mark.parametrize("lot", [WHOLE, BY_AGENT], ids=["chunk", "single"])
async def test_what_is_not_ours_is_as_good_as_absent(entry: bytes, lot: Lot) -> None:
    house = House()
    await house.write(_hour(), lot=lot, cell=_cell(ann=1.0) if lot.group_by else None)
    (key,) = house.cache.entries
    await house.cache.set_many({key: entry}, 60)

    assert await house.read(_hour(), lot=lot) == {}
