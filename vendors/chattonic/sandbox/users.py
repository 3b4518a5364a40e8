"""`messageuser`: everybody who wrote since the account's records begin, and the users of cases.

Those who were known before that were all created at that moment.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from vendors.chattonic.sandbox import listing
from vendors.chattonic.sandbox.happenings import is_new
from vendors.chattonic.sandbox.office import EVER, iso
from vendors.chattonic.sandbox.profile import ACCOUNTS, APP_ID, OPENED, platform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vendors.chattonic.sandbox.office import Office
    from vendors.chattonic.sandbox.request import Parameters
    from vendors.world import Contact


def users(office: Office, parameters: Parameters) -> Mapping[str, object]:
    """List the users."""
    ask = listing.read(parameters, "account")
    account = listing.text(ask, "account")
    found = (
        contact
        for contact in _first_contacts(office, newest_first=ask.newest_first)
        if account in {None, account_id(contact)}
    )
    return listing.page(ask, found, user)


def user(contact: Contact) -> Mapping[str, Any]:
    """Return who made contact."""
    customer, created = contact.customer, iso(contact.customer_since)
    return {
        "_id": user_id(contact),
        "firstName": customer.given,
        "lastName": customer.family,
        "profilePictureURL": "",
        "app": APP_ID,
        "account": account_id(contact),
        "platform": platform(contact.customer_stamp),
        "allowedBroadcast": True,
        "real": True,
        "pointers": [],
        "createdAt": created,
        "updatedAt": created,
        "blockedAt": None,
        "context": {"city": customer.city, "country": customer.country},
        "inFlow": False,
    }


def user_id(contact: Contact) -> str:
    """Return the id of who made contact."""
    return f"{contact.customer_id:08x}{contact.customer_stamp:016x}"


def account_id(contact: Contact) -> str:
    """Return the id of the company's account on the user's platform."""
    return ACCOUNTS[platform(contact.customer_stamp)]


def _first_contacts(office: Office, *, newest_first: bool) -> Iterator[Contact]:
    recent = (c for c in office.contacts(EVER, newest_first=newest_first) if is_new(c))
    return chain(recent, _regulars(office)) if newest_first else chain(_regulars(office), recent)


def _regulars(office: Office) -> Iterator[Contact]:
    """Yield the first contact of each of them, looking no further than is asked for."""
    known: set[int] = set()
    for contact in office.contacts(EVER, newest_first=False):
        if not is_new(contact) and contact.customer_since == OPENED:
            if contact.customer_id not in known:
                yield contact
            known.add(contact.customer_id)
