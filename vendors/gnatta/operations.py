"""The tiles of Gnatta's article and what lies behind them, and where each is reached.

A tile is asked for by date, as a count, and as a file of either. The article shows three of the
addresses; the others are inferred from them. Tiles 24 and 29 are definitions without a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vendors.gnatta import wire
from vendors.operations import Example, Operation

__all__ = ["OPERATIONS"]

_BASE = "/reporting/v1.2"
_FILES = "/reporting/export/v1.2"
_SHOWN = frozenset({(1, "by-date"), (1, "count"), (2, "by-date")})
"""The tiles whose address the article shows."""
_GROUPS: Mapping[str, str] = {
    "channels": "CHANNEL",
    "queues": "QUEUE",
    "users": "AGENT",
    "accounts": "ACCOUNT",
    "data": "TAG",
}


class _Tile(NamedTuple):
    """One tile: its requests, the figures of ours that they are for, and the examples."""

    number: int
    title: str
    measure: str
    by: str
    figures: str
    file: str
    counted: str
    dated: str
    says: Mapping[str, str]


class _Family(NamedTuple):
    """Tiles that measure the same, each by something else. `says` tells families apart."""

    measure: str
    figures: str
    file: str
    says: Mapping[str, str] = {}

    def tile(
        self, number: int, title: str, by: str, counted: str, *, dated: str | None = None
    ) -> _Tile:
        """Return a tile; `dated` is empty where it has no request by date."""
        named = f"{counted}ByDay" if dated is None else dated
        measure, figures, file, says = self
        return _Tile(number, title, measure, by, figures, file, counted, named, says)


_INTERACTIONS = "gnatta-interactions.graphql"
_MESSAGES = "gnatta-messages.graphql"
_LIVE = "gnatta-live.graphql"
_USERS = "gnatta-users.graphql"
_SHEETS = "gnatta-files.http"
_ON_CHANNELS, _IN_QUEUES = "InteractionsOfChannels", "InteractionsOfQueues"
_CONTACTS = "/unit-of-works/contacts-per-hour"
_AVERAGE = "cphAverage/*"

_CLOSED = _Family(
    "/interactions/state", "interactionsClosed", _INTERACTIONS, {"newState": "Closed"}
)
_RECEIVED = _Family(
    "/interactions/state", "interactionsReceived", _INTERACTIONS, {"oldState": "Draft"}
)
_REOPENED = _Family(
    "/interactions/state", "interactionsReopened", _INTERACTIONS, {"oldState": "Closed"}
)
_QUEUED = _Family("/interactions/times", "queueTime", _INTERACTIONS, {"oldState": "Queued"})
_IN_MENU = _Family("/interactions/times", "ivrTime", _INTERACTIONS, {"oldState": "Automation"})
_VOLUME = _Family("/messages/volume", "messageVolume/*", _MESSAGES)
_TIMES = _Family("/messages/times", "messageTimes/*", _MESSAGES)
_PERCENT = _Family("/conversations/percentages", "livePercentages/*", _LIVE)
_TOTALS = _Family("/conversations/totals", "liveTotals/*", _LIVE)
_LENGTH = _Family("/conversations/durations", "liveDuration", _LIVE)

_TILES = (
    _CLOSED.tile(1, "Interactions Closed", "", "Interactions"),
    _CLOSED.tile(2, "Interactions Closed by Channel", "channels", _ON_CHANNELS),
    _CLOSED.tile(3, "Interactions Closed by Data", "data", "ReasonsOfClosing"),
    _CLOSED.tile(4, "Interactions Closed by Queue", "queues", _IN_QUEUES),
    _CLOSED.tile(5, "Interactions Closed by User", "users", "ClosingUsers"),
    _RECEIVED.tile(6, "Interactions Received", "", "Interactions"),
    _RECEIVED.tile(7, "Interactions Received by Channel", "channels", _ON_CHANNELS),
    _RECEIVED.tile(8, "Interactions Received by Queue", "queues", _IN_QUEUES),
    _REOPENED.tile(9, "Interactions Reopened", "", "Interactions"),
    # Tiles 10 and 11 are headed "Received", and defined as reopened.
    _REOPENED.tile(10, "Interactions Reopened by Channel", "channels", _ON_CHANNELS),
    _REOPENED.tile(11, "Interactions Reopened by Queue", "queues", _IN_QUEUES),
    _QUEUED.tile(12, "Time interactions spent queueing by Queue", "queues", "WaitsInQueues"),
    _Family("/unit-of-works/actions", "advisorActions/*", _USERS).tile(
        13, "Advisor Actions", "users", "Actions"
    ),
    _VOLUME.tile(14, "Message Volume", "", "Messages"),
    _VOLUME.tile(15, "Message Volume by Channel", "channels", "MessagesOfChannels"),
    _VOLUME.tile(16, "Message Volume by Queue", "queues", "MessagesOfQueues"),
    _VOLUME.tile(17, "Message Volume by Account", "accounts", "MessagesOfAccounts"),
    _VOLUME._replace(figures="messageVolume/Outbound").tile(
        18, "Message Volume by User", "users", "MessagesOfUsers"
    ),
    _TIMES.tile(19, "Times", "", "Messages"),
    _TIMES.tile(20, "Times by Channel", "channels", "MessagesOfChannels"),
    _TIMES.tile(21, "Times by Queue", "queues", "MessagesOfQueues"),
    _TIMES.tile(22, "Times by Account", "accounts", "MessagesOfAccounts"),
    _TIMES._replace(figures="messageTimes/AdvisorResponseTime").tile(
        23, "Advisor Response Times by User", "users", "MessagesOfUsers"
    ),
    _PERCENT.tile(25, "Live Conversations: Percentages", "accounts", "LiveConversations"),
    _TOTALS.tile(26, "Live Conversations: Totals", "accounts", "LiveConversations"),
    _LENGTH.tile(27, "Live Conversations: Average Duration", "accounts", "LiveConversations"),
    _IN_MENU.tile(28, "Telephony Time in IVR by Queue", "queues", "WaitsInQueues"),
    _Family(_CONTACTS, "cphByChannel/*", _USERS).tile(
        30, "CPH by Channel", "channels", "ContactsPerHourOnChannels", dated=""
    ),
    _Family(_CONTACTS, "cphByQueue/*", _USERS).tile(
        31, "CPH by Queue", "queues", "ContactsPerHourInQueues", dated=""
    ),
    _Family(_CONTACTS, "cphByUser/*", _USERS).tile(32, "CPH by User", "users", "ContactsPerHour"),
    # It is read off the answers of tile 32.
    _Family(_CONTACTS, _AVERAGE, _USERS).tile(
        33, "Average CPH", "users", "AverageContactsPerHour", dated="ContactsPerHourByDay"
    ),
    _Family("/presence/duration", "presenceDuration/*", _USERS).tile(
        34, "Availability Duration by User", "users", "Presence"
    ),
    _Family("/presence/percentage", "availabilityPercentage/Available", _USERS).tile(
        35, "Availability Percentage by User", "users", "Presence", dated=""
    ),
    _Family("/advisors/metrics", "advisorMetrics/*", _USERS).tile(
        36, "Advisor Metrics by User", "users", "Advisors", dated=""
    ),
)


_NAMES: Mapping[int, str] = {one.tile: one.key for one in wire.ENDPOINTS.values()}
"""What each tile is called in our table of paths, and so among the exports."""


def _asked() -> Iterator[Operation]:
    """Yield what each tile is asked for by date and as a count, and each of these as a file."""
    for tile in _TILES:
        for kind, operation in (("by-date", tile.dated), ("count", tile.counted)):
            if operation:
                yield _operation(tile, kind, operation)
                yield _file(tile, kind)


def _operation(tile: _Tile, kind: str, operation: str) -> Operation:
    told = [f'native: "gnatta.{tile.figures}"']
    told += ["granularity: DAY"] if kind == "by-date" else []
    told += [f"groupBy: [{_GROUPS[tile.by]}]"] if tile.by else []
    return Operation(
        section=f"Tile {tile.number}",
        title=f"{tile.title}, {_KINDS[kind]}",
        method="POST",
        path=f"{_BASE}{_path(tile, kind)}",
        reached=(f"Query.indicators({', '.join(told)})",),
        example=Example(tile.file, operation),
        says=tile.says,
        documented=(tile.number, kind) in _SHOWN,
    )


def _file(tile: _Tile, kind: str) -> Operation:
    """Return the export of a tile, which has the tile's own path under another base."""
    name = _NAMES[tile.number]
    dated = kind == "by-date"
    example = f"{name[0].upper()}{name[1:]}{'ByDay' if dated else ''}"
    return Operation(
        section=f"Tile {tile.number}",
        title=f"{tile.title}, {_KINDS[kind]}, as a file",
        method="POST",
        path=f"{_FILES}{_path(tile, kind, exported=True)}",
        reached=(f"GET /exports/PLATFORM/{_kebab(name)}.csv{'?granularity=DAY' if dated else ''}",),
        example=Example(_SHEETS, example),
        says=tile.says,
        documented=(tile.number, kind) in _SHOWN,
    )


def _kebab(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "-", name).lower()


_KINDS: Mapping[str, str] = {"by-date": "by date", "count": "count"}


def _path(tile: _Tile, kind: str, *, exported: bool = False) -> str:
    if exported and tile.figures == _AVERAGE:
        return f"{tile.measure}/average/{kind}"
    return f"{tile.measure}/{kind}{f'/by-{tile.by}' if tile.by else ''}"


_ROWS = "gnatta-rows.graphql"
_VIEWS: Mapping[str, tuple[str, str]] = {
    "interactions": ("ClosedInteractions", "interactionsClosed"),
    "conversations": ("EndedConversations", "liveTotals/handled"),
    "messages": ("SentMessages", "messageVolume/Outbound"),
    "unit-of-works": ("WorkedOn", "advisorActions/Any"),
}
"""The audits that can be listed, each with the example and a figure that counts them."""


def _views() -> Iterator[Operation]:
    """Yield the lists of what lies behind the tiles, and each of them as a file."""
    for audits, (operation, figure) in _VIEWS.items():
        title = f"View Interactions: {audits.replace('-', ' ')}"
        further = ("Query.conversations",) if audits == "interactions" else ()
        yield Operation(
            section="Tile 37",
            title=title,
            method="POST",
            path=f"{_BASE}/{audits}/view-interactions",
            reached=(f'Query.drillThrough(figure: "gnatta.{figure}")', *further),
            example=Example(_ROWS, operation),
            documented=False,
        )
        yield Operation(
            section="Tile 37",
            title=f"{title}, as a file",
            method="POST",
            path=f"{_FILES}/{audits}/view-interactions",
            reached=(f"GET /exports/PLATFORM/view-interactions-{audits}.csv",),
            example=Example(_SHEETS, operation),
            documented=False,
        )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        section="Access",
        title="Discovery",
        method="GET",
        path="/{domain}/.well-known/openid-configuration",
        reached=("every first question to the platform",),
        example=Example(_INTERACTIONS, "Interactions"),
    ),
    Operation(
        section="Access",
        title="Token",
        method="POST",
        path="/{domain}/connect/token",
        reached=("every first question to the platform",),
        example=Example(_INTERACTIONS, "Interactions"),
        documented=False,
    ),
    *_asked(),
    *_views(),
)
