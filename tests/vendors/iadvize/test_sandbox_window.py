from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.iadvize.sandbox.office import Office
from vendors.iadvize.sandbox.window import (
    Bound,
    Window,
    buckets,
    instant,
    pieces,
    read_bound,
    shift_months,
    window,
)
from vendors.world import AccountProfile, World

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 10, 35, 33, tzinfo=UTC)


def between(first: str, last: str) -> Window:
    return window(read_bound(first), read_bound(last), PARIS, NOW)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "start", "end"),
    [
        ("2026-07-01", "2026-07-01", "2026-06-30 22:00:00", "2026-07-01 22:00:00"),
        ("2026-10-25", "2026-10-25", "2026-10-24 22:00:00", "2026-10-25 23:00:00"),
        ("2026-03-29", "2026-03-29", "2026-03-28 23:00:00", "2026-03-29 22:00:00"),
        # The end of summer time shows these clock times twice: both belong.
        (
            "2026-10-25 02:00:00",
            "2026-10-25 02:59:59",
            "2026-10-25 00:00:00",
            "2026-10-25 02:00:00",
        ),
        (
            "2026-10-25 01:00:00",
            "2026-10-25 01:59:59",
            "2026-10-24 23:00:00",
            "2026-10-25 00:00:00",
        ),
        # The beginning of summer time leaves these out: two windows still meet.
        (
            "2026-03-29 01:00:00",
            "2026-03-29 02:29:59",
            "2026-03-29 00:00:00",
            "2026-03-29 01:30:00",
        ),
        (
            "2026-03-29 02:30:00",
            "2026-03-29 03:59:59",
            "2026-03-29 01:30:00",
            "2026-03-29 02:00:00",
        ),
    ],
)
def test_clock_times_become_instants(first: str, last: str, start: str, end: str) -> None:
    assert between(first, last) == Window(utc(start), utc(end))


def test_the_repeated_hour_has_one_label_and_the_skipped_one_none() -> None:
    autumn = {b.label[11:]: b for b in buckets(between("2026-10-25", "2026-10-25"), "hour", PARIS)}
    assert len(autumn) == 24
    assert autumn["02:00:00"].end - autumn["02:00:00"].start == timedelta(hours=2)
    spring = [b.label[11:13] for b in buckets(between("2026-03-29", "2026-03-29"), "hour", PARIS)]
    assert len(spring) == 23
    assert "02" not in spring


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (the zone follows)
    hours=st.integers(1, 2_000),
    size=st.sampled_from(["hour", "day", "month"]),
)
def test_buckets_and_pieces_fill_the_window(start: datetime, hours: int, size: str) -> None:
    whole = Window(
        start.replace(microsecond=0), start.replace(microsecond=0) + timedelta(hours=hours)
    )
    for cut in (buckets(whole, size, PARIS), pieces(*whole, PARIS)):
        spans = [(part.start, part.end) for part in cut]
        assert (spans[0][0], spans[-1][1]) == whole
        assert all(one[1] == following[0] for one, following in pairwise(spans))
    labels = [bucket.label for bucket in buckets(whole, size, PARIS)]
    assert labels == sorted(set(labels))


def test_months_are_calendar_months() -> None:
    assert shift_months(datetime(2026, 5, 31, tzinfo=UTC), -3).day == 28
    assert shift_months(datetime(2026, 11, 30, tzinfo=UTC), 3) == datetime(2027, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-02-30",
        "2026-02-01 ",
        "2026-02-01 25:00:00",
        "2026-2-1",
        "1999-12-31",
        "2026-02-01T10:00:00",
        "2026-02-01 10:00:00+01:00",
        "٢٠٢٦-02-01",
    ],
)
def test_other_dates_are_not_read(text: str) -> None:
    assert read_bound(text) is None


def test_a_date_is_a_whole_day() -> None:
    read = read_bound("2026-02-01")
    assert read == Bound(datetime.fromisoformat("2026-02-01"), whole_day=True)
    assert instant(datetime.fromisoformat("2026-02-01"), PARIS) == utc("2026-01-31 23:00:00")


def test_websites_of_one_zone_are_told_in_it_and_others_in_the_accounts() -> None:
    office = Office(World().account(AccountProfile("zones")))
    assert office.zone((102,)).key == "Europe/London"
    assert office.zone((101, 102)).key == "Europe/Paris"
    assert office.zone(()).key == "Europe/Paris"
