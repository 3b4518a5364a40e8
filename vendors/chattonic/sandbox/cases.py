"""`query`: the cases that were handed to people, newest first.

The document names no operator in a case, and so there is none. A date of `dates` that has not come
is absent: a case that the user left before anybody took it has no `progress`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.chattonic.sandbox import listing
from vendors.chattonic.sandbox.happenings import STATUSES, is_case, status
from vendors.chattonic.sandbox.office import EVER, iso
from vendors.chattonic.sandbox.profile import APP_ID, ORIGINS
from vendors.chattonic.sandbox.refusals import invalid, unknown
from vendors.chattonic.sandbox.request import Window, moment
from vendors.chattonic.sandbox.users import account_id, user, user_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vendors.chattonic.sandbox.listing import Ask
    from vendors.chattonic.sandbox.office import Office
    from vendors.chattonic.sandbox.request import Parameters
    from vendors.world import Contact

_BOUNDS = ("$gte", "$lt")


class Filter(NamedTuple):
    """What a case has to be; None is anything."""

    status: str | None
    user: str | None
    account: str | None
    window: Window

    def keeps(self, contact: Contact) -> bool:
        """Tell whether a contact is such a case."""
        return (
            is_case(contact)
            and self.status in {None, status(contact)}
            and self.user in {None, user_id(contact)}
            and self.account in {None, account_id(contact)}
        )


def cases(office: Office, parameters: Parameters) -> Mapping[str, object]:
    """List the cases."""
    ask = listing.read(parameters, "status", "messageUser", "account", "createdAt")
    return listing.page(ask, _matching(office, ask), _fields)


def _matching(office: Office, ask: Ask) -> Iterator[Contact]:
    wanted = _filter(ask)
    window = wanted.window
    if wanted.status in STATUSES[:-1]:
        window = window._replace(start=max(window.start, office.unsettled.start))
    found = office.contacts(window, newest_first=ask.newest_first)
    return (contact for contact in found if wanted.keeps(contact))


def _filter(ask: Ask) -> Filter:
    wanted = listing.text(ask, "status")
    if wanted not in {None, *STATUSES}:
        raise invalid("query.status")
    return Filter(
        status=wanted,
        user=listing.text(ask, "messageUser"),
        account=listing.text(ask, "account"),
        window=_window(ask.filters.get("createdAt", {})),
    )


def _window(bounds: object) -> Window:
    if not isinstance(bounds, dict):
        raise invalid("query.createdAt")
    for name in bounds:
        if name not in _BOUNDS:
            raise unknown(f"query.createdAt.{name}")
    read = [
        moment(f"query.createdAt.{name}", bounds[name]) if name in bounds else default
        for name, default in zip(_BOUNDS, EVER, strict=True)
    ]
    return Window(*read)


def _fields(contact: Contact) -> Mapping[str, Any]:
    sender = user(contact)
    dates = _dates(contact)
    return {
        "_id": contact.key,
        "app": APP_ID,
        "messageUser": sender,
        "message": _message(contact),
        "account": {"_id": account_id(contact)},
        "origins": [ORIGINS[contact.queue_id].id],
        "status": status(contact),
        "dates": dates,
        "search": f"{sender['firstName']} {sender['lastName']}".casefold(),
        "createdAt": dates["pending"],
        "updatedAt": max(dates.values()),
    }


def _message(contact: Contact) -> Mapping[str, Any]:
    """Return the message with which it began."""
    first = contact.messages[0]
    return {
        "_id": sha256(f"message/{contact.key}".encode()).hexdigest()[:24],
        "app": APP_ID,
        "account": account_id(contact),
        "messageUser": user_id(contact),
        "text": first.text,
        "createdAt": iso(first.at),
    }


def _dates(contact: Contact) -> Mapping[str, str]:
    reached = {
        "pending": contact.started_at,
        "progress": contact.assigned_at,
        "resolved": contact.ended_at,
    }
    return {name: iso(at) for name, at in reached.items() if at is not None}
