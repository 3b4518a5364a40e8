"""Conversations as numbers.

A conversation counts in the moment at which it began, whether it is over or not, just as the list
shows it. What is not over counts as far as it has come: its duration, its wait and the silence
after the visitor's last message reach until now. So every mean is one over exactly the
conversations that its weight counts, and means of days merge to the mean of the month.

Only a person answers: a conversation that the bot handled alone has had no response from an agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox.facts import Fact, keys_of

if TYPE_CHECKING:
    from datetime import datetime

    from vendors.iadvize.sandbox.office import Office
    from vendors.world import Contact

_AT_ONCE_SECONDS = 4


class ContactSums(NamedTuple):
    """Columns; times are milliseconds."""

    number: int = 0
    duration: int = 0
    silence: int = 0
    sent: int = 0
    received: int = 0
    answered: int = 0
    first_response: int = 0
    response: int = 0
    waited: int = 0
    waiting: int = 0
    wait_over: int = 0
    quitted: int = 0
    before_quit: int = 0
    invited: int = 0
    converted: int = 0


def waited(contact: Contact) -> bool:
    """Tell whether it stood in the waiting list: nobody took it at once."""
    if contact.queued_at is None:
        return False
    taken = contact.assigned_at
    return taken is None or (taken - contact.queued_at).total_seconds() > _AT_ONCE_SECONDS


def contact_fact(contact: Contact, office: Office, now: datetime) -> Fact:
    """Return a conversation as it stands now."""
    return Fact(
        at=contact.started_at,
        site_id=contact.site_id,
        channel=contact.channel,
        keys=keys_of(contact, office),
        sums=_sums(contact, now),
    )


def _sums(contact: Contact, now: datetime) -> ContactSums:
    ended = contact.ended_at or now
    in_list = waited(contact)
    quitted = in_list and contact.assigned_at is None and contact.ended_at is not None
    wait = _milliseconds(contact.queued_at, contact.assigned_at or ended) if in_list else 0
    return ContactSums(
        number=1,
        duration=_milliseconds(contact.started_at, ended),
        silence=_silence(contact, ended),
        sent=contact.sent,
        received=contact.received,
        answered=int(contact.first_response_at is not None),
        first_response=_milliseconds(contact.started_at, contact.first_response_at),
        response=_mean_response(contact),
        waited=int(in_list),
        waiting=wait,
        wait_over=int(in_list and contact.assigned_at is not None),
        quitted=int(quitted),
        before_quit=wait if quitted else 0,
        invited=int(contact.rule_id is not None),
        converted=int(bool(contact.sales)),
    )


def _silence(contact: Contact, ended: datetime) -> int:
    """Return how long it lasted after the visitor's last message; a call has no such time."""
    words = [message.at for message in contact.messages if message.author == "customer"]
    return max(0, _milliseconds(max(words), ended)) if words else 0


def _mean_response(contact: Contact) -> int:
    """Return the mean time to a reply within one answered conversation; a call is picked up."""
    replies = [_milliseconds(asked, answered) for asked, answered in contact.replies]
    if not replies:
        return _milliseconds(contact.started_at, contact.first_response_at)
    return round(sum(replies) / len(replies))


def _milliseconds(start: datetime | None, end: datetime | None) -> int:
    if start is None or end is None:
        return 0
    return round((end - start).total_seconds() * 1_000)
