"""What an answer says of figures that can be had in parts only, or not in every part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from tests.fakes import NOW, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.buckets import Span
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.measures import (
    Dimension,
    Grain,
    Grouping,
    MeasureCall,
    Merge,
    Partition,
    Reading,
    Source,
    Unit,
)

DAY = NOW.replace(hour=0, minute=0)


class Silent(Measuring):
    """A platform that does not tell a figure of one channel."""

    def __init__(self, events: Sequence[Event], figure: str, since: timedelta) -> None:
        super().__init__(events, source_of(always_by=Dimension.CHANNEL))
        self._mute = figure, DAY - since

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        figure, since = self._mute
        return tuple(
            msgspec.structs.replace(one, value=None)
            if one.figure == figure
            and one.start >= since
            and measure.filtered(Dimension.CHANNEL) == ("phone",)
            else one
            for one in await super().measure(measure, call)
        )


def _days(count: int, *items: str, grain: Grain = Grain.DAY) -> MeasureRequest:
    return MeasureRequest(
        items=items,
        start=DAY - timedelta(days=count - 1),
        end=DAY + timedelta(days=1),
        zone="UTC",
        grain=grain,
    )


async def _ask(port: Measuring, request: MeasureRequest) -> MeasureAnswer:
    context = context_of(platform_of("one", measures=port))
    return await measure(context, request, list(context.platforms.values()))


async def _one(port: Measuring, request: MeasureRequest) -> Series:
    (series,) = (await _ask(port, request)).series
    return series


def _contact(day: int, channel: str, seconds: int = 60, *, answered: bool = True) -> Event:
    at = DAY - timedelta(days=day, hours=-9)
    return Event(at, channel, "ann", seconds, answered=answered)


async def test_a_total_is_not_made_of_the_buckets_that_happen_to_have_a_weight() -> None:
    happened = [_contact(1, "chat", 60), _contact(0, "chat", 100), _contact(0, "phone", 500)]
    port = Silent(happened, "contacts", timedelta(0))

    series = await _one(port, _days(2, "HANDLE_TIME"))

    assert [amount.value for amount in series.amounts] == [60, None]
    assert (series.value, series.note) == (
        None,
        "It is a mean, and not every part of it comes with a weight.",
    )


@pytest.mark.parametrize("grain", [Grain.TOTAL, Grain.MONTH])
async def test_a_native_ratio_over_more_than_a_window_is_made_of_its_parts(grain: Grain) -> None:
    happened = [_contact(day, "chat", answered=day < 5) for day in range(15)]
    port = Measuring(happened, source_of(total=Span(days=9), grains={}))

    series = await _one(port, _days(15, "fake.answer_rate", grain=grain))

    assert (series.value, series.note) == (5 / 15, None)


async def test_a_native_figure_that_is_refused_keeps_its_unit_and_its_rule() -> None:
    port = Measuring([], source_of(grains={}, has_total=False))

    series = await _one(port, _days(1, "fake.contacts"))

    assert (series.unit, series.merge, series.value) == (Unit.COUNT, Merge.SUM, None)
    assert series.note


async def test_values_of_several_currencies_stay_apart() -> None:
    port = Measuring([], source_of())
    port.measurables = msgspec.structs.replace(
        port.measurables,
        partitions=(Partition(key="fr", currency="EUR"), Partition(key="uk", currency="GBP")),
        figures={
            **port.measurables.figures,
            "busy": msgspec.structs.replace(port.measurables.figures["busy"], unit=Unit.MONEY),
        },
    )

    answer = await _ask(port, _days(1, "fake.busy"))

    assert [(one.currency, one.value) for one in answer.series] == [("EUR", 0), ("GBP", 0)]


class Partial(Measuring):
    """A platform of which the calls about one agent, or one part, fail."""

    def __init__(self, source: Source, agent: str = "", partition: str = "") -> None:
        super().__init__([_contact(0, "chat"), _contact(1, "chat")], source)
        self._agent, self._partition = agent, partition

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        lost = (self._agent and self._agent in measure.filtered(Dimension.AGENT)) or (
            self._partition and measure.partition == self._partition
        )
        if lost:
            raise PlatformServerError(platform="one")
        return await super().measure(measure, call)


async def test_a_call_that_fails_costs_the_agent_whom_it_was_about() -> None:
    each = source_of(groupings={Dimension.AGENT: Grouping.EACH})
    request = msgspec.structs.replace(
        _days(2, "CONVERSATIONS_STARTED", "HANDLE_TIME"), group_by=(Dimension.AGENT,)
    )

    answer = await _ask(Partial(each, agent="bob"), request)

    started = {one.group[0].id: one.value for one in answer.series if one.note is None}
    assert started["ann"] is not None
    assert set(started) == {"ann", "cem"}
    assert [one.code for one in answer.failures] == ["PLATFORM_ERROR"]
    assert answer.sources[0].freshness is Freshness.PARTIAL


async def test_a_part_that_fails_costs_its_own_currency() -> None:
    port = Partial(source_of(), partition="uk")
    port.measurables = msgspec.structs.replace(
        port.measurables,
        partitions=(Partition(key="fr", currency="EUR"), Partition(key="uk", currency="GBP")),
        figures={
            **port.measurables.figures,
            "busy": msgspec.structs.replace(port.measurables.figures["busy"], unit=Unit.MONEY),
        },
    )

    answer = await _ask(port, _days(2, "fake.busy", "fake.contacts"))

    assert {(one.item, one.currency): (one.value, one.note) for one in answer.series} == {
        ("fake.busy", "EUR"): (120, None),
        ("fake.contacts", None): (None, BROKEN),
    }
    assert [one.code for one in answer.failures] == ["PLATFORM_ERROR"]


async def test_an_amount_that_could_not_be_had_says_so() -> None:
    port = Partial(source_of(), partition="fr")
    port.measurables = msgspec.structs.replace(
        port.measurables,
        partitions=(Partition(key="fr", currency="EUR"),),
        figures={
            **port.measurables.figures,
            "busy": msgspec.structs.replace(port.measurables.figures["busy"], unit=Unit.MONEY),
        },
    )

    series = await _one(port, _days(2, "fake.busy"))

    assert (series.value, series.note) == (None, BROKEN)
