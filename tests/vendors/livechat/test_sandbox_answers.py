"""The simulator keeps the vendor's shapes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.vendors.livechat.simulated import (
    AUTUMN,
    NOW,
    SPRING,
    ask,
    contacts,
    send,
)

REPORTS = {
    "chats/duration": "duration-report",
    "chats/tags": "tags-report",
    "chats/total_chats": "total-chats-report",
    "chats/ratings": "ratings-report",
    "chats/ranking": "ranking-report",
    "chats/engagement": "engagement-report",
    "chats/greetings_conversion": "greetings-conversion-report",
    "chats/surveys": "surveys-report",
    "chats/response_time": "response-time-report",
    "chats/first_response_time": "first-response-time-report",
    "agents/availability": "availability-report",
    "agents/performance": "performance-report",
}


def keys(answer: dict[str, Any]) -> list[str]:
    return list(answer["records"])


@pytest.mark.parametrize("report", REPORTS)
async def test_an_empty_body_is_a_report_of_the_last_seven_days(report: str) -> None:
    usual = await ask(report)
    assert usual["name"] == REPORTS[report]
    assert usual["records"]
    filters = {"from": (NOW - timedelta(days=7)).isoformat(), "to": NOW.isoformat()}
    assert await ask(report, filters=filters) == usual
    response = await send("GET", f"/v3.4/reports/{report}")
    assert response.json() == usual


async def test_members_of_the_envelope() -> None:
    for report in REPORTS:
        expected = {"name", "records"}
        if report not in {"chats/ranking", "chats/surveys", "agents/performance"}:
            expected.add("total")
        if report == "agents/performance":
            expected.add("summary")
        assert set(await ask(report, filters=SPRING)) == expected


async def test_empty_buckets_are_empty_and_zeros_are_left_out() -> None:
    night = {"from": "2026-03-30T01:00:00+01:00", "to": "2026-03-30T09:59:59.999999+01:00"}
    chats = await ask("chats/ratings", filters=night, distribution="hour")
    assert chats["records"]["2026-03-30T02:00:00+01:00"] == {}
    assert all(value for record in chats["records"].values() for value in record.values())
    assert any(set(record) == {"chats"} for record in chats["records"].values())
    hours = await ask("agents/availability", filters=night, distribution="hour")
    assert hours["records"]["2026-03-30T03:00:00+01:00"] == {"minutes": 0}
    sunday = (await ask("agents/availability", filters=SPRING))["records"]
    assert sunday["2026-03-29"] == {"hours": 0}
    performance = await ask("agents/performance", filters=night)
    assert 0 in {record["chats_rated_bad"] for record in performance["records"].values()}
    assert "logged_in_time" not in performance["summary"]


async def test_what_is_still_to_come_is_empty() -> None:
    future = {"from": "2026-03-31T00:00:00Z", "to": "2026-04-02T23:59:59Z"}
    chats = (await ask("chats/total_chats", filters=future, timezone="UTC"))["records"]
    assert chats["2026-03-31"]["total"] > 0
    assert chats["2026-04-01"] == chats["2026-04-02"] == {}
    there = (await ask("agents/availability", filters=future, timezone="UTC"))["records"]
    assert 0 < there["2026-03-31"]["hours"] < 8
    assert there["2026-04-02"] == {"hours": 0}
    greetings = (await ask("chats/greetings_conversion", filters=future))["records"]
    assert greetings["2026-04-02"] == {}


async def test_keys_of_the_buckets() -> None:
    assert keys(await ask("chats/tags", filters=SPRING)) == [
        "2026-03-28",
        "2026-03-29",
        "2026-03-30",
    ]
    year = {"from": "2025-11-05T10:00:00Z", "to": "2026-02-01T00:00:00Z"}
    assert keys(await ask("chats/tags", filters=year, distribution="month")) == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert keys(await ask("chats/tags", filters=year, distribution="year")) == ["2025", "2026"]
    folded = await ask("chats/total_chats", filters=year, distribution="day-hours")
    assert keys(folded) == [f"{hour:02d}" for hour in range(24)]
    assert folded["records"]["11"]["total"] > folded["records"].get("04", {}).get("total", 0)


async def test_an_hour_is_skipped_in_spring_and_comes_twice_in_autumn() -> None:
    spring = keys(await ask("chats/total_chats", filters=SPRING, distribution="hour"))
    assert len(spring) == len(set(spring)) == 71
    assert spring[24:26] == ["2026-03-29T00:00:00+00:00", "2026-03-29T02:00:00+01:00"]
    autumn = keys(await ask("chats/total_chats", filters=AUTUMN, distribution="hour"))
    assert len(autumn) == len(set(autumn)) == 73
    assert autumn[25:27] == ["2025-10-26T01:00:00+01:00", "2025-10-26T01:00:00+00:00"]


@pytest.mark.parametrize(
    ("zone", "window", "expected"),
    [
        (
            "Australia/Lord_Howe",
            ("2026-04-04T14:00:00Z", "2026-04-04T16:29:59Z"),
            ["05T01:00:00+11:00", "05T01:00:00+10:30", "05T02:00:00+10:30"],
        ),
        (
            "Pacific/Chatham",
            ("2025-09-27T13:15:00Z", "2025-09-27T15:14:59Z"),
            ["28T02:00:00+12:45", "28T03:00:00+13:45", "28T04:00:00+13:45"],
        ),
        (
            "Asia/Kolkata",
            ("2026-01-05T10:15:00Z", "2026-01-05T11:40:00Z"),
            ["05T15:00:00+05:30", "05T16:00:00+05:30", "05T17:00:00+05:30"],
        ),
    ],
)
async def test_hours_of_uncommon_zones(
    zone: str, window: tuple[str, str], expected: list[str]
) -> None:
    filters = dict(zip(("from", "to"), window, strict=True))
    found = keys(await ask("chats/tags", filters=filters, timezone=zone, distribution="hour"))
    assert [key[8:] for key in found] == expected


async def test_buckets_follow_the_time_zone_and_the_window_its_offset() -> None:
    filters = {"from": "2026-03-30T00:00:00+09:00", "to": "2026-03-30T23:59:59+09:00"}
    london = await ask("chats/total_chats", filters=filters)
    assert keys(london) == ["2026-03-29", "2026-03-30"]
    tokyo = await ask("chats/total_chats", filters=filters, timezone="Asia/Tokyo")
    assert keys(tokyo) == ["2026-03-30"]
    assert london["total"] == tokyo["total"] > 0


async def test_both_ends_belong_to_the_window() -> None:
    at = contacts(SPRING)[40].started_at
    alike = sum(one.started_at == at for one in contacts(SPRING))

    async def between(first: datetime, last: datetime) -> int:
        filters = {"from": first.isoformat(), "to": last.isoformat()}
        found = (await ask("chats/total_chats", filters=filters))["total"]
        assert isinstance(found, int)
        return found

    instant = timedelta(microseconds=1)
    assert await between(at, at) == alike
    assert await between(at - instant, at - instant) == 0
    assert await between(at + instant, at + timedelta(milliseconds=999)) == 0


async def test_a_report_without_buckets_does_not_mind_the_distribution() -> None:
    for report in ("chats/ranking", "chats/surveys", "agents/performance"):
        hourly = await ask(report, filters=SPRING, distribution="hour")
        assert hourly == await ask(report, filters=SPRING)
