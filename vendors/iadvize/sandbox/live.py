"""`/operator/live`: who can be reached now.

The list shows whoever is available on a channel, or with `connected` whoever is connected or not.
An operator with a group or with skills is shown only where the request names a group or a skill of
theirs. The bot never logged in, so that the list does not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.iadvize.sandbox import envelope, forms, operators
from vendors.iadvize.sandbox.refusals import invalid, missing
from vendors.iadvize.sandbox.roster import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Filters, Query
    from vendors.iadvize.sandbox.roster import Operator
    from vendors.world import Live

_AVAILABLE = frozenset({"available", "busy"})
_SETTINGS = {
    **{f"{channel}[available]": forms.FLAG for channel in CHANNELS},
    "connected": forms.choice("0"),
}


def live(office: Office, query: Query) -> Payload:
    """List operators as they are now."""
    filters = query.filters
    filters.allow(operators.FILTERS | {"connected"})
    wanted = _VIEWS[filters.choice("connected", ("0", "1"))]
    present = {state.staff.id: state for state in office.account.live()}
    shown = [
        _fields(office, operator, present.get(operator.id))
        for operator in operators.matching(office, filters)
        if (operator.id in present or operator.id in office.availability)
        and _named(office, operator, filters)
    ]
    return envelope.success([one for one in shown if wanted(one)])


def live_one(office: Office, query: Query) -> Payload:
    """Show one operator now."""
    operator = operators.find(office, query)
    states = (state for state in office.account.live() if state.staff.id == operator.id)
    return envelope.success(_fields(office, operator, next(states, None)))


def set_live(office: Office, query: Query) -> Payload:
    """Let an operator take conversations or not, or disconnect them."""
    operator = operators.find(office, query)
    said = forms.read(query.form, _SETTINGS)
    if not said:
        raise missing("connected")
    channels = {channel: said[name] for channel, name in _named_channels(said)}
    for channel, available in channels.items():
        if available and channel not in operator.member.channels:
            raise invalid(f"{channel}[available]")
    if channels:
        office.availability.let(operator.id, channels, office.now)
    if "connected" in said:
        office.availability.disconnect(operator.id, office.now)
    return envelope.told(" ".join(_sentences(channels, said)))


def _named_channels(said: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(one, name) for one in CHANNELS if (name := f"{one}[available]") in said]


def _sentences(channels: Mapping[str, bool], said: Mapping[str, object]) -> Iterator[str]:
    for channel, available in channels.items():
        word = "available" if available else "unavailable"
        yield f"Operator is now {word} for {channel} channel."
    if "connected" in said:
        yield "Operator is now disconnected."


def _named(office: Office, operator: Operator, filters: Filters) -> bool:
    """Tell whether an operator of groups or skills is asked for by one of them."""
    if office.group_of(operator) is None and not office.skills_of(operator):
        return True
    return "group_id" in filters or "skill_id" in filters


def _available(fields: Payload) -> bool:
    return any(fields[channel]["available"] for channel in CHANNELS)


_VIEWS: Mapping[str | None, Callable[[Payload], bool]] = {
    None: _available,
    "0": lambda fields: not fields["connected"],
    "1": lambda fields: bool(fields["connected"]),
}


def _fields(office: Office, operator: Operator, state: Live | None) -> Payload:
    """Return an operator now: what was set of them goes before what the rota says."""
    numbers = () if state is None else state.contact_ids
    found = (office.account.contact(number) for number in numbers)
    held = [one.channel for one in found if one] + [
        call.channel for call in office.calls.held_by(operator.id)
    ]
    desk = office.availability.of(operator.id, office.now)
    here = state is not None and state.state in _AVAILABLE
    connected = state is not None and state.connected
    connected = connected if desk.connected is None else desk.connected
    channels = {
        channel: _channel(
            operator, channel, held, open_=connected and desk.channels.get(channel, here)
        )
        for channel in CHANNELS
    }
    return {"id": operator.id, "connected": connected, **channels}


def _channel(operator: Operator, channel: str, held: Sequence[str], *, open_: bool) -> Payload:
    """Return one channel; every slot in use on all of them together makes each of them busy."""
    most = operator.member.max_slots
    used, slots = held.count(channel), most if channel == "chat" else 1
    enabled = channel in operator.member.channels
    busy = used >= slots or len(held) >= most
    return {
        "enabled": enabled,
        "slot_number": used,
        "slot_max_number": slots,
        "busy": busy,
        "available": enabled and open_ and not busy,
    }
