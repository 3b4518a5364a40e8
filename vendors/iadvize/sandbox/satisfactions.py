"""`/satisfaction`: what visitors answered after conversations, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.history import local
from vendors.iadvize.sandbox.refusals import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.world import Contact, Survey

_NUMBERS: dict[str, Callable[[Contact], int | None]] = {
    "website_id": lambda contact: contact.site_id,
    "operator_id": lambda contact: contact.staff_id,
    "conversation_id": lambda contact: contact.id,
}


class Satisfaction(NamedTuple):
    """A survey that was answered, and the conversation that it is about."""

    survey: Survey
    contact: Contact

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.survey.id


def satisfactions(office: Office, query: Query) -> Payload:
    """List what was answered in a window."""
    filters = query.filters
    filters.allow({*_NUMBERS, "from", "to"})
    numbers = {name: number for name in _NUMBERS if (number := filters.number(name)) is not None}
    site = numbers.get("website_id")
    window = filters.window(office.zone(() if site is None else (site,)), office.now)
    found = [
        Satisfaction(survey, contact)
        for _, contact, survey in office.account.events(
            *window, lambda one: ((one.survey.at, one.survey),) if one.survey else ()
        )
        if all(_NUMBERS[name](contact) == number for name, number in numbers.items())
    ]
    found.reverse()
    return envelope.listing(query, "satisfaction", found, lambda one: _fields(office, one))


def satisfaction(office: Office, query: Query) -> Payload:
    """Show one; it has the number of its conversation."""
    contact = None if query.number is None else office.account.contact(query.number)
    if contact is None or contact.survey is None:
        raise unknown("satisfaction", query.id)
    found = Satisfaction(contact.survey, contact)
    return envelope.one("satisfaction", found, lambda one: _fields(office, one))


def _fields(office: Office, found: Satisfaction) -> Payload:
    survey, contact = found
    return {
        "id": survey.id,
        "note_welcome": survey.welcome,
        "note_resolution": survey.resolution,
        "node_delay": survey.delay,
        "comment": survey.comment,
        "created_at": local(survey.at, office.zone((contact.site_id,))),
        "website_id": contact.site_id,
        "operator_id": contact.staff_id,
        "conversation_id": contact.id,
    }
