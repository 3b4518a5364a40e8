"""View Interactions, dynamic data, and what single audits tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from tests.vendors.gnatta.simulated import CHANNELS, CLOSED, NOW, RECEIVED, Vendor, window

from vendors.gnatta.sandbox.audits import conversations, messages, states, units
from vendors.gnatta.sandbox.profile import PROFILE
from vendors.gnatta.sandbox.tenant import DATA_TYPES, Tenant
from vendors.world import Contact
from vendors.world.contact import AGENT, CUSTOMER, pack

VIEW = "/interactions/view-interactions"
NEWEST = {"orderBy": "Descending", "orderByField": "Timestamp"}
REASON, PAGE = DATA_TYPES
WEEK = window(NOW - timedelta(days=7), NOW)
VENDOR = Vendor()
TENANT = Tenant(VENDOR.world.account(PROFILE))
CONTACTS = TENANT.account.contacts(NOW - timedelta(days=40), NOW - timedelta(days=10))


async def interactions(filters: dict[str, Any], **top: object) -> list[dict[str, Any]]:
    told = await VENDOR.ask(VIEW, filters, **{**NEWEST, **top})
    rows: list[dict[str, Any]] = told["interactions"]
    return rows


async def test_rows_have_a_reference_a_channel_and_a_timestamp() -> None:
    rows = await interactions({**WEEK, **CLOSED})
    assert all(set(row) == {"reference", "channel", "timestamp", "contexts"} for row in rows)
    assert {row["channel"] for row in rows} == set(CHANNELS[:6])
    assert all(row["contexts"] == {} for row in rows)
    assert all(WEEK["from"] <= row["timestamp"] < WEEK["to"] for row in rows)


@pytest.mark.parametrize("field", ["timestamp", "reference"])
async def test_rows_are_in_the_order_asked_for(field: str) -> None:
    for order in ("Ascending", "Descending"):
        rows = await interactions(
            {**WEEK, **CLOSED}, orderBy=order, orderByField=field.capitalize()
        )
        values = [row[field] for row in rows]
        assert values == sorted(values, reverse=order == "Descending")


async def test_at_most_1000_rows_are_told_but_all_are_exported() -> None:
    filters = {**window(NOW - timedelta(days=12), NOW), **CLOSED}
    newest = await interactions(filters)
    oldest = await interactions(filters, orderBy="Ascending")
    (count,) = await VENDOR.counts("/interactions/state/count", filters, **CLOSED)
    assert len(newest) == len(oldest) == 1_000 < count < 2_000
    exported = await VENDOR.post(VIEW, {**NEWEST, "filters": filters}, base="export_base_url")
    heading, *lines = exported.text.splitlines()
    assert heading == "reference,channel,timestamp"
    assert len(lines) == count
    assert lines[:1_000] == [",".join(list(row.values())[:3]) for row in newest]
    assert lines[:-1_001:-1] == [",".join(list(row.values())[:3]) for row in oldest]


async def test_an_export_without_rows_has_its_heading() -> None:
    filters = {**window(NOW + timedelta(days=1), NOW + timedelta(days=2)), **CLOSED}
    exported = await VENDOR.post(VIEW, {**NEWEST, "filters": filters}, base="export_base_url")
    assert exported.text == "reference,channel,timestamp\r\n"


async def test_contexts_are_told_where_they_are_asked_for() -> None:
    data = [{"type": "Data", "id": REASON}, {"type": "Data", "id": PAGE, "orderBy": "Ascending"}]
    asked: list[dict[str, str]] = [{"type": "Queue"}, {"type": "User"}, *data]
    rows = await interactions({**WEEK, **CLOSED}, contexts=asked)
    contexts = [row["contexts"] for row in rows]
    assert {one["queue"] for one in contexts} == set(VENDOR.queues)
    assert {one["user"] for one in contexts} == {*VENDOR.users, None}
    assert all([value["id"] for value in one["data"]] == [REASON, PAGE] for one in contexts)
    reasons = {one["data"][0]["value"] for one in contexts}
    assert reasons == {*DATA_TYPES[REASON].options, None}
    body: dict[str, Any] = {**NEWEST, "contexts": asked, "filters": {**WEEK, **CLOSED}}
    exported = await VENDOR.post(VIEW, body, base="export_base_url")
    heading = exported.text.splitlines()[0]
    assert heading == f"reference,channel,timestamp,queue,user,data {REASON},data {PAGE}"


async def test_messages_and_conversations_tell_their_accounts() -> None:
    for resource, filters in (
        ("messages", {"direction": "Inbound"}),
        ("conversations", {**CLOSED, "channel": "WebChat", "accounts": VENDOR.accounts}),
    ):
        told = await VENDOR.ask(
            f"/{resource}/view-interactions",
            {**WEEK, **filters},
            **NEWEST,
            contexts=[{"type": "Account"}],
        )
        parts = {"." in row["timestamp"] for row in told["interactions"]}
        assert parts == ({True, False} if resource == "messages" else {False})
        accounts = Counter(row["contexts"]["account"] for row in told["interactions"])
        assert accounts.keys() <= set(VENDOR.accounts)
        assert len(accounts) > 1


async def test_rows_of_an_advisor_are_what_is_counted_for_them() -> None:
    user = VENDOR.users[3]
    rows = await interactions({**WEEK, **CLOSED, "userIds": [user]}, contexts=[{"type": "User"}])
    assert {row["contexts"]["user"] for row in rows} == {user}
    counted = await VENDOR.counts(
        "/interactions/state/count/by-users", WEEK, **CLOSED, userIds=[user]
    )
    assert [len(rows)] == counted
    units_ = await VENDOR.ask(
        "/unit-of-works/view-interactions",
        {**WEEK, "userIds": [user], "userState": "Available"},
        **NEWEST,
    )
    (advisor,) = (await VENDOR.ask("/advisors/metrics/count/by-users", WEEK, userIds=[user]))[
        "groups"
    ]
    assert len(units_["interactions"]) == advisor["contactsAvailable"]


async def test_the_same_interaction_comes_once_for_every_closing() -> None:
    rows = await interactions({**window(NOW - timedelta(days=10), NOW), **CLOSED})
    times = Counter(row["reference"] for row in rows)
    assert set(times.values()) == {1, 2}
    assert len({(row["reference"], row["timestamp"]) for row in rows}) == len(rows)


async def test_closings_are_counted_by_their_reason() -> None:
    options = DATA_TYPES[REASON].options
    path = "/interactions/state"
    grouped = {"data": {"id": REASON, "values": list(options)}, **CLOSED}
    told = (await VENDOR.ask(f"{path}/count/by-data", WEEK, **grouped))["groups"]
    assert [one["name"] for one in told] == list(options.values())
    for one in told[:3]:
        filters = {**WEEK, "data": [{"id": REASON, "values": [one["id"]]}]}
        assert await VENDOR.counts(f"{path}/count", filters, **CLOSED) == [one["value"]]
    some = {**WEEK, "data": [{"id": REASON}]}
    (with_reason,) = await VENDOR.counts(f"{path}/count", some, **CLOSED)
    assert with_reason == sum(one["value"] for one in told) > 0
    dated = await VENDOR.series(f"{path}/by-date/by-data", {**WEEK, "groupBy": "Day"}, **grouped)
    assert [sum(day["value"] for day in days) for days in dated.values()] == [
        one["value"] for one in told
    ]
    # Advisors choose the reason when they close: nothing is received with one.
    assert await VENDOR.counts(f"{path}/count", some, **RECEIVED) == [0]


async def test_values_of_free_text_are_ranked_by_their_use() -> None:
    path = "/interactions/state/count/by-data"
    pages = list(DATA_TYPES[PAGE].options)
    exact = await VENDOR.ask(path, WEEK, **CLOSED, data={"id": PAGE, "values": pages})
    by_use = sorted(exact["groups"], key=lambda one: (-one["value"], one["id"]))
    most = await VENDOR.ask(path, WEEK, **CLOSED, data={"id": PAGE}, orderBy="Descending")
    assert most["groups"] == by_use
    least = await VENDOR.ask(path, WEEK, **CLOSED, data={"id": PAGE}, orderBy="Ascending")
    assert [one["value"] for one in least["groups"]] == [one["value"] for one in by_use[::-1]]


def test_interactions_take_a_course_of_states() -> None:
    courses: dict[str, set[tuple[str, ...]]] = {}
    for contact in CONTACTS:
        moves = list(states(contact, TENANT))
        channel = moves[0].subject.channel
        courses.setdefault(channel, set()).add(tuple(move.fact.new for move in moves))
        assert moves[0].fact.old == "Draft"
        for earlier, later in pairwise(moves):
            assert earlier.fact.new == later.fact.old
            assert later.at - earlier.at == later.fact.lasted >= 0
    letter = ("Created", "Queued", "Assigned", "Closed")
    assert courses["Email"] == {letter, (*letter, "Assigned", "Closed")}
    assert {course[0] for course in courses["WebChat"]} == {"Queued"}
    assert courses["Voice"] == {
        ("Automation", "Closed"),
        ("Automation", "Queued", "Closed"),
        ("Automation", "Queued", "Assigned", "Closed"),
    }


def test_closings_are_the_advisors_unless_the_workflow_or_nobody_had_them() -> None:
    for contact in CONTACTS:
        closed = [one for one in states(contact, TENANT) if one.fact.new == "Closed"]
        theirs = contact.stints and contact.ended_by in {"agent", "customer"}
        assert (closed[0].user is not None) == bool(theirs)
        assert all(one.user == TENANT.user(contact.staff_id) for one in closed[1:])


def test_every_outcome_of_live_conversations_is_there() -> None:
    outcomes = Counter(
        (ending.subject.channel, ending.fact.outcome)
        for contact in CONTACTS
        for ending in conversations(contact, TENANT)
    )
    assert outcomes.keys() == {
        ("WebChat", "abandonedByCustomer"),
        ("WebChat", "abandonedByOperator"),
        ("WebChat", "handled"),
        ("Voice", "abandonedByIvr"),
        ("Voice", "abandoned"),
        ("Voice", "handled"),
    }
    for channel, share in (("WebChat", 0.75), ("Voice", 0.7)):
        total = sum(count for (name, _), count in outcomes.items() if name == channel)
        assert outcomes[channel, "handled"] / total > share


def test_work_is_told_with_the_state_of_the_advisor() -> None:
    told = Counter(unit.fact.state for contact in CONTACTS for unit in units(contact, TENANT))
    assert told.keys() == {"Online", "Away", "Busy"}
    assert told["Online"] > 0.8 * sum(told.values())


def contact_with(*turns: tuple[int, int], assigned: int) -> Contact:
    """Return a chat with messages at seconds by authors, assigned after so many seconds."""
    chat = next(c for c in CONTACTS if c.channel == "chat" and c.stints and c.reopened_at is None)
    start: datetime = chat.started_at
    return replace(
        chat,
        assigned_at=start + timedelta(seconds=assigned),
        ended_at=start + timedelta(hours=1),
        closings=(start + timedelta(hours=1),),
        turns=tuple(pack(seconds * 1_000, author) for seconds, author in turns),
    )


@pytest.mark.parametrize(
    ("turns", "responses", "waits"),
    [
        # Waiting in the queue is the customer's time, not the advisor's.
        ([(0, CUSTOMER), (90, AGENT)], [30], [90]),
        # The customer waits from the first message, the advisor answers the last.
        ([(0, CUSTOMER), (70, CUSTOMER), (90, AGENT)], [20], [90]),
        ([(0, CUSTOMER), (50, CUSTOMER), (90, AGENT)], [30], [90]),
        # What is answered already is not answered again.
        ([(0, CUSTOMER), (90, AGENT), (95, AGENT)], [30, None], [90, None]),
        ([(0, CUSTOMER), (90, AGENT), (95, CUSTOMER), (99, AGENT)], [30, 4], [90, 4]),
        # Without a message to answer the assignment is where the advisor's time begins.
        ([(75, AGENT)], [15], [None]),
        # Nothing is told of what was sent before anybody was assigned.
        ([(0, CUSTOMER), (40, AGENT)], [None], [40]),
    ],
)
def test_response_times_follow_their_definitions(
    turns: list[tuple[int, int]], responses: list[int | None], waits: list[int | None]
) -> None:
    found = [one.fact for one in messages(contact_with(*turns, assigned=60), TENANT)]
    sent = [one for one in found if one.direction == "Outbound"]
    assert [_seconds(one.advisor_response) for one in sent] == responses
    assert [_seconds(one.originator_wait) for one in sent] == waits
    heard = [one for one in found if one.direction == "Inbound"]
    assert all(one.advisor_response is one.originator_wait is None for one in heard)


def _seconds(time: int | None) -> float | None:
    return None if time is None else time / 1_000
