"""A period that ends with the hour that clocks repeat: iAdvize is told its last second."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from tests.fakes import FakeCache, FakeClock, context_of
from tests.reference.serving import platforms, served

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from vendors.measures import Grain
from vendors.world import World

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
ASKED = MeasureRequest(
    items=("CONVERSATIONS_STARTED",),
    start=datetime(2025, 10, 25, 8, tzinfo=UTC),
    end=datetime(2025, 10, 26, 2, tzinfo=UTC),
    zone="Europe/Paris",
)


async def test_a_period_that_ends_with_a_repeated_hour_is_told_or_says_why_not() -> None:
    clock = FakeClock(NOW)
    with served(World(clock=clock.now), "iadvize") as tables:
        async with platforms(tables, clock) as opened:
            told = []
            for grain in (Grain.HOUR, Grain.TOTAL):
                context = context_of(*opened.values(), clock=clock, cache=FakeCache(clock))
                request = msgspec.structs.replace(ASKED, grain=grain)
                (series,) = (await measure(context, request, list(opened.values()))).series
                told.append((series.value, series.note))

    (by_hours, _), (at_once, note) = told
    assert by_hours
    assert at_once == by_hours or note
