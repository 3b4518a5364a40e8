"""Measures: one neutral call becomes one request of a tile, and its groups become readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from datetime import datetime
from math import fsum
from typing import Any, Final

import msgspec

from vendors.calls import Call
from vendors.errors import PlatformBadResponseError, PlatformRejectedError
from vendors.gnatta import mapping, wire
from vendors.gnatta.client import GnattaClient
from vendors.gnatta.parameters import is_ranked, told
from vendors.gnatta.reports import FIGURES, measurables
from vendors.gnatta.settings import GnattaSettings
from vendors.measures import (
    Dimension,
    Grain,
    Measurables,
    MeasureCall,
    Member,
    Merge,
    Reading,
)

__all__ = ["PROPERTIES", "GnattaMeasures", "Question", "question", "readings"]

Known = Callable[[Dimension], tuple[Member, ...]]
"""What tells the members of a dimension that are known now."""

PROPERTIES: Final[Mapping[str, str]] = {
    word: name
    for name, words in {
        "direction": ("Inbound", "Outbound"),
        "responseTime": ("AdvisorResponseTime", "OriginatorWaitTime"),
        "userState": ("Available", "Unavailable", "LoggedIn"),
        "action": ("Closed", "Message", "Data", "Note", "None", "Any"),
        "channel": ("WebChat", "Voice"),
    }.items()
    for word in words
}
"""The words in the names of sources, and the property of the request that each is the value of."""

_LISTS: Final = {
    Dimension.CHANNEL: "channels",
    Dimension.QUEUE: "queues",
    Dimension.AGENT: "userIds",
    Dimension.ACCOUNT: "accounts",
}
_FILTERS: Final = frozenset({Dimension.CHANNEL, Dimension.QUEUE, Dimension.TAG})
"""What the member `filters` restricts by; users and accounts only where a tile names them."""


class Question(msgspec.Struct, frozen=True):
    """A request to send: the key of the tile, and the body; `named` are the members in it."""

    tile: str
    body: dict[str, Any]
    named: Mapping[Dimension, tuple[str, ...]] = {}


class GnattaMeasures:
    """What one Gnatta domain measures."""

    def __init__(self, client: GnattaClient, settings: GnattaSettings) -> None:
        """Measure by that client."""
        self._client = client
        self._settings = settings
        self._tables: dict[frozenset[Dimension], Measurables] = {}

    @property
    def measurables(self) -> Measurables:
        """Return what can be measured now: it grows as members of a dimension become known."""
        known = self._client.directory.known
        if known not in self._tables:
            self._tables[known] = measurables(self._settings, known)
        return self._tables[known]

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Make exactly the one call that is described; raise PlatformError."""
        asked = question(measure, self._settings, self._client.directory.members)
        ask = self._client.count if measure.grain is Grain.TOTAL else self._client.by_date
        answer = await ask(asked.tile, asked.body, call)
        return readings(measure, asked, answer, self._settings)

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:  # noqa: ARG002 (the port's)
        """Return the configured members and those seen in audits; nothing is asked."""
        return self._client.directory.members(dimension)


def question(call: MeasureCall, settings: GnattaSettings, known: Known) -> Question:
    """Return the request of a measuring call; raise PlatformRejectedError where there is none."""
    family, *words = call.source.split("/")
    tile = wire.endpoint(family, call.group_by[0] if call.group_by else None)
    top: dict[str, Any] = {name: list(states) for name, states in tile.fixed.items()}
    filters: dict[str, Any] = {
        "from": mapping.instant_text(call.start),
        "to": mapping.instant_text(call.end),
    }
    for word in words:
        name = PROPERTIES[word]
        (filters if name == "channel" else top)[name] = word
    if call.grain is not Grain.TOTAL:
        top["timeZone"] = call.zone
        filters["groupBy"] = getattr(settings.group_by, call.grain.value)
    named = _named(call, tile, known)
    for dimension, ids in named.items():
        inside, name, value = _property(dimension, ids, tile, settings)
        (filters if inside else top)[name] = value
    said, data = told(call, settings)
    top |= said
    if data:
        filters["data"] = [*filters.get("data", ()), *data]
    if tile.one_channel:
        # Only calls have a direction; without either it is about chats, as its figure says.
        filters.setdefault("channel", "Voice" if "direction" in top else "WebChat")
    return Question(tile.key, {**top, "filters": filters}, named)


def _named(
    call: MeasureCall, tile: wire.Endpoint, known: Known
) -> dict[Dimension, tuple[str, ...]]:
    """Return the ids that the request names: those to group by, and those to restrict to.

    What a tile must name is restricted to all that is known, where nobody asks for less; values
    that are ranked are not named.
    """
    found = dict(call.filters)
    for one in found.keys() - _FILTERS - set(tile.named):
        message = f"{call.source} cannot be restricted by {one.value}"
        raise PlatformRejectedError(message, operation="measure", attempts=0)
    for dimension in () if is_ranked(call.source) else tile.named:
        if dimension is tile.grouping and dimension in call.group_by:
            found[dimension] = call.members
        elif dimension not in found:
            found[dimension] = tuple(one.id for one in known(dimension))
    return found


def _property(
    dimension: Dimension, ids: tuple[str, ...], tile: wire.Endpoint, settings: GnattaSettings
) -> tuple[bool, str, Any]:
    """Return whether it stands in `filters`, and the name and value of what names these ids."""
    if dimension is Dimension.TAG:
        data = {"id": settings.directory.tag_type, "values": list(ids)}
        groups = dimension in tile.named
        return not groups, "data", data if groups else [data]
    if dimension is Dimension.CHANNEL and tile.one_channel:
        return True, "channel", ids[0]
    return dimension in _FILTERS, _LISTS[dimension], list(ids)


class _Row(msgspec.Struct, frozen=True):
    """The figures of one bucket of one group, or of a group within a user's."""

    start: datetime
    figures: wire.Figures
    groups: tuple[wire.Group, ...] = ()


def readings(
    call: MeasureCall, asked: Question, answer: wire.Answer, settings: GnattaSettings
) -> tuple[Reading, ...]:
    """Return what an answer measured; raise PlatformBadResponseError for an unknown label.

    Every group that was asked for comes back, zero included, so a group or bucket that is missing
    was not measured: it gets no reading.
    """
    tile = wire.ENDPOINTS[asked.tile]
    channel = asked.body["filters"].get("channel", "")
    reads = [
        (name, _member(name, call, tile, channel), mapping.reader(FIGURES[name], settings))
        for name in call.figures
    ]
    place = _placing(call, asked, tile, settings)
    found: list[Reading] = []
    for row in _rows(call, tile, answer):
        ids, names = place(row)
        told = [
            Reading(name, row.start, read(row.figures[member]), ids, names)
            for name, member, read in reads
            if member in row.figures
        ]
        if not told:
            raise PlatformBadResponseError("a group holds none of the figures of its tile")
        found += told
    several = len(answer.groups) > 1 and tile.grouping not in call.group_by
    return _added(found) if several else tuple(found)


def _member(name: str, call: MeasureCall, tile: wire.Endpoint, channel: str) -> str:
    """Return the name, in lower case, under which an answer holds that figure."""
    own = name.removeprefix(call.source).removeprefix("/")
    if own and own != mapping.BY_HOURS:
        return mapping.BY_CHANNEL.get(own, {}).get(channel, own).lower()
    whole = tile.averaged or (len(tile.named) > 1 and tile.named[-1] not in call.group_by)
    return "average" if whole else "value"


def _rows(call: MeasureCall, tile: wire.Endpoint, answer: wire.Answer) -> Iterator[_Row]:
    """Yield the rows of an answer: its average, or its groups by date, by part or as they are."""
    if tile.averaged:
        yield _Row(call.start, answer.figures)
        return
    if tile.grouping is None and len(answer.groups) > 1:
        raise PlatformBadResponseError("several groups where none was asked for")
    rows = _undated if call.grain is Grain.TOTAL else _dated
    yield from rows(call, tile, answer.groups)


def _dated(call: MeasureCall, _: wire.Endpoint, groups: Iterable[wire.Group]) -> Iterator[_Row]:
    labels = mapping.Labels(call)
    for group in groups:
        starts = labels.starts(point.date for point in group.points)
        for start, point in zip(starts, group.points, strict=True):
            # Whether `to` is inclusive is not documented: what begins there was not asked for.
            if start < call.end:
                yield _Row(start, point.figures, (group,))


def _undated(
    call: MeasureCall, tile: wire.Endpoint, groups: Iterable[wire.Group]
) -> Iterator[_Row]:
    apart = len(tile.named) > 1 and tile.named[-1] in call.group_by
    for group in groups:
        if apart:
            for part in group.parts:
                yield _Row(call.start, {**group.figures, **part.figures}, (group, part))
        else:
            yield _Row(call.start, group.figures, (group,))


_Place = Callable[[_Row], tuple[tuple[str, ...], tuple[str | None, ...]]]


def _placing(
    call: MeasureCall, asked: Question, tile: wire.Endpoint, settings: GnattaSettings
) -> _Place:
    """Return what tells the members that a row is about, in the call's order, and their names."""
    names = mapping.directory(settings)
    member = {
        one: mapping.member_of(asked.named[one], names[one])
        if one in asked.named
        else mapping.any_member
        for one in tile.named
    }

    def place(row: _Row) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
        groups = dict(zip(tile.named, row.groups, strict=False))
        known = {one: member[one](group) for one, group in groups.items()}
        by = call.group_by
        return tuple(known[one] for one in by), tuple(groups[one].name for one in by)

    return place


def _added(found: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return one reading a figure and bucket; averages of several groups are not made into one."""
    values: dict[tuple[str, datetime], list[float]] = {}
    for one in found:
        known = values.setdefault((one.figure, one.start), [])
        if one.value is not None:
            known.append(one.value)
    return tuple(
        Reading(figure, start, fsum(known) if known and _adds(figure, known) else None)
        for (figure, start), known in values.items()
    )


def _adds(figure: str, values: Sized) -> bool:
    return len(values) == 1 or FIGURES[figure].merge is Merge.SUM
