"""`stats/operator`: every operator over a window, whether anything happened or not.

Times are seconds. Cases count to their operator in the window in which they were taken
(`queriesAssigned`) and in that in which they ended (`queriesResolved`, with `sumDuration`, the
time in hand, and its mean); answers to the survey when they were given. So the figures of windows
that meet add up. `status`, `queryInProgress`, `queryPending` and `lastConnection`, which is the
last time of coming online, are of now, whatever the window; who is offline has no `status`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from vendors.chattonic.sandbox.attendance import Presence, state
from vendors.chattonic.sandbox.happenings import is_case, status
from vendors.chattonic.sandbox.office import iso
from vendors.chattonic.sandbox.tally import net_promoters, number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from vendors.chattonic.sandbox.office import Office, Operator
    from vendors.chattonic.sandbox.request import Parameters, Window
    from vendors.chattonic.sandbox.tally import Tally

# The only code of a role that the document shows.
_PROFILE = 500
_NOBODY = -1


def operators(office: Office, parameters: Parameters) -> Mapping[str, object]:
    """Return the figures of all operators."""
    parameters.allow("startDate", "endDate")
    window, now = parameters.window(), office.now
    tally = office.ledger.tally(*window, now)
    states = {live.staff.id: state(live.state) for live in office.account.live(now)}
    held = _held(office)
    return {
        "status": True,
        "operators": [
            {
                **_person(operator),
                **_present(states.get(operator.staff_id or _NOBODY)),
                **_attended(office, operator, window, now),
                **_handled(tally, operator),
                "queryInProgress": held["progress", operator.staff_id or _NOBODY],
            }
            for operator in office.operators
        ],
        "queryPending": held["pending", _NOBODY],
    }


def _held(office: Office) -> Counter[tuple[str, int]]:
    """Count the cases of now by status and by whom they are with."""
    recent = office.contacts(office.unsettled, newest_first=True)
    return Counter(
        (status(contact), contact.staff_id or _NOBODY) for contact in recent if is_case(contact)
    )


def _person(operator: Operator) -> Mapping[str, Any]:
    return {
        "name": {"givenName": operator.given, "familyName": operator.family},
        "origins": [origin.id for origin in operator.origins],
        "originsName": ", ".join(origin.name for origin in operator.origins) or "all",
        "profile": _PROFILE,
        "_id": operator.id,
        "displayName": f"{operator.given} {operator.family}",
    }


def _present(word: str | None) -> Mapping[str, str]:
    return {} if word is None else {"status": word}


def _attended(
    office: Office, operator: Operator, window: Window, now: datetime
) -> Mapping[str, Any]:
    presence, login = Presence(), None
    if operator.staff_id is not None:
        presence = office.attendance.presence(operator.staff_id, window, now)
        login = office.attendance.last_login(operator.staff_id, now)
    return {
        "onlineTime": _seconds(presence.online),
        "awayTime": _seconds(presence.away),
        "freeTime": _seconds(presence.free),
        "lastConnection": None if login is None else iso(login),
    }


def _handled(tally: Tally, operator: Operator) -> Mapping[str, float]:
    staff_id = operator.staff_id or _NOBODY
    closed, in_hand = tally.of("closed", staff_id), tally.of("in_hand", staff_id)
    return {
        "queriesResolved": closed,
        "avgDurationResolved": number(in_hand / closed) if closed else 0,
        "queriesAssigned": tally.of("assigned", staff_id),
        "sumDuration": in_hand,
        "nps": net_promoters(tally, staff_id),
        "numberOfResponsesNps": tally.of("answers", staff_id),
    }


def _seconds(length: timedelta) -> float:
    return number(length.total_seconds())
