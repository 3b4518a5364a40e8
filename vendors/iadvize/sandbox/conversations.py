"""`/conversation` and `/conversation.json-unicode`: what was said, newest first.

A conversation that goes on has no `closed_at`; one that nobody took has no `operator_id`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.contacts import waited
from vendors.iadvize.sandbox.history import entries, local, transcript
from vendors.iadvize.sandbox.profile import TAG_IDS
from vendors.iadvize.sandbox.refusals import unknown
from vendors.iadvize.sandbox.window import MONTHS_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Filters, Query
    from vendors.world import Contact

_CHANNELS = frozenset({"chat", "call", "video", "social"})
_NUMBERS: dict[str, Callable[[Contact], tuple[int | None, ...]]] = {
    "website_id": lambda contact: (contact.site_id,),
    "operator_id": lambda contact: (contact.staff_id,),
    "skill_id": lambda contact: (contact.skill_id,),
    "rule_id": lambda contact: (contact.rule_id,),
    "tag_id": lambda contact: tuple(TAG_IDS[tag] for tag in contact.tags),
}
_FILTERS = frozenset({*_NUMBERS, "channel", "visitor_id", "from", "to"})


def conversations(office: Office, query: Query) -> Payload:
    """List the conversations that began in at most 3 months."""
    filters = query.filters
    filters.allow(_FILTERS)
    matches = _matcher(filters)
    asked = filters.number("website_id")
    zone = office.zone(() if asked is None else (asked,))
    window = filters.window(zone, office.now, at_most=MONTHS_AT_MOST)
    found = [contact for contact in office.contacts(*window) if matches(contact)]
    found.reverse()
    return envelope.listing(query, "conversation", found, _renderer(office, query))


def conversation(office: Office, query: Query) -> Payload:
    """Show one conversation."""
    found = None if query.number is None else office.contact(query.number)
    if found is None:
        raise unknown("conversation", query.id)
    return envelope.one("conversation", found, _renderer(office, query))


def _matcher(filters: Filters) -> Callable[[Contact], bool]:
    channel = filters.choice("channel", _CHANNELS)
    visitor = filters.text("visitor_id")
    numbers = [
        (_NUMBERS[name], number)
        for name in _NUMBERS
        if (number := filters.number(name)) is not None
    ]
    return lambda contact: (
        channel in {None, contact.channel}
        and (visitor is None or visitor in {str(contact.customer_id), contact.customer.key})
        and all(number in of(contact) for of, number in numbers)
    )


def _renderer(office: Office, query: Query) -> Callable[[Contact], Payload]:
    """Return what makes the fields: with `formatHistory=0` the history stays structured."""
    formatted = query.flag("formatHistory", default=True)

    def fields(contact: Contact) -> Payload:
        zone = office.zone((contact.site_id,))
        history = entries(contact, office.sites[contact.site_id], zone)
        return {
            "id": contact.id,
            "channel": contact.channel,
            "visitor_uid": contact.customer.key,
            "history": transcript(history) if formatted else history,
            "operator_answer": contact.first_response_at is not None,
            "operator_closed": contact.ended_by == "agent",
            "waitinglist": waited(contact),
            "page_type": contact.page_type,
            "created_at": local(contact.started_at, zone),
            "closed_at": local(contact.ended_at, zone),
            "website_id": contact.site_id,
            "operator_id": contact.staff_id,
            "skill_id": contact.skill_id,
            "tag_list": [TAG_IDS[tag] for tag in contact.tags],
            "rule_id": contact.rule_id,
            "xmpp_id": str(UUID(int=contact.stamp << 64 | contact.customer_stamp)),
        }

    return fields
