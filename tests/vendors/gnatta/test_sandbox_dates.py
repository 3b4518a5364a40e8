"""The dates under which the simulator tells its figures, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.gnatta.simulated import CLOSED, NOW, Vendor, utc, window

from vendors.gnatta.sandbox.window import GROUPINGS, Window, buckets, milliseconds, pieces

PATH = "/interactions/state/by-date"


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


async def dates(
    vendor: Vendor, zone: str, group_by: str, start: datetime, end: datetime
) -> list[str]:
    filters = {"from": utc(start), "to": utc(end), "groupBy": group_by}
    return [one["date"] for one in (await vendor.series(PATH, filters, zone, **CLOSED))["Total"]]


def at(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


async def test_hours_have_the_time_of_the_zone(vendor: Vendor) -> None:
    start = at("2026-07-01T13:00")
    told = await dates(vendor, "Europe/London", "Hour", start, start + timedelta(hours=2))
    assert told == ["2026-07-01T13:00:00", "2026-07-01T14:00:00"]


async def test_an_hour_that_comes_twice_is_told_apart(vendor: Vendor) -> None:
    start = at("2026-10-25T00:00")
    told = await dates(
        vendor, "Europe/London", "Hour", start, start.astimezone(UTC) + timedelta(hours=4)
    )
    assert told == [
        "2026-10-25T00:00:00",
        "2026-10-25T01:00:00+01:00",
        "2026-10-25T01:00:00+00:00",
        "2026-10-25T02:00:00",
    ]


async def test_an_hour_that_comes_twice_is_told_apart_from_the_one_not_asked_for(
    vendor: Vendor,
) -> None:
    start = datetime(2026, 10, 25, 1, tzinfo=UTC)
    told = await dates(vendor, "Europe/London", "Hour", start, start + timedelta(minutes=30))
    assert told == ["2026-10-25T01:00:00+00:00"]


async def test_an_hour_that_does_not_come_has_no_date(vendor: Vendor) -> None:
    start = at("2026-03-29T00:00")
    told = await dates(vendor, "Europe/London", "Hour", start, at("2026-03-29T03:00"))
    assert told == ["2026-03-29T00:00:00", "2026-03-29T02:00:00"]


async def test_hours_begin_when_the_clock_of_the_zone_says_so(vendor: Vendor) -> None:
    start = at("2026-07-01T13:00", "Asia/Kolkata")
    told = await dates(vendor, "Asia/Kolkata", "Hour", start, start + timedelta(minutes=90))
    assert told == ["2026-07-01T13:00:00", "2026-07-01T14:00:00"]


async def test_hours_fit_where_the_clocks_change_by_half_an_hour(vendor: Vendor) -> None:
    start = datetime(2026, 4, 4, 14, tzinfo=UTC)
    told = await dates(vendor, "Australia/Lord_Howe", "Hour", start, start + timedelta(hours=3))
    assert told == [
        "2026-04-05T01:00:00+11:00",
        "2026-04-05T01:00:00+10:30",
        "2026-04-05T02:00:00",
        "2026-04-05T03:00:00",
    ]


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("Day", ["2026-09-30", "2026-10-01"]),
        ("Week", ["2026-09-28"]),
        ("Month", ["2026-09-01", "2026-10-01"]),
    ],
)
async def test_buckets_have_the_date_of_their_own_beginning(
    vendor: Vendor, group_by: str, expected: list[str]
) -> None:
    start, end = at("2026-09-30T12:00"), at("2026-10-01T12:00")
    told = await dates(vendor, "Europe/London", group_by, start, end)
    assert told == [f"{date}T00:00:00" for date in expected]


async def test_what_is_one_day_in_utc_is_two_elsewhere(vendor: Vendor) -> None:
    start = datetime(2026, 10, 7, tzinfo=UTC)
    end = start + timedelta(days=1)
    assert len(await dates(vendor, "UTC", "Day", start, end)) == 1
    assert len(await dates(vendor, "Europe/London", "Day", start, end)) == 2


async def test_every_bucket_of_the_window_is_there(vendor: Vendor) -> None:
    start, end = at("2026-10-01T00:00"), at("2026-11-01T00:00")
    filters = {"from": utc(start), "to": utc(end), "groupBy": "Day", "channels": ["TrustPilot"]}
    (values,) = (await vendor.series(f"{PATH}/by-channels", filters, **CLOSED)).values()
    assert [one["date"][:10] for one in values] == [f"2026-10-{day:02}" for day in range(1, 32)]
    assert {one["value"] for one in values} == {0}


async def test_a_date_without_times_has_no_average(vendor: Vendor) -> None:
    day = timedelta(days=1)
    filters: dict[str, Any] = {"from": utc(NOW - day), "to": utc(NOW + day), "groupBy": "Day"}
    asked = {"responseTime": "AdvisorResponseTime", "timeZone": "UTC"}
    told = await vendor.ask("/messages/times/by-date", filters, **asked)
    (total,) = told["groups"]
    *known, ahead = [one["value"] for one in total["values"]]
    assert ahead is None
    assert all(value > 0 for value in known)
    assert total["average"] == pytest.approx(sum(known) / len(known), abs=2e-3)
    assert told["average"] == total["average"]


async def test_averages_are_those_of_what_is_listed(vendor: Vendor) -> None:
    filters = {"from": utc(NOW - timedelta(days=3)), "to": utc(NOW), "queues": vendor.queues}
    told = await vendor.ask("/interactions/state/count/by-queues", filters, **CLOSED)
    values = [one["value"] for one in told["groups"]]
    assert told["average"] == pytest.approx(sum(values) / len(values), abs=1e-3)


ZONES = ["Europe/London", "Africa/Casablanca", "America/Havana", "Asia/Beirut", "Pacific/Chatham"]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 3 * 365 * 86_400_000),
    st.integers(1, 40 * 86_400_000),
    st.sampled_from(ZONES),
    st.sampled_from(GROUPINGS),
)
def test_buckets_and_pieces_cover_the_window_once(
    since: int, length: int, name: str, group_by: str
) -> None:
    begin = milliseconds(datetime(2024, 1, 1, tzinfo=UTC)) + since
    whole, zone = Window(begin, begin + length), ZoneInfo(name)
    found = buckets(whole, group_by, zone)
    for parts in (
        [(b.start, b.end) for b in found],
        [(p.start, p.end) for p in pieces(*whole, zone)],
    ):
        assert parts[0][0] == whole.start
        assert parts[-1][1] == whole.end
        assert all(start < end for start, end in parts)
        assert [end for _, end in parts[:-1]] == [start for start, _ in parts[1:]]
    assert len({bucket.date for bucket in found}) == len(found)


@pytest.mark.parametrize("ago", [2, 3, 9, 40])
async def test_whoever_did_something_available_was_so_in_that_hour(
    vendor: Vendor, ago: int
) -> None:
    """Contacts per hour times the hours are the contacts, hour by hour, at a shift's end too."""
    day = (NOW - timedelta(days=ago)).replace(hour=0, minute=0, second=0)
    top: dict[str, Any] = {"userIds": vendor.users, "userState": "Available"}
    filters = window(day, day + timedelta(days=1))
    hourly = {**filters, "groupBy": "Hour"}
    rates = await vendor.series("/unit-of-works/contacts-per-hour/by-date/by-users", hourly, **top)
    times = await vendor.series("/presence/duration/by-date/by-users", hourly, **top)
    told = await vendor.ask("/advisors/metrics/count/by-users", filters, userIds=vendor.users)

    assert sum(one["contactsAvailable"] for one in told["groups"])
    for one in told["groups"]:
        pairs = zip(rates[one["id"]], times[one["id"]], strict=True)
        done = sum((rate["value"] or 0) * time["value"] / 3600 for rate, time in pairs)
        assert done == pytest.approx(one["contactsAvailable"])
