"""iAdvize's words and shapes become records and readings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from vendors import records
from vendors.errors import PlatformBadResponseError
from vendors.iadvize import wire
from vendors.measures import Dimension
from vendors.records import Channel, ConversationState, MessageAuthor, MessageKind, PresenceStatus

__all__ = [
    "CHANNELS",
    "CONVERSATION_CHANNELS",
    "DESK_CHANNELS",
    "RESOURCES",
    "agent",
    "as_flag",
    "as_text",
    "as_texts",
    "conversation",
    "is_last",
    "live_filters",
    "local_bounds",
    "local_instant",
    "local_text",
    "number",
    "pages",
    "perhaps_instant",
    "presence",
    "total",
    "unseen",
]

CHANNELS: Mapping[str, Channel] = {
    "chat": Channel.CHAT,
    "call": Channel.CALL,
    "video": Channel.VIDEO,
    "facebook": Channel.FACEBOOK,
    "twitter": Channel.TWITTER,
    "facebookBusinessOnMessenger": Channel.MESSENGER,
    "instagram": Channel.INSTAGRAM,
    "sms": Channel.SMS,
    "whatsapp": Channel.WHATSAPP,
}
"""The `channel` values of the statistics."""

CONVERSATION_CHANNELS: Mapping[Channel, str] = {
    Channel.CHAT: "chat",
    Channel.CALL: "call",
    Channel.VIDEO: "video",
    # One word for all social networks: it cannot tell which, and so stands for none of them.
    Channel.OTHER: "social",
}
"""The `channel` values by which conversations are filtered."""

RESOURCES: Mapping[Dimension, str] = {
    Dimension.AGENT: "operator",
    Dimension.TEAM: "group",
    Dimension.SKILL: "skill",
    Dimension.RULE: "rule",
    Dimension.CONTACT_TYPE: "contact_type",
    Dimension.PAGE_TYPE: "page_type",
}
"""The `resource` values of the statistics."""

DESK_CHANNELS: Mapping[str, Channel] = {
    "chat": Channel.CHAT,
    "call": Channel.CALL,
    "video": Channel.VIDEO,
}
"""The channels that an operator can be enabled for."""

_MESSAGES: Mapping[str, tuple[MessageAuthor, MessageKind]] = {
    "1": (MessageAuthor.AGENT, MessageKind.TEXT),
    "2": (MessageAuthor.CUSTOMER, MessageKind.TEXT),
    "3": (MessageAuthor.SYSTEM, MessageKind.NOTICE),
    "5": (MessageAuthor.UNKNOWN, MessageKind.LINK),
    "6": (MessageAuthor.AGENT, MessageKind.RICH),
    "7": (MessageAuthor.CUSTOMER, MessageKind.RICH),
}
_OTHER_MESSAGE = (MessageAuthor.UNKNOWN, MessageKind.OTHER)
_ENTRY_LENGTH = 4
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_instant(text: str, where: ZoneInfo) -> datetime:
    """Return the instant of a local `YYYY-MM-DD HH:MM:SS`; raise PlatformBadResponseError.

    In the hour that a clock change repeats, both passes are read as the first: the text does not
    tell them apart, and so its order is kept.
    """
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=where)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PlatformBadResponseError("a time that cannot be read") from error


def local_text(local: datetime) -> str:
    """Return a local time as iAdvize writes it, down to the second."""
    return local.strftime("%Y-%m-%d %H:%M:%S")


def local_bounds(start: datetime, end: datetime, where: ZoneInfo) -> tuple[str, str] | None:
    """Return `from` and `to`, both inclusive, for the whole seconds of `[start, end)`.

    They reach too far where a bound is in an hour that a clock change repeats: its second pass is
    written like the first. None: there is no whole second.
    """
    first, beyond = (_up_to_second(one).astimezone(where) for one in (start, end))
    if first >= beyond:
        return None
    repeated = _utc_offset(beyond.replace(fold=0)) - _utc_offset(beyond)
    last = beyond.replace(tzinfo=None) + repeated - _SECOND
    return local_text(first), local_text(last)


def _up_to_second(instant: datetime) -> datetime:
    whole = instant.astimezone(UTC).replace(microsecond=0)
    return whole if whole == instant else whole + _SECOND


def _utc_offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)


def perhaps_instant(text: str | None, where: ZoneInfo) -> datetime | None:
    """Return the instant of a local time, or None where there is none that can be read."""
    try:
        return local_instant(text, where) if text else None
    except PlatformBadResponseError:
        return None


def as_text(value: wire.Id | None) -> str | None:
    """Return an id as text."""
    return None if value is None else str(value)


def as_texts(values: Sequence[wire.Id] | None) -> tuple[str, ...] | None:
    """Return ids as texts."""
    return None if values is None else tuple(str(value) for value in values)


def as_flag(value: wire.Flag | None) -> bool | None:
    """Return whether, however that is written."""
    return None if value is None else bool(value)


def conversation(item: wire.Conversation, platform: str, where: ZoneInfo) -> records.Conversation:
    """Return the record; `where` is the zone in which its times are written.

    Raises:
        PlatformBadResponseError: its start cannot be read.
    """
    ended_at = perhaps_instant(item.closed_at, where)
    return records.Conversation(
        platform=platform,
        native_id=str(item.id),
        channel=CHANNELS.get(item.channel or "", Channel.OTHER),
        native_channel=item.channel,
        state=_state(item, ended_at),
        started_at=local_instant(item.created_at, where),
        ended_at=ended_at,
        answered=as_flag(item.operator_answer),
        queued=as_flag(item.waitinglist),
        closed_by_agent=as_flag(item.operator_closed),
        agent_id=as_text(item.operator_id),
        customer_id=as_text(item.visitor_uid),
        skill_id=as_text(item.skill_id),
        site_id=as_text(item.website_id),
        rule_id=as_text(item.rule_id),
        page_type=item.page_type,
        tag_ids=as_texts(item.tag_list),
        messages=_messages(item.history, where),
    )


def _state(item: wire.Conversation, ended_at: datetime | None) -> ConversationState:
    if ended_at is not None:
        return ConversationState.CLOSED
    if item.closed_at:
        return ConversationState.UNKNOWN
    waits = item.waitinglist and item.operator_id is None and not item.operator_answer
    return ConversationState.WAITING if waits else ConversationState.OPEN


def _messages(history: Any, where: ZoneInfo) -> tuple[records.Message, ...] | None:  # noqa: ANN401 (as it came)
    entries = _entries(history) if isinstance(history, str) else history
    if not isinstance(entries, list):
        return None
    return tuple(_message(entry, where) for entry in entries)


def _entries(history: str) -> Any:  # noqa: ANN401 (as it came)
    """Return what a history string holds; the documented sample has braces for its brackets."""
    text = history.strip()
    if text.startswith("{") and text.endswith("}"):
        text = f"[{text[1:-1]}]"
    try:
        return msgspec.json.decode(text) if text else []
    except msgspec.DecodeError:
        return None


def _message(entry: Any, where: ZoneInfo) -> records.Message:  # noqa: ANN401 (as it came)
    """Return one entry `[type, local time, payload, epoch milliseconds]`, the last one optional."""
    told = entry if isinstance(entry, list) else [None, None, entry]
    parts = [*told, *[None] * _ENTRY_LENGTH]
    kind, at, payload, epoch = parts[:_ENTRY_LENGTH]
    author, what = _MESSAGES.get(str(kind), _OTHER_MESSAGE)
    return records.Message(
        sent_at=_sent_at(at, epoch, where),
        author=author,
        kind=what,
        text=payload if isinstance(payload, str) else None,
        native_kind=None if kind is None else str(kind),
    )


def _sent_at(at: Any, epoch: Any, where: ZoneInfo) -> datetime | None:  # noqa: ANN401 (as it came)
    try:
        return _EPOCH + timedelta(milliseconds=int(epoch))
    except (TypeError, ValueError, OverflowError):
        return perhaps_instant(at, where) if isinstance(at, str) else None


def agent(item: wire.Operator, platform: str) -> records.Agent:
    """Return the record of an operator."""
    enabled = {word: as_flag(getattr(item, f"{word}_enabled")) for word in DESK_CHANNELS}
    told = any(value is not None for value in enabled.values())
    channels = tuple(DESK_CHANNELS[word] for word, value in enabled.items() if value)
    role = None if item.role is None else (item.role,)
    apart = item.name is not None and (item.first_name or item.name) not in item.name
    return records.Agent(
        platform=platform,
        native_id=str(item.id),
        # With a first name beside it that it does not hold, `name` is the family's.
        name=f"{item.first_name} {item.name}" if apart else item.name,
        display_name=item.pseudo,
        given_name=item.first_name,
        family_name=item.name if apart else None,
        email=item.email,
        external_id=as_text(item.external_id),
        roles=role if item.roles is None else tuple(item.roles),
        languages=None if item.language_list is None else tuple(item.language_list),
        channels=channels if told else None,
        team_ids=() if item.group_id is None else (str(item.group_id),),
        skill_ids=as_texts(item.skill_list),
        site_ids=as_texts(item.website_list),
        channel_settings=tuple(_channel_settings(item)) or None,
        several_channels=as_flag(item.chat_and_call),
        admin_language=item.language_admin,
    )


def _channel_settings(item: wire.Operator) -> Iterator[records.ChannelSetting]:
    """Yield how the operator serves each channel of which anything is told."""
    for word, channel in DESK_CHANNELS.items():
        setting = records.ChannelSetting(
            channel=channel,
            enabled=as_flag(getattr(item, f"{word}_enabled")),
            # Of chats alone there are several at once.
            most_at_once=_perhaps_whole(item.chat_max_number) if word == "chat" else None,
            priority=_perhaps_whole(getattr(item, f"{word}_priority")),
            from_chat=as_flag(item.chat_to_video) if word == "video" else None,
        )
        if setting != records.ChannelSetting(channel=channel):
            yield setting


def presence(item: wire.Live, platform: str, as_of: datetime) -> records.AgentPresence:
    """Return an operator's state as it was told at `as_of`."""
    channels = tuple(
        _channel_presence(channel, state)
        for word, channel in DESK_CHANNELS.items()
        if (state := getattr(item, word)) is not None
    )
    connected = as_flag(item.connected)
    return records.AgentPresence(
        platform=platform,
        agent_id=str(item.id),
        status=_status(connected, channels),
        as_of=as_of,
        connected=connected,
        channels=channels,
    )


def unseen(agent_id: str, platform: str, as_of: datetime) -> records.AgentPresence:
    """Return the state of an operator whom the live list does not show, and does not say why."""
    return records.AgentPresence(
        platform=platform, agent_id=agent_id, status=PresenceStatus.UNAVAILABLE, as_of=as_of
    )


def _channel_presence(channel: Channel, state: wire.LiveChannel) -> records.ChannelPresence:
    return records.ChannelPresence(
        channel=channel,
        enabled=as_flag(state.enabled),
        available=as_flag(state.available),
        busy=as_flag(state.busy),
        slots_used=None if state.slot_number is None else _whole(state.slot_number),
        slots_total=None if state.slot_max_number is None else _whole(state.slot_max_number),
    )


def _status(
    connected: bool | None,
    channels: Sequence[records.ChannelPresence],
) -> PresenceStatus:
    if connected is False:
        return PresenceStatus.OFFLINE
    if any(one.available for one in channels):
        return PresenceStatus.AVAILABLE
    if connected is None:
        return PresenceStatus.UNKNOWN
    busy = [one.busy for one in channels if one.enabled]
    return PresenceStatus.BUSY if busy and all(busy) else PresenceStatus.AWAY


def live_filters(agents: Sequence[records.Agent]) -> list[tuple[tuple[str, str], ...]]:
    """Return the fewest filters of the live list that show these agents together.

    One for each team; skills for those who have no team; none at all for those without either.
    """
    teams = dict.fromkeys(one.team_ids[0] for one in agents if one.team_ids)
    found = [(("group_id", team),) for team in teams]
    alone = [one for one in agents if not one.team_ids]
    by_skill = [frozenset(one.skill_ids) for one in alone if one.skill_ids]
    while by_skill:
        skills = Counter(skill for owned in by_skill for skill in sorted(owned))
        ((skill, _),) = skills.most_common(1)
        found.append((("skill_id", skill),))
        by_skill = [owned for owned in by_skill if skill not in owned]
    return [*found, ()] if any(not one.skill_ids for one in alone) else [*found]


def is_last(pagination: wire.Pagination | None, page: int) -> bool:
    """Return whether no page follows that one; a list without `pagination` is whole."""
    return page >= pages(pagination)


def pages(pagination: wire.Pagination | None) -> int:
    """Return how many pages a list has; one without `pagination` is whole."""
    return 1 if pagination is None else _whole(pagination.pages or 0)


def total(pagination: wire.Pagination | None) -> int:
    """Return how many rows a list has on all pages, or 0 where it does not say."""
    return 0 if pagination is None else _whole(pagination.count or 0)


def _whole(value: int | str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise PlatformBadResponseError("a number that cannot be read") from error


def _perhaps_whole(value: wire.Number) -> int | None:
    """Return a whole number, or None where there is none that can be read."""
    try:
        return None if value is None else int(value)
    except (ValueError, OverflowError):
        return None


def number(value: Any) -> float | None:  # noqa: ANN401 (as it came)
    """Return a value, which may be a string of digits; raise PlatformBadResponseError."""
    if value is None:
        return None
    try:
        read = float(value)
    except (TypeError, ValueError) as error:
        raise PlatformBadResponseError("a value that is no number") from error
    if not math.isfinite(read):
        raise PlatformBadResponseError("a value that is no number")
    return read
