"""A sale may come hours after the conversation that it counts for: then its rate still moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
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


@pytest.mark.xfail(
    strict=True,
    reason="conversion_rate counts a sale for the hour in which its conversation began, up to "
    "twelve hours before, while the figures are declared to settle within two",
)
async def test_a_rate_that_is_final_does_not_change_with_a_late_sale() -> None:
    clock = FakeClock(HOUR + timedelta(hours=3, minutes=5))
    with served(World(clock=clock.now), "iadvize") as tables:
        async with platforms(tables, clock) as opened:
            told = []
            for _ in range(2):
                context = context_of(opened["iadvize"], clock=clock, cache=FakeCache(clock))
                (series,) = (await measure(context, ASKED, list(opened.values()))).series
                told.append((series.amounts[0].value, series.final[0]))
                clock.pass_(hours=1)

    (early, early_is_final), (late, late_is_final) = told
    assert late_is_final
    assert late is not None
    assert not early_is_final or early == late
