"""`/operator/live`: who can be reached now.

The list shows whoever is available on a channel, or with `connected` whoever is connected or not.
An operator with a group or with skills is shown only where the request names a group or a skill of
theirs. The bot never logged in, so that the list does not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.iadvize.sandbox import envelope, operators
from vendors.world import Live

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office, Operator
    from vendors.iadvize.sandbox.query import Filters, Query

_CHANNELS = ("chat", "call", "video")
_AVAILABLE = frozenset({"available", "busy"})


def live(office: Office, query: Query) -> Payload:
    """List operators as they are now."""
    filters = query.filters
    filters.allow(operators.FILTERS | {"connected"})
    wanted = _VIEWS[filters.choice("connected", ("0", "1"))]
    present = {state.staff.id: state for state in office.account.live()}
    shown = [
        _fields(office, present[operator.id])
        for operator in operators.matching(office, filters)
        if operator.id in present and _named(office, operator, filters)
    ]
    return envelope.success([one for one in shown if wanted(one)])


def live_one(office: Office, query: Query) -> Payload:
    """Show one operator now."""
    operator = operators.find(office, query)
    states = (state for state in office.account.live() if state.staff.id == operator.id)
    state = next(states, Live(operator.member, None, 0, ()))
    return envelope.success(_fields(office, state))


def _named(office: Office, operator: Operator, filters: Filters) -> bool:
    """Tell whether an operator of groups or skills is asked for by one of them."""
    if office.group_of(operator) is None and not office.skills_of(operator):
        return True
    return "group_id" in filters or "skill_id" in filters


def _available(fields: Payload) -> bool:
    return any(fields[channel]["available"] for channel in _CHANNELS)


_VIEWS: Mapping[str | None, Callable[[Payload], bool]] = {
    None: _available,
    "0": lambda fields: not fields["connected"],
    "1": lambda fields: bool(fields["connected"]),
}


def _fields(office: Office, state: Live) -> Payload:
    held = [office.account.contact(number) for number in state.contact_ids]
    used = [contact.channel for contact in held if contact is not None]
    channels = {channel: _channel(state, channel, used.count(channel)) for channel in _CHANNELS}
    return {"id": state.staff.id, "connected": state.connected, **channels}


def _channel(state: Live, channel: str, used: int) -> Payload:
    """Return one channel; every slot in use on all of them together makes each of them busy."""
    slots = state.staff.max_slots if channel == "chat" else 1
    enabled = channel in state.staff.channels
    busy = used >= slots or state.slots_used >= state.staff.max_slots
    return {
        "enabled": enabled,
        "slot_number": used,
        "slot_max_number": slots,
        "busy": busy,
        "available": enabled and state.state in _AVAILABLE and not busy,
    }
