"""From Gnatta's words to ours: channels, dates, numbers, and audits as conversations. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import msgspec

from vendors import records
from vendors.buckets import bucket_edges, zone
from vendors.errors import BadInputError, PlatformBadResponseError
from vendors.gnatta import wire
from vendors.gnatta.settings import GnattaSettings
from vendors.measures import Dimension, Figure, Grain, MeasureCall, Merge, Unit
from vendors.port import ConversationQuery

__all__ = [
    "BY_CHANNEL",
    "BY_HOURS",
    "CALLS",
    "CHANNELS",
    "DIRECTIONS",
    "LIVE",
    "OUTCOMES",
    "STATES",
    "UNCONNECTED",
    "Labels",
    "Position",
    "Read",
    "View",
    "channel_words",
    "context",
    "conversation",
    "directory",
    "end_of_second",
    "instant_text",
    "member_of",
    "read_date",
    "reader",
    "view",
    "view_body",
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


class Position(msgspec.Struct, frozen=True):
    """A place in the list of events: newest first, then by reference and number."""

    at: datetime
    reference: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Position:
        """Return the position that `str` wrote; raise BadInputError for anything else."""
        reference, _, rest = text.rpartition("@")
        stamp, _, number = rest.partition("#")
        try:
            return cls(
                datetime.fromisoformat(stamp).replace(tzinfo=UTC), reference, int(number or 1)
            )
        except ValueError as error:
            raise BadInputError("This is no position in the list.", argument="after") from error

    def __str__(self) -> str:
        """Return the event's id: reference, instant, and a number where several are equal."""
        text = f"{self.reference}@{instant_text(self.at)}"
        return text if self.number == 1 else f"{text}#{self.number}"

    @property
    def rank(self) -> tuple[timedelta, str, int]:
        """Return what sorts positions into the order of the list."""
        return (datetime.max.replace(tzinfo=UTC) - self.at, self.reference, self.number)


class View(msgspec.Struct, frozen=True):
    """What one view-interactions answer gives: whole instants only, in the order of the list."""

    conversations: tuple[records.Conversation, ...]
    positions: tuple[Position, ...]
    left_until: datetime | None
    """The end of the second in which rows may be missing; None where all came."""

    def behind(self, after: Position | None) -> list[tuple[records.Conversation, Position]]:
        """Return the items that come after that position."""
        pairs = zip(self.conversations, self.positions, strict=True)
        return [one for one in pairs if after is None or one[1].rank > after.rank]


def channel_words(wanted: tuple[records.Channel, ...], settings: GnattaSettings) -> tuple[str, ...]:
    """Return the configured channels that mean one of those wanted."""
    words = settings.directory.channels
    return tuple(word for word in words if CHANNELS.get(word, records.Channel.OTHER) in wanted)


def end_of_second(instant: datetime) -> datetime:
    """Return the end of the second that holds the instant.

    Nothing tells how fine the API's clock is, so windows are cut at whole seconds.
    """
    return instant.replace(microsecond=0) + timedelta(seconds=1)


def view_body(
    query: ConversationQuery, since: datetime, until: datetime, settings: GnattaSettings
) -> dict[str, Any]:
    """Return the request for the newest events of `[since, until)` that the query wants."""
    received = wire.endpoint("interactionsReceived", None).fixed
    filters: dict[str, Any] = {name: list(states) for name, states in received.items()}
    filters |= {"from": instant_text(since), "to": instant_text(until)}
    if query.channels:
        filters["channels"] = list(channel_words(query.channels, settings))
    if query.queue_ids:
        filters["queues"] = list(query.queue_ids)
    body: dict[str, Any] = {"orderBy": "Descending", "orderByField": "Timestamp"}
    if settings.view_contexts:
        body["contexts"] = [dict(one) for one in settings.view_contexts]
    return {**body, "filters": filters}


def view(events: tuple[wire.Event, ...], query: ConversationQuery, platform: str) -> View:
    """Return the events of the window as conversations, newest first.

    A full answer may end in the middle of an instant. That instant is left for the next answer,
    unless there is no other.
    """
    dated = [(_instant(event.timestamp), event) for event in events]
    left_until = None
    if len(events) >= wire.MOST_EVENTS:
        oldest = min(at for at, _ in dated)
        left_until = end_of_second(oldest)
        dated = [one for one in dated if one[0] > oldest] or dated
    placed = _numbered([one for one in dated if query.start <= one[0] < query.end])
    ordered = sorted(placed, key=lambda one: one[0].rank)
    return View(
        tuple(conversation(event, place, platform) for place, event in ordered),
        tuple(place for place, _ in ordered),
        left_until,
    )


def _instant(text: str) -> datetime:
    told = read_date(text)
    return (told if told.tzinfo is not None else told.replace(tzinfo=UTC)).astimezone(UTC)


def _numbered(
    dated: list[tuple[datetime, wire.Event]],
) -> list[tuple[Position, wire.Event]]:
    """Number the rows that share reference and instant by what they say, whatever their order."""
    seen: dict[tuple[datetime, str], int] = {}
    placed = []
    for at, event in sorted(dated, key=lambda one: _content(one[1])):
        key = (at, event.reference)
        seen[key] = seen.get(key, 0) + 1
        placed.append((Position(at, event.reference, seen[key]), event))
    return placed


def _content(event: wire.Event) -> str:
    return f"{event.channel}|{context(event, 'queue')}|{context(event, 'user')}"


def context(event: wire.Event, name: str) -> str | None:
    """Return that context of an event where it is a text."""
    value = (event.contexts or {}).get(name)
    return value if isinstance(value, str) and value else None


def conversation(event: wire.Event, place: Position, platform: str) -> records.Conversation:
    """Return the start of an interaction as a conversation; its present state is not told."""
    return records.Conversation(
        platform=platform,
        native_id=event.reference,
        channel=CHANNELS.get(event.channel or "", records.Channel.OTHER),
        native_channel=event.channel,
        reference=event.reference,
        event_id=str(place),
        started_at=place.at,
        agent_id=context(event, "user"),
        queue_id=context(event, "queue"),
    )
