"""`/callmeeting`: the calls that visitors asked for, the latest first.

One visitor of a score asks to be called the next day at the quarter of an hour that follows; a
call that is not yet due is pending. The filter `channel` is in the vendor's examples alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.history import local
from vendors.iadvize.sandbox.indicators import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.iadvize.sandbox.window import Window
    from vendors.world import Contact

_ONE_OF = 20
_DAY = timedelta(days=1)
_QUARTER_SECONDS = 900
_LASTS = timedelta(minutes=10)
_REACHED_OF_FIVE = 4


class CallMeeting(NamedTuple):
    """An appointment, and the contact at which it was made."""

    start_at: datetime
    contact: Contact

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.contact.id

    def status(self, now: datetime) -> str:
        """Return what has become of it."""
        if now < self.start_at:
            return "pending"
        if now < self.start_at + _LASTS:
            return "progress"
        return "done" if self.contact.stamp % 5 < _REACHED_OF_FIVE else "failed"


def call_meetings(office: Office, query: Query) -> Payload:
    """List the calls of a window."""
    filters = query.filters
    filters.allow({"website_id", "channel", "from", "to"})
    site, channel = filters.number("website_id"), filters.choice("channel", CHANNELS)
    window = filters.window(office.zone(() if site is None else (site,)), office.now)
    found = [
        one
        for one in _agreed(office, window)
        if site in {None, one.contact.site_id} and channel in {None, one.contact.channel}
    ]
    found.sort(key=lambda one: (one.start_at, one.id), reverse=True)
    return envelope.listing(query, "callmeeting", found, lambda one: _fields(office, one))


def _agreed(office: Office, window: Window) -> Iterator[CallMeeting]:
    earliest = window.start - _DAY - timedelta(seconds=_QUARTER_SECONDS)
    for contact in office.account.contacts(earliest, window.end - _DAY):
        if contact.stamp % _ONE_OF == 0:
            start_at = _next_quarter(contact.started_at + _DAY)
            if window.start <= start_at < window.end:
                yield CallMeeting(start_at, contact)


def _next_quarter(at: datetime) -> datetime:
    return at + timedelta(seconds=-int(at.timestamp()) % _QUARTER_SECONDS)


def _fields(office: Office, found: CallMeeting) -> Payload:
    contact = found.contact
    return {
        "id": found.id,
        "phone_number": contact.customer.phone,
        "visitor_uid": contact.customer.key,
        "status": found.status(office.now),
        "start_at": local(found.start_at, office.zone((contact.site_id,))),
        "website_id": contact.site_id,
        "targeting_rule_id": None if contact.rule_id is None else str(contact.rule_id),
        "skill_id": str(contact.skill_id),
    }
