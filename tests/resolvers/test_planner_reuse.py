"""What can be made of finer cells costs no call, and is the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import permutations

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of
from tests.resolvers.test_planner_reference import (
    ZONES,
    anywhere,
    check_series,
    events,
    requests,
    sources,
)

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.buckets import Span
from vendors.errors import PlatformServerError
from vendors.measures import Dimension, Grain, Source

DAY = NOW.replace(hour=0, minute=0)
ADDING = ("CONVERSATIONS_STARTED", "HANDLE_TIME", "SATISFACTION_RATE", "CONVERSATIONS_UNANSWERED")
COARSE = (Grain.TOTAL, Grain.MONTH, Grain.WEEK, Grain.DAY)


class House:
    """One platform, its store and its clock, over several operations."""

    def __init__(
        self,
        source: Source | None = None,
        happened: list[Event] | None = None,
        time_zone: str = "UTC",
    ) -> None:
        contacts = [
            Event(DAY - timedelta(days=day, hours=-10), "chat", "ann", 60 + day, answered=day > 3)
            for day in range(9)
        ]
        told = contacts if happened is None else happened
        self.port = Measuring(told, source or source_of(), time_zone=time_zone)
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)
        self.platform = platform_of("one", measures=self.port)

    async def ask(self, *asked: MeasureRequest) -> tuple[list[MeasureAnswer], int]:
        """Return the answers of one operation, and how many calls it made."""
        context = context_of(
            self.platform, clock=self.clock, cache=self.cache, limits=Limits(most_calls=100_000)
        )
        before = len(self.port.calls)
        answers = await asyncio.gather(*(measure(context, one, [self.platform]) for one in asked))
        return answers, len(self.port.calls) - before


def _asked(
    grain: Grain, days: int = 10, items: tuple[str, ...] = ADDING, **more: object
) -> MeasureRequest:
    end = DAY + timedelta(days=1)
    return MeasureRequest(
        items=items,
        start=end - timedelta(days=days),
        end=end,
        zone="UTC",
        grain=grain,
        **more,  # type: ignore[arg-type]  # members of the request
    )


async def _alone(request: MeasureRequest, source: Source | None = None) -> MeasureAnswer:
    ((answer,), _) = await House(source).ask(request)
    return answer


def _values(answer: MeasureAnswer) -> list[tuple[object, ...]]:
    return [
        (one.identity, one.value, one.note, [amount.value for amount in one.amounts])
        for one in answer.series
    ]


@pytest.mark.parametrize("coarse", COARSE)
@pytest.mark.parametrize("fine", [Grain.DAY, Grain.HOUR])
@pytest.mark.parametrize("first", ["coarse", "fine"])
async def test_beside_finer_buckets_it_costs_nothing(
    coarse: Grain, fine: Grain, first: str
) -> None:
    """In whatever order they stand."""
    asked = [_asked(coarse), _asked(fine)]
    _, alone = await House().ask(_asked(fine))

    answers, calls = await House().ask(*(asked if first == "coarse" else reversed(asked)))

    assert calls == alone
    by_grain = {answer.request.grain: answer for answer in answers}
    assert _values(by_grain[coarse]) == _values(await _alone(_asked(coarse)))


@pytest.mark.parametrize("coarse", COARSE)
@pytest.mark.parametrize("group_by", [(), (Dimension.AGENT,)], ids=["all", "agents"])
async def test_after_finer_buckets_it_costs_nothing(
    coarse: Grain, group_by: tuple[Dimension, ...]
) -> None:
    house = House()
    await house.ask(_asked(Grain.HOUR, group_by=group_by))

    (answer,), calls = await house.ask(_asked(coarse, group_by=group_by))

    assert calls == 0
    assert _values(answer) == _values(await _alone(_asked(coarse, group_by=group_by)))
    assert [one.calls for one in answer.sources] == [0]


async def test_a_part_of_what_is_kept_is_enough_for_a_part_of_the_period() -> None:
    house = House()
    await house.ask(_asked(Grain.DAY, days=30))

    _, calls = await house.ask(_asked(Grain.TOTAL, days=7))

    assert calls == 0


async def test_where_one_day_is_missing_the_total_is_one_call() -> None:
    house = House()
    await house.ask(_asked(Grain.DAY, days=7))

    (answer,), calls = await house.ask(_asked(Grain.TOTAL, days=8))

    assert calls == 1
    assert _values(answer) == _values(await _alone(_asked(Grain.TOTAL, days=8)))


async def test_what_is_too_old_is_not_added_up() -> None:
    house = House()
    await house.ask(_asked(Grain.DAY))
    house.clock.pass_(hours=1)

    (answer,), calls = await house.ask(_asked(Grain.TOTAL))

    assert calls == 1
    assert answer.sources[0].as_of == house.clock.now()


async def test_what_does_not_add_up_is_asked_for_itself() -> None:
    items = ("fake.longest", "CONVERSATIONS_STARTED")

    answers, calls = await House().ask(_asked(Grain.TOTAL, items=items), _asked(Grain.DAY))

    assert calls == 2
    assert _values(answers[0]) == _values(await _alone(_asked(Grain.TOTAL, items=items)))


async def test_days_of_other_groups_are_of_no_use() -> None:
    house = House()
    await house.ask(_asked(Grain.DAY, filters=((Dimension.AGENT, ("ann",)),)))

    _, calls = await house.ask(_asked(Grain.TOTAL))

    assert calls == 1


async def test_a_period_that_is_not_over_is_no_more_final_than_its_hours() -> None:
    house = House(source_of(settling=timedelta(0)))
    house.clock.moment = DAY + timedelta(hours=10)

    answers, _ = await house.ask(_asked(Grain.HOUR, days=1), _asked(Grain.TOTAL, days=1))

    assert [list(one.final) for one in answers[1].series] == [[False]] * len(ADDING)


async def test_where_the_finer_calls_fail_the_coarser_value_says_so() -> None:
    house = House()
    house.port.fails = PlatformServerError(platform="one")

    answers, _ = await house.ask(_asked(Grain.DAY), _asked(Grain.TOTAL))

    for answer in answers:
        assert [one.code for one in answer.failures] == ["PLATFORM_ERROR"]


async def test_months_and_days_together_make_a_year_to_date() -> None:
    source = source_of(grains={Grain.MONTH: None, Grain.DAY: Span(days=31)})
    house = House(source)
    start = DAY.replace(month=1, day=1)
    months = msgspec.structs.replace(
        _asked(Grain.MONTH), start=start, end=DAY.replace(month=3, day=1)
    )
    days = msgspec.structs.replace(_asked(Grain.DAY), start=DAY.replace(month=3, day=1))
    year = msgspec.structs.replace(_asked(Grain.TOTAL), start=start)
    _, apart = await House(source).ask(months, days)

    answers, calls = await house.ask(year, months, days)

    assert calls == apart
    assert _values(answers[0]) == _values(await _alone(year, source))


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_hours_and_days_beside_a_total_stay_hours_and_days(order: tuple[int, ...]) -> None:
    """In whatever order they stand."""
    source = source_of(grains={Grain.HOUR: None, Grain.DAY: None})
    middle = DAY - timedelta(days=2)
    asked = [
        msgspec.structs.replace(_asked(Grain.HOUR, days=5), end=middle),
        msgspec.structs.replace(_asked(Grain.DAY, days=5), start=middle),
        _asked(Grain.TOTAL, days=5),
    ]
    _, apart = await House(source).ask(*asked[:2])

    answers, calls = await House(source).ask(*(asked[place] for place in order))

    assert calls == apart
    for answer in answers:
        assert _values(answer) == _values(await _alone(answer.request, source))


async def test_periods_of_many_aliases_are_not_taken_for_one_another() -> None:
    """What one alias asks for and is done with says nothing of the next."""
    one, other, third = "CONVERSATIONS_STARTED", "OCCUPIED_TIME", "fake.answered"
    source = source_of(grains={Grain.HOUR: None, Grain.DAY: None}, total=Span(days=2))
    asked = [
        msgspec.structs.replace(
            _asked(grain, items=items),
            start=DAY - timedelta(days=before + days),
            end=DAY - timedelta(days=before),
        )
        for items, before, days, grain in (
            ((one,), 5, 3, Grain.WEEK),
            ((one, other, third), 5, 3, Grain.WEEK),
            ((one, other, third), 4, 7, Grain.TOTAL),
            ((other, third), 5, 2, Grain.HOUR),
        )
    ]

    # Where in memory each thing lies is another each time.
    for _ in range(5):
        answers, _ = await House(source, []).ask(*asked)

        for answer in answers:
            assert [series.note for series in answer.series] == [None] * len(answer.request.items)


@settings(max_examples=150)
@given(
    events(), sources(), st.sampled_from(ZONES), requests(), st.sampled_from([*COARSE, Grain.YEAR])
)
def test_coarser_after_finer_costs_nothing_and_is_the_reference(
    happened: list[Event], source: Source, zone: str, request: MeasureRequest, grain: Grain
) -> None:
    """Whatever the vendor and its limits, where all of the finer buckets could be had."""
    happened = anywhere(happened)
    fine = msgspec.structs.replace(request, items=ADDING, grain=Grain.HOUR, zone=zone)
    house = House(source, happened, zone)

    async def ask() -> tuple[MeasureAnswer, MeasureAnswer, int]:
        (first,), _ = await house.ask(fine)
        (second,), calls = await house.ask(msgspec.structs.replace(fine, grain=grain))
        return first, second, calls

    first, second, calls = asyncio.run(ask())
    assume(first.series and not any(series.note for series in first.series))

    assert calls == 0
    for series in second.series:
        check_series(series, happened, second.request)
