"""The properties of request bodies: where each stands, what it may say, what it sets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from vendors.gnatta.sandbox.figures import ACTIONS, RESPONSE_TIMES
from vendors.gnatta.sandbox.profile import CHANNELS, LIVE_CHANNELS
from vendors.gnatta.sandbox.tenant import DATA_TYPES, DataType
from vendors.gnatta.sandbox.window import GROUPINGS, read_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Read = Callable[[object], Any]

STATES = ("Draft", "Created", "Queued", "Assigned", "Automation", "Closed")
DIRECTIONS = ("Inbound", "Outbound")
USER_STATES = ("Available", "LoggedIn", "Unavailable")
ORDERS = ("Ascending", "Descending")
ORDER_FIELDS = ("Timestamp", "Reference")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class InvalidValueError(Exception):
    """A value that a property cannot have."""


class Field(NamedTuple):
    """A property: the attribute that it sets, and its reader, which raises InvalidValueError."""

    attribute: str
    read: Read


class DataGroups(NamedTuple):
    """A dynamic data type to group by, and the values that are asked for."""

    type: DataType
    values: tuple[str, ...]


def one_of(*words: str) -> Read:
    """Return a reader of one of the words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise InvalidValueError(f"The value must be one of {', '.join(words)}.")
        return value

    return read


def many(read_one: Read) -> Read:
    """Return a reader of an array, which drops what is said twice."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise InvalidValueError("The value must be an array.")
        return tuple(dict.fromkeys(read_one(item) for item in value))

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidValueError("The value must be a string that is not empty.")
    return value


def _guid(value: object) -> str:
    if not isinstance(value, str) or _GUID.fullmatch(value) is None:
        raise InvalidValueError("The value must be a GUID.")
    return value.lower()


def _instant(value: object) -> datetime:
    at = read_instant(value) if isinstance(value, str) else None
    if at is None:
        raise InvalidValueError("The value must be a date and time in UTC.")
    return at


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: object) -> ZoneInfo:
    if not isinstance(value, str) or value not in _zones():
        raise InvalidValueError("The value must be an IANA time zone.")
    return ZoneInfo(value)


def data_groups(value: object) -> DataGroups:
    """Read a dynamic data type and values of it; options must be its own."""
    if not isinstance(value, dict):
        raise InvalidValueError("The value must be an object.")
    data_type = DATA_TYPES.get(_guid(value.get("id")))
    if data_type is None:
        raise InvalidValueError("The id must be that of a dynamic data type.")
    values = many(_text)(value.get("values") or [])
    if not data_type.free_text and not set(values) <= set(data_type.options):
        raise InvalidValueError("The values must be options of the dynamic data type.")
    return DataGroups(data_type, values)


def _data_filter(value: object) -> tuple[str, frozenset[str] | None]:
    data_type, values = data_groups(value)
    return data_type.id, frozenset(values) or None


FIELDS: Mapping[str, Field] = {
    "oldState": Field("old", many(one_of(*STATES))),
    "newState": Field("new", many(one_of(*STATES))),
    "userIds": Field("users", many(_text)),
    "accounts": Field("accounts", many(_guid)),
    "direction": Field("direction", one_of(*DIRECTIONS)),
    "responseTime": Field("response_time", one_of(*RESPONSE_TIMES)),
    "action": Field("action", one_of(*ACTIONS)),
    "userState": Field("user_state", one_of(*USER_STATES)),
    "data": Field("data_groups", data_groups),
    "orderBy": Field("order", one_of(*ORDERS)),
    "orderByField": Field("order_field", one_of(*ORDER_FIELDS)),
    "timeZone": Field("zone", _zone),
    "filters.groupBy": Field("group_by", one_of(*GROUPINGS)),
    "filters.from": Field("start", _instant),
    "filters.to": Field("end", _instant),
    "filters.channels": Field("channels", many(one_of(*CHANNELS))),
    "filters.queues": Field("queues", many(_guid)),
    "filters.channel": Field("channel", one_of(*LIVE_CHANNELS)),
    "filters.data": Field("data", many(_data_filter)),
}
