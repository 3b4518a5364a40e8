"""LiveChat's core figures, counted from the raw world.

A chat counts, with all that belongs to it, in the moment in which it began. Its duration is told
of chats that an agent had; an agent accepts chats while available, however many are in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from tests.reference.raw import Definitions, Sum, mean, present, total

from vendors.livechat.sandbox.profile import PROFILE
from vendors.world import Account, Contact, StaffMember

Moments = Callable[[Contact], Iterator[tuple[datetime, float]]]


def _started(contact: Contact) -> Iterator[tuple[datetime, float]]:
    yield contact.started_at, 1


def _unanswered(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.first_response_at is None:
        yield contact.started_at, 1


def _first_response(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.first_response_at is not None:
        wait = contact.first_response_at - contact.started_at
        yield contact.started_at, wait.total_seconds()


def _lasted(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.staff_id is not None:
        assert contact.ended_at is not None
        yield contact.started_at, (contact.ended_at - contact.started_at).total_seconds()


def _rated(*ratings: str) -> Moments:
    def count(contact: Contact) -> Iterator[tuple[datetime, float]]:
        if contact.rating in ratings:
            yield contact.started_at, 1

    return count


def _satisfied(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
    good = total(_rated("good"))(account, start, end, member).above
    bad = total(_rated("bad"))(account, start, end, member).above
    return Sum(good, good + bad)


DEFINITIONS = Definitions(
    profile=PROFILE,
    figures={
        "CONVERSATIONS_STARTED": total(_started),
        "CONVERSATIONS_UNANSWERED": total(_unanswered),
        "FIRST_RESPONSE_TIME": mean(_first_response),
        "HANDLE_TIME": mean(_lasted),
        "RATED_GOOD": total(_rated("good")),
        "RATED_BAD": total(_rated("bad")),
        "RATINGS": total(_rated("good", "bad")),
        "SATISFACTION_RATE": _satisfied,
        "LOGGED_IN_TIME": present("available", "busy", "away", "in_meeting"),
        "AVAILABLE_TIME": present("available", "busy"),
        "UNAVAILABLE_TIME": present("away", "in_meeting"),
    },
    agent_id=lambda member: member.email,
)
