from __future__ import annotations

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.iadvize.simulated import (
    NOW,
    STRUCTURED,
    UNICODE,
    Vendor,
    brackets,
    last_second,
    wall,
)
from tests.vendors.iadvize.simulated_figures import (
    CONTACTS,
    PRESENCE,
    UNIONS,
    WEIGHTS,
    Figures,
    assert_merged,
    assert_whole,
    near,
    weight,
)

PARIS = ZoneInfo("Europe/Paris")
WEEK = {"from_": "2026-11-09", "to": "2026-11-15"}
# The hour of the night that the wall clock shows twice.
TWICE = "2026-10-25 02"


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    return Vendor()


@given(
    start=st.datetimes(datetime(2026, 8, 25), datetime(2026, 11, 17)).map(  # noqa: DTZ001 (wall clock)
        lambda at: at.replace(microsecond=0, fold=0)
    ),
    minutes=st.integers(1, 6 * 24 * 60),
    channel=st.sampled_from([None, "chat", "call"]),
    website=st.sampled_from([None, 2101]),
)
@settings(max_examples=12, deadline=None)
async def test_the_list_is_what_is_counted(
    vendor: Vendor, start: datetime, minutes: int, channel: str | None, website: int | None
) -> None:
    end = start + timedelta(minutes=minutes)
    asked: dict[str, object] = {"from_": wall(start), "to": last_second(end)}
    asked |= {"channel": channel} if channel else {}
    asked |= {"website_id": website} if website else {}
    listed = await vendor.every(UNICODE, {**brackets(**asked), **STRUCTURED})
    told = await vendor.statistic(**asked)
    assert_whole_if_complete(told, channel)
    assert told["contact_number"] == len(listed)
    unanswered = sum(not row["operator_answer"] for row in listed)
    assert told["contact_unanswered_number"] == unanswered
    kinds = [entry[0] for row in listed for entry in row["history"]]
    assert told["contact_sent_message_number"] == kinds.count(1) + kinds.count(6)
    assert told["contact_received_message_number"] == kinds.count(2) + kinds.count(7)
    if channel != "call":
        waiting = sum(row["waitinglist"] for row in listed if row["channel"] == "chat")
        assert told["contact_waiting_number"] == waiting
    unsure = any(TWICE in f"{row['created_at']}, {row['closed_at']}" for row in listed)
    if listed and not unsure:
        mean = math.fsum(map(lasted, listed)) / len(listed)
        assert told["contact_duration"] == near(mean)


def assert_whole_if_complete(told: Figures, channel: str | None) -> None:
    if channel != "call":
        assert_whole(told)


def lasted(row: Figures) -> float:
    began, over = (
        datetime.fromisoformat(row[name]).replace(tzinfo=PARIS).timestamp()
        if row[name]
        else NOW.timestamp()
        for name in ("created_at", "closed_at")
    )
    return over - began


async def test_websites_and_channels_make_the_account(vendor: Vendor) -> None:
    total = await vendor.statistic(**WEEK)
    partitions: tuple[list[dict[str, object]], ...] = (
        [{"website_id": 2101}, {"website_list": "2102"}],
        [{"channel": "chat"}, {"channel": "call"}],
    )
    for filters in partitions:
        parts = [await vendor.statistic(**WEEK, **one) for one in filters]
        names = {name for name in CONTACTS if parts[1][name] is not None}
        assert_merged(parts, total, names)
        assert len(names) >= 8
    both = await vendor.statistic(**WEEK, website_list="2101,2102")
    assert both == total


async def test_what_websites_sold_repeats_on_every_channel_and_row(vendor: Vendor) -> None:
    total = await vendor.statistic(**WEEK)
    slices = [
        await vendor.statistic(**WEEK, channel="call"),
        *(await vendor.rows("operator", **WEEK)),
        *(await vendor.rows("page_type", **WEEK)),
    ]
    for name in ("transaction_total_number", "transaction_total_amount", "cart_global_amount"):
        assert {row[name] for row in slices} == {total[name]}
    sites = [await vendor.statistic(**WEEK, website_id=site) for site in (2101, 2102)]
    assert total["transaction_total_number"] == sum(
        row["transaction_total_number"] for row in sites
    )


async def test_operators_make_what_was_assigned(vendor: Vendor) -> None:
    total = await vendor.statistic(**WEEK)
    rows = await vendor.rows("operator", **WEEK)
    listed = await vendor.every(UNICODE, brackets(**WEEK))
    for row in rows:
        mine = [one for one in listed if one["operator_id"] == row["id"]]
        assert row["contact_number"] == len(mine)
    assigned = sum(one["operator_id"] is not None for one in listed)
    assert sum(row["contact_number"] for row in rows) == assigned < total["contact_number"]
    for name in ("contact_sent_message_number", "transaction_after_contact_number"):
        assert sum(row[name] for row in rows) == total[name]
    for name in PRESENCE - UNIONS:
        assert sum(row[name] for row in rows) == total[name]
    for name in UNIONS:
        shares = [row[name] for row in rows]
        assert max(shares) <= total[name] <= sum(shares)
    answered = {name for name in WEIGHTS if "contact_unanswered_number" in WEIGHTS[name]}
    for name in answered:
        weights = [weight(name, row) for row in rows]
        assert sum(weights) == weight(name, total)
        mean = sum(row[name] * w for row, w in zip(rows, weights, strict=True) if w)
        assert total[name] == near(mean / sum(weights))


@pytest.mark.parametrize("resource", ["contact_type", "page_type", "skill"])
async def test_every_conversation_has_one_type_page_and_skill(
    vendor: Vendor, resource: str
) -> None:
    total = await vendor.statistic(**WEEK)
    assert_merged(await vendor.rows(resource, **WEEK), total, CONTACTS)


async def test_what_goes_on_counts_as_far_as_it_has_come(vendor: Vendor) -> None:
    today = {"from_": "2026-11-18", "channel": "chat"}
    listed = await vendor.every(UNICODE, brackets(**today))
    assert any(row["closed_at"] is None for row in listed)
    told = await vendor.statistic(**today)
    assert told["contact_number"] == len(listed)
    assert told["contact_duration"] == near(math.fsum(map(lasted, listed)) / len(listed))


async def test_a_conversation_that_begins_now_is_listed_and_counted() -> None:
    moving = Vendor()
    newest = (await moving.every(UNICODE, brackets(from_="2026-11-18")))[0]
    moving.now = datetime.fromisoformat(newest["created_at"]).replace(tzinfo=PARIS)
    assert (await moving.every(UNICODE, brackets(from_="2026-11-18")))[0]["id"] == newest["id"]
    since = {"from_": newest["created_at"], "indicators": "contact_number,contact_duration"}
    assert await moving.statistic(**since) == {"contact_number": 1, "contact_duration": 0}


async def test_both_ends_of_a_window_belong_to_it(vendor: Vendor) -> None:
    row = (await vendor.every(UNICODE, brackets(from_="2026-11-17", to="2026-11-17")))[20]
    at = datetime.fromisoformat(row["created_at"])
    second = timedelta(seconds=1)
    windows = [(at, at), (at - second, at - second), (at - second, at), (at, at + second)]
    counts = [
        (await vendor.statistic(from_=wall(a), to=wall(b), indicators="contact_number"))
        for a, b in windows
    ]
    assert [told["contact_number"] for told in counts] == [1, 0, 1, 1]


async def test_the_waiting_list_is_the_lists(vendor: Vendor) -> None:
    rows = await vendor.every(UNICODE, brackets(**WEEK, channel="chat"))
    waited = [row for row in rows if row["waitinglist"]]
    left = [row for row in waited if row["operator_id"] is None]
    told = await vendor.statistic(**WEEK)
    assert told["contact_waiting_abort_number"] == len(left) > 0
    assert told["contact_waiting_answered_number"] == len(waited) - len(left) > 0
    # A chat queues as soon as it begins, so that who left had waited for all of it.
    mean = math.fsum(map(lasted, left)) / len(left)
    assert told["contact_waiting_before_quit_duration"] == near(mean)


async def test_nobody_is_available_with_every_slot_in_use(vendor: Vendor) -> None:
    rows = await vendor.rows("operator", **WEEK)
    assert any(row["max_occupation_duration"] for row in rows)
    for row in rows:
        open_at_most = row["production_duration"] - row["max_occupation_duration"]
        assert row["presentation_duration"] <= open_at_most


def spoken(row: Figures) -> list[tuple[str, float]]:
    """Return who wrote when: visitor or operator."""
    sides = {1: "operator", 2: "visitor", 6: "operator", 7: "visitor"}
    return [
        (
            sides[kind],
            stamp[0] / 1000
            if stamp
            else datetime.fromisoformat(at).replace(tzinfo=PARIS).timestamp(),
        )
        for kind, at, _, *stamp in row["history"]
        if kind in sides
    ]


def answers(row: Figures) -> list[float]:
    """Return how long each reply took since the first message that it answers."""
    found: list[float] = []
    asked: float | None = None
    for side, at in spoken(row):
        if side == "visitor":
            asked = at if asked is None else asked
        elif asked is not None:
            found.append(at - asked)
            asked = None
    return found


def silence(row: Figures) -> float:
    """Return how long it lasted after the visitor's last message."""
    over = datetime.fromisoformat(row["closed_at"]).replace(tzinfo=PARIS).timestamp()
    return over - max(at for side, at in spoken(row) if side == "visitor")


async def test_response_times_are_those_of_the_histories(vendor: Vendor) -> None:
    chats = {**WEEK, "channel": "chat"}
    listed = await vendor.every(UNICODE, {**brackets(**chats), **STRUCTURED})
    told = await vendor.statistic(**chats)
    replies = [answers(row) for row in listed if row["operator_answer"]]
    first = math.fsum(times[0] for times in replies) / len(replies)
    each = math.fsum(math.fsum(times) / len(times) for times in replies) / len(replies)
    assert told["contact_answered_after_first_message_duration"] == near(first)
    # Every conversation's mean is rounded to the millisecond.
    assert told["contact_answered_duration"] == pytest.approx(each, abs=0.001)
    quiet = math.fsum(map(silence, listed)) / len(listed)
    assert told["contact_closed_after_last_message_duration"] == near(quiet)
    # Nobody buys within a minute of the first answer.
    assert told["transaction_after_contact_duration"] > 60


async def test_conversations_at_once_fill_the_occupied_time(vendor: Vendor) -> None:
    told = await vendor.statistic(**WEEK)
    at_once = told["contact_simultaneous_number"] * told["presence_duration"]
    occupied = told["max_and_partial_occupation_duration"]
    slots = max(
        one["chat_max_number"] for one in await vendor.every("/operator") if one["id"] != 900
    )
    assert occupied < at_once < slots * occupied


async def test_presence_on_a_channel_is_that_of_who_serves_it(vendor: Vendor) -> None:
    serving = {one["id"] for one in await vendor.every("/operator") if one["call_enabled"]}
    rows = await vendor.rows("operator", **WEEK)
    calls = await vendor.statistic(**WEEK, channel="call")
    present = sum(row["presence_duration"] for row in rows if row["id"] in serving)
    assert calls["presence_duration"] == present < sum(row["presence_duration"] for row in rows)
