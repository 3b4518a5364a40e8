"""iAdvize's core figures, counted from the raw world: its chats alone, since presence overlaps.

A conversation counts, with all that belongs to it, in the moment in which it began; a sale in its
own. An operator is in production who is available or has a conversation in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from tests.reference.raw import Definitions, Sum, mean, present, total

from vendors.iadvize.sandbox.profile import PROFILE
from vendors.records import Channel
from vendors.world import Account, Contact, StaffMember

Moments = Callable[[Contact], Iterator[tuple[datetime, float]]]

_CHAT = "chat"
_HERE = ("available", "busy")
_AWAY = ("away", "in_meeting")


def _started(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT:
        yield contact.started_at, 1


def _unanswered(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT and contact.first_response_at is None:
        yield contact.started_at, 1


def _written(*authors: str) -> Moments:
    def count(contact: Contact) -> Iterator[tuple[datetime, float]]:
        if contact.channel == _CHAT:
            for message in contact.messages:
                if message.author in authors:
                    yield contact.started_at, 1

    return count


def _first_response(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT and contact.first_response_at is not None:
        wait = contact.first_response_at - contact.started_at
        yield contact.started_at, wait.total_seconds()


def _lasted(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT:
        assert contact.ended_at is not None
        yield contact.started_at, (contact.ended_at - contact.started_at).total_seconds()


def _sold(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT:
        for sale in contact.sales:
            yield sale.at, 1


def _earned(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT:
        for sale in contact.sales:
            yield sale.at, sale.amount


def _converted(contact: Contact) -> Iterator[tuple[datetime, float]]:
    if contact.channel == _CHAT:
        yield contact.started_at, 1 if contact.sales else 0


def _order_value(
    account: Account, start: datetime, end: datetime, member: StaffMember | None
) -> Sum:
    sold, earned = (total(count)(account, start, end, member) for count in (_sold, _earned))
    return Sum(earned.above, sold.above)


def _at_work_while_away(
    account: Account, start: datetime, end: datetime, member: StaffMember | None
) -> float:
    """Return how long people who were away or in a meeting still had conversations in hand."""
    found = 0.0
    for one in account.people:
        if member is None or one.id == member.id:
            for interval in account.presence(one.id, start, end):
                for load in account.occupied(one.id, start, end):
                    both = min(interval.end, load.end) - max(interval.start, load.start)
                    if interval.state in _AWAY:
                        found += max(0.0, both.total_seconds())
    return found


def _producing(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
    here = present(*_HERE)(account, start, end, member).above
    return Sum(here + _at_work_while_away(account, start, end, member))


def _idle(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
    away = present(*_AWAY)(account, start, end, member).above
    return Sum(away - _at_work_while_away(account, start, end, member))


DEFINITIONS = Definitions(
    profile=PROFILE,
    figures={
        "CONVERSATIONS_STARTED": total(_started),
        "CONVERSATIONS_UNANSWERED": total(_unanswered),
        "MESSAGES_RECEIVED": total(_written("customer")),
        "MESSAGES_SENT": total(_written("agent", "bot")),
        "FIRST_RESPONSE_TIME": mean(_first_response),
        "HANDLE_TIME": mean(_lasted),
        "SALES_COUNT": total(_sold),
        "SALES_AMOUNT": total(_earned),
        "AVERAGE_ORDER_VALUE": _order_value,
        "CONVERSION_RATE": mean(_converted),
        "LOGGED_IN_TIME": present(*_HERE, *_AWAY),
        "AVAILABLE_TIME": _producing,
        "UNAVAILABLE_TIME": _idle,
    },
    agent_id=lambda member: str(member.id),
    channels=(Channel.CHAT,),
)
