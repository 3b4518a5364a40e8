"""From Gnatta's words to ours: channels, dates, numbers, and audits as conversations. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any, Final

from vendors import records
from vendors.buckets import bucket_edges, zone
from vendors.drill_through import DataValue
from vendors.errors import PlatformBadResponseError
from vendors.gnatta import wire
from vendors.gnatta.settings import GnattaSettings
from vendors.measures import Dimension, Figure, Grain, MeasureCall, Merge, Unit
from vendors.port import ConversationQuery

__all__ = [
    "BY_CHANNEL",
    "BY_HOURS",
    "CALLS",
    "CHANNELS",
    "DATA",
    "DIRECTIONS",
    "LIVE",
    "OUTCOMES",
    "STATES",
    "UNCONNECTED",
    "Labels",
    "Read",
    "any_member",
    "channel_of",
    "channel_words",
    "context",
    "conversation",
    "data_values",
    "directory",
    "instant_text",
    "member_of",
    "read_date",
    "reader",
    "received",
    "view_contexts",
]

CHANNELS: Final[Mapping[str, records.Channel]] = {
    "Facebook": records.Channel.FACEBOOK,
    "Instagram": records.Channel.INSTAGRAM,
    "Email": records.Channel.EMAIL,
    "Twitter": records.Channel.TWITTER,
    "SMS": records.Channel.SMS,
    "Voice": records.Channel.CALL,
    "TrustPilot": records.Channel.TRUSTPILOT,
    "WebChat": records.Channel.CHAT,
    # Not in the API's list; the vendor's glossary calls it a channel.
    "WhatsApp": records.Channel.WHATSAPP,
}

CHATS: Final = frozenset({"WebChat"})
CALLS: Final = frozenset({"Voice"})
LIVE: Final = CHATS | CALLS

OUTCOMES: Final[Mapping[str, tuple[frozenset[str], str, str]]] = {
    "abandonedByCustomer": (
        CHATS,
        "Abandoned by the customer",
        "Chats that ended before they were in progress with an operator.",
    ),
    "abandonedByOperator": (
        CHATS,
        "Abandoned by the operator",
        "Chats that ended while an operator had them who had sent nothing since the assignment.",
    ),
    "abandonedByIvr": (CALLS, "Abandoned in the IVR", "Calls that ended in the menu."),
    "abandoned": (
        CALLS,
        "Abandoned",
        "Calls that ended after the menu, before both sides were connected.",
    ),
    "handled": (LIVE, "Handled", "Live conversations that nobody abandoned."),
}
"""How live conversations end: on which channels, the title and what is meant."""

STATES: Final = {"Available": "available", "LoggedIn": "logged in"}
"""The states that contacts per hour are told for, in words."""

DIRECTIONS: Final = {"": "", "/Inbound": ", inbound calls", "/Outbound": ", outbound calls"}
"""What the name of a live source ends with, and what that adds to the title of its figures."""

BY_HOURS: Final = "byHours"
"""The last word in the name of a rate that is the tile's value and is combined by hours."""

DATA: Final = "Data"
"""The context that tells values of dynamic data."""

UNCONNECTED: Final = "abandonedBeforeOperator"
BY_CHANNEL: Final[Mapping[str, Mapping[str, str]]] = {
    UNCONNECTED: {"WebChat": "abandonedByCustomer", "Voice": "abandoned"},
}
"""Figures of live conversations that bear another name in the answer for each channel."""


def instant_text(instant: datetime) -> str:
    """Return the instant as the API wants it: UTC with `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def directory(settings: GnattaSettings) -> Mapping[Dimension, Mapping[str, str]]:
    """Return the configured members of every dimension: id to name, which may be empty."""
    listed = settings.directory
    return {
        Dimension.AGENT: listed.users,
        Dimension.QUEUE: listed.queues,
        Dimension.ACCOUNT: listed.accounts,
        Dimension.CHANNEL: dict.fromkeys(listed.channels, ""),
        Dimension.TAG: listed.tags,
    }


def read_date(text: str) -> datetime:
    """Return a date of an answer; raise PlatformBadResponseError where it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise PlatformBadResponseError("a date in the answer is not ISO 8601") from error


class Labels:
    """The starts of a call's buckets, by the label that a group's points carry.

    A label without an offset is local to the call's zone. Where a local hour comes twice, its
    second label is the second hour. A part of an hour, where clocks change by half of one, may be
    labelled by the full hour that it is a part of.
    """

    def __init__(self, call: MeasureCall) -> None:
        """Label the buckets that touch the call's window, and the one that begins at its end."""
        where = zone(call.zone)
        self._starts: dict[datetime, tuple[datetime, ...]] = {}
        for edge in bucket_edges(call.grain.value, call.start, call.end, where):
            local = edge.astimezone(where).replace(tzinfo=None)
            if call.grain is not Grain.HOUR:
                # Some zones change at midnight: the day then begins at one, but is labelled so.
                local = datetime.combine(local.date(), time.min)
            self._starts[edge] = (edge,)
            self._starts[local] = (*self._starts.get(local, ()), edge)
            if call.grain is Grain.HOUR and local.minute:
                full = local.replace(minute=0)
                self._starts.setdefault(edge - (local - full), (edge,))
                self._starts[full] = (*self._starts.get(full, ()), edge)

    def starts(self, labels: Iterable[str]) -> list[datetime]:
        """Return the starts of one group's buckets; raise PlatformBadResponseError."""
        found: list[datetime] = []
        for label in labels:
            fitting = self._starts.get(read_date(label), ())
            start = next((one for one in fitting if one not in found), None)
            if start is None:
                message = f"no bucket of the call begins at {label[:40]!r}, or it came twice"
                raise PlatformBadResponseError(message)
            found.append(start)
        return found


def member_of(ids: tuple[str, ...], names: Mapping[str, str]) -> Callable[[wire.Group], str]:
    """Return what tells which of these a group is: by its id, or by a name of the directory."""
    known = {names[one].casefold(): one for one in ids if names.get(one)}
    known |= {one.casefold(): one for one in ids}

    def member(group: wire.Group) -> str:
        for label in (group.id, group.name):
            if label is not None and label.casefold() in known:
                return known[label.casefold()]
        raise PlatformBadResponseError("a group that was not asked for, or whose name is unknown")

    return member


def any_member(group: wire.Group) -> str:
    """Return which member a group is where none was named: by its id, or its name without one."""
    label = group.id or group.name
    if label is None:
        raise PlatformBadResponseError("a group has neither id nor name")
    return label


_UNIT_SECONDS: Final = {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0}
_TIME_SPAN: Final = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)", re.ASCII)

Read = Callable[[wire.Number], float | None]


def reader(figure: Figure, settings: GnattaSettings) -> Read:
    """Return what makes a number of that figure ours: a count, seconds, a fraction.

    It raises PlatformBadResponseError for what cannot be such a number.
    """
    if figure.unit is not Unit.SECONDS:
        times = 0.01 if figure.unit is Unit.RATE else 1.0
        return lambda value: _number(value, times)
    unit = _UNIT_SECONDS[settings.duration_unit]
    if figure.merge is not Merge.MEAN:
        return lambda value: _duration(value, unit)
    # What an average over nothing is, null or 0, is not documented, and an answer after exactly no
    # time does not happen. So a zero is taken as "nothing to average", not as "at once".
    return lambda value: _duration(value, unit) or None


def _number(value: wire.Number, times: float) -> float | None:
    if isinstance(value, str):
        raise PlatformBadResponseError("a number is a text")
    return value if value is None else value * times


def _duration(value: wire.Number, unit: float) -> float | None:
    if not isinstance(value, str):
        return value if value is None else value * unit
    span = _TIME_SPAN.fullmatch(value)
    if span is None:
        raise PlatformBadResponseError("a duration is neither a number nor a time span")
    days, hours, minutes, seconds = (float(part or 0) for part in span.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def channel_words(wanted: tuple[records.Channel, ...], settings: GnattaSettings) -> tuple[str, ...]:
    """Return the configured channels that mean one of those wanted."""
    words = settings.directory.channels
    return tuple(word for word in words if CHANNELS.get(word, records.Channel.OTHER) in wanted)


def received(query: ConversationQuery, settings: GnattaSettings) -> dict[str, Any]:
    """Return the filters for the starts of interactions that the query wants, but their window."""
    fixed = wire.endpoint("interactionsReceived", None).fixed
    filters: dict[str, Any] = {name: list(states) for name, states in fixed.items()}
    if query.channels:
        filters["channels"] = list(channel_words(query.channels, settings))
    if query.queue_ids:
        filters["queues"] = list(query.queue_ids)
    return filters


def view_contexts(kinds: Iterable[str], settings: GnattaSettings) -> list[dict[str, str]]:
    """Return what a view is asked to tell beside reference, channel and time.

    Each kind as `view_contexts` words it, else by its name alone; nothing where that is empty.
    """
    if not settings.view_contexts:
        return []
    told: list[dict[str, str]] = []
    for kind in kinds:
        worded = [dict(one) for one in settings.view_contexts if one.get("type") == kind]
        told += worded or ([{"type": kind}] if kind != DATA else _data_contexts(settings))
    return told


def _data_contexts(settings: GnattaSettings) -> list[dict[str, str]]:
    """Return the dynamic data types that are known, those of string editors with their order."""
    known = settings.directory
    ids = dict.fromkeys([*filter(None, [known.tag_type]), *known.string_types])
    ordered = {"orderBy": known.string_order}
    return [
        {"type": DATA, "id": one, **(ordered if one in known.string_types else {})} for one in ids
    ]


def context(event: wire.Event, name: str) -> str | None:
    """Return that context of an event where it is a text."""
    value = (event.contexts or {}).get(name)
    return value if isinstance(value, str) and value else None


def conversation(
    event: wire.Event, at: datetime, event_id: str, platform: str
) -> records.Conversation:
    """Return the start of an interaction as a conversation; its present state is not told."""
    return records.Conversation(
        platform=platform,
        native_id=event.reference,
        channel=channel_of(event),
        native_channel=event.channel,
        reference=event.reference,
        event_id=event_id,
        started_at=at,
        agent_id=context(event, "user"),
        queue_id=context(event, "queue"),
    )


def channel_of(event: wire.Event) -> records.Channel:
    """Return our word for the channel of an event."""
    return CHANNELS.get(event.channel or "", records.Channel.OTHER)


def data_values(event: wire.Event) -> tuple[DataValue, ...] | None:
    """Return the dynamic data of an event, each of several values by itself; None without any."""
    told = (event.contexts or {}).get("data")
    if not isinstance(told, list):
        return None
    named = [one for one in told if isinstance(one, dict) and "id" in one]
    return tuple(
        DataValue(id=str(one["id"]), value=None if value is None else str(value))
        for one in named
        for value in (_several(one.get("value")))
    )


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
