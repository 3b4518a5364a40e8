"""Audits: what the vendor writes down when something happens to an interaction.

Each is written at its moment and never changed afterwards. There are four kinds, by name: `states`
(transitions), `messages`, `conversations` (endings of live ones) and `units` (stints of advisors).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from vendors.gnatta.sandbox.presence import last_state
from vendors.gnatta.sandbox.profile import LIVE_CHANNELS
from vendors.gnatta.sandbox.tenant import data_at
from vendors.gnatta.sandbox.window import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from vendors.gnatta.sandbox.tenant import Subject, Tenant
    from vendors.world import Contact

F = TypeVar("F")

# What interactions become when they leave Draft; the rest are created with their conversation.
_ENTRIES = {"Voice": "Automation", "WebChat": "Queued", "Facebook": "Queued"}
_ENTRY = "Created"
# Who ends a contact, where that leaves the closing to the advisor: the workflow does the rest.
_CLOSED_BY_ADVISOR = frozenset({"agent", "customer"})
_DIRECTIONS = {"customer": "Inbound", "agent": "Outbound"}


class Audit(NamedTuple, Generic[F]):
    """One audit: when, about what, by or to whom, and with which dynamic data set."""

    at: int
    subject: Subject
    user: str | None
    data: Mapping[str, str]
    fact: F


class Move(NamedTuple):
    """A transition, and how many milliseconds the old state had lasted."""

    old: str
    new: str
    lasted: int


class Sending(NamedTuple):
    """A message, and the two response times in milliseconds where it has them."""

    direction: str
    advisor_response: int | None
    originator_wait: int | None


class Ending(NamedTuple):
    """The end of a live conversation: in which state, how, and after what time with an operator."""

    old: str
    direction: str
    outcome: str
    duration: int | None


class Stint(NamedTuple):
    """An assignment that is over: what the advisor did in it, and their state at its end."""

    actions: frozenset[str]
    state: str | None


class Doing(NamedTuple):
    """One time in somebody's hands, `end` None while it lasts."""

    start: datetime
    end: datetime | None
    actions: frozenset[str]


def states(contact: Contact, tenant: Tenant) -> Iterator[Audit[Move]]:
    """Tell every transition of an interaction."""
    subject, user = tenant.subject(contact), tenant.user(contact.staff_id)
    course = _course(contact, subject.channel)
    for (since, old), (at, new) in pairwise([(contact.started_at, "Draft"), *course]):
        theirs = new == "Assigned" or (old == "Assigned" and _by_advisor(contact, at))
        lasted = milliseconds(at) - milliseconds(since)
        yield Audit(
            milliseconds(at),
            subject,
            user if theirs else None,
            data_at(contact, at),
            Move(old, new, lasted),
        )


def _course(contact: Contact, channel: str) -> list[tuple[datetime, str]]:
    """Return the states of an interaction after Draft, each with the moment it was entered."""
    entry = _ENTRIES.get(channel, _ENTRY)
    steps = [(contact.started_at, entry)]
    if contact.queued_at is not None and entry != "Queued":
        steps.append((contact.queued_at, "Queued"))
    again = contact.reopened_at
    for at, state in ((contact.assigned_at, "Assigned"), (contact.ended_at, "Closed")):
        if at is not None:
            steps.append((at, state))
    if again is not None:
        steps.append((again, "Assigned"))
        steps.extend((at, "Closed") for at in contact.closings[1:])
    return steps


def _by_advisor(contact: Contact, at: datetime) -> bool:
    return at != contact.ended_at or contact.ended_by in _CLOSED_BY_ADVISOR


def doings(contact: Contact) -> list[Doing]:
    """Return the assignments of an interaction; an advisor closes it unless the workflow did."""
    done = contact.actions
    found = []
    for start, end in contact.stints:
        kinds = {
            action.kind
            for action in done
            if start <= action.at and (end is None or action.at <= end)
        }
        if end is not None and _by_advisor(contact, end):
            kinds.add("Closed")
        found.append(Doing(start, end, frozenset(kinds)))
    return found


def messages(contact: Contact, tenant: Tenant) -> Iterator[Audit[Sending]]:
    """Tell every message, and of an advisor's the response times that it has."""
    subject, user = tenant.subject(contact), tenant.user(contact.staff_id)
    assigned = [milliseconds(start) for start, _ in contact.stints]
    waiting: list[int] = []
    heard = False
    for message in contact.messages:
        direction = _DIRECTIONS.get(message.author)
        if direction is None:
            continue
        at, data = milliseconds(message.at), data_at(contact, message.at)
        if direction == "Inbound":
            waiting.append(at)
            heard = True
            yield Audit(at, subject, None, data, Sending(direction, None, None))
            continue
        response = None if heard and not waiting else _response(at, waiting, assigned)
        wait = at - waiting[0] if waiting else None
        waiting.clear()
        yield Audit(at, subject, user, data, Sending(direction, response, wait))


def _response(at: int, waiting: list[int], assigned: list[int]) -> int | None:
    """Return the time since the last message without an answer, or the assignment after it."""
    before = [start for start in assigned if start <= at]
    return at - max([before[-1], *waiting[-1:]]) if before else None


def conversations(contact: Contact, tenant: Tenant) -> Iterator[Audit[Ending]]:
    """Tell every end of a live conversation; who comes back after a closing begins another."""
    subject = tenant.subject(contact)
    if subject.channel not in LIVE_CHANNELS:
        return
    held = {milliseconds(one.end): one for one in doings(contact) if one.end is not None}
    for audit in states(contact, tenant):
        if audit.fact.new == "Closed":
            old = audit.fact.old
            outcome, since = _JUDGES[subject.channel](contact, old, held.get(audit.at))
            duration = None if since is None else audit.at - milliseconds(since)
            fact = Ending(old, "Inbound", outcome, duration)
            yield Audit(audit.at, subject, None, audit.data, fact)


def _judge_chat(_: Contact, __: str, doing: Doing | None) -> tuple[str, datetime | None]:
    """Tell how a chat ended, and when it had been connected to an operator."""
    if doing is None:
        return "abandonedByCustomer", None
    return ("handled" if "Message" in doing.actions else "abandonedByOperator"), doing.start


def _judge_call(contact: Contact, old: str, _: Doing | None) -> tuple[str, datetime | None]:
    """Tell how a call ended, and when both sides had been connected."""
    if old == "Automation":
        return "abandonedByIvr", None
    connected = contact.first_response_at
    return ("abandoned" if connected is None else "handled"), connected


def units(contact: Contact, tenant: Tenant) -> Iterator[Audit[Stint]]:
    """Tell every assignment that is over."""
    subject, user = tenant.subject(contact), tenant.user(contact.staff_id)
    for doing in doings(contact):
        if doing.end is not None:
            state, at = (None, doing.end) if user is None else last_state(tenant, user, doing.end)
            data = data_at(contact, doing.end)
            yield Audit(milliseconds(at), subject, user, data, Stint(doing.actions, state))


_JUDGES: Mapping[str, Callable[[Contact, str, Doing | None], tuple[str, datetime | None]]] = {
    "WebChat": _judge_chat,
    "Voice": _judge_call,
}
OUTCOMES = {
    "WebChat": ("abandonedByCustomer", "abandonedByOperator", "handled"),
    "Voice": ("abandonedByIvr", "abandoned", "handled"),
}

FAMILIES: Mapping[str, Callable[[Contact, Tenant], Iterator[Audit[Any]]]] = {
    "states": states,
    "messages": messages,
    "conversations": conversations,
    "units": units,
}
