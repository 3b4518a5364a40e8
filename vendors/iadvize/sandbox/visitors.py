"""`/visitor`: who came into contact, newest first.

The list has no dates to ask for. This account shows those in it who came for the first time in the
last weeks. By a number or by one of their keys all of these are found, those of earlier times, and
the regulars who were there in the last months.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.history import local
from vendors.iadvize.sandbox.refusals import unknown

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.world import Contact, Customer

_LISTED = timedelta(days=28)
_WEEK = timedelta(days=7)
_REMEMBERED_WEEKS = 13
_FILTERS = frozenset({"unique_id", "external_id", "website_id"})
_KEY = re.compile(r"[0-9a-f]{24}")
_NUMBER_DIGITS = 8
_EXTERNAL = re.compile(r"CRM-([0-9]{1,18})")
_BROWSERS = ("Firefox", "Chrome", "Safari", "Edge")


class Visitor(NamedTuple):
    """A customer, the number that all else about them is made from, and where they were met."""

    customer: Customer
    stamp: int
    site_id: int

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.customer.id

    @property
    def external_id(self) -> str:
        """The identifier in the company's own books."""
        return f"CRM-{self.customer.id}"


def visitors(office: Office, query: Query) -> Payload:
    """List visitors, or the one with a key."""
    filters = query.filters
    filters.allow(_FILTERS)
    key, external = filters.text("unique_id"), filters.text("external_id")
    site = filters.number("website_id")
    known = _recent(office) if key is None and external is None else _named(office, key, external)
    found = [one for one in known if site in {None, one.site_id}]
    return envelope.listing(query, "visitor", found, lambda one: _fields(office, one))


def visitor(office: Office, query: Query) -> Payload:
    """Show one visitor."""
    found = None if query.number is None else _of(office, query.number)
    if found is None:
        raise unknown("visitor", query.id)
    return envelope.one("visitor", found, lambda one: _fields(office, one))


def _recent(office: Office) -> list[Visitor]:
    contacts = office.account.contacts(office.now - _LISTED, office.now + timedelta(seconds=1))
    found = [_visitor(one) for one in contacts if one.customer_id == one.id]
    return found[::-1]


def _named(office: Office, key: str | None, external: str | None) -> list[Visitor]:
    """Return the one visitor with these keys, if there is one."""
    numbers = [
        *([int(key[:_NUMBER_DIGITS], 16)] if key and _KEY.fullmatch(key) else []),
        *(int(found[1]) for found in [_EXTERNAL.fullmatch(external or "")] if found),
    ]
    found = [one for number in numbers[:1] if (one := _of(office, number))]
    return [
        one
        for one in found
        if key in {None, one.customer.key} and external in {None, one.external_id}
    ]


def _of(office: Office, number: int) -> Visitor | None:
    first = office.account.contact(number)
    if first is not None and first.customer_id == number:
        return _visitor(first)
    return _regular(office, number)


def _visitor(contact: Contact) -> Visitor:
    return Visitor(contact.customer, contact.customer_stamp, contact.site_id)


def _regular(office: Office, number: int) -> Visitor | None:
    """Return somebody who has been there from the first day, where they came again of late."""
    sites, end = office.account.profile.sites, office.now + timedelta(seconds=1)
    if not 0 < number < min(one.id for one in office.account.contacts(end - _LISTED, end)):
        return None
    for week in range(_REMEMBERED_WEEKS):
        for one in office.account.contacts(end - (week + 1) * _WEEK, end - week * _WEEK):
            if one.customer_id == number:
                return _visitor(one)._replace(site_id=sites[number % len(sites)].id)
    return None


def _fields(office: Office, found: Visitor) -> Payload:
    customer, stamp, site_id = found
    return {
        "id": customer.id,
        "unique_id": customer.key,
        "external_id": found.external_id,
        "lastname": customer.family,
        "firstname": customer.given,
        "address": f"{stamp % 180 + 1} {customer.city}",
        "city": customer.city,
        "zip": f"{stamp % 90_000 + 10_000}",
        "country": customer.country,
        "phone": customer.phone,
        "email": customer.email,
        "browser": _BROWSERS[stamp % len(_BROWSERS)],
        "website_id": [site_id],
        "created_at": local(customer.since, office.zone((site_id,))),
    }
