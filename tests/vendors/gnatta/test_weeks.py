"""Weeks: made of days, or asked for as weeks where their first day is known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from tests.simulators import opened as open_platform
from tests.vendors.gnatta.measured import asked, counted
from tests.vendors.gnatta.test_readings import asked_of, call_of
from tests.vendors.gnatta.upstream import settings_of

from vendors.measures import Grain
from vendors.port import Platform

ITEMS = ("interactionsClosed", "messageTimes/AdvisorResponseTime")


@pytest.fixture
async def weekly(table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    """The simulator's platform, told on which day its weeks begin."""
    one = open_platform("gnatta", {**table, "week_starts": "monday"})
    yield one
    await one.close()


def test_a_week_has_a_word_of_its_own() -> None:
    settings = settings_of(week_starts="monday", group_by={"week": "Weekly"})
    body = asked_of(call_of(grain=Grain.WEEK), settings).body
    assert body["filters"]["groupBy"] == "Weekly"


@pytest.mark.parametrize("days", [28, 24])
async def test_weeks_that_are_asked_for_are_those_that_are_made(
    platform: Platform, weekly: Platform, days: int
) -> None:
    request = asked(*ITEMS, days=days, grain=Grain.WEEK)
    made, several = await counted(platform, request)
    told, few = await counted(weekly, request)
    assert [one.item for one in told.series] == [one.item for one in made.series]
    for one, other in zip(told.series, made.series, strict=True):
        assert [point.start for point in one.points] == [point.start for point in other.points]
        assert [point.value for point in one.points] == pytest.approx(
            [point.value for point in other.points]
        )
    assert few < several
