"""Hours of a zone whose clocks go back by half an hour."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.fakes import FakeCache, FakeClock, context_of
from tests.reference.serving import platforms, served

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from vendors.measures import Grain
from vendors.world import World

ASKED = MeasureRequest(
    items=("CONVERSATIONS_STARTED",),
    # At 15:00 it is 02:00 there, and then 01:30 again.
    start=datetime(2026, 4, 4, 13, tzinfo=UTC),
    end=datetime(2026, 4, 4, 18, 30, tzinfo=UTC),
    zone="Australia/Lord_Howe",
    grain=Grain.HOUR,
)


async def test_hours_are_told_where_the_clocks_go_back_by_half_of_one() -> None:
    clock = FakeClock(datetime(2026, 5, 1, tzinfo=UTC))
    with served(World(clock=clock.now), "livechat") as tables:
        async with platforms(tables, clock) as opened:
            context = context_of(*opened.values(), clock=clock, cache=FakeCache(clock))
            answer = await measure(context, ASKED, list(opened.values()))

    assert answer.failures == ()
    (series,) = answer.series
    assert [point.start.strftime("%H:%M") for point in series.points[:4]] == [
        "13:00",
        "14:00",
        "15:00",
        "15:30",
    ]
    assert all(point.value is not None for point in series.points)
