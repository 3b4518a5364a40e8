"""Chat-Tonic's core figures, counted from the raw world.

A query is what the bot did not handle to its end. It counts for its operator when it is over;
messages, surveys and presence in their own moments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from tests.reference.raw import Definitions, Sum, mean, present, total

from vendors.chattonic.sandbox.profile import PROFILE
from vendors.world import Account, Contact, StaffMember

Moments = Callable[[Contact], Iterator[tuple[datetime, float]]]
_ONLINE = ("available", "busy")
_AWAY = ("away", "in_meeting")


def _handed_over(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if not contact.bot:
        yield contact.started_at, 1


def _resolved(contact: Contact) -> Iterator[tuple[datetime, float]]:
    for at, _ in _in_hand(contact):
        yield at, 1


def _in_hand(contact: Contact) -> Iterator[tuple[datetime, float]]:
    taken, ended = contact.assigned_at, contact.ended_at
    if not contact.bot and taken is not None and ended is not None:
        yield ended, (ended - taken).total_seconds()


def _written(*authors: str) -> Moments:
    def count(contact: Contact) -> Iterator[tuple[datetime, float]]:
        for message in contact.messages:
            if message.author in authors:
                yield message.at, 1

    return count


def _new(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.customer_id == contact.id:
        yield contact.started_at, 1


def _judged(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if not contact.bot and contact.survey is not None:
        yield contact.survey.at, 1


def _recommends(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if not contact.bot and contact.survey is not None:
        nps = contact.survey.nps
        yield contact.survey.at, 100 if nps in {9, 10} else -100 if nps <= 6 else 0


def _there(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
    online = present(*_ONLINE)(account, start, end, member).above
    return Sum(online, present(*_ONLINE, *_AWAY)(account, start, end, member).above)


DEFINITIONS = Definitions(
    profile=PROFILE,
    figures={
        "CONVERSATIONS_STARTED": total(_handed_over),
        "CONVERSATIONS_CLOSED": total(_resolved),
        "MESSAGES_RECEIVED": total(_written("customer")),
        "MESSAGES_SENT": total(_written("agent", "bot")),
        "HANDLE_TIME": mean(_in_hand),
        "USERS_NEW": total(_new),
        "SURVEY_RESPONSES": total(_judged),
        "NPS": mean(_recommends),
        "LOGGED_IN_TIME": present(*_ONLINE, *_AWAY),
        "AVAILABLE_TIME": present(*_ONLINE),
        "UNAVAILABLE_TIME": present(*_AWAY),
        "AVAILABILITY_RATE": _there,
    },
    agent_id=lambda member: member.key,
    not_by_agent=frozenset(
        {"CONVERSATIONS_STARTED", "MESSAGES_RECEIVED", "MESSAGES_SENT", "USERS_NEW"}
    ),
)
