"""Gnatta's core figures, counted from the raw world: each in the moment in which it happens.

An interaction leaves Draft when it begins, and may close several times. A message is inbound from
a customer and outbound from an advisor. Who is available is Online, however busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from tests.reference.raw import Definitions, Sum, present, total

from vendors.gnatta.sandbox.profile import PROFILE
from vendors.world import Account, Contact, StaffMember

Moments = Callable[[Contact], Iterator[tuple[datetime, float]]]
_ONLINE = ("available", "busy")
_ELSEWHERE = ("away", "in_meeting")


def _started(contact: Contact) -> Iterator[tuple[datetime, float]]:
    yield contact.started_at, 1


def _closed(contact: Contact) -> Iterator[tuple[datetime, float]]:
    for at in contact.closings:
        yield at, 1


def _reopened(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.reopened_at is not None:
        yield contact.reopened_at, 1


def _written(author: str) -> Moments:
    def count(contact: Contact) -> Iterator[tuple[datetime, float]]:
        for message in contact.messages:
            if message.author == author:
                yield message.at, 1

    return count


def _there(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
    online = present(*_ONLINE)(account, start, end, member).above
    return Sum(online, present(*_ONLINE, *_ELSEWHERE)(account, start, end, member).above)


DEFINITIONS = Definitions(
    profile=PROFILE,
    figures={
        "CONVERSATIONS_STARTED": total(_started),
        "CONVERSATIONS_CLOSED": total(_closed),
        "CONVERSATIONS_REOPENED": total(_reopened),
        "MESSAGES_RECEIVED": total(_written("customer")),
        "MESSAGES_SENT": total(_written("agent")),
        "LOGGED_IN_TIME": present(*_ONLINE, *_ELSEWHERE),
        "AVAILABLE_TIME": present(*_ONLINE),
        "UNAVAILABLE_TIME": present(*_ELSEWHERE),
        "AVAILABILITY_RATE": _there,
    },
    agent_id=lambda member: member.key,
    # Who closed an interaction may be the workflow, which is nobody.
    not_by_agent=frozenset(
        {
            "CONVERSATIONS_STARTED",
            "CONVERSATIONS_CLOSED",
            "CONVERSATIONS_REOPENED",
            "MESSAGES_RECEIVED",
        }
    ),
)
