"""Arguments from the request to the call: equal ones share it, others share nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from tests.fakes import EVERYTHING, NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import AGENTS, Event
from tests.resolvers.parametrised import Told, given, told_of
from tests.resolvers.test_planner_reference import (
    ZONES,
    anywhere,
    check_series,
    events,
    requests,
    sources,
)
from tests.resolvers.test_under_way import Slow, settle

from resolvers.context import Limits, RequestContext
from resolvers.indicators import compare, measure
from resolvers.parameters import arguments_of
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.calls import Call
from vendors.measures import Dimension, Grain, Source
from vendors.parameters import Argument

DAY = NOW.replace(hour=0, minute=0)
FIGURES = ("fake.contacts", "fake.duration", "fake.answer_rate", "fake.longest")
LETTERS = st.lists(st.sampled_from("abcemno"), min_size=1, max_size=3)


class House:
    """One platform and its store, over several operations."""

    def __init__(
        self, happened: list[Event], source: Source | None = None, zone: str = "UTC"
    ) -> None:
        self.port = Told(happened, source, time_zone=zone)
        self.platform = platform_of("one", measures=self.port)
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)

    async def ask(self, *asked: MeasureRequest) -> tuple[list[MeasureAnswer], int]:
        """Return the answers of one operation, and how many calls it made."""
        limits = Limits(most_calls=100_000)
        context = context_of(self.platform, clock=self.clock, cache=self.cache, limits=limits)
        before = len(self.port.calls)
        answers = await asyncio.gather(*(measure(context, one, [self.platform]) for one in asked))
        return answers, len(self.port.calls) - before

    def told(self, request: MeasureRequest, *parameters: object) -> MeasureRequest:
        """Return the request with these parameters."""
        arguments = arguments_of(parameters, request, [self.platform])  # type: ignore[arg-type]  # all are given
        return msgspec.structs.replace(request, arguments=arguments)


@st.composite
def arguments(draw: st.DrawFn) -> tuple[Argument, ...]:
    """Return what restricts to some of the events, none of them by a dimension."""
    letters = tuple(sorted(set(draw(LETTERS))))
    every = draw(st.booleans()) and len(letters) > 1
    choices = (
        Argument(name="answered", values=(draw(st.sampled_from(["true", "false"])),)),
        Argument(name="letters", values=letters, every=every),
        Argument(name="letters", exclude_values=letters, every=every),
        Argument(name="attribute", key="site", exists=draw(st.booleans())),
        Argument(name="attribute", key="channel", values=("chat",)),
        Argument(name="attribute", key="channel", exclude_values=("chat",)),
    )
    return tuple(draw(st.lists(st.sampled_from(choices), max_size=2, unique=True)))


def _native(request: MeasureRequest, told: tuple[Argument, ...]) -> MeasureRequest:
    return msgspec.structs.replace(request, items=FIGURES, arguments=told)


def _agree(answer: MeasureAnswer, happened: list[Event], request: MeasureRequest) -> None:
    assert answer.failures == ()
    for series in answer.series:
        check_series(series, told_of(happened, request.arguments), request)


@settings(max_examples=200)
@drawn(events(), sources(), st.sampled_from(ZONES), requests(), st.tuples(*[arguments()] * 3))
def test_what_is_told_restricts_and_other_arguments_share_nothing(
    happened: list[Event],
    source: Source,
    zone: str,
    request: MeasureRequest,
    told: tuple[tuple[Argument, ...], ...],
) -> None:
    """Kept, together and alone: every value is that of the events that the arguments leave."""
    happened = anywhere(happened)
    house = House(happened, source, zone)
    earlier, *together = (_native(request, one) for one in told)

    async def ask() -> list[MeasureAnswer]:
        first, _ = await house.ask(earlier)
        return first + (await house.ask(*together))[0]

    answers = asyncio.run(ask())

    for asked, answer in zip((earlier, *together), answers, strict=True):
        _agree(answer, happened, asked)
    for call in house.port.calls:
        assert call.arguments in told


@settings(max_examples=100)
@drawn(events(), sources(), st.sampled_from(ZONES), requests(), requests(), arguments())
def test_equal_arguments_share_cells_as_questions_without_any_do(
    happened: list[Event],
    source: Source,
    zone: str,
    one: MeasureRequest,
    other: MeasureRequest,
    told: tuple[Argument, ...],
) -> None:
    """Whatever finer cells save a question without arguments they save one with them."""
    happened = anywhere(happened)
    plain, restricted = House(happened, source, zone), House(happened, source, zone)

    async def spent(house: House, told: tuple[Argument, ...]) -> list[int]:
        first = await house.ask(_native(one, told))
        second = await house.ask(_native(other, told))
        _agree(first[0][0], happened, _native(one, told))
        _agree(second[0][0], happened, _native(other, told))
        return [first[1], second[1]]

    assert asyncio.run(spent(restricted, told)) == asyncio.run(spent(plain, ()))


CONTACTS = [
    Event(DAY - timedelta(days=day, hours=-10), "chat", agent, 60 + day, answered=day > 3)
    for day in range(9)
    for agent in AGENTS
]


def _asked(grain: Grain = Grain.TOTAL, items: tuple[str, ...] = FIGURES[:2]) -> MeasureRequest:
    start = DAY - timedelta(days=7)
    return MeasureRequest(items=items, start=start, end=DAY, zone="UTC", grain=grain)


GIVEN = (
    given("letters", "n", "a", "n"),
    given("answered", "true"),
    given("attribute", "chat", key="channel"),
    given("attribute", key="site", exists=False),
)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
async def test_one_question_costs_one_call_in_whatever_order_it_is_put(
    order: tuple[int, ...],
) -> None:
    house = House(CONTACTS)
    first = house.told(_asked(), *GIVEN)
    letters = given("letters", "a", "n", "a")
    again = house.told(_asked(), *((letters, *GIVEN[1:])[at] for at in order))

    _, calls = await house.ask(first, again)
    _, more = await house.ask(again)

    assert first == again
    assert (calls, more) == (1, 0)
    assert [one.name for one in house.port.calls[0].arguments] == [
        *("answered", "attribute", "attribute", "letters")
    ]


async def test_all_of_one_value_is_any_of_it() -> None:
    house = House(CONTACTS)
    any_of, all_of = (house.told(_asked(), given("letters", "a", every=e)) for e in (False, True))

    assert any_of == all_of
    assert any_of != house.told(_asked(), given("letters", "a", "n", every=True))


async def test_days_that_are_kept_make_the_total_of_the_same_arguments_alone() -> None:
    house = House(CONTACTS)
    told = given("letters", "a")
    await house.ask(house.told(_asked(Grain.DAY), told))

    same, free = await house.ask(house.told(_asked(), told))
    other, calls = await house.ask(house.told(_asked(), given("letters", "b")))
    none, more = await house.ask(_asked())

    assert (free, calls, more) == (0, 1, 1)
    values = [answer[0].series[0].value for answer in (same, other, none)]
    assert values == [7.0, 7.0, 21.0]


async def test_what_is_excluded_is_no_value_that_is_wanted() -> None:
    house = House(CONTACTS)
    told = {"values": None, "exclude_values": ("a",)}
    ways = given("letters", "a"), msgspec.structs.replace(given("letters"), **told)

    answers, calls = await house.ask(*(house.told(_asked(), one) for one in ways))

    assert calls == 2
    assert [answer.series[0].value for answer in answers] == [7.0, 14.0]


async def test_the_earlier_period_is_told_the_same() -> None:
    house = House(CONTACTS)
    request = house.told(_asked(), given("letters", "a"))
    before = msgspec.structs.replace(
        request, start=request.start - timedelta(days=7), end=request.start
    )
    context = context_of(house.platform)

    answer = await compare(context, request, before, [house.platform])

    assert {call.arguments for call in house.port.calls} == {request.arguments}
    earlier = answer.series[0].comparison
    assert earlier is not None
    assert earlier.value == 1.0


async def test_a_source_that_does_not_take_an_argument_is_not_asked() -> None:
    house = House(CONTACTS)
    strange = Argument(name="weather", values=("rain",))

    (answer,), calls = await house.ask(
        msgspec.structs.replace(_asked(items=("fake.contacts",)), arguments=(strange,))
    )

    assert calls == 0
    assert answer.sources[0].note == "fake.contacts: It does not take the parameter weather."


async def test_nobody_waits_for_a_call_that_is_told_something_else() -> None:
    port = Slow(parameters=("kind",))
    context = context_of(platform_of("one", measures=port))

    def ask(days: int, *values: str) -> asyncio.Task[MeasureAnswer]:
        request = MeasureRequest(
            items=("fake.contacts",),
            start=DAY - timedelta(days=days),
            end=DAY,
            zone="UTC",
            grain=Grain.DAY,
            arguments=(Argument(name="kind", values=values),),
        )
        own = RequestContext(context.services, EVERYTHING, Call.within(30))
        return asyncio.create_task(measure(own, request, list(own.platforms.values())))

    month = ask(30, "chat")
    await settle()
    other = await ask(7, "phone")
    same = ask(7, "chat")
    await settle()
    port.let.set()

    answers = await asyncio.gather(month, same)
    assert [one.sources[0].calls for one in (*answers, other)] == [1, 0, 1]
    assert {call.arguments[0].values for call in port.calls} == {("chat",), ("phone",)}


async def test_an_argument_stands_beside_filters_and_groups() -> None:
    house = House(CONTACTS)
    request = msgspec.structs.replace(
        _asked(items=("fake.contacts",)),
        group_by=(Dimension.AGENT,),
        filters=((Dimension.AGENT, ("ann", "bob")),),
    )

    (answer,), _ = await house.ask(house.told(request, given("letters", "b", "c")))

    values = {one.group[0].id: one.value for one in answer.series}
    assert values == {"ann": 0.0, "bob": 7.0}
