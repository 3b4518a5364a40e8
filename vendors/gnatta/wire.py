"""What the Reporting API v1.2 is asked and what it answers, in its own words.

Its document tells every path's measure in prose, but shows only three addresses and no answer.
`documented` marks what it shows; every other path follows the visible pattern
`/<resource>/<measure>/<by-date|count>[/by-<grouping>]` and can be overridden in the settings.
The answers' member names are all inferred, so the decoders accept each spelling that is likely:
groups under `groups`, `results` or `data` or as a bare array, a figure as `value` or `count`,
names in camelCase or PascalCase.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from vendors.errors import PlatformBadResponseError
from vendors.measures import Dimension

__all__ = [
    "ENDPOINTS",
    "MOST_EVENTS",
    "PATHS",
    "VIEW_INTERACTIONS",
    "Discovery",
    "Endpoint",
    "Event",
    "Granted",
    "Group",
    "Number",
    "Path",
    "Point",
    "endpoint",
    "events",
    "groups",
]

T = TypeVar("T")

Number = float | str | None
"""A figure: a number, a .NET time span such as `1.02:03:04` for a duration, or null."""

MOST_EVENTS: Final = 1000
"""Rows of one view-interactions answer, at most; there is no further page."""


class Path(msgspec.Struct, frozen=True):
    """Where an endpoint lives under the base address, and whether the document shows it."""

    suffix: str
    documented: bool = False


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One reporting tile: its two paths and what its request says beside window and filters.

    `family` is the tile without its grouping. `fixed` holds the top-level members that never
    change; `selector` names the one that chooses between figures.
    """

    tile: int
    key: str
    family: str
    by_date: Path
    count: Path
    grouping: Dimension | None = None
    fixed: Mapping[str, tuple[str, ...]] = {}
    selector: str | None = None


_BY: Final = {
    None: "",
    Dimension.CHANNEL: "/by-channels",
    Dimension.QUEUE: "/by-queues",
    Dimension.AGENT: "/by-users",
    Dimension.ACCOUNT: "/by-accounts",
}


class _Family(msgspec.Struct, frozen=True):
    """What the tiles of one family share."""

    name: str
    measure: str
    fixed: Mapping[str, tuple[str, ...]] = {}
    selector: str | None = None

    def tile(
        self, number: int, key: str, grouping: Dimension | None = None, shown: str = ""
    ) -> Endpoint:
        """Return one tile of the family; `shown` names the paths that the document shows."""
        return Endpoint(
            tile=number,
            key=key,
            family=self.name,
            by_date=Path(f"{self.measure}/by-date{_BY[grouping]}", "by-date" in shown),
            count=Path(f"{self.measure}/count{_BY[grouping]}", "count" in shown),
            grouping=grouping,
            fixed=self.fixed,
            selector=self.selector,
        )


_CLOSED: Final = _Family("interactionsClosed", "/interactions/state", {"newState": ("Closed",)})
_RECEIVED: Final = _Family(
    "interactionsReceived",
    "/interactions/state",
    # Draft to Closed is left out: an interaction that was made by hand and never used.
    {"oldState": ("Draft",), "newState": ("Created", "Queued", "Automation")},
)
_REOPENED: Final = _Family(
    "interactionsReopened",
    "/interactions/state",
    {"oldState": ("Closed",), "newState": ("Queued", "Assigned", "Automation")},
)
_VOLUME: Final = _Family("messageVolume", "/messages/volume", selector="direction")
_TIMES: Final = _Family("messageTimes", "/messages/times", selector="responseTime")
_PRESENCE: Final = _Family("presenceDuration", "/presence/duration", selector="userState")

_CHANNEL, _QUEUE, _USER, _ACCOUNT = (
    Dimension.CHANNEL,
    Dimension.QUEUE,
    Dimension.AGENT,
    Dimension.ACCOUNT,
)

# Tiles 10 and 11 are titled "Received" in the document; their text defines reopened.
ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    row.key: row
    for row in (
        _CLOSED.tile(1, "interactionsClosed", shown="by-date count"),
        _CLOSED.tile(2, "interactionsClosedByChannel", _CHANNEL, shown="by-date"),
        _CLOSED.tile(4, "interactionsClosedByQueue", _QUEUE),
        _CLOSED.tile(5, "interactionsClosedByUser", _USER),
        _RECEIVED.tile(6, "interactionsReceived"),
        _RECEIVED.tile(7, "interactionsReceivedByChannel", _CHANNEL),
        _RECEIVED.tile(8, "interactionsReceivedByQueue", _QUEUE),
        _REOPENED.tile(9, "interactionsReopened"),
        _REOPENED.tile(10, "interactionsReopenedByChannel", _CHANNEL),
        _REOPENED.tile(11, "interactionsReopenedByQueue", _QUEUE),
        _VOLUME.tile(14, "messageVolume"),
        _VOLUME.tile(15, "messageVolumeByChannel", _CHANNEL),
        _VOLUME.tile(16, "messageVolumeByQueue", _QUEUE),
        _VOLUME.tile(17, "messageVolumeByAccount", _ACCOUNT),
        _VOLUME.tile(18, "messageVolumeByUser", _USER),
        _TIMES.tile(19, "messageTimes"),
        _TIMES.tile(20, "messageTimesByChannel", _CHANNEL),
        _TIMES.tile(21, "messageTimesByQueue", _QUEUE),
        _TIMES.tile(22, "messageTimesByAccount", _ACCOUNT),
        _TIMES.tile(23, "advisorResponseTimesByUser", _USER),
        _PRESENCE.tile(34, "availabilityDurationByUser", _USER),
    )
}
"""The tiles that are asked, by key."""

VIEW_INTERACTIONS: Final = "viewInteractions.interactions"
"""The entry of tile 37 that lists interaction audits."""

PATHS: Final[Mapping[str, Path]] = {
    **{f"{key}.byDate": row.by_date for key, row in ENDPOINTS.items()},
    **{f"{key}.count": row.count for key, row in ENDPOINTS.items()},
    VIEW_INTERACTIONS: Path("/interactions/view-interactions"),
}
"""Every path, by the entry under which the settings override it."""

_BY_FAMILY: Final = {(row.family, row.grouping): row for row in ENDPOINTS.values()}


def endpoint(family: str, grouping: Dimension | None) -> Endpoint:
    """Return the tile of that family with that grouping; raise KeyError where there is none."""
    return _BY_FAMILY[family, grouping]


class Point(msgspec.Struct, frozen=True):
    """One bucket of a by-date answer; the date is the bucket's start, local unless it says Z."""

    date: str
    value: Number


class Group(msgspec.Struct, frozen=True):
    """One group of an answer: `values` when asked by date, `value` when counted."""

    id: str | None = None
    name: str | None = None
    values: tuple[Point, ...] | None = None
    value: Number = None


class Event(msgspec.Struct, frozen=True):
    """One audit row of view-interactions. The same reference may stand in several rows."""

    reference: str
    timestamp: str
    channel: str | None = None
    contexts: Mapping[str, Any] | None = None


class Discovery(msgspec.Struct, frozen=True):
    """What is wanted of an OpenID discovery document."""

    token_endpoint: str


class Granted(msgspec.Struct, frozen=True):
    """What a token endpoint answers (RFC 6749, 4.4.3)."""

    access_token: str
    expires_in: float | None = None


_GROUPS: Final = ("groups", "results", "data")
_EVENTS: Final = ("interactions", *_GROUPS)


def groups(answer: object, *, by_date: bool) -> tuple[Group, ...]:
    """Return the groups of a by-date or count answer; raise PlatformBadResponseError."""
    decode = _dated if by_date else _counted
    return tuple(decode(one) for one in _items(answer, _GROUPS))


def events(answer: object) -> tuple[Event, ...]:
    """Return the rows of a view-interactions answer; raise PlatformBadResponseError."""
    return tuple(_event(one) for one in _items(answer, _EVENTS))


def _dated(raw: object) -> Group:
    members = _figures(raw)
    members["values"] = [_figures(one) for one in _list(members.get("values"))]
    return _fit({**members, "value": None}, Group)


def _counted(raw: object) -> Group:
    members = _figures(raw)
    if "value" not in members:
        raise PlatformBadResponseError("a group of a count answer holds no figure")
    return _fit({**members, "values": None}, Group)


def _event(raw: object) -> Event:
    members = _camel(raw)
    if isinstance(members.get("contexts"), dict):
        members["contexts"] = _camel(members["contexts"])
    return _fit(members, Event)


def _figures(raw: object) -> dict[str, Any]:
    """Return the members in camelCase, with a figure under `value` by whichever name it came."""
    members = _camel(raw)
    if "count" in members:
        members.setdefault("value", members["count"])
    return members


def _items(answer: object, names: Iterable[str]) -> list[object]:
    """Return the answer itself if it is an array, else the first array under one of the names."""
    if isinstance(answer, list):
        return answer
    members = _camel(answer)
    return _list(next((members[name] for name in names if name in members), None))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise PlatformBadResponseError("an array is missing in the answer")
    return value


def _camel(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlatformBadResponseError("an object was expected in the answer")
    return {name[:1].lower() + name[1:]: member for name, member in value.items()}


def _fit(value: object, shape: type[T]) -> T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise PlatformBadResponseError(f"{shape.__name__}: {error}") from error
