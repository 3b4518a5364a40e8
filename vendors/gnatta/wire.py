"""What the Reporting API v1.2 is asked and what it answers, in its own words.

Its document shows three addresses and no answer. `documented` marks what it shows; every other path
follows the visible pattern `/<resource>/<measure>/<by-date|count>[/by-<grouping>]` and can be
overridden in the settings. The answers' member names are all inferred, so the decoders accept each
spelling that is likely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeVar

import msgspec

from vendors.errors import PlatformBadResponseError
from vendors.measures import Dimension

__all__ = [
    "ENDPOINTS",
    "EXPORTED",
    "LISTINGS",
    "MOST_EVENTS",
    "PATHS",
    "RANKED",
    "VIEW_INTERACTIONS",
    "Answer",
    "Endpoint",
    "Event",
    "Figures",
    "Group",
    "Listing",
    "Number",
    "Path",
    "Point",
    "Shape",
    "answer",
    "endpoint",
    "events",
    "tiles",
]

T = TypeVar("T")

Number = float | str | None
"""A figure: a number, a .NET time span such as `1.02:03:04` for a duration, or null."""

Figures = Mapping[str, Number]
"""The figures of a group or date, by name in lower case; a single one is called `value`."""

Shape = Literal["dated", "counted", "parted"]
"""What is in a group: figures by date, figures of its own, or figures and further groups."""

MOST_EVENTS: Final = 1000
"""Rows of one view-interactions answer, at most; there is no further page."""


class Path(msgspec.Struct, frozen=True):
    """Where an endpoint lives under the base address, and whether the document shows it."""

    suffix: str
    documented: bool = False


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One reporting tile: its paths and what its request says beside window and filters.

    `family` is the tile without its grouping. `named` are the dimensions of which each request
    names members: that of the answer's groups first, that of the path last. `fixed` holds the
    top-level members that never change. Where `one_channel`, the filter is the singular
    `channel`; where `averaged`, the figure is the average beside the groups. A path by date is
    None where the document has none.
    """

    tile: int
    key: str
    family: str
    by_date: Path | None
    count: Path
    named: tuple[Dimension, ...] = ()
    fixed: Mapping[str, tuple[str, ...]] = {}
    one_channel: bool = False
    averaged: bool = False

    @property
    def grouping(self) -> Dimension | None:
        """Return the dimension whose members are the answer's groups."""
        return self.named[0] if self.named else None


_BY: Final = {
    Dimension.CHANNEL: "channels",
    Dimension.QUEUE: "queues",
    Dimension.AGENT: "users",
    Dimension.ACCOUNT: "accounts",
    Dimension.TAG: "data",
}
_CHANNEL, _QUEUE, _USER, _ACCOUNT, _DATA = _BY


class _Family(msgspec.Struct, frozen=True, kw_only=True):
    """What the tiles of one family share. `by_date` tells whether they have such a path."""

    name: str
    measure: str
    fixed: Mapping[str, tuple[str, ...]] = {}
    by_date: bool = True
    one_channel: bool = False
    averaged: bool = False

    def tile(self, number: int, key: str, *named: Dimension, shown: str = "") -> Endpoint:
        """Return one tile of the family; `shown` names the paths that the document shows."""
        suffix = f"/by-{_BY[named[-1]]}" if named else ""
        dated = Path(f"{self.measure}/by-date{suffix}", "by-date" in shown)
        return Endpoint(
            tile=number,
            key=key,
            family=self.name,
            by_date=dated if self.by_date else None,
            count=Path(f"{self.measure}/count{suffix}", "count" in shown),
            named=named,
            fixed=self.fixed,
            one_channel=self.one_channel,
            averaged=self.averaged,
        )


_STATE: Final = "/interactions/state"
_CLOSED: Final = _Family(name="interactionsClosed", measure=_STATE, fixed={"newState": ("Closed",)})
_RECEIVED: Final = _Family(
    name="interactionsReceived",
    measure=_STATE,
    # Draft to Closed is left out: an interaction that was made by hand and never used.
    fixed={"oldState": ("Draft",), "newState": ("Created", "Queued", "Automation")},
)
_REOPENED: Final = _Family(
    name="interactionsReopened",
    measure=_STATE,
    fixed={"oldState": ("Closed",), "newState": ("Queued", "Assigned", "Automation")},
)
_QUEUED: Final = _Family(
    name="queueTime",
    measure="/interactions/times",
    fixed={"oldState": ("Queued",), "newState": ("Assigned",)},
)
_IVR: Final = _Family(
    name="ivrTime",
    measure="/interactions/times",
    fixed={"oldState": ("Automation",), "newState": ("Closed", "Assigned", "Queued")},
)
_ACTIONS: Final = _Family(name="advisorActions", measure="/unit-of-works/actions")
_VOLUME: Final = _Family(name="messageVolume", measure="/messages/volume")
_TIMES: Final = _Family(name="messageTimes", measure="/messages/times")
_PRESENCE: Final = _Family(name="presenceDuration", measure="/presence/duration")
_PRESENT: Final = _Family(
    name="availabilityPercentage", measure="/presence/percentage", by_date=False
)
_ADVISORS: Final = _Family(name="advisorMetrics", measure="/advisors/metrics", by_date=False)
_CPH: Final = "/unit-of-works/contacts-per-hour"
_BY_CHANNEL: Final = _Family(name="cphByChannel", measure=_CPH, by_date=False)
_BY_QUEUE: Final = _Family(name="cphByQueue", measure=_CPH, by_date=False)
_BY_USER: Final = _Family(name="cphByUser", measure=_CPH)
# The answer of tile 32, of which the average over all users is read.
_AVERAGE: Final = _Family(name="cphAverage", measure=_CPH, by_date=False, averaged=True)


def _live(name: str, measure: str) -> _Family:
    """Return a family of live conversations, whose state must be said to be Closed."""
    return _Family(
        name=name,
        measure=f"/conversations/{measure}",
        fixed={"newState": ("Closed",)},
        one_channel=True,
    )


# Tiles 10 and 11 are titled "Received" in the document; their text defines reopened. Tiles 24 and
# 29 are definitions without a path.
ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    row.key: row
    for row in (
        _CLOSED.tile(1, "interactionsClosed", shown="by-date count"),
        _CLOSED.tile(2, "interactionsClosedByChannel", _CHANNEL, shown="by-date"),
        _CLOSED.tile(3, "interactionsClosedByData", _DATA),
        _CLOSED.tile(4, "interactionsClosedByQueue", _QUEUE),
        _CLOSED.tile(5, "interactionsClosedByUser", _USER),
        _RECEIVED.tile(6, "interactionsReceived"),
        _RECEIVED.tile(7, "interactionsReceivedByChannel", _CHANNEL),
        _RECEIVED.tile(8, "interactionsReceivedByQueue", _QUEUE),
        _REOPENED.tile(9, "interactionsReopened"),
        _REOPENED.tile(10, "interactionsReopenedByChannel", _CHANNEL),
        _REOPENED.tile(11, "interactionsReopenedByQueue", _QUEUE),
        _QUEUED.tile(12, "queueTimeByQueue", _QUEUE),
        _ACTIONS.tile(13, "advisorActions", _USER),
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
        _live("livePercentages", "percentages").tile(25, "livePercentagesByAccount", _ACCOUNT),
        _live("liveTotals", "totals").tile(26, "liveTotalsByAccount", _ACCOUNT),
        _live("liveDuration", "durations").tile(27, "liveDurationByAccount", _ACCOUNT),
        _IVR.tile(28, "ivrTimeByQueue", _QUEUE),
        _BY_CHANNEL.tile(30, "cphByChannel", _USER, _CHANNEL),
        _BY_QUEUE.tile(31, "cphByQueue", _USER, _QUEUE),
        _BY_USER.tile(32, "cphByUser", _USER),
        _AVERAGE.tile(33, "cphAverage", _USER),
        _PRESENCE.tile(34, "availabilityDurationByUser", _USER),
        _PRESENT.tile(35, "availabilityPercentageByUser", _USER),
        _ADVISORS.tile(36, "advisorMetricsByUser", _USER),
    )
}
"""The tiles that are asked, by key."""

RANKED: Final = msgspec.structs.replace(
    ENDPOINTS["interactionsClosedByData"], family="interactionsClosedByUse", by_date=None
)
"""Tile 3 where the values that are used most or least make the groups, none of which is named."""


class Listing(NamedTuple):
    """One path of tile 37, which lists audits of a family, and the contexts that it tells."""

    entry: str
    contexts: tuple[str, ...]


LISTINGS: Final = {
    "interactions": Listing("viewInteractions.interactions", ("Data", "Queue", "User")),
    "conversations": Listing("viewInteractions.conversations", ("Account", "Queue")),
    "messages": Listing("viewInteractions.messages", ("Account", "Queue", "User")),
    "unit-of-works": Listing("viewInteractions.unitOfWorks", ("Queue", "User")),
}
"""By the first part of the paths of the tiles whose audits are listed; presence has none."""
VIEW_INTERACTIONS: Final = LISTINGS["interactions"].entry

_ASKED: Final[Mapping[str, Path]] = {
    **{f"{key}.byDate": row.by_date for key, row in ENDPOINTS.items() if row.by_date},
    **{f"{key}.count": row.count for key, row in ENDPOINTS.items()},
    **{one.entry: Path(f"/{family}/view-interactions") for family, one in LISTINGS.items()},
}
_FILES: Final = dict(_ASKED) | {
    "cphAverage.byDate": Path(f"{_CPH}/average/by-date"),
    "cphAverage.count": Path(f"{_CPH}/average/count"),
}
EXPORTED: Final = {entry: ".export.".join(entry.rsplit(".", 1)) for entry in _FILES}
"""The entry of the CSV export of what each entry asks for; tile 33 has paths of its own there."""
PATHS: Final = {**_ASKED, **{EXPORTED[entry]: path for entry, path in _FILES.items()}}
"""Every path, by the entry under which the settings override it."""


def tiles(family: str) -> tuple[Endpoint, ...]:
    """Return the tiles of that family; raise KeyError where there is none."""
    return _FAMILIES[family]


_FAMILIES: Final = {
    name: tuple(row for row in (*ENDPOINTS.values(), RANKED) if row.family == name)
    for name in (*dict.fromkeys(row.family for row in ENDPOINTS.values()), RANKED.family)
}


def endpoint(family: str, grouping: Dimension | None) -> Endpoint:
    """Return the tile of that family that answers in such groups, or its only one."""
    found = tiles(family)
    return found[0] if len(found) == 1 else {row.grouping: row for row in found}[grouping]


class Point(msgspec.Struct, frozen=True):
    """One bucket of a by-date answer; the date is the bucket's start, local unless it says Z."""

    date: str
    figures: Figures = {}


class Group(msgspec.Struct, frozen=True):
    """One group of an answer: by date it has points, within users further groups."""

    id: str | None = None
    name: str | None = None
    figures: Figures = {}
    points: tuple[Point, ...] = ()
    parts: tuple[Group, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """The answer of a tile, and the figures that stand beside its groups."""

    groups: tuple[Group, ...]
    figures: Figures = {}


class Event(msgspec.Struct, frozen=True):
    """One audit row of view-interactions. The same reference may stand in several rows."""

    reference: str
    timestamp: str
    channel: str | None = None
    contexts: Mapping[str, Any] | None = None


_GROUPS: Final = ("groups", "results", "data")
_EVENTS: Final = ("interactions", *_GROUPS)
_LABELS: Final = frozenset({"id", "name", "date", "values"})


def answer(raw: object, shape: Shape) -> Answer:
    """Return the answer of a tile; raise PlatformBadResponseError."""
    decode = _DECODERS[shape]
    beside = {} if isinstance(raw, list) else _figures(_camel(raw))
    return _fit(
        {"groups": [decode(one) for one in _items(raw, _GROUPS)], "figures": beside}, Answer
    )


def events(answer: object) -> tuple[Event, ...]:
    """Return the rows of a view-interactions answer; raise PlatformBadResponseError."""
    return tuple(_event(one) for one in _items(answer, _EVENTS))


def _dated(raw: object) -> dict[str, Any]:
    members = _camel(raw)
    points = [_camel(one) for one in _list(members.get("values"))]
    dated = [{"date": one.get("date"), "figures": _told(one)} for one in points]
    return {"id": members.get("id"), "name": members.get("name"), "points": dated}


def _counted(raw: object) -> dict[str, Any]:
    members = _camel(raw)
    return {"id": members.get("id"), "name": members.get("name"), "figures": _told(members)}


def _parted(raw: object) -> dict[str, Any]:
    members = _camel(raw)
    return _counted(raw) | {"parts": [_counted(one) for one in _list(members.get("values"))]}


_DECODERS: Final = {"dated": _dated, "counted": _counted, "parted": _parted}


def _told(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of something that has at least one."""
    found = _figures(members)
    if not found:
        raise PlatformBadResponseError("a group or a date holds no figure")
    return found


def _figures(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that may be figures; a `count` is the `value`."""
    found = {
        name.lower(): value
        for name, value in members.items()
        if name not in _LABELS
        and (value is None or isinstance(value, float | int | str))
        and not isinstance(value, bool)
    }
    if "count" in found:
        found.setdefault("value", found.pop("count"))
    return found


def _event(raw: object) -> Event:
    members = _camel(raw)
    if isinstance(members.get("contexts"), dict):
        members["contexts"] = _camel(members["contexts"])
    return _fit(members, Event)


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
