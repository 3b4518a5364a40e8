"""How iAdvize is told of a change: the method, the resource, and our members as its form fields.

Forms are written as PHP's `http_build_query` writes them, by which iAdvize's own client makes them:
flags as 1 and 0, what is nested as `chat[available]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from vendors.iadvize.mapping import DESK_CHANNELS
from vendors.records import Channel, ChannelSetting
from vendors.writes import (
    AgentMembers,
    Change,
    CreateAgent,
    CreateCustomer,
    CreateSkill,
    CreateTag,
    CreateTeam,
    CustomerMembers,
    DeleteAgent,
    DeleteCustomer,
    DeleteSkill,
    DeleteTeam,
    DisconnectAgent,
    HangUpCallback,
    PickUpCallback,
    SetAgentAvailability,
    UpdateAgent,
    UpdateCustomer,
    UpdateSite,
    UpdateSkill,
    UpdateTeam,
)

__all__ = ["CHANNEL_WORDS", "OPERATIONS", "Operation", "form", "ours", "said"]

Fields = Mapping[str, str]

CHANNEL_WORDS: Mapping[Channel, str] = {ours: theirs for theirs, ours in DESK_CHANNELS.items()}
"""The channels that an operator can be enabled for, in iAdvize's words."""

_TEAM: Fields = {"name": "name", "parent_id": "parent_id"}
_SKILL: Fields = {**_TEAM, "position": "order"}
_AGENT: Fields = {
    "given_name": "first_name",
    "family_name": "name",
    "display_name": "pseudo",
    "email": "email",
    "external_id": "external_id",
    "roles": "roles",
    "languages": "language_list",
    "admin_language": "language_admin",
    "team_id": "group_id",
    "site_ids": "website_list",
    "skill_ids": "skill_list",
    "several_channels": "chat_and_call",
}
_CUSTOMER: Fields = {
    "external_id": "external_id",
    "given_name": "firstname",
    "family_name": "lastname",
    "email": "email",
    "phone": "phone",
    "address": "address",
    "postal_code": "zip",
    "city": "city",
    "country": "country",
    "site_ids": "website_id",
}
_TAG: Fields = {"name": "name", "site_id": "website_id"}
_SITE: Fields = {
    "name": "label",
    "url": "url",
    "currency": "currency",
    "language": "language_admin",
    "time_zone": "timezone",
}
_CALLBACK: Fields = {
    "agent_external_id": "operator_external_id",
    "site_id": "website_id",
    "phone": "phone_number",
}


_NO_FIELDS: Fields = MappingProxyType({})


class Operation(NamedTuple):
    """One kind of change: our members that it takes, by iAdvize's names, and what it always says.

    `below` follows the id in the path, and is the whole of it behind a resource without ids.
    """

    method: str
    resource: str
    fields: Fields = _NO_FIELDS
    below: str = ""
    fixed: tuple[tuple[str, str], ...] = ()


OPERATIONS: Mapping[type[Change], Operation] = {
    CreateTeam: Operation("POST", "group", _TEAM),
    UpdateTeam: Operation("PUT", "group", _TEAM),
    DeleteTeam: Operation("DELETE", "group"),
    CreateSkill: Operation("POST", "skill", _SKILL),
    UpdateSkill: Operation("PUT", "skill", _SKILL),
    DeleteSkill: Operation("DELETE", "skill"),
    CreateAgent: Operation("POST", "operator", _AGENT),
    UpdateAgent: Operation("PUT", "operator", _AGENT),
    DeleteAgent: Operation("DELETE", "operator"),
    SetAgentAvailability: Operation("PUT", "operator", below="live"),
    DisconnectAgent: Operation("PUT", "operator", below="live", fixed=(("connected", "0"),)),
    CreateCustomer: Operation("POST", "visitor", _CUSTOMER),
    UpdateCustomer: Operation("PUT", "visitor", _CUSTOMER),
    DeleteCustomer: Operation("DELETE", "visitor"),
    CreateTag: Operation("POST", "tag", _TAG),
    UpdateSite: Operation("PUT", "website", _SITE),
    PickUpCallback: Operation("POST", "odigocallback", _CALLBACK, below="pickup"),
    HangUpCallback: Operation("POST", "odigocallback", _CALLBACK, below="hangup"),
}
"""The document gives methods, paths and fields of all of them."""


def said(change: Change) -> Mapping[str, Any]:
    """Return the members of a change that are set, those of its agent or customer among them."""
    found: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(change).items():
        if isinstance(value, AgentMembers | CustomerMembers):
            found |= msgspec.structs.asdict(value)
        else:
            found[name] = value
    return {
        name: value
        for name, value in found.items()
        if value is not None and value is not msgspec.UNSET
    }


def form(change: Change, lists: str) -> tuple[tuple[str, str], ...]:
    """Return the fields of a change; `lists` is how several values of one are written."""
    operation = OPERATIONS[type(change)]
    found = list(operation.fixed)
    for name, value in said(change).items():
        if name in _SPREAD:
            found += _SPREAD[name](value)
        elif name in operation.fields:
            found += _written(operation.fields[name], value, lists)
    return tuple(found)


def ours(change: Change, field: str) -> str | None:
    """Return the member of a change that becomes a field of iAdvize's, where one does."""
    named = {theirs: mine for mine, theirs in OPERATIONS[type(change)].fields.items()}
    if isinstance(change, CreateAgent | UpdateAgent):
        named |= dict.fromkeys(_CHANNEL_FIELDS, "channel_settings")
    return named.get(field, "native_id" if field == "id" else None)


def _written(name: str, value: object, lists: str) -> list[tuple[str, str]]:
    if isinstance(value, tuple):
        return _LISTS[lists](name, value) if value else [(name, "")]
    return [(name, _text(value))]


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


_LISTS: Mapping[str, Callable[[str, tuple[str, ...]], list[tuple[str, str]]]] = {
    "numbered": lambda name, values: [(f"{name}[{at}]", value) for at, value in enumerate(values)],
    "brackets": lambda name, values: [(f"{name}[]", value) for value in values],
    "commas": lambda name, values: [(name, ",".join(values))],
}


def _settings(settings: tuple[ChannelSetting, ...]) -> Iterator[tuple[str, str]]:
    for one in settings:
        word = CHANNEL_WORDS[one.channel]
        for suffix, value in (
            ("enabled", one.enabled),
            ("max_number", one.most_at_once),
            ("priority", one.priority),
        ):
            if value is not None:
                yield f"{word}_{suffix}", _text(value)


def _available(channels: tuple[tuple[Channel, bool], ...]) -> Iterator[tuple[str, str]]:
    for channel, available in channels:
        yield f"{CHANNEL_WORDS[channel]}[available]", _text(available)


_SPREAD: Mapping[str, Callable[[Any], Iterator[tuple[str, str]]]] = {
    "channel_settings": _settings,
    "channels": _available,
}
"""Members that become several fields each."""
_CHANNEL_FIELDS = (
    "chat_max_number",
    *(f"{word}_{what}" for word in DESK_CHANNELS for what in ("enabled", "priority")),
)
