"""What arrives late: known a while after it happened, everywhere alike, and in the end in full."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vendors.world import Account, AccountProfile, Contact, World
from vendors.world.contact import as_of
from vendors.world.lateness import Lateness

NOW = datetime(2026, 3, 20, 13, 47, 12, tzinfo=UTC)
LATE = timedelta(minutes=45)
DAY = timedelta(days=1)
PROFILE = AccountProfile(
    "late", channels=("chat", "email"), channel_weights=(7, 3), bot=True, sale_rate=0.4
)
FULL = 300


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def account(clock: Clock, late: timedelta = LATE) -> Account:
    return World(7, clock, late).account(PROFILE)


CLOCK = Clock()
LATER = account(CLOCK)
AT_ONCE = account(CLOCK, timedelta())
moments = st.integers(0, 8 * 3_600).map(lambda seconds: NOW + timedelta(seconds=seconds))


def ids(contacts: Iterable[Contact]) -> set[int]:
    return {contact.id for contact in contacts}


@settings(max_examples=40)
@given(moments)
def test_a_contact_is_known_as_it_stood_a_while_ago(now: datetime) -> None:
    CLOCK.now = now
    known = LATER.contacts(now - 2 * DAY, now)
    whole = {one.id: one for one in AT_ONCE.contacts(now - 2 * DAY, now)}

    for contact in known:
        delay = LATER._lateness.of_contact(contact)  # noqa: SLF001 - what it promises is about it
        assert timedelta() <= delay <= LATE
        assert contact == as_of(whole[contact.id], now - delay)
    missing = whole.keys() - ids(known)
    assert all(whole[number].started_at > now - LATE for number in missing)


def test_some_is_late_and_most_is_not() -> None:
    CLOCK.now = NOW
    delays = [LATER._lateness.of_contact(one) for one in AT_ONCE.contacts(NOW - 30 * DAY, NOW)]  # noqa: SLF001 - as above

    assert len(delays) > FULL
    assert sorted(delays)[len(delays) // 2] < timedelta(minutes=5)
    assert max(delays) > 0.8 * LATE


@settings(max_examples=40)
@given(moments, st.integers(0, 8))
def test_lists_and_sums_agree(now: datetime, hours: int) -> None:
    """Whatever is asked of a contact is asked of the same ones."""
    CLOCK.now = now
    start = now - timedelta(hours=hours)
    known = LATER.contacts(start, now)

    assert [LATER.contact(one.id) for one in known] == known
    assert [LATER.contact_by_key(one.key) for one in known] == known
    begun = LATER.events(start, now, lambda contact: ((contact.started_at, None),))
    assert [contact for _, contact, _ in begun] == known
    held = {number for live in LATER.live() for number in live.contact_ids}
    assert held <= ids(LATER.contacts(now - LATER.reach, now))


@settings(max_examples=40)
@given(moments, st.integers(0, 8), st.integers(1, 8))
def test_presence_is_known_up_to_a_while_ago(now: datetime, ago: int, hours: int) -> None:
    CLOCK.now = now
    start = now - timedelta(hours=ago + hours)
    end = now - timedelta(hours=ago)
    for member in LATER.people:
        known = LATER.presence(member.id, start, end)
        whole = AT_ONCE.presence(member.id, start, end)
        cut = known[-1].end if known else start

        assert all(one.start < one.end for one in known)
        assert known == AT_ONCE.presence(member.id, start, min(cut, end))
        assert sum(one.seconds for one in whole if one.start >= cut) <= LATE.total_seconds()
        middle = start + timedelta(hours=hours) / 2
        halves = ((start, middle), (middle, end))
        states = ("available", "busy", "away", "in_meeting")
        parts = sum(LATER.seconds(member.id, *half, states) for half in halves)
        assert isclose(parts, LATER.seconds(member.id, start, end, states))
        assert LATER.occupied(member.id, start, min(end, now - LATE)) == AT_ONCE.occupied(
            member.id, start, min(end, now - LATE)
        )


def test_in_the_end_everything_is_known() -> None:
    CLOCK.now = NOW
    start = NOW - timedelta(hours=6)
    number = LATER.people[0].id
    early = LATER.contacts(start, NOW), LATER.sales(start, NOW)
    whole = AT_ONCE.contacts(start, NOW), AT_ONCE.sales(start, NOW)
    assert early[0] != whole[0]
    assert early[1] != whole[1]

    CLOCK.now = NOW + LATER.reach

    assert LATER.contacts(start, NOW) == AT_ONCE.contacts(start, NOW)
    assert LATER.sales(start, NOW) == AT_ONCE.sales(start, NOW)
    assert LATER.presence(number, start, NOW) == AT_ONCE.presence(number, start, NOW)
    assert LATER.customers(start, NOW) == AT_ONCE.customers(start, NOW)


def test_what_is_known_is_never_forgotten() -> None:
    """Neither contacts nor presence go away while the clock goes on, in steps of minutes."""
    start, contacts, seconds, sold = NOW - timedelta(hours=3), set[int](), 0.0, set[int]()
    number = LATER.people[1].id
    for step in range(60):
        CLOCK.now = NOW + step * timedelta(minutes=4)
        known = ids(LATER.contacts(start, NOW))
        present = LATER.seconds(number, start, NOW + DAY, ("available", "busy", "away"))
        sales = {sale.id for sale in LATER.sales(start, NOW)}
        assert contacts <= known
        assert seconds <= present
        assert sold <= sales
        contacts, seconds, sold = known, present, sales


def test_shifts_of_a_person_are_late_by_turns() -> None:
    lateness = Lateness(7, LATE)

    days = {lateness.of_shift(1, date(2026, 3, day)) for day in range(1, 29)}

    assert len(days) > 20
    assert all(timedelta() <= one <= LATE for one in days)


def test_nothing_is_known_before_it_happens() -> None:
    with pytest.raises(ValueError, match="before it happens"):
        World(late=timedelta(minutes=-1)).account(PROFILE)
