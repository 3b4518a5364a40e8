"""A sale may come hours after the conversation that it counts for: then its rate still moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fakes import FakeCache, FakeClock, context_of
from tests.reference.serving import platforms, served

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from vendors.measures import Grain
from vendors.world import World

BEGUN = datetime(2025, 10, 27, 12, 33, 24, tzinfo=UTC)
"""When a conversation began that leads to a sale at 15:43."""
HOUR = datetime(2025, 10, 27, 12, tzinfo=UTC)
ASKED = MeasureRequest(
    items=("CONVERSION_RATE",),
    start=HOUR,
    end=HOUR + timedelta(hours=1),
    zone="Europe/Paris",
    grain=Grain.HOUR,
)


async def test_a_rate_is_final_when_no_sale_can_change_it_any_more() -> None:
    clock = FakeClock(HOUR + timedelta(hours=3, minutes=5))
    told = []
    with served(World(clock=clock.now), "iadvize") as tables:
        async with platforms(tables, clock) as opened:
            for hours in (1, 80, 24):
                context = context_of(opened["iadvize"], clock=clock, cache=FakeCache(clock))
                (series,) = (await measure(context, ASKED, list(opened.values()))).series
                told.append((series.amounts[0].value, series.final[0]))
                clock.pass_(hours=hours)

    (early, early_is_final), (next_hour, next_is_final), (late, late_is_final) = told
    assert None not in {early, next_hour, late}
    assert early != next_hour == late
    assert [early_is_final, next_is_final, late_is_final] == [False, False, True]
