"""The one place that turns contacts into numbers: what happened, when, and to whom it counts.

A case (the vendor's "query") is a contact that was handed to people: whatever the bot did not
handle to its end. It is pending while nobody has taken it, then in progress, and resolved once it
is closed, also when the user went away before anybody came. Its time in hand, from the moment at
which somebody took it to its end, counts to that person when it ends.

Users write messages, people and the bot send them, the bot's own conversations included; what the
system notes between them is neither. An answer to the survey counts when it is given: 9 and 10 are
promoters, up to 6 detractors. It is satisfied if its three scores are three fifths or better on
average. A contact is answered if a person or the bot has written back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vendors.world import Contact, Survey

    Figures: TypeAlias = "tuple[tuple[str, int], ...]"

STATUSES = ("pending", "progress", "resolved")

_RECEIVED: Figures = (("received", 1),)
_SENT: Figures = (("sent", 1),)
_WRITTEN = {"customer": _RECEIVED, "agent": _SENT, "bot": _SENT}
_TAKEN: Figures = (("assigned", 1),)
_PROMOTERS_FROM = 9
_DETRACTORS_TO = 6
_SATISFIED_FROM = 0.6


class Happening(NamedTuple):
    """What counts from a moment on; `staff_id` is None where it is nobody's of the staff.

    `writer` is the user who wrote, or None if none did.
    """

    at: datetime
    figures: Figures
    staff_id: int | None = None
    writer: int | None = None


def is_case(contact: Contact) -> bool:
    """Tell whether a contact was handed to people."""
    return not contact.bot


def status(contact: Contact) -> str:
    """Return how far a case has come."""
    if contact.ended_at is not None:
        return "resolved"
    return "pending" if contact.assigned_at is None else "progress"


def is_new(contact: Contact) -> bool:
    """Tell whether the user had never been in touch before."""
    return contact.customer_id == contact.id


def opinion(survey: Survey) -> str:
    """Return what somebody who gave that answer is called."""
    if survey.nps >= _PROMOTERS_FROM:
        return "promoter"
    return "detractor" if survey.nps <= _DETRACTORS_TO else "passive"


def happenings(contact: Contact, *, to_the_hour: bool = False) -> Iterator[Happening]:
    """Yield everything that counts of a contact, as far as it has come.

    It is cheaper to the hour: the messages of a contact that ended in the hour of UTC in which it
    began are then counted together, at its beginning.
    """
    yield Happening(contact.started_at, _begun(contact))
    if to_the_hour and _within_an_hour(contact):
        yield Happening(contact.started_at, exchanged(contact), writer=contact.customer_id)
    else:
        yield from _messages(contact)
    if is_case(contact):
        yield from _handled(contact)


def exchanged(contact: Contact) -> Figures:
    """Return how many messages were written, as far as it has come."""
    return ("received", contact.received), ("sent", contact.sent)


def _within_an_hour(contact: Contact) -> bool:
    began, ended = contact.started_at, contact.ended_at
    return ended is not None and (began.date(), began.hour) == (ended.date(), ended.hour)


def _messages(contact: Contact) -> Iterator[Happening]:
    for message in contact.messages:
        figures = _WRITTEN.get(message.author)
        if figures is not None:
            writer = contact.customer_id if figures is _RECEIVED else None
            yield Happening(message.at, figures, writer=writer)


def _begun(contact: Contact) -> Figures:
    found = [("contacts", 1)]
    if contact.bot or contact.answered:
        found.append(("answered", 1))
    if is_new(contact):
        found.append(("new", 1))
    if is_case(contact):
        found += ("cases", 1), (status(contact), 1)
        if contact.assigned_at is not None:
            found += ("attended", 1), ("finished", int(contact.ended_at is not None))
    return tuple(found)


def _handled(contact: Contact) -> Iterator[Happening]:
    staff_id, taken, ended = contact.staff_id, contact.assigned_at, contact.ended_at
    if taken is not None:
        yield Happening(taken, _TAKEN, staff_id)
        if ended is not None:
            in_hand = round((ended - taken).total_seconds())
            yield Happening(ended, (("closed", 1), ("in_hand", in_hand)), staff_id)
    if contact.survey is not None:
        yield Happening(contact.survey.at, _answer(contact.survey), staff_id)


def _answer(survey: Survey) -> Figures:
    scores = survey.welcome + survey.resolution + survey.delay
    satisfied = int(scores >= 3 * _SATISFIED_FROM)
    return ("answers", 1), (opinion(survey), 1), ("satisfied", satisfied)
