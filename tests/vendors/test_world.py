"""The synthetic world tells one story, whatever is asked first and whenever it is asked."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vendors.world import (
    Account,
    AccountProfile,
    Contact,
    Hours,
    World,
    union_seconds,
)
from vendors.world.contact import as_of

NOW = datetime(2026, 3, 20, 13, 47, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MIXED = AccountProfile(
    "mixed",
    time_zone="Europe/Paris",
    channels=("chat", "call", "email"),
    channel_weights=(6, 2, 2),
    bot=True,
)
CHATS = AccountProfile("chats", time_zone="America/New_York", contacts_per_day=90)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def account(profile: AccountProfile = MIXED, now: datetime = NOW, seed: int = 7) -> Account:
    return World(seed, Clock(now)).account(profile)


MONTH = account().contacts(NOW - 30 * DAY, NOW)
SHARED = account()

instants = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(2026, 3, 25),  # noqa: DTZ001 - likewise, and some lie in the future
    timezones=st.just(UTC),
)
windows = st.lists(instants, min_size=3, max_size=3).map(sorted)


def moments(contact: Contact) -> Iterator[datetime]:
    """Yield every moment that a contact tells, its packed and derived ones included."""
    for field in dataclasses.fields(contact):
        value = getattr(contact, field.name)
        if isinstance(value, datetime):
            yield value
    yield from contact.closings
    yield from (message.at for message in contact.messages)
    yield from (action.at for action in contact.actions)
    yield from (at for pair in contact.replies for at in pair)
    yield from (sale.at for sale in contact.sales)
    yield from (at for stint in contact.stints for at in stint if at is not None)
    if contact.survey is not None:
        yield contact.survey.at


def test_the_same_seed_tells_the_same_contacts() -> None:
    assert account().contacts(NOW - 30 * DAY, NOW) == MONTH
    assert account(seed=8).contacts(NOW - 30 * DAY, NOW) != MONTH


def test_the_order_of_the_questions_does_not_matter() -> None:
    asked_backwards = account()
    asked_backwards.live()
    hours = [NOW - number * HOUR for number in range(1, 30 * 24 + 1)]
    parts = [asked_backwards.contacts(start, start + HOUR) for start in hours]
    assert [contact for part in reversed(parts) for contact in part] == MONTH


@settings(deadline=None, max_examples=40)
@given(windows)
def test_contacts_of_adjacent_windows_add_up(cuts: list[datetime]) -> None:
    start, middle, end = cuts
    whole = SHARED.contacts(start, end)
    assert SHARED.contacts(start, middle) + SHARED.contacts(middle, end) == whole
    assert all(start <= contact.started_at < end for contact in whole)
    assert whole == sorted(whole, key=lambda contact: (contact.started_at, contact.id))


@settings(deadline=None, max_examples=25)
@given(windows)
def test_presence_and_occupation_of_adjacent_windows_add_up(cuts: list[datetime]) -> None:
    start, middle, end = cuts
    for member in SHARED.people:
        for state in ("available", "busy", "away", "in_meeting"):
            parts = [
                SHARED.seconds(member.id, lower, upper, (state,))
                for lower, upper in ((start, middle), (middle, end))
            ]
            assert sum(parts) == pytest.approx(SHARED.seconds(member.id, start, end, (state,)))
        loads = [
            sum(load.seconds * load.load for load in SHARED.occupied(member.id, lower, upper))
            for lower, upper in ((start, middle), (middle, end), (start, end))
        ]
        assert loads[0] + loads[1] == pytest.approx(loads[2])


@settings(deadline=None, max_examples=25)
@given(windows)
def test_traffic_of_adjacent_windows_adds_up(cuts: list[datetime]) -> None:
    start, middle, end = cuts
    first, second, whole = (
        SHARED.traffic(101, "chat", lower, upper)
        for lower, upper in ((start, middle), (middle, end), (start, end))
    )
    for field in dataclasses.fields(whole):
        parts = getattr(first, field.name) + getattr(second, field.name)
        assert parts == pytest.approx(getattr(whole, field.name), abs=0.005)
    shown = [
        Counter({number: greeting.displayed for number, greeting in greetings.items()})
        for greetings in (
            SHARED.greetings(start, middle),
            SHARED.greetings(middle, end),
            SHARED.greetings(start, end),
        )
    ]
    assert shown[0] + shown[1] == shown[2]


def test_greetings_and_traffic_count_the_same_invitations() -> None:
    start = NOW - 7 * DAY
    traffic = [
        SHARED.traffic(site.id, channel, start, NOW)
        for site in MIXED.sites
        for channel in ("chat", "call")
    ]
    greetings = SHARED.greetings(start, NOW).values()
    assert sum(row.displays for row in traffic) == sum(row.displayed for row in greetings)
    assert sum(row.accepted for row in traffic) == sum(row.accepted for row in greetings)
    assert all(0 < row.accepted < row.displays <= row.triggers for row in traffic)
    assert all(0 < row.canceled <= row.displayed - row.accepted for row in greetings)


@settings(deadline=None, max_examples=12)
@given(st.integers(min_value=0, max_value=3 * 24 * 60))
def test_nothing_of_the_future_is_told(minutes: int) -> None:
    now = NOW - timedelta(minutes=minutes)
    clock = Clock(now)
    young = World(7, clock).account(MIXED)
    told = young.contacts(now - 6 * DAY, now + 6 * DAY)
    assert all(at <= now for contact in told for at in moments(contact))
    assert all(sale.at <= now for sale in young.sales(now - DAY, now + DAY))
    for member in young.people:
        assert all(span.end <= now for span in young.presence(member.id, now - DAY, now + DAY))
        assert all(span.end <= now for span in young.occupied(member.id, now - DAY, now + DAY))
    assert young.traffic(101, "chat", now, now + DAY).displays == 0


@settings(deadline=None, max_examples=12)
@given(st.integers(min_value=1, max_value=3 * 24 * 60))
def test_what_is_told_stays_told(minutes: int) -> None:
    clock = Clock(NOW - timedelta(minutes=minutes))
    growing = World(7, clock).account(MIXED)
    early = growing.contacts(NOW - 9 * DAY, NOW)
    clock.now = NOW
    late = {contact.id: contact for contact in growing.contacts(NOW - 9 * DAY, NOW)}
    for contact in early:
        known = late[contact.id]
        assert as_of(known, NOW - timedelta(minutes=minutes)) == contact
        assert known.messages[: len(contact.messages)] == contact.messages
        assert known.actions[: len(contact.actions)] == contact.actions
        assert contact.ended_at in {None, known.ended_at}


def test_a_contact_of_today_is_open_until_its_end() -> None:
    contact = next(c for c in MONTH if c.answered and c.channel == "chat" and c.staff_id)
    assert contact.assigned_at is not None
    assert contact.ended_at is not None
    during = account(now=contact.ended_at - timedelta(seconds=1)).contact(contact.id)
    after = account(now=contact.ended_at).contact(contact.id)
    before = account(now=contact.assigned_at - timedelta(seconds=1)).contact(contact.id)
    assert during is not None
    assert after is not None
    assert before is not None
    assert (during.open, during.ended_at, during.tags, during.rating) == (True, None, (), None)
    assert (after.open, after.ended_at, after.tags) == (False, contact.ended_at, contact.tags)
    assert (before.staff_id, before.assigned_at, before.team_id) == (None, None, None)
    assert account(now=contact.started_at - timedelta(seconds=1)).contact(contact.id) is None


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 6, 1), 24)]
)
def test_days_on_which_the_clocks_change_are_whole(day: date, hours: int) -> None:
    zone = ZoneInfo("Europe/Paris")
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    tomorrow = day + DAY
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)
    assert end - start == hours * HOUR
    open_on_sundays = dataclasses.replace(
        MIXED, opening=(Hours(8, 20),) * 7, weekend_contacts_per_day=4_000
    )
    world = account(open_on_sundays)
    counts = [
        len(world.contacts(start + number * HOUR, start + (number + 1) * HOUR))
        for number in range(hours)
    ]
    assert sum(counts) == len(world.contacts(start, end))
    assert all(counts)
    for member in world.people:
        for shift in world.presence(member.id, start, end):
            assert 8 <= shift.start.astimezone(zone).hour < 20


def test_opening_hours_follow_the_clock_on_the_wall() -> None:
    world = account(CHATS)
    zone = ZoneInfo("America/New_York")
    for noon in (datetime(2026, 1, 14, 17, tzinfo=UTC), datetime(2025, 7, 16, 16, tzinfo=UTC)):
        shifts = [
            span
            for member in world.people
            for span in world.presence(member.id, noon - DAY / 2, noon + DAY / 2)
        ]
        assert min(span.start for span in shifts).astimezone(zone).hour == 8
        assert max(span.end for span in shifts).astimezone(zone).hour in {19, 20}


@pytest.mark.parametrize("profile", [MIXED, CHATS], ids=lambda profile: profile.name)
def test_people_are_there_when_they_have_contacts_in_hand(profile: AccountProfile) -> None:
    world = account(profile)
    shifts = {member.id: world.presence(member.id, NOW - 40 * DAY, NOW) for member in world.people}
    handled = 0
    for contact in world.contacts(NOW - 30 * DAY, NOW):
        for start, end in contact.stints:
            assert contact.staff_id is not None
            until = end or NOW
            there = [
                (max(span.start, start), min(span.end, until))
                for span in shifts[contact.staff_id]
                if span.start < until and span.end > start
            ]
            assert union_seconds(there) == (until - start).total_seconds()
            handled += 1
    assert handled > 1_000


@pytest.mark.parametrize("profile", [MIXED, CHATS], ids=lambda profile: profile.name)
def test_nobody_has_more_in_hand_than_slots(profile: AccountProfile) -> None:
    world = account(profile)
    start = NOW - 60 * DAY
    contacts = world.contacts(start - world.reach, NOW)
    fullest = Counter[str]()
    for member in world.people:
        loads = world.occupied(member.id, start, NOW)
        assert all(0 < load.load <= member.max_slots for load in loads)
        assert all(one.end <= other.start for one, other in pairwise(loads))
        stints = [
            (max(begun, start), min(ended or NOW, NOW))
            for contact in contacts
            if contact.staff_id == member.id
            for begun, ended in contact.stints
            if (ended or NOW) > start
        ]
        in_hand = sum((end - begin).total_seconds() for begin, end in stints)
        assert sum(load.seconds * load.load for load in loads) == pytest.approx(in_hand)
        for span in world.presence(member.id, start, NOW):
            full = union_seconds(
                (max(load.start, span.start), min(load.end, span.end))
                for load in loads
                if load.load == member.max_slots and load.start < span.end and load.end > span.start
            )
            if span.state in {"available", "busy"}:
                assert full == (span.seconds if span.state == "busy" else 0)
                fullest[span.state] += 1
    assert fullest["busy"] > 50


def test_nobody_talks_on_two_calls_at_once() -> None:
    calls = [c for c in MONTH if c.channel == "call" and c.assigned_at]
    for member in SHARED.people:
        mine = [stint for call in calls if call.staff_id == member.id for stint in call.stints]
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(mine)) if one[1])
    assert {c.staff_id for c in calls} <= {m.id for m in SHARED.people if "call" in m.channels}
    assert all(not call.messages for call in calls)


@settings(deadline=None, max_examples=12)
@given(st.integers(min_value=1, max_value=5 * 24 * 60))
def test_the_live_board_agrees_with_contacts_and_presence(minutes: int) -> None:
    moment = NOW - timedelta(minutes=minutes)
    board = SHARED.live(moment)
    assert board == account(now=moment).live()
    for line in board:
        load = SHARED.occupied(line.staff.id, moment, moment + timedelta(seconds=1))
        assert line.slots_used == len(line.contact_ids) == (load[0].load if load else 0)
        assert line.slots_used <= line.staff.max_slots
        states = SHARED.presence(line.staff.id, moment, moment + timedelta(seconds=1))
        assert line.state == (states[0].state if states else None)
        assert line.connected is bool(states)
    waiting = {contact.id for contact in SHARED.queued(moment)}
    assert waiting.isdisjoint(number for line in board for number in line.contact_ids)


def test_coverage_counts_every_moment_once() -> None:
    start = NOW - 7 * DAY
    everybody = [member.id for member in SHARED.people]
    alone = [SHARED.coverage([number], start, NOW) for number in everybody]
    together = SHARED.coverage(everybody, start, NOW)
    assert max(alone) < together < sum(alone)
    assert alone[0] == SHARED.seconds(everybody[0], start, NOW, ("available", "busy"))


def test_ids_are_unique_and_lead_back() -> None:
    assert [contact.id for contact in MONTH] == sorted({contact.id for contact in MONTH})
    assert len({contact.reference for contact in MONTH}) == len(MONTH)
    assert len({contact.key for contact in MONTH}) == len(MONTH)
    for contact in MONTH[::97]:
        assert len(bytes.fromhex(contact.key)) == 12
        assert SHARED.contact(contact.id) == contact
        assert SHARED.contact_by_key(contact.key) == contact


@pytest.mark.parametrize("number", [-1, 0, 10**30, 49_000_000_000])
def test_an_id_of_nothing_finds_nothing(number: int) -> None:
    assert SHARED.contact(number) is None


@pytest.mark.parametrize("key", ["", "zz", "ffffffff" * 3, "00000000" * 3])
def test_a_key_of_nothing_finds_nothing(key: str) -> None:
    assert SHARED.contact_by_key(key) is None
