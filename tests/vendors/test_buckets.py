"""Local time in buckets, on the days on which clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.buckets import Span, bucket_edges, cut, floor_to, local_midnight, next_edge, zone
from vendors.errors import BadInputError

GRAINS = ("hour", "day", "week", "month", "year")
ZONES = (
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "America/Sao_Paulo",
)

moments = st.integers(0, 20 * 365 * 86_400).map(
    lambda seconds: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(st.sampled_from(GRAINS), moments, st.sampled_from(ZONES))
def test_a_moment_is_in_the_bucket_that_it_is_floored_to(
    grain: str, moment: datetime, where: str
) -> None:
    start = floor_to(grain, moment, zone(where))
    end = next_edge(grain, start, zone(where))

    assert start <= moment < end
    assert floor_to(grain, start, zone(where)) == start


@given(
    st.sampled_from(GRAINS),
    moments,
    st.timedeltas(timedelta(seconds=1), timedelta(days=40)),
    st.sampled_from(ZONES),
)
def test_buckets_tile_the_period(
    grain: str, start: datetime, length: timedelta, where: str
) -> None:
    edges = bucket_edges(grain, start, start + length, zone(where))

    assert edges[0] <= start
    assert edges[-1] >= start + length
    assert edges[-2] < start + length
    assert all(left < right for left, right in pairwise(edges))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_days_have_as_many_hours_as_the_clocks_say(day: date, hours: int) -> None:
    paris = zone("Europe/Paris")
    start = local_midnight(day, paris)
    end = next_edge("day", start, paris)

    assert end - start == timedelta(hours=hours)
    assert len(bucket_edges("hour", start, end, paris)) == hours + 1


def test_hours_of_a_half_hour_zone_begin_at_half_past() -> None:
    moment = datetime(2026, 1, 1, 12, 45, tzinfo=UTC)

    assert floor_to("hour", moment, zone("Asia/Kolkata")) == moment.replace(minute=30)


def test_weeks_are_iso_weeks() -> None:
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC)

    assert floor_to("week", moment, zone("UTC")) == datetime(2026, 11, 16, tzinfo=UTC)


@given(
    moments,
    st.timedeltas(timedelta(seconds=1), timedelta(days=900)),
    st.sampled_from([Span(hours=24), Span(days=31), Span(months=3), Span(months=24)]),
    st.sampled_from(ZONES),
)
def test_windows_cover_every_instant_once(
    start: datetime, length: timedelta, longest: Span, where: str
) -> None:
    end = start + length

    windows = list(cut(start, end, longest, zone(where)))

    assert windows[0][0] == start
    assert windows[-1][1] == end
    assert all(left[1] == right[0] for left, right in pairwise(windows))
    assert all(stop <= longest.after(begin, zone(where)) for begin, stop in windows)


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    start = datetime(2026, 1, 31, tzinfo=UTC)

    assert Span(months=1).after(start, zone("UTC")) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Europe/Pariss", "", "../etc/passwd", "a" * 300, "\x00"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadInputError) as refused:
        zone(name)

    assert refused.value.extensions["argument"] == "timeZone"


@pytest.mark.parametrize("change", ["2026-04-04T15:00:00+00:00", "2025-10-04T15:30:00+00:00"])
def test_an_hour_that_the_clocks_change_by_half_is_cut_at_the_change(change: str) -> None:
    """Lord Howe Island changes its clocks by half an hour, in the middle of an hour."""
    where, change_at = zone("Australia/Lord_Howe"), datetime.fromisoformat(change)
    begin = change_at - timedelta(hours=3)
    edges = bucket_edges("hour", begin, change_at + timedelta(hours=3), where)

    assert change_at in edges
    for minutes in range(0, 6 * 60, 5):
        instant = begin + timedelta(minutes=minutes)
        start = floor_to("hour", instant, where)
        assert start in edges
        assert start <= instant < next_edge("hour", start, where)


@pytest.mark.parametrize(
    ("told", "known"),
    [("utc", "UTC"), ("europe/paris", "Europe/Paris"), ("AMERICA/SANTIAGO", "America/Santiago")],
)
def test_a_zone_is_known_in_whatever_case(told: str, known: str) -> None:
    assert zone(told).key == known


@pytest.mark.parametrize("told", ["", "Paris", "../utc", "/etc/localtime", "browser"])
def test_what_is_no_zone_is_refused(told: str) -> None:
    with pytest.raises(BadInputError, match="There is no time zone"):
        zone(told)
