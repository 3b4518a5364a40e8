"""`/transaction`: what the websites sold, newest first; a list spans a month at most.

A sale that a conversation led to knows it, its operator and its visitor; the others know nobody.
The document has no filter `channel`, but the vendor's own examples of requests do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.history import local
from vendors.iadvize.sandbox.indicators import CHANNELS
from vendors.iadvize.sandbox.query import whole_number
from vendors.iadvize.sandbox.refusals import unknown
from vendors.world.arrivals import day_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Filters, Query
    from vendors.world import Contact, Sale

_MONTHS_AT_MOST = 1
_DAY = timedelta(days=1)
_FILTERS = frozenset({"website_id", "operator_id", "conversation_id", "channel", "from", "to"})
_LINKED = {"null": False, "!null": True}


class Transaction(NamedTuple):
    """A sale, and the conversation that led to it."""

    sale: Sale
    contact: Contact | None

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.sale.id


def transactions(office: Office, query: Query) -> Payload:
    """List the transactions of at most a month."""
    filters = query.filters
    filters.allow(_FILTERS)
    matches = _matcher(filters)
    asked = filters.number("website_id")
    zone = office.zone(() if asked is None else (asked,))
    start, end = filters.window(zone, office.now, at_most=_MONTHS_AT_MOST)
    found = [one for one in _sold(office, start, end) if matches(one)]
    found.reverse()
    return envelope.listing(query, "transaction", found, lambda one: _fields(office, one))


def transaction(office: Office, query: Query) -> Payload:
    """Show one transaction."""
    for one in () if query.number is None else _about(office, query.number):
        if one.id == query.number:
            return envelope.one("transaction", one, lambda one: _fields(office, one))
    raise unknown("transaction", query.id)


def _about(office: Office, number: int) -> list[Transaction]:
    """Return the sales among which is the one of that number, which tells the day."""
    try:
        day = datetime.fromordinal(day_of(number // 10)).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return []
    return _sold(office, day - _DAY, day + 2 * _DAY + office.account.reach)


def _sold(office: Office, start: datetime, end: datetime) -> list[Transaction]:
    account = office.account
    after = account.events(start, end, lambda contact: ((s.at, s) for s in contact.sales))
    led = {sale.id: contact for _, contact, sale in after}
    return [Transaction(sale, led.get(sale.id)) for sale in account.sales(start, end)]


def _matcher(filters: Filters) -> Callable[[Transaction], bool]:
    site, operator = filters.number("website_id"), filters.number("operator_id")
    channel = filters.choice("channel", CHANNELS)
    text = filters.text("conversation_id")
    linked = None if text is None else _LINKED.get(text)
    number = whole_number("conversation_id", text) if text and linked is None else None

    def matches(one: Transaction) -> bool:
        contact = one.contact
        return (
            site in {None, one.sale.site_id}
            and (operator is None or (contact is not None and contact.staff_id == operator))
            and (channel is None or (contact is not None and contact.channel == channel))
            and linked in {None, contact is not None}
            and (number is None or (contact is not None and contact.id == number))
        )

    return matches


def _fields(office: Office, found: Transaction) -> Payload:
    sale, contact = found
    return {
        "id": sale.id,
        "external_id": sale.external_id,
        "visitor_uid": None if contact is None else contact.customer.key,
        "visitor_email": None if contact is None else contact.customer.email,
        "amount": sale.amount,
        "created_at": local(sale.at, office.zone((sale.site_id,))),
        "website_id": sale.site_id,
        "operator_id": None if contact is None else contact.staff_id,
        "conversation_id": None if contact is None else contact.id,
    }
