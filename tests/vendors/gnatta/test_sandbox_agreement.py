"""The simulator agrees with itself, and with the contacts and the presence that it tells about."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vendors.gnatta.simulated import (
    CHANNELS,
    CLOSED,
    NOW,
    RECEIVED,
    REOPENED,
    Vendor,
    window,
)

from vendors.gnatta.sandbox.profile import CHANNEL_NAMES, PROFILE
from vendors.world import Account, Contact

STATE = "/interactions/state"
VOLUME = "/messages/volume"
CPH = "/unit-of-works/contacts-per-hour"
LIVE = "/conversations"
INBOUND: dict[str, Any] = {"direction": "Inbound"}
OUTBOUND: dict[str, Any] = {"direction": "Outbound"}
# Any state but Draft, which nothing becomes.
ANY: dict[str, Any] = {"newState": ["Created", "Queued", "Assigned", "Automation", "Closed"]}
ADDITIVE = [
    (STATE, CLOSED),
    (STATE, RECEIVED),
    (STATE, REOPENED),
    (STATE, ANY),
    (VOLUME, INBOUND),
    (VOLUME, OUTBOUND),
]
# The clocks went back on the 25th: windows of these days hold an hour twice, others none.
FIRST = NOW - timedelta(days=12)
WINDOWS = st.tuples(st.integers(0, 11 * 86_400), st.integers(1, 5 * 86_400)).map(
    lambda pair: (FIRST + timedelta(seconds=pair[0]), FIRST + timedelta(seconds=sum(pair)))
)
GROUPINGS = {"Hour": timedelta(hours=24), "Day": timedelta(days=5), "Week": timedelta(days=5)}
FEW = settings(max_examples=8, deadline=None)

VENDOR = Vendor()
ACCOUNT = VENDOR.world.account(PROFILE)


def members(vendor: Vendor, by: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what to add to the filters and to the top of a body to group by all members."""
    return {
        "channels": ({"channels": CHANNELS}, {}),
        "queues": ({"queues": vendor.queues}, {}),
        "accounts": ({}, {"accounts": vendor.accounts}),
        "users": ({}, {"userIds": vendor.users}),
    }[by]


async def by_members(
    vendor: Vendor, path: str, by: str, filters: dict[str, Any], **top: object
) -> list[Any]:
    more, above = members(vendor, by)
    return await vendor.counts(f"{path}/count/by-{by}", {**filters, **more}, **top, **above)


def told(account: Account) -> list[Contact]:
    """Return every contact that can matter to the windows."""
    return account.contacts(FIRST - account.reach, NOW + timedelta(days=9))


CONTACTS = told(ACCOUNT)


def within(start: datetime, end: datetime, moments: Iterable[datetime | None]) -> int:
    return sum(at is not None and start <= at < end for at in moments)


def everything(of: Callable[[Contact], Iterable[datetime | None]]) -> list[datetime | None]:
    return [at for contact in CONTACTS for at in of(contact)]


def written(*authors: str) -> list[datetime | None]:
    return everything(lambda c: (m.at for m in c.messages if m.author in authors))


EXPECTED = [
    (STATE, CLOSED, everything(lambda c: c.closings)),
    (STATE, RECEIVED, everything(lambda c: (c.started_at,))),
    (STATE, REOPENED, everything(lambda c: (c.reopened_at,))),
    (
        STATE,
        {"oldState": ["Queued"], "newState": ["Assigned"]},
        everything(lambda c: (c.assigned_at,)),
    ),
    (VOLUME, INBOUND, written("customer")),
    (VOLUME, OUTBOUND, written("agent")),
]


@FEW
@given(WINDOWS)
async def test_counts_are_those_of_the_contacts(span: tuple[datetime, datetime]) -> None:
    for path, top, moments in EXPECTED:
        (value,) = await VENDOR.counts(f"{path}/count", window(*span), **top)
        assert value == within(*span, moments)


@FEW
@given(WINDOWS, st.sampled_from(ADDITIVE))
async def test_groups_add_up_to_the_whole(
    span: tuple[datetime, datetime], asked: tuple[str, dict[str, Any]]
) -> None:
    path, top = asked
    (whole,) = await VENDOR.counts(f"{path}/count", window(*span), **top)
    groupings = ["channels", "queues", *(["accounts"] if path == VOLUME else [])]
    for by in groupings:
        assert sum(await by_members(VENDOR, path, by, window(*span), **top)) == whole
    users = sum(await by_members(VENDOR, path, "users", window(*span), **top))
    assert users == whole if top is OUTBOUND else users <= whole


@FEW
@given(st.sampled_from([at for at in everything(lambda c: c.closings) if at and FIRST < at < NOW]))
async def test_windows_that_meet_share_no_moment(at: datetime) -> None:
    spans = [(FIRST, at), (at, NOW), (FIRST, NOW)]
    before, after, whole = [
        (await VENDOR.counts(f"{STATE}/count", window(*span), **CLOSED))[0] for span in spans
    ]
    assert before + after == whole
    second = window(at, at + timedelta(seconds=1))
    assert await VENDOR.counts(f"{STATE}/count", second, **CLOSED) != [0]


@FEW
@given(WINDOWS, st.sampled_from(ADDITIVE), st.sampled_from(["Europe/London", "Asia/Kolkata"]))
async def test_dates_add_up_to_the_whole(
    span: tuple[datetime, datetime], asked: tuple[str, dict[str, Any]], zone: str
) -> None:
    path, top = asked
    for group_by, longest in GROUPINGS.items():
        start, end = span[0], min(span[1], span[0] + longest)
        filters = window(start, end, queues=VENDOR.queues, groupBy=group_by)
        whole = await by_members(VENDOR, path, "queues", window(start, end), **top)
        dated = await VENDOR.series(f"{path}/by-date/by-queues", filters, zone, **top)
        assert [sum(one["value"] for one in dated[queue]) for queue in VENDOR.queues] == whole


@FEW
@given(WINDOWS)
async def test_lists_are_what_is_counted(span: tuple[datetime, datetime]) -> None:
    order = {"orderBy": "Ascending", "orderByField": "Timestamp"}
    start, end = span[0], min(span[1], span[0] + timedelta(days=2))
    for family, path, top in (
        ("interactions", STATE, CLOSED),
        ("interactions", STATE, REOPENED),
        ("messages", VOLUME, INBOUND),
    ):
        listed = await VENDOR.ask(
            f"/{family}/view-interactions", {**window(start, end), **top}, **order
        )
        rows = listed["interactions"]
        assert [len(rows)] == await VENDOR.counts(f"{path}/count", window(start, end), **top)
        channels = Counter(row["channel"] for row in rows)
        counted = await by_members(VENDOR, path, "channels", window(start, end), **top)
        assert [channels[name] for name in CHANNELS] == counted


@FEW
@given(WINDOWS, st.sampled_from([("WebChat", "chat"), ("Voice", "call")]))
async def test_live_conversations_end_as_often_as_their_interactions(
    span: tuple[datetime, datetime], channel: tuple[str, str]
) -> None:
    name, _ = channel
    filters = window(*span, channel=name)
    asked = {**CLOSED, "accounts": VENDOR.accounts}
    totals = (await VENDOR.ask(f"{LIVE}/totals/count/by-accounts", filters, **asked))["groups"]
    closed = await VENDOR.counts(f"{STATE}/count", window(*span, channels=[name]), **CLOSED)
    assert [sum(one["total"] for one in totals)] == closed
    outcomes = set(totals[0]) - {"id", "name", "total"}
    assert all(one["total"] == sum(one[name] for name in outcomes) for one in totals)
    shares = (await VENDOR.ask(f"{LIVE}/percentages/count/by-accounts", filters, **asked))["groups"]
    for one, share in zip(totals, shares, strict=True):
        assert share["total"] == one["total"]
        for outcome in outcomes:
            expected = 100 * one[outcome] / one["total"] if one["total"] else None
            assert share[outcome] == (
                expected if expected is None else pytest.approx(expected, abs=6e-4)
            )


def seconds(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == "chat" and contact.assigned_at and contact.ended_at:
        yield contact.ended_at, (contact.ended_at - contact.assigned_at).total_seconds()
    if contact.channel == "chat" and contact.reopened_at and len(contact.closings) > 1:
        yield contact.closings[1], (contact.closings[1] - contact.reopened_at).total_seconds()
    if contact.channel == "call" and contact.first_response_at and contact.ended_at:
        yield contact.ended_at, (contact.ended_at - contact.first_response_at).total_seconds()


@FEW
@given(WINDOWS, st.sampled_from(["chat", "call"]))
async def test_live_durations_run_from_the_operator_to_the_end(
    span: tuple[datetime, datetime], channel: str
) -> None:
    known = [
        length
        for contact in CONTACTS
        if contact.channel == channel
        for at, length in seconds(contact)
        if span[0] <= at < span[1]
    ]
    filters = window(*span, channel=CHANNEL_NAMES[channel])
    path = f"{LIVE}/durations/count/by-accounts"
    values, weights = [], []
    for account in VENDOR.accounts:
        asked = {**CLOSED, "accounts": [account]}
        values += await VENDOR.counts(path, filters, **asked)
        weights += [
            _weight(channel, await VENDOR.ask(f"{LIVE}/totals/count/by-accounts", filters, **asked))
        ]
    total = sum(value * weight for value, weight in zip(values, weights, strict=True) if weight)
    assert sum(weights) == len(known)
    assert total == pytest.approx(sum(known), abs=len(known) * 1e-3 + 1e-6)


def _weight(channel: str, answer: dict[str, Any]) -> int:
    (one,) = answer["groups"]
    left = {"chat": ("abandonedByCustomer",), "call": ("abandonedByIvr", "abandoned")}[channel]
    return int(one["total"] - sum(one[outcome] for outcome in left))


@FEW
@given(WINDOWS)
async def test_durations_are_the_presence_of_people(span: tuple[datetime, datetime]) -> None:
    for state, names in {
        "Available": ("available", "busy"),
        "Unavailable": ("away", "in_meeting"),
    }.items():
        values = await by_members(
            VENDOR, "/presence/duration", "users", window(*span), userState=state
        )
        assert values == [ACCOUNT.seconds(one.id, *span, names) for one in ACCOUNT.people]


@FEW
@given(WINDOWS)
async def test_what_is_said_of_an_advisor_is_what_the_other_paths_say(
    span: tuple[datetime, datetime],
) -> None:
    filters = window(*span)

    async def of(path: str, **top: object) -> list[Any]:
        return await by_members(VENDOR, path, "users", filters, **top)

    advisors = (
        await VENDOR.ask("/advisors/metrics/count/by-users", filters, userIds=VENDOR.users)
    )["groups"]
    expected = {
        "timeAvailable": await of("/presence/duration", userState="Available"),
        "cphLoggedIn": await of(CPH, userState="LoggedIn"),
        "cphAvailable": await of(CPH, userState="Available"),
        "averageResponseTime": await of("/messages/times", responseTime="AdvisorResponseTime"),
    }
    for name, values in expected.items():
        assert [one[name] for one in advisors] == values
    away = await of("/presence/duration", userState="Unavailable")
    shares = await of("/presence/percentage", userState="Available")
    for one, seconds_away, share in zip(advisors, away, shares, strict=True):
        assert one["timeLoggedIn"] == one["timeAvailable"] + seconds_away
        assert (one["unproductivePercentage"] is None) == (share is None)
        if share is not None:
            assert one["unproductivePercentage"] + share == pytest.approx(100, abs=2e-3)
        if one["timeAvailable"]:
            hours = one["timeAvailable"] / 3_600
            assert one["cphAvailable"] == pytest.approx(one["contactsAvailable"] / hours, abs=6e-4)
        assert one["contactsAvailable"] <= one["contactsLoggedIn"]
    actions = await of("/unit-of-works/actions", action="Any")
    assert [one["contactsLoggedIn"] for one in advisors] == actions


@FEW
@given(WINDOWS, st.sampled_from(["channels", "queues"]))
async def test_contacts_per_hour_within_users_add_up_to_the_user(
    span: tuple[datetime, datetime], by: str
) -> None:
    more, _ = members(VENDOR, by)
    asked = {"userState": "Available", "userIds": VENDOR.users}
    split = (await VENDOR.ask(f"{CPH}/count/by-{by}", {**window(*span), **more}, **asked))["groups"]
    whole = await VENDOR.counts(f"{CPH}/count/by-users", window(*span), **asked)
    for user, value in zip(split, whole, strict=True):
        parts = [one["value"] for one in user["values"]]
        assert len(parts) == len(more[by])
        if value is None:
            assert (parts, user["average"], user["duration"]) == ([None] * len(parts), None, 0)
        else:
            assert sum(parts) == pytest.approx(value, abs=len(parts) * 6e-4)
            assert user["average"] == pytest.approx(value / len(parts), abs=2e-3)
            assert value == pytest.approx(
                user["totalContacts"] * 3_600 / user["duration"], abs=6e-4
            )


async def test_a_stint_in_which_nothing_was_done_is_no_contact() -> None:
    filters = window(FIRST, NOW)
    path = "/unit-of-works/actions"
    idle, busy = [
        await by_members(VENDOR, path, "users", filters, action=action)
        for action in ("None", "Any")
    ]
    advisors = await VENDOR.ask("/advisors/metrics/count/by-users", filters, userIds=VENDOR.users)
    assert sum(idle) > 0
    assert [one["contactsLoggedIn"] for one in advisors["groups"]] == busy


@FEW
@given(WINDOWS)
async def test_every_stint_has_an_action_or_none(span: tuple[datetime, datetime]) -> None:
    counted = {}
    for action in ("Any", "None", "Closed", "Message", "Data", "Note"):
        path = "/unit-of-works/actions"
        values = await by_members(VENDOR, path, "users", window(*span), action=action)
        counted[action] = sum(values)
    ends = everything(lambda c: (end for _, end in c.stints))
    assert counted["Any"] + counted["None"] == within(*span, ends)
    assert all(counted[one] <= counted["Any"] for one in ("Closed", "Message", "Data", "Note"))
    closed = await by_members(VENDOR, STATE, "users", window(*span), **CLOSED)
    assert counted["Closed"] == sum(closed)


@pytest.mark.parametrize(
    ("top", "channels", "of"),
    [
        ({"oldState": ["Queued"], "newState": ["Assigned"]}, ["Email"], "queue_seconds"),
        (
            {"oldState": ["Automation"], "newState": ["Closed", "Assigned", "Queued"]},
            ["Voice"],
            "ivr_seconds",
        ),
    ],
)
async def test_times_in_states_are_those_of_the_contacts(
    top: dict[str, Any], channels: list[str], of: str
) -> None:
    start, end = NOW - timedelta(days=9), NOW - timedelta(days=2)
    values = await VENDOR.counts(
        "/interactions/times/count/by-queues",
        window(start, end, channels=channels, queues=VENDOR.queues),
        **top,
    )
    for queue, value in zip(PROFILE.queues, values, strict=True):
        known = [
            getattr(contact, of)
            for contact in CONTACTS
            if CHANNEL_NAMES[contact.channel] in channels
            and contact.queue_id == queue.id
            and within(start, end, _left(contact, of))
        ]
        assert len(known) > 5
        assert value == pytest.approx(sum(known) / len(known), abs=6e-4)


def _left(contact: Contact, of: str) -> list[datetime | None]:
    """Return when a contact left the queue for somebody, or the menu of a call."""
    if of == "queue_seconds":
        return [contact.assigned_at]
    return [contact.queued_at or contact.ended_at]


async def test_waiting_times_are_those_of_the_replies() -> None:
    start, end = NOW - timedelta(days=9), NOW - timedelta(days=2)
    known = [
        (reply - asked).total_seconds()
        for contact in CONTACTS
        for asked, reply in contact.replies
        if start <= reply < end
    ]
    path = "/messages/times/count"
    (value,) = await VENDOR.counts(path, window(start, end), responseTime="OriginatorWaitTime")
    assert value == pytest.approx(sum(known) / len(known), abs=6e-4)
    (own,) = await VENDOR.counts(path, window(start, end), responseTime="AdvisorResponseTime")
    assert own < value


async def test_requests_side_by_side_are_all_answered() -> None:
    spans = [window(NOW - timedelta(days=n + 1), NOW - timedelta(days=n)) for n in range(8)]
    path = f"{STATE}/count"
    told_ = await asyncio.gather(*(VENDOR.counts(path, span, **CLOSED) for span in spans))
    alone = [await VENDOR.counts(path, span, **CLOSED) for span in spans]
    assert told_ == alone
