"""As few calls as can be, for what is missing and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.buckets import Span
from vendors.errors import TooComplexError
from vendors.measures import Grain, Zoning

DAY = NOW.replace(hour=0, minute=0)
FIVE = (
    "CONVERSATIONS_STARTED",
    "HANDLE_TIME",
    "SATISFACTION_RATE",
    "OCCUPIED_TIME",
    "fake.longest",
)


class House:
    """One platform, its store and its clock, over several operations."""

    def __init__(self, port: Measuring, most_calls: int = 200) -> None:
        self.port = port
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)
        self.limits = Limits(most_calls=most_calls)
        self.platform = platform_of("one", measures=port)

    async def ask(self, *requests: MeasureRequest) -> tuple[list[MeasureAnswer], int]:
        """Return the answers of one operation, and how many calls it made."""
        context = context_of(self.platform, clock=self.clock, cache=self.cache, limits=self.limits)
        before = len(self.port.calls)
        answers = await asyncio.gather(
            *(measure(context, request, [self.platform]) for request in requests)
        )
        return answers, len(self.port.calls) - before


def _asked(
    *items: str, days: int = 1, grain: Grain = Grain.TOTAL, end: datetime = DAY + timedelta(days=1)
) -> MeasureRequest:
    start = end - timedelta(days=days)
    return MeasureRequest(items=items, start=start, end=end, zone="UTC", grain=grain)


def _contacts(days: Sequence[int]) -> list[Event]:
    return [
        Event(DAY - timedelta(days=day, hours=-10), "chat", "ann", 60, answered=True)
        for day in days
    ]


async def test_an_hour_later_the_open_day_is_one_call_however_many_figures() -> None:
    """One figure a bucketed call: what is missing of five figures is one day, so one call."""
    house = House(Measuring(_contacts([0, 3]), source_of(figures_per_bucketed_call=1)))
    request = _asked(*FIVE[:4], days=31, grain=Grain.DAY)
    _, cold = await house.ask(request)
    house.clock.pass_(hours=1)

    (answer,), later = await house.ask(request)

    assert (cold, later) == (4, 1)
    assert answer.series[0].value == 2


async def test_a_gap_in_what_is_missing_does_not_cost_a_call() -> None:
    house = House(Measuring(_contacts([0, 3, 5]), source_of()))
    await house.ask(_asked("CONVERSATIONS_STARTED", end=DAY - timedelta(days=2)))

    (answer,), calls = await house.ask(_asked("CONVERSATIONS_STARTED", days=7, grain=Grain.DAY))

    assert calls == 1
    assert [amount.value for amount in answer.series[0].amounts] == [0, 1, 0, 1, 0, 0, 1]


async def test_the_total_of_a_day_comes_with_the_days_around_it() -> None:
    house = House(Measuring(_contacts([0, 3]), source_of()))

    answers, calls = await house.ask(
        _asked("CONVERSATIONS_STARTED", days=7, grain=Grain.DAY),
        _asked("CONVERSATIONS_STARTED", end=DAY - timedelta(days=2)),
    )

    assert calls == 1
    assert [answer.series[0].value for answer in answers] == [2, 1]


async def test_a_day_comes_with_the_call_that_asks_for_more_of_it() -> None:
    house = House(Measuring(_contacts([0]), source_of(figures_per_bucketed_call=1)))

    answers, calls = await house.ask(
        _asked("CONVERSATIONS_STARTED", grain=Grain.DAY), _asked(*FIVE[:4])
    )

    assert calls == 1
    assert [answer.series[0].value for answer in answers] == [1, 1]


async def test_halves_of_one_day_are_never_taken_for_one_another() -> None:
    """Two periods that meet at noon: both cut the same bucket, each to its own half."""
    noon = DAY - timedelta(hours=12)
    morning, evening = noon - timedelta(hours=3), noon + timedelta(hours=3)
    happened = [Event(at, "chat", "ann", 60, answered=True) for at in (morning, evening, evening)]
    house = House(Measuring(happened, source_of(has_total=False, grains={Grain.DAY: None})))

    answers, _ = await house.ask(
        _asked("CONVERSATIONS_STARTED", days=2, grain=Grain.DAY, end=noon),
        _asked("CONVERSATIONS_STARTED", days=2, grain=Grain.DAY, end=noon + timedelta(days=2)),
    )

    assert [[amount.value for amount in one.series[0].amounts] for one in answers] == [
        [0, 0, 1],
        [2, 0, None],
    ]


async def test_a_window_that_is_not_sharp_is_not_asked_exactly() -> None:
    """An hour that the clocks show twice has no bounds of its own in local time."""
    source = source_of(
        zoning=Zoning.PARTITION, figures_per_bucketed_call=1, grains={Grain.HOUR: None}
    )
    end = datetime.fromisoformat("2025-10-26T02:00:00+00:00")
    port = Measuring([], source, time_zone="Europe/Paris")
    house = House(port)
    request = MeasureRequest(
        items=FIVE[:3],
        start=end - timedelta(hours=1),
        end=end,
        zone="UTC",
        grain=Grain.HOUR,
    )

    await house.ask(request)

    assert {call.grain for call in port.calls} == {Grain.HOUR}


async def test_all_that_an_operation_asks_in_turn_counts_against_the_cap() -> None:
    house = House(Measuring([], source_of(grains={})), most_calls=30)
    context = context_of(house.platform, clock=house.clock, limits=house.limits)
    await measure(
        context, _asked("CONVERSATIONS_STARTED", days=20, grain=Grain.DAY), [house.platform]
    )

    with pytest.raises(TooComplexError) as refused:
        await measure(context, _asked("OCCUPIED_TIME", days=20, grain=Grain.DAY), [house.platform])

    assert refused.value.extensions == {"calls": 40, "callLimit": 30}
    assert len(house.port.calls) == 20
    # What was refused has cost nothing.
    await measure(context, _asked("OCCUPIED_TIME", days=10, grain=Grain.DAY), [house.platform])


async def test_a_window_that_cannot_be_asked_exactly_is_asked_by_buckets() -> None:
    short = source_of(total=Span(hours=12), figures_per_bucketed_call=1)
    house = House(Measuring(_contacts([0]), short))

    (answer,), calls = await house.ask(_asked("fake.longest", "fake.answer_rate", grain=Grain.DAY))

    assert calls == 2
    assert [one.value for one in answer.series] == [60, 1]


async def test_a_bucket_that_is_longer_than_a_call_is_added_up() -> None:
    house = House(Measuring(_contacts([0, 3, 14]), source_of(grains={}, total=Span(days=9))))

    (answer,), calls = await house.ask(
        _asked("CONVERSATIONS_STARTED", "HANDLE_TIME", days=15, grain=Grain.MONTH)
    )

    assert calls == 2
    assert [one.value for one in answer.series] == [3, 60]


@pytest.mark.parametrize(("days_ago", "calls"), [(3, 1), (365, 2)])
async def test_what_lies_between_is_fetched_unless_it_is_much(days_ago: int, calls: int) -> None:
    """A gap of some hours saves a call; a year of hours for the same day a year ago does not."""
    port = Measuring(_contacts([0, days_ago]), source_of(grains={Grain.HOUR: None}))
    house = House(port)
    now = _asked("CONVERSATIONS_STARTED", grain=Grain.HOUR)
    then = _asked("CONVERSATIONS_STARTED", grain=Grain.HOUR, end=now.end - timedelta(days=days_ago))

    answers, made = await house.ask(now, then)

    assert [answer.series[0].value for answer in answers] == [1, 1]
    assert made == calls
