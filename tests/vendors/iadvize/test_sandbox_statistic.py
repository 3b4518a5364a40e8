from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.vendors.iadvize.simulated import (
    NOW,
    UNICODE,
    Vendor,
    brackets,
)
from tests.vendors.iadvize.simulated_figures import (
    GONE,
    SUMS,
    WEIGHTS,
    assert_merged,
    assert_whole,
    near,
    weight,
)

from vendors.iadvize.sandbox.indicators import INDICATORS
from vendors.iadvize.sandbox.profile import PROFILE
from vendors.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

PARIS = ZoneInfo("Europe/Paris")
WEEK = {"from_": "2026-11-09", "to": "2026-11-15"}
UP_TO_NOW = {"from_": "2026-11-16", "to": "2026-11-19"}
OVER_SUMMER_TIME = {"from_": "2026-10-24", "to": "2026-10-26"}
TO_SUMMER_TIME = {"from_": "2026-03-28", "to": "2026-03-30"}


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


def days(first: str, last: str) -> list[str]:
    start, end = (datetime.fromisoformat(day) for day in (first, last))
    return [(start + timedelta(days=n)).strftime("%Y-%m-%d") for n in range((end - start).days + 1)]


async def test_there_are_57_indicators(vendor: Vendor) -> None:
    told = await vendor.statistic(**WEEK)
    assert len(told) == 57
    assert {name for name, value in told.items() if value is None} == GONE
    assert len(GONE) == 6


async def test_indicators_are_told_in_the_order_in_which_they_are_asked(vendor: Vendor) -> None:
    names = ["presence_duration", "contact_number", "conversion_rate"]
    told = await vendor.statistic(**WEEK, indicators=",".join(names))
    assert list(told) == names
    listed = {f"filters[indicators][{n}]": name for n, name in enumerate(names)}
    array = await vendor.body("/statistic", {**brackets(**WEEK), **listed})
    assert array["data"] == told


@pytest.mark.parametrize("window", [WEEK, UP_TO_NOW, OVER_SUMMER_TIME, TO_SUMMER_TIME])
async def test_days_make_the_window(vendor: Vendor, window: dict[str, str]) -> None:
    total = await vendor.statistic(**window)
    assert_whole(total)
    parts = [
        await vendor.statistic(from_=day, to=day) for day in days(window["from_"], window["to"])
    ]
    assert_merged(parts, total, INDICATORS)


@pytest.mark.parametrize("name", sorted(INDICATORS))
async def test_buckets_say_what_their_windows_say(vendor: Vendor, name: str) -> None:
    series = await vendor.series(name, "day", **OVER_SUMMER_TIME)
    assert list(series) == ["2026-10-24", "2026-10-25", "2026-10-26"]
    for day, value in series.items():
        assert await vendor.statistic(indicators=name, from_=day, to=day) == {name: value}


@pytest.mark.parametrize("name", sorted(SUMS))
async def test_hours_make_the_days_and_months_are_made_of_them(vendor: Vendor, name: str) -> None:
    window = {"from_": "2026-10-24 12:00:00", "to": "2026-11-02 07:29:59"}
    series = {size: await vendor.series(name, size, **window) for size in ("hour", "day", "month")}
    assert list(series["month"]) == ["2026-10", "2026-11"]
    for size, length in (("day", 10), ("month", 7)):
        parts: dict[str, list[float]] = {}
        for label, value in series["hour"].items():
            parts.setdefault(label[:length], []).append(value)
        assert series[size] == {label: near(math.fsum(values)) for label, values in parts.items()}


@pytest.mark.parametrize(("window", "hours"), [(OVER_SUMMER_TIME, 72), (TO_SUMMER_TIME, 71)])
async def test_every_hour_of_the_window_has_one_label(
    vendor: Vendor, window: dict[str, str], hours: int
) -> None:
    series = await vendor.series("contact_number", "hour", **window)
    assert list(series)[:2] == [f"{window['from_']} 00:00:00", f"{window['from_']} 01:00:00"]
    assert list(series) == sorted(series)
    assert len(series) == hours
    assert sum(series.values()) == (await vendor.statistic(**window))["contact_number"]


async def test_buckets_without_anything_are_told(vendor: Vendor) -> None:
    ahead = {"from_": "2026-11-18", "to": "2026-11-20"}
    number = await vendor.series("contact_number", "day", **ahead)
    assert number["2026-11-18"] > 0
    assert (number["2026-11-19"], number["2026-11-20"]) == (0, 0)
    mean = await vendor.series("contact_duration", "day", **ahead)
    assert mean["2026-11-18"] > 0
    assert (mean["2026-11-19"], mean["2026-11-20"]) == (None, None)


@pytest.mark.parametrize("resource", ["operator", "group", "skill", "rule"])
async def test_rows_are_the_members_and_days_make_them(vendor: Vendor, resource: str) -> None:
    whole = await vendor.rows(resource, **OVER_SUMMER_TIME)
    parts = [
        await vendor.rows(resource, from_=day, to=day)
        for day in ("2026-10-24", "2026-10-25", "2026-10-26")
    ]
    for index, total in enumerate(whole):
        told = {name for name in SUMS | WEIGHTS.keys() if total[name] is not None}
        told &= {name for name in told if name in SUMS or weight(name, total)}
        mine = [part[index] for part in parts]
        assert {part["id"] for part in mine} == {total["id"]}
        assert_merged(mine, total, told)
        one = await vendor.rows(resource, **OVER_SUMMER_TIME, resource_id=total["id"])
        assert one == [total]
    assert await vendor.rows(resource, **OVER_SUMMER_TIME, resource_id=1) == []


async def test_rules_make_the_displays(vendor: Vendor) -> None:
    names = {"rule_display_number", "targeting_rule_triggered", "rule_contact_rate"}
    for channel in ("chat", "call"):
        window = {"from_": "2026-11-10 09:17:00", "to": "2026-11-11 14:05:29", "channel": channel}
        rows = await vendor.rows("rule", **window)
        assert {row["id"] for row in rows} == {501, 502, 503}
        assert_merged(rows, await vendor.statistic(**window), names)
        assert all(row["contact_number"] <= row["rule_display_number"] for row in rows)


async def test_what_does_not_split_by_a_resource_is_null(vendor: Vendor) -> None:
    by_page = await vendor.rows("page_type", **WEEK)
    assert {row["presence_duration"] for row in by_page} == {None}
    assert {row["rule_display_number"] for row in by_page} == {None}
    by_rule = await vendor.rows("rule", **WEEK)
    assert {row["contact_missed_number"] for row in by_rule} == {None}


async def test_the_bot_has_no_response_times(vendor: Vendor) -> None:
    (bot,) = await vendor.rows("operator", **WEEK, resource_id=900)
    assert bot["contact_number"] > 0
    assert bot["contact_unanswered_number"] == bot["contact_number"]
    assert bot["contact_duration"] > 0
    assert bot["contact_answered_after_first_message_duration"] is None
    assert bot["contact_answered_duration"] is None
    assert bot["contact_closed_after_last_message_duration"] is None
    assert bot["presence_duration"] == 0


@pytest.mark.parametrize("channel", ["chat", "call", "video", "sms", "twitter", "instagram"])
async def test_indicators_exist_on_their_channels_only(vendor: Vendor, channel: str) -> None:
    told = await vendor.statistic(**WEEK, channel=channel)
    exist = {name for name, row in INDICATORS.items() if channel in row.channels} - GONE
    assert {name for name in SUMS if told[name] is not None} == SUMS & exist
    assert {name for name, value in told.items() if value is not None} <= exist
    assert (channel == "instagram") == (not exist)


async def test_missing_bounds_are_those_of_the_conversation_list(vendor: Vendor) -> None:
    windows: list[dict[str, str]] = [{}, {"from_": "2026-05-05"}, {"to": "2026-06-30"}]
    for bounds in windows:
        listed = await vendor.body(UNICODE, brackets(**bounds))
        told = await vendor.statistic(**bounds, indicators="contact_number")
        assert told["contact_number"] == listed["pagination"]["count"]


async def test_a_window_may_be_longer_than_the_lists(vendor: Vendor) -> None:
    months = await vendor.series("contact_number", "month", from_="2026-05-01", to="2026-10-31")
    assert list(months) == [f"2026-{month:02d}" for month in range(5, 11)]
    assert all(1_500 < number < 5_000 for number in months.values())


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"indicators": "contact_number,mood"}, "Value of field 'indicators' is not valid."),
        ({"indicators": ""}, "Value of field 'indicators' is not valid."),
        ({"website_id": 9}, "Value of field 'website_id' is not valid."),
        ({"website_list": "2101,9"}, "Value of field 'website_list' is not valid."),
        ({"channel": "email"}, "Value of field 'channel' is not valid."),
        ({"resource": "website"}, "Value of field 'resource' is not valid."),
        ({"resource": "operator", "resource_id": "Zoé"}, "Value of field 'resource_id'"),
        ({"resource_id": 901}, "Field 'resource' is missing."),
        ({"indicators": "contact_number", "granularity": "week"}, "Value of field 'granularity'"),
        ({"granularity": "day"}, "exactly one indicator"),
        (
            {"indicators": "contact_number,contact_duration", "granularity": "day"},
            "exactly one indicator",
        ),
        (
            {"indicators": "contact_number", "granularity": "day", "resource": "skill"},
            "not allowed with field 'resource'",
        ),
        ({"from_": "2026-02-29"}, "Value of field 'from' is not valid."),
        ({"from_": "2026-11-02", "to": "2026-11-01"}, "Value of field 'to' is not valid."),
        ({"operator_id": 901}, "Field 'operator_id' is unknown."),
    ],
)
async def test_what_is_not_allowed_is_refused(
    vendor: Vendor, filters: dict[str, object], message: str
) -> None:
    assert message in await vendor.refusal("/statistic", brackets(**filters))


async def test_the_past_stays_and_the_present_goes_on() -> None:
    moving = Vendor()
    past, today = {"from_": "2026-11-09", "to": "2026-11-15"}, {"from_": "2026-11-18"}
    before = await moving.statistic(**past), await moving.statistic(**today)
    moving.now = NOW + timedelta(hours=3)
    after = await moving.statistic(**past), await moving.statistic(**today)
    assert after[0] == before[0]
    for name in ("contact_number", "presence_duration", "rule_display_number"):
        assert after[1][name] > before[1][name]
    moving.now = NOW
    assert (await moving.statistic(**past), await moving.statistic(**today)) == before


async def test_a_remembered_day_is_what_a_fresh_look_tells() -> None:
    moving = Vendor(NOW - timedelta(days=3))
    await moving.statistic(**WEEK)
    moving.now = NOW
    assert await moving.statistic(**WEEK) == await Vendor().statistic(**WEEK)


def changes_after_midnight() -> Iterator[tuple[datetime, datetime]]:
    """Yield when a conversation began and when, on another day, it ended or led to a sale."""
    account = World(clock=lambda: NOW).account(PROFILE)
    for contact in account.contacts(NOW - timedelta(days=600), NOW - timedelta(days=5)):
        for at in (*contact.closings, *(sale.at for sale in contact.sales)):
            began, later = (moment.astimezone(PARIS) for moment in (contact.started_at, at))
            if began.date() != later.date():
                yield began, later


async def test_a_day_is_remembered_when_nothing_on_it_can_change(vendor: Vendor) -> None:
    moving = Vendor()
    changes = list(changes_after_midnight())
    assert changes
    for began, later in changes:
        day = {"from_": f"{began:%Y-%m-%d}", "to": f"{began:%Y-%m-%d}"}
        asked = {**day, "indicators": "contact_duration,conversion_rate"}
        moving.now = later - timedelta(seconds=1)
        early = await moving.statistic(**asked)
        moving.now = NOW
        assert await moving.statistic(**asked) == await vendor.statistic(**asked) != early
