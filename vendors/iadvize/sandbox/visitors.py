"""`/visitor`: who came into contact, newest first.

The list has no dates to ask for. This account shows those in it who came for the first time in the
last weeks. By a number or by one of their keys all of these are found, those of earlier times, and
the regulars who were there in the last months. Whoever was made is listed until they are deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.iadvize.sandbox import envelope, forms
from vendors.iadvize.sandbox.calls import Call
from vendors.iadvize.sandbox.history import local
from vendors.iadvize.sandbox.refusals import unknown
from vendors.world import Customer

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.world import Contact

_LISTED = timedelta(days=28)
_WEEK = timedelta(days=7)
_REMEMBERED_WEEKS = 13
_FILTERS = frozenset({"unique_id", "external_id", "website_id"})
_KEY = re.compile(r"[0-9a-f]{24}")
_NUMBER_DIGITS = 8
_EXTERNAL = re.compile(r"CRM-([0-9]{1,18})")
_SPREAD = 0x9E3779B97F4A7C15
_BROWSERS = ("Firefox", "Chrome", "Safari", "Edge")


_WRITTEN = {
    "external_id": forms.TEXT,
    "lastname": forms.TEXT,
    "firstname": forms.TEXT,
    "address": forms.TEXT,
    "city": forms.TEXT,
    "zip": forms.TEXT,
    "country": forms.TEXT,
    "phone": forms.TEXT,
    "email": forms.TEXT,
    "website_id": forms.NUMBERS,
}
"""What can be written of a visitor; their key, their browser and their first visit cannot."""
_UNSAID: Mapping[str, Any] = {**dict.fromkeys((*_WRITTEN, "browser")), "website_id": ()}


class Visitor(NamedTuple):
    """A customer, the number that all else is made from, where they were met, what was written."""

    customer: Customer
    stamp: int
    site_id: int
    said: Mapping[str, Any]

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.customer.id

    @property
    def external_id(self) -> str | None:
        """The identifier in the company's own books."""
        told: str | None = self.said.get("external_id", f"CRM-{self.customer.id}")
        return told

    @property
    def site_ids(self) -> tuple[int, ...]:
        """The websites on which they were met."""
        told: tuple[int, ...] = self.said.get("website_id", (self.site_id,))
        return told

    @property
    def phone(self) -> str | None:
        """The number by which they can be called."""
        told: str | None = self.said.get("phone", self.customer.phone)
        return told


def key_of(number: int) -> str:
    """Return the key of a visitor of whom nothing but a number is known."""
    return f"{number:0{_NUMBER_DIGITS}x}{number * _SPREAD % 2**64:016x}"


def visitors(office: Office, query: Query) -> Payload:
    """List visitors, or the one with a key."""
    filters = query.filters
    filters.allow(_FILTERS)
    key, external = filters.text("unique_id"), filters.text("external_id")
    site = filters.number("website_id")
    known = _recent(office) if key is None and external is None else _named(office, key, external)
    found = [one for one in known if site is None or site in one.site_ids]
    return envelope.listing(query, "visitor", found, lambda one: _fields(office, one))


def visitor(office: Office, query: Query) -> Payload:
    """Show one visitor."""
    return _shown(office, _find(office, query))


def create_visitor(office: Office, query: Query) -> Payload:
    """Keep somebody new."""
    said = _said(office, query)
    now, number = office.now, office.numbers.next(office.now)
    customer = Customer(
        id=number,
        key=key_of(number),
        given="",
        family="",
        email="",
        phone="",
        city="",
        country="",
        language="",
        since=now,
    )
    office.visitors.make(customer, {**_UNSAID, **said})
    return _shown(office, _made(office, customer))


def update_visitor(office: Office, query: Query) -> Payload:
    """Change what is said of somebody."""
    found = _find(office, query)
    office.visitors.say(found.id, _said(office, query))
    return _shown(office, _find(office, query))


def delete_visitor(office: Office, query: Query) -> Payload:
    """Forget somebody; conversations keep their key."""
    office.visitors.delete(_find(office, query).id)
    return envelope.done()


def by_phone(office: Office, phone: str) -> Customer | None:
    """Return the latest of the visitors who can be called by a number."""
    return next((one.customer for one in _recent(office) if one.phone == phone), None)


def _said(office: Office, query: Query) -> Mapping[str, Any]:
    said = forms.read(query.form, _WRITTEN)
    office.check_sites(said.get("website_id", ()))
    return said


def _find(office: Office, query: Query) -> Visitor:
    found = None if query.number is None else _of(office, query.number)
    if found is None:
        raise unknown("visitor", query.id)
    return found


def _shown(office: Office, found: Visitor) -> Payload:
    return envelope.one("visitor", found, lambda one: _fields(office, one))


def _recent(office: Office) -> list[Visitor]:
    contacts = office.contacts(office.now - _LISTED, office.now + timedelta(seconds=1))
    found = [
        _visitor(office, one)
        for one in contacts
        if one.customer_id == one.id and one.id in office.visitors
    ]
    made = [_made(office, one) for one in office.visitors.made]
    if made:
        found = sorted([*found, *made], key=lambda one: (one.customer.since, one.id))
    return found[::-1]


def _named(office: Office, key: str | None, external: str | None) -> list[Visitor]:
    """Return the visitors with these keys: one, unless the company's own was written twice."""
    numbers = [
        *([int(key[:_NUMBER_DIGITS], 16)] if key and _KEY.fullmatch(key) else []),
        *(int(found[1]) for found in [_EXTERNAL.fullmatch(external or "")] if found),
        *office.visitors.said_of,
    ]
    found = [one for number in dict.fromkeys(numbers) if (one := _of(office, number))]
    return [
        one
        for one in found
        if key in {None, one.customer.key} and external in {None, one.external_id}
    ]


def _of(office: Office, number: int) -> Visitor | None:
    made, first = office.visitors.find(number), office.contact(number)
    if number not in office.visitors:
        return None
    if made is not None:
        return _made(office, made)
    if first is not None and first.customer_id == number:
        return _visitor(office, first)
    return _regular(office, number)


def _made(office: Office, customer: Customer) -> Visitor:
    return Visitor(customer, 0, 0, office.visitors.said(customer.id))


def _visitor(office: Office, contact: Contact) -> Visitor:
    said = office.visitors.said(contact.customer_id)
    if isinstance(contact, Call):
        phone = {"phone": contact.caller.phone, "website_id": (contact.site_id,)}
        said = {**_UNSAID, **phone, **said}
    return Visitor(contact.customer, contact.customer_stamp, contact.site_id, said)


def _regular(office: Office, number: int) -> Visitor | None:
    """Return somebody who has been there from the first day, where they came again of late."""
    sites, end = office.account.profile.sites, office.now + timedelta(seconds=1)
    if not 0 < number < min(one.id for one in office.account.contacts(end - _LISTED, end)):
        return None
    for week in range(_REMEMBERED_WEEKS):
        for one in office.account.contacts(end - (week + 1) * _WEEK, end - week * _WEEK):
            if one.customer_id == number:
                return _visitor(office, one)._replace(site_id=sites[number % len(sites)].id)
    return None


def _fields(office: Office, found: Visitor) -> Payload:
    customer, stamp = found.customer, found.stamp
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
        **found.said,
        "website_id": list(found.site_ids),
        "created_at": local(customer.since, office.zone(found.site_ids)),
    }
