"""Measures: one neutral call becomes one request of a tile, and its groups become readings."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from vendors.calls import Call
from vendors.errors import PlatformRejectedError
from vendors.gnatta import mapping, wire
from vendors.gnatta.client import GnattaClient
from vendors.gnatta.indicators import measurables
from vendors.gnatta.reports import TABLES
from vendors.gnatta.settings import GnattaSettings, GroupByWords
from vendors.measures import Dimension, Grain, Measurables, MeasureCall, Member, Reading

__all__ = ["GnattaMeasures", "Question", "question"]

_LISTS: Final = {
    **mapping.FILTERS,
    Dimension.AGENT: "userIds",
    Dimension.ACCOUNT: "accounts",
}


class Question(msgspec.Struct, frozen=True):
    """A request to send: the key of the tile, and the body."""

    tile: str
    body: dict[str, Any]


class GnattaMeasures:
    """What one Gnatta domain measures."""

    def __init__(self, client: GnattaClient, settings: GnattaSettings) -> None:
        """Measure by that client."""
        self._client = client
        self._settings = settings

    @property
    def measurables(self) -> Measurables:
        """Return what can be measured now: it grows with the members that become known."""
        found = measurables(self._settings, self._client.directory.known())
        return found.with_reports(TABLES)

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Make exactly the one call that is described; raise PlatformError."""
        asked = question(measure, self._settings.group_by)
        ask = self._client.count if measure.grain is Grain.TOTAL else self._client.by_date
        groups = await ask(asked.tile, asked.body, call)
        return mapping.readings(measure, groups, self._settings)

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:  # noqa: ARG002 (the port's)
        """Return the configured members and those seen in audits; nothing is asked."""
        return self._client.directory.members(dimension)


def question(call: MeasureCall, words: GroupByWords) -> Question:
    """Return the request of a measuring call; raise PlatformRejectedError where there is none."""
    family, _, choice = call.source.partition("/")
    dimension, members = mapping.asked_by(call)
    tile = wire.endpoint(family, dimension)
    body: dict[str, Any] = {name: list(states) for name, states in tile.fixed.items()}
    if tile.selector is not None:
        body[tile.selector] = choice
    filters: dict[str, Any] = {
        "from": mapping.instant_text(call.start),
        "to": mapping.instant_text(call.end),
    }
    if call.grain is not Grain.TOTAL:
        body["timeZone"] = call.zone
        filters["groupBy"] = getattr(words, call.grain.value)
    for restricted, ids in _restrictions(call, dimension, members).items():
        (filters if restricted in mapping.FILTERS else body)[_LISTS[restricted]] = list(ids)
    return Question(tile.key, {**body, "filters": filters})


def _restrictions(
    call: MeasureCall, dimension: Dimension | None, members: tuple[str, ...]
) -> dict[Dimension, tuple[str, ...]]:
    """Return the ids that the request names; those to group by are among them."""
    named = {**dict(call.filters), **({} if dimension is None else {dimension: members})}
    for one in named.keys() - mapping.FILTERS.keys() - {dimension}:
        message = f"{call.source} cannot be restricted by {one.value} and grouped by another"
        raise PlatformRejectedError(message, operation="measure", attempts=0)
    return named
