"""Questions that the comparison with plain ones found to go wrong, each as small as it can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.fakes import context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from vendors.measures import Grain

START = datetime(2026, 2, 10, 9, tzinfo=UTC)


@pytest.mark.xfail(
    strict=True,
    raises=ValueError,
    reason="the planner looks for windows of no figures, where each bucket of one figure is had "
    "by calls that are made for another one anyway (_bucketed_calls in resolvers/planner/calls.py)",
)
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
