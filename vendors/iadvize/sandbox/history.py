"""The history of a conversation: positional entries, or the text that they make up.

Entries are `[type, local time, payload]`; texts have the milliseconds since 1970 behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from vendors.world import Contact, Message, Site

Entry: TypeAlias = "list[int | str]"

BY_OPERATOR, BY_VISITOR, NOTICE, PAGE, RICH_BY_OPERATOR, RICH_BY_VISITOR = 1, 2, 3, 5, 6, 7
_LOCAL = "%Y-%m-%d %H:%M:%S"

_TEXTS = {"agent": BY_OPERATOR, "bot": BY_OPERATOR, "customer": BY_VISITOR}
_RICH = {"agent": RICH_BY_OPERATOR, "bot": RICH_BY_OPERATOR, "customer": RICH_BY_VISITOR}
_CLOSED = {"agent": "OPERATOR_CHAT_CLOSE", "customer": "The visitor left the conversation."}
_SPEAKERS = {
    BY_OPERATOR: "Operator",
    RICH_BY_OPERATOR: "Operator",
    BY_VISITOR: "Visitor",
    RICH_BY_VISITOR: "Visitor",
}


def local(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Return a moment as the vendor writes it; None stays None."""
    return None if at is None else _clock(at, zone)


def entries(contact: Contact, site: Site, zone: ZoneInfo) -> list[Entry]:
    """Return the history in order of time: page, rule, what was written, how it ended."""
    began = _clock(contact.started_at, zone)
    found: list[Entry] = [[PAGE, began, f"{site.url}/{contact.page_type}"]]
    if contact.rule_id is not None:
        found.append([NOTICE, began, f"The {contact.channel} rule has been activated."])
    found += [_written(message, site, zone) for message in contact.messages]
    if contact.ended_at is not None and contact.ended_by in _CLOSED:
        found.append([NOTICE, _clock(contact.ended_at, zone), _CLOSED[contact.ended_by]])
    return found


def _written(message: Message, site: Site, zone: ZoneInfo) -> Entry:
    at = _clock(message.at, zone)
    if message.author not in _TEXTS:
        return [NOTICE, at, message.text]
    stamp = round(message.at.timestamp() * 1_000)
    if message.kind == "rich":
        return [_RICH[message.author], at, f"{site.url}/media/{stamp}.png"]
    return [_TEXTS[message.author], at, message.text, stamp]


def transcript(history: list[Entry]) -> str:
    """Return the history as one text, as it comes without `formatHistory=0`."""
    return "\n".join(
        f"{at} {_SPEAKERS.get(int(kind), 'iAdvize')}: {text}" for kind, at, text, *_ in history
    )


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime(_LOCAL)
