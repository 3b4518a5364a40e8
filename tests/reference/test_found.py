"""Questions that the comparison with plain ones found to go wrong, each as small as it can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from tests.fakes import context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from vendors.measures import Dimension, Grain, Grouping, IndicatorRow, Term
from vendors.records import Channel

START = datetime(2026, 2, 10, 9, tzinfo=UTC)


async def test_a_figure_without_buckets_may_take_all_others_with_it() -> None:
    happened = [
        Event(START + timedelta(minutes=90), "chat", "ann", seconds=60, answered=True),
    ]
    port = Measuring(happened, source_of())
    longest = msgspec.structs.replace(port.measurables.figures["longest"], grains=frozenset())
    port.measurables = msgspec.structs.replace(
        port.measurables, figures={**port.measurables.figures, "longest": longest}
    )
    platform = platform_of("one", measures=port)
    request = MeasureRequest(
        items=("fake.longest", "CONVERSATIONS_STARTED"),
        start=START,
        end=START + timedelta(hours=2),
        zone="UTC",
        grain=Grain.HOUR,
    )

    answer = await measure(context_of(platform), request, [platform])

    assert {one.item: [amount.value for amount in one.amounts] for one in answer.series} == {
        "fake.longest": [None, 60.0],
        "CONVERSATIONS_STARTED": [0.0, 1.0],
    }


async def test_a_product_takes_both_factors_over_the_same_time() -> None:
    monday = datetime(2026, 2, 9, tzinfo=UTC)
    happened = [
        Event(monday + timedelta(days=day, hours=9), "chat", "ann", seconds=60, answered=day > 1)
        for day in range(5)
    ]
    port = Measuring(happened, source_of())
    answered = IndicatorRow(
        indicator="CONVERSATIONS_HANDLED", value=(Term("answer_rate", by="contacts"),)
    )
    port.measurables = msgspec.structs.replace(
        port.measurables, indicators={answered.indicator: answered}
    )
    platform = platform_of("one", measures=port)
    request = MeasureRequest(
        items=(answered.indicator,),
        start=monday,
        end=monday + timedelta(days=7),
        zone="UTC",
        grain=Grain.WEEK,
    )

    (series,) = (await measure(context_of(platform), request, [platform])).series

    assert [amount.value for amount in series.amounts] == [3.0]


async def test_a_figure_is_not_asked_of_channels_that_it_does_not_have() -> None:
    port = Measuring([], source_of(several_at_once=frozenset({Dimension.CHANNEL})))
    chats = msgspec.structs.replace(
        port.measurables.figures["contacts"], channels=frozenset({"chat"})
    )
    port.measurables = msgspec.structs.replace(
        port.measurables, figures={**port.measurables.figures, "contacts": chats}
    )
    assert port.measurables.sources["only"].groupings[Dimension.CHANNEL] is Grouping.EACH
    platform = platform_of("one", measures=port)
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED",),
        start=START,
        end=START + timedelta(hours=2),
        zone="UTC",
        channels=(Channel.CALL,),
    )

    (series,) = (await measure(context_of(platform), request, [platform])).series

    assert port.calls == []
    assert series.value is None
    assert series.note
