"""Where advisors are: Online, in another state (Away, Busy), or logged out.

A state is what somebody has chosen: who is Online with every slot in use is Online.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from vendors.gnatta.sandbox.window import milliseconds, moment

if TYPE_CHECKING:
    from datetime import datetime

    from vendors.gnatta.sandbox.tenant import Tenant

ONLINE = "Online"
_STATES = {"available": ONLINE, "busy": ONLINE, "away": "Away", "in_meeting": "Busy"}
_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


class Attendance(NamedTuple):
    """Milliseconds Online, and in any other state but logged out."""

    available: int
    unavailable: int


def attendance(tenant: Tenant, user: str, start: int, end: int) -> Attendance:
    """Return how long somebody was there within `start` <= t < `end`."""
    available = unavailable = 0
    number = tenant.staff[user].id
    for interval in tenant.account.presence(number, moment(start), moment(end)):
        lasted = milliseconds(interval.end) - milliseconds(interval.start)
        if _STATES[interval.state] == ONLINE:
            available += lasted
        else:
            unavailable += lasted
    return Attendance(available, unavailable)


def last_state(tenant: Tenant, user: str, at: datetime) -> tuple[str | None, datetime]:
    """Return somebody's state up to a moment, None if they were logged out, and the moment in it.

    Work that ends with a state was done before that ended: it falls into the same hour.
    """
    number = tenant.staff[user].id
    found = [
        interval
        for interval in tenant.account.presence(number, at - _SECOND, at + _MILLISECOND)
        if interval.start < at
    ]
    if not found:
        return None, at
    return _STATES[found[-1].state], min(at, found[-1].end - _MILLISECOND)
