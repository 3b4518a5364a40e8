from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.chattonic.simulated import (
    CASES,
    DAY,
    NOW,
    OPERATORS,
    Row,
    Vendor,
    created,
    dates,
)

from vendors.chattonic.sandbox.happenings import opinion
from vendors.world import Survey

SANTIAGO = ZoneInfo("America/Santiago")
HOUR = timedelta(hours=1)
ADDED = (
    "onlineTime",
    "awayTime",
    "freeTime",
    "queriesResolved",
    "queriesAssigned",
    "sumDuration",
    "numberOfResponsesNps",
)
OF_NOW = ("status", "queryInProgress", "lastConnection", "origins", "originsName", "displayName")
PER_BUCKET = (
    "newUsers",
    "messagesReceived",
    "messagesSent",
    "pending",
    "progress",
    "resolved",
    "failed",
)
TOTALS = {
    "totalUsers": "newUsers",
    "totalMessagesReceived": "messagesReceived",
    "totalMessagesSent": "messagesSent",
}
STATUSES = ("pending", "progress", "resolved")
LABELS = ("%Y-%m-%d %H", "%Y-%m-%d", "%G-%V", "%Y-%m", "%Y", "0")

instants = st.integers(0, 60 * 24 * 3600).map(
    lambda seconds: NOW - 60 * DAY + timedelta(seconds=seconds, milliseconds=seconds % 1000)
)
windows = st.lists(instants, min_size=2, max_size=4, unique=True).map(sorted)


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


def local_day(year: int, month: int, day: int) -> tuple[datetime, datetime]:
    start = datetime(year, month, day, tzinfo=SANTIAGO)
    return start.astimezone(UTC), (start + DAY).astimezone(UTC)


def added(rows: list[Row], name: str) -> float:
    return math.fsum(row[name] for row in rows)


def assert_rows_are_whole(rows: list[Row]) -> None:
    for row in rows:
        assert row["newUsers"] <= row["activeUsers"] <= row["messagesReceived"]
        assert -100 <= row["nps"] <= 100
        for name in ("userEfficiency", "attention", "resolution", "attentionAndResolution", "csat"):
            assert 0 <= row[name] <= 100
        both = row["attention"] * row["resolution"] / 100
        assert row["attentionAndResolution"] == pytest.approx(both)
    for earlier, later in pairwise(rows):
        for total, name in TOTALS.items():
            assert later[total] == earlier[total] + later[name]


async def test_a_row_is_as_documented(vendor: Vendor) -> None:
    (row,) = await vendor.rows("%Y", NOW - 30 * DAY, NOW)
    assert list(row) == [
        "date",
        "totalUsers",
        "newUsers",
        "activeUsers",
        "totalMessagesReceived",
        "messagesReceived",
        "totalMessagesSent",
        "messagesSent",
        "pending",
        "progress",
        "resolved",
        "failed",
        "userEfficiency",
        "attention",
        "resolution",
        "attentionAndResolution",
        "nps",
        "csat",
    ]
    assert row["date"] == "2026"
    for name in ("attention", "userEfficiency", "nps", "csat"):
        assert 0 < row[name] < 100
    assert 60 <= sum(row[name] for name in STATUSES) / 30 <= 150


async def test_buckets_are_those_of_utc_that_have_begun(vendor: Vendor) -> None:
    start, end = NOW - 2 * DAY, NOW + 5 * DAY
    hours = [row["date"] for row in await vendor.rows("%Y-%m-%d %H", start, end)]
    first = start.replace(minute=0, second=0)
    assert hours == [(first + n * HOUR).strftime("%Y-%m-%d %H") for n in range(49)]
    days = [row["date"] for row in await vendor.rows("%Y-%m-%d", start, end)]
    assert days == ["2026-11-15", "2026-11-16", "2026-11-17"]
    months = [row["date"] for row in await vendor.rows("%Y-%m", NOW - 330 * DAY, end)]
    assert months == ["2025-12", *(f"2026-{month:02d}" for month in range(1, 12))]
    weeks = [row["date"] for row in await vendor.rows("%G-%V", NOW - 330 * DAY, end)]
    assert weeks == ["2025-52", *(f"2026-{week:02d}" for week in range(1, 48))]
    (whole,) = await vendor.rows("0", NOW - 330 * DAY, end)
    assert whole["date"] == "0"
    years = [row["date"] for row in await vendor.rows("%Y", NOW - 330 * DAY, end)]
    assert years == ["2025", "2026"]


async def test_a_bucket_of_which_nothing_is_asked_has_no_row(vendor: Vendor) -> None:
    midnight = datetime(2026, 11, 10, tzinfo=UTC)
    rows = await vendor.rows("%Y-%m-%d", midnight - DAY, midnight)
    assert [row["date"] for row in rows] == ["2026-11-09"]


async def test_empty_buckets_are_told(vendor: Vendor) -> None:
    hours = await vendor.rows("%Y-%m-%d %H", NOW - 14 * DAY, NOW)
    silent = [row for row in hours if not row["messagesReceived"]]
    assert silent
    for row in silent:
        assert (row["activeUsers"], row["newUsers"], row["attention"]) == (0, 0, 0)
        assert row["totalUsers"] > 0
    assert {row["nps"] for row in hours} > {0, 100, -100}


async def test_rows_begin_with_the_records_and_end_now(vendor: Vendor) -> None:
    before = datetime(2020, 1, 1, tzinfo=UTC)
    opened, _ = local_day(2024, 10, 1)
    assert await vendor.rows("%Y", before, opened) == []
    assert await vendor.rows("%Y", NOW + HOUR, NOW + DAY) == []
    await vendor.operators(before, opened)
    rows = await vendor.rows("%Y-%m-%d", before, opened + 3 * DAY)
    assert [row["date"] for row in rows] == [f"2024-10-{day:02d}" for day in range(1, 5)]
    assert rows[0]["totalUsers"] > rows[0]["newUsers"] > 0
    assert_rows_are_whole(rows)


@given(cuts=windows, label=st.sampled_from(LABELS))
@settings(max_examples=15, deadline=None)
async def test_lists_and_rows_agree(vendor: Vendor, cuts: list[datetime], label: str) -> None:
    start, end = cuts[0], cuts[-1]
    listed = await vendor.cases(start, end)
    rows = await vendor.rows(label, start, end)
    for status in STATUSES:
        assert added(rows, status) == sum(case["status"] == status for case in listed)
    assert_rows_are_whole(rows)
    (whole,) = await vendor.rows("%Y", start, end)
    for name in PER_BUCKET:
        assert whole[name] == added(rows, name)
    assert max(row["activeUsers"] for row in rows) <= whole["activeUsers"]
    assert whole["activeUsers"] <= added(rows, "activeUsers")
    for name in TOTALS:
        assert rows[-1][name] == whole[name]
    opened = Counter(bucket_of(case["createdAt"], label) for case in listed)
    for row in rows:
        assert sum(row[name] for name in STATUSES) == opened[row["date"]]


def bucket_of(moment: str, label: str) -> str:
    return datetime.fromisoformat(moment).strftime(label)


@given(cuts=windows)
@settings(max_examples=15, deadline=None)
async def test_windows_that_meet_add_up(vendor: Vendor, cuts: list[datetime]) -> None:
    whole = await vendor.operators(cuts[0], cuts[-1])
    parts = [await vendor.operators(start, end) for start, end in pairwise(cuts)]
    for index, operator in enumerate(whole):
        mine = [part[index] for part in parts]
        assert {part["_id"] for part in mine} == {operator["_id"]}
        for name in ADDED:
            assert operator[name] == pytest.approx(added(mine, name), abs=1e-6)
        assert promoters([operator]) == pytest.approx(promoters(mine))
        for name in OF_NOW:
            assert all(part.get(name) == operator.get(name) for part in mine)
    (row,) = await vendor.rows("%Y", cuts[0], cuts[-1])
    pieces = [(await vendor.rows("%Y", start, end))[0] for start, end in pairwise(cuts)]
    for name in PER_BUCKET:
        assert row[name] == added(pieces, name)
    assert_rows_are_whole(pieces)


def promoters(rows: list[Row]) -> float:
    return math.fsum(row["nps"] * row["numberOfResponsesNps"] for row in rows)


@given(cuts=windows)
@settings(max_examples=10, deadline=None)
async def test_operators_make_the_account(vendor: Vendor, cuts: list[datetime]) -> None:
    start, end = cuts[0], cuts[-1]
    operators = await vendor.operators(start, end)
    (row,) = await vendor.rows("%Y", start, end)
    answers = added(operators, "numberOfResponsesNps")
    assert promoters(operators) == pytest.approx(row["nps"] * answers)
    listed = await vendor.cases(start - 2 * DAY, end)
    taken = [case["dates"] for case in listed if "progress" in case["dates"]]
    assigned = [at for at in taken if within(at["progress"], start, end)]
    assert added(operators, "queriesAssigned") == len(assigned)
    over = [at for at in taken if within(at.get("resolved"), start, end)]
    assert added(operators, "queriesResolved") == len(over)
    in_hand = math.fsum(seconds(at["progress"], at["resolved"]) for at in over)
    assert added(operators, "sumDuration") == in_hand


def within(moment: str | None, start: datetime, end: datetime) -> bool:
    return moment is not None and start <= datetime.fromisoformat(moment) < end


def seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 9, 6), 23), ((2026, 4, 4), 25), ((2026, 11, 10), 24)]
)
async def test_local_days_of_any_length_are_made_of_their_hours(
    vendor: Vendor, day: tuple[int, int, int], hours: int
) -> None:
    start, end = local_day(*day)
    rows = await vendor.rows("%Y-%m-%d %H", start, end)
    assert len(rows) == hours
    (whole,) = await vendor.rows("%Y", start, end)
    assert_rows_are_whole(rows)
    for name in PER_BUCKET:
        assert whole[name] == added(rows, name)
    assert sum(whole[name] for name in STATUSES) == len(await vendor.cases(start, end)) > 0
    operators = await vendor.operators(start, end)
    by_hour = [
        await vendor.operators(start + n * HOUR, start + (n + 1) * HOUR) for n in range(hours)
    ]
    for name in ADDED:
        assert added(operators, name) == sum(added(rows, name) for rows in by_hour)
    assert added(operators, "onlineTime") > 0


async def test_figures_of_operators_fit_each_other(vendor: Vendor) -> None:
    operators = await vendor.operators(NOW - 30 * DAY, NOW)
    assert len(operators) == 7
    for row in operators:
        assert row["profile"] == 500
        assert row["displayName"] == f"{row['name']['givenName']} {row['name']['familyName']}"
        assert (row["originsName"] == "all") == (row["origins"] == [])
        assert row["freeTime"] <= row["onlineTime"]
        mean = row["sumDuration"] / row["queriesResolved"] if row["queriesResolved"] else 0
        assert row["avgDurationResolved"] == pytest.approx(mean)
    *people, unused = operators
    assert all(row["queriesResolved"] > 100 for row in people)
    assert all(0 < row["freeTime"] < row["onlineTime"] < 30 * 10 * 3600 for row in people)
    assert [unused[name] for name in (*ADDED, "nps", "avgDurationResolved")] == [0] * 9
    assert unused["lastConnection"] is None
    assert unused["queryInProgress"] == 0
    assert "status" not in unused
    cases = await vendor.page(CASES)
    served = {origin for row in operators for origin in row["origins"]}
    assert served == {origin for case in cases for origin in case["origins"]}


async def test_what_is_of_now_is_the_same_for_any_window(vendor: Vendor) -> None:
    today, ago = dates(NOW - DAY, NOW), dates(NOW - 400 * DAY, NOW - 399 * DAY)
    bodies = [await vendor.told(OPERATORS, window) for window in (today, ago)]
    pending = await vendor.every(CASES, {"status": "pending"})
    progress = await vendor.every(CASES, {"status": "progress"})
    for body in bodies:
        assert body["queryPending"] == len(pending) > 0
        assert added(body["operators"], "queryInProgress") == len(progress) > 0
    now = [
        [{name: row.get(name) for name in OF_NOW} for row in body["operators"]] for body in bodies
    ]
    assert now[0] == now[1]


async def test_operators_are_online_away_or_nothing(vendor: Vendor) -> None:
    operators = await vendor.operators(NOW - timedelta(seconds=1), NOW)
    told = {row.get("status") for row in operators}
    assert told == {"online", "away", None}
    for row in operators:
        times = (row["onlineTime"], row["awayTime"])
        expected = {"online": (1, 0), "away": (0, 1), None: (0, 0)}
        assert times == expected[row.get("status")]
        if row["queryInProgress"]:
            assert row["freeTime"] == 0
    assert sum(row["queryInProgress"] for row in operators) > 0


async def test_a_connection_is_where_presence_begins(vendor: Vendor) -> None:
    for row in (await vendor.operators(NOW - DAY, NOW))[:-1]:
        login = datetime.fromisoformat(row["lastConnection"])
        before = await operator_over(vendor, row["_id"], login - HOUR, login)
        after = await operator_over(vendor, row["_id"], login, login + HOUR)
        assert before["onlineTime"] + before["awayTime"] == 0
        assert after["onlineTime"] + after["awayTime"] == 3600
        if row.get("status"):
            since = await operator_over(vendor, row["_id"], login, NOW)
            here = since["onlineTime"] + since["awayTime"]
            assert here == (NOW - login).total_seconds()


async def test_on_the_first_day_whoever_is_there_came_that_day() -> None:
    first = Vendor(now=datetime(2024, 10, 1, 18, tzinfo=UTC))
    operators = await first.operators(first.now - DAY, first.now)
    logins = {row["displayName"]: row["lastConnection"] for row in operators}
    absent = {row["displayName"] for row in operators if not row["onlineTime"]}
    assert absent == {name for name, login in logins.items() if login is None}
    assert {login[:10] for login in logins.values() if login} == {"2024-10-01"}


async def operator_over(vendor: Vendor, number: str, start: datetime, end: datetime) -> Row:
    return next(row for row in await vendor.operators(start, end) if row["_id"] == number)


async def test_totals_are_the_same_from_wherever_they_are_asked(vendor: Vendor) -> None:
    end = datetime(2026, 9, 20, 7, tzinfo=UTC)
    starts = (end - 30 * DAY, end - DAY, end - timedelta(minutes=7))
    asked = [(await vendor.rows("%Y-%m-%d %H", start, end))[-1] for start in starts]
    assert {tuple(row[name] for name in TOTALS) for row in asked} == {
        tuple(asked[0][name] for name in TOTALS)
    }
    over = await vendor.rows("%Y-%m-%d", datetime(2026, 9, 25, tzinfo=UTC), NOW)
    assert_rows_are_whole(over)


async def test_totals_were_the_same_before_they_were_last_counted(vendor: Vendor) -> None:
    early = Vendor(now=datetime(2024, 11, 20, 15, tzinfo=UTC))
    window = (early.now - 30 * DAY, early.now - 5 * DAY)
    rows = await early.rows("%Y-%m-%d", *window)
    assert_rows_are_whole(rows)
    assert rows == await vendor.rows("%Y-%m-%d", *window)


async def test_the_past_stays_and_the_present_goes_on() -> None:
    moving = Vendor()
    past, today = (NOW - 9 * DAY, NOW - 4 * DAY), (NOW - HOUR, NOW + DAY)
    before = [await moving.rows("%Y", *window) for window in (past, today)]
    people = await moving.operators(*past)
    moving.now += 3 * HOUR
    after = [await moving.rows("%Y", *window) for window in (past, today)]
    assert after[0] == before[0]
    for name in ("messagesReceived", "resolved", "totalUsers"):
        assert after[1][0][name] > before[1][0][name]
    again = await moving.operators(*past)
    for row, earlier in zip(again, people, strict=True):
        assert [row[name] for name in ADDED] == [earlier[name] for name in ADDED]
    open_then = await moving.every(CASES, created(NOW - HOUR, NOW))
    assert {case["status"] for case in open_then} == {"resolved"}


async def test_milliseconds_count(vendor: Vendor) -> None:
    (case, *_) = await vendor.page(CASES, created(NOW - 3 * DAY, NOW - 2 * DAY), limit=1)
    at = datetime.fromisoformat(case["createdAt"])
    instant = timedelta(milliseconds=1)
    told = {
        "before": (await vendor.rows("%Y", at - instant, at))[0],
        "then": (await vendor.rows("%Y", at, at + instant))[0],
    }
    opened = {name: sum(row[status] for status in STATUSES) for name, row in told.items()}
    assert opened["before"] == 0
    assert opened["then"] >= 1
    assert told["then"]["messagesReceived"] >= 1
    over = datetime.fromisoformat(case["dates"]["resolved"])
    before = await vendor.operators(over - instant, over)
    then = await vendor.operators(over, over + instant)
    assert added(before, "queriesResolved") == 0
    assert added(then, "queriesResolved") >= 1
    assert {row["onlineTime"] for row in then} == {0, 0.001}


@pytest.mark.parametrize(
    ("word", "scores"), [("detractor", range(7)), ("passive", (7, 8)), ("promoter", (9, 10))]
)
def test_answers_are_called_as_usual(word: str, scores: Iterable[int]) -> None:
    for score in scores:
        assert opinion(Survey(1, NOW, score, 1.0, 1.0, 1.0, "")) == word
