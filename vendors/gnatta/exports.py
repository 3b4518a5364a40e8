"""Exports: the tiles, and the audits behind them, as CSV that is handed on as it comes.

The request of an export is the one that measures. Exports have addresses, limits and a pace of
their own: whatever becomes of them, nothing else waits for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Final

import msgspec

from vendors.buckets import Span, zone
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformNotFoundError
from vendors.exports import Export, ExportQuery
from vendors.gnatta import mapping, wire
from vendors.gnatta.client import Allowance, GnattaClient, judge_of
from vendors.gnatta.export_tables import (
    DEFAULTS,
    DIRECTION,
    TOLD,
    VOICE,
    WEBCHAT,
    Table,
    tables,
)
from vendors.gnatta.measuring import question
from vendors.gnatta.parameters import taken_by
from vendors.gnatta.settings import GnattaSettings
from vendors.http import Ask, VendorHttp
from vendors.http.health import Health
from vendors.measures import Dimension, Grain, MeasureCall, Source
from vendors.parameters import Argument
from vendors.port import Wiring

__all__ = ["GnattaExports"]

_HEADERS: Final = (("Accept", "text/csv"),)
"""Anything else but `*/*` is answered with 404."""
_GROUP: Final = "exports"
_APART: Final = (Dimension.AGENT, Dimension.ACCOUNT)
"""What the audits behind figures are restricted by only as a tile that names it is."""


class _Limit(msgspec.Struct, frozen=True):
    """The longest window, and how to say it."""

    span: Span
    words: str


_LONGEST: Final = _Limit(Span(months=24), "24 months")
_WINDOWS: Final[Mapping[Grain, _Limit]] = {
    Grain.HOUR: _Limit(Span(hours=24), "24 hours"),
    Grain.DAY: _Limit(Span(days=31), "31 days"),
    Grain.WEEK: _Limit(Span(months=3), "3 months"),
    Grain.MONTH: _LONGEST,
    Grain.TOTAL: _LONGEST,
}

Filters = dict[Dimension, tuple[str, ...]]


class _Request(msgspec.Struct, frozen=True):
    """What is sent: to which entry of the paths, and the body."""

    entry: str
    body: Mapping[str, Any]


class GnattaExports:
    """The exports of one Gnatta domain."""

    def __init__(self, client: GnattaClient, settings: GnattaSettings, wiring: Wiring) -> None:
        """Ask with the token of that client, at a pace of its own."""
        self._client = client
        self._settings = settings
        self._tables = tables(settings)
        self._exports = {name: one.export for name, one in self._tables.items()}
        paced = settings.model_copy(update={"pacing": settings.export_pacing})
        self._allowance = Allowance(settings.key)
        judge = judge_of(settings, self._allowance.used_up)
        self._http = VendorHttp(paced, wiring, auth=client.auth, judge=judge)

    @property
    def exports(self) -> Mapping[str, Export]:
        """Return the tables that there are, by name."""
        return self._exports

    def check(self, query: ExportQuery) -> None:
        """Raise BadInputError for what Gnatta would refuse or could not understand."""
        self._request(query)

    @asynccontextmanager
    async def export(self, query: ExportQuery, call: Call) -> AsyncIterator[AsyncIterator[bytes]]:
        """Return the CSV as it comes; raise BadInputError and PlatformError."""
        request = self._request(query)
        ask = Ask(
            endpoint=request.entry,
            method="POST",
            path=f"{self._settings.export_address}{self._settings.path(request.entry)}",
            json=request.body,
            headers=_HEADERS,
            group=_GROUP,
        )
        await self._allowance.wait(call)
        try:
            async with self._http.stream(ask, call) as pieces:
                yield pieces
        except PlatformNotFoundError as error:
            if guessed := self._client.wrong_guess(request.entry, error):
                raise guessed from error
            raise

    def health(self) -> Health:
        """Return how the domain has fared lately, exports and all."""
        return self._client.health().beside(self._http.health)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _request(self, query: ExportQuery) -> _Request:
        table = self._tables[query.name]
        _check_window(query)
        asked = question(self._call(table, query), self._settings, self._client.directory.members)
        for dimension, ids in asked.named.items():
            if not ids:
                message = f"Gnatta lists only what it is told: name `{dimension.value}`."
                raise BadInputError(message, argument=dimension.value, accepted="one or more")
        if table.listing is not None:
            return _Request(wire.EXPORTED[table.listing.entry], self._view(query, asked.body))
        kind = "count" if query.grain is Grain.TOTAL else "byDate"
        return _Request(wire.EXPORTED[f"{asked.tile}.{kind}"], asked.body)

    def _call(self, table: Table, query: ExportQuery) -> MeasureCall:
        """Return the call that measures what is to be exported."""
        filters: Filters = dict(query.filters)
        source = _source(table, query, filters)
        _check_filters(table, source, filters)
        group_by = _group_by(table, source, filters)
        known = self._client.directory.members
        members = [
            filters.pop(one, ()) or tuple(member.id for member in known(one)) for one in group_by
        ]
        return MeasureCall(
            source=source.name,
            figures=(),
            start=query.start,
            end=query.end,
            zone=query.zone,
            grain=query.grain,
            group_by=group_by,
            members=members[0] if members else (),
            filters=tuple(filters.items()),
            arguments=tuple(_told(source, query.arguments)),
        )

    def _view(self, query: ExportQuery, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request for the audits: that which measures, side by side in `filters`."""
        told = {**DEFAULTS, **{one.name: one.values for one in query.arguments}}
        inside: Mapping[str, Any] = body["filters"]
        beside = {name: value for name, value in body.items() if name != "filters"}
        contexts = mapping.view_contexts(told["context"], self._settings)
        return {
            "orderBy": told["order"][0],
            "orderByField": told["order_by"][0],
            **({"contexts": contexts} if contexts else {}),
            "filters": {**beside, **inside},
        }


def _check_window(query: ExportQuery) -> None:
    """Raise BadInputError for a window that is too long for its granularity.

    Days and months are counted on the clock of the zone that the request names, of UTC where it
    names none. 24 hours are 24 hours.
    """
    limit = _WINDOWS[query.grain]
    start, end = query.start, query.end
    if query.grain in {Grain.DAY, Grain.WEEK, Grain.MONTH}:
        start, end = (one.astimezone(zone(query.zone)).replace(tzinfo=UTC) for one in (start, end))
    if end > limit.span.after(start, zone("UTC")):
        granularity = query.grain.name
        message = f"At granularity {granularity}, one export covers at most {limit.words}."
        raise BadInputError(message, argument="to", accepted=f"at most {limit.words} after `from`")


def _source(table: Table, query: ExportQuery, filters: Filters) -> Source:
    """Return what the arguments choose, having settled the channel where one must be named.

    Raises BadInputError where they choose nothing.
    """
    told = {
        (one.name, value)
        for one in query.arguments
        if one.name in table.selecting
        for value in one.values
    }
    directed = any(DIRECTION & {*value.split("/")} for _, value in told)
    if table.one_channel:
        filters[Dimension.CHANNEL] = _one_channel(filters, directed=directed)
        told |= {("channel", filters[Dimension.CHANNEL][0])} & table.words
    found = table.sources.get(table.implied | told)
    if found is None:
        missing = table.selecting[0]
        raise BadInputError(f"`{missing}` chooses what is exported.", argument=missing)
    return found


def _one_channel(filters: Filters, *, directed: bool) -> tuple[str, ...]:
    named = filters.get(Dimension.CHANNEL, (VOICE if directed else WEBCHAT,))
    accepted = ["CALL"] if directed else ["CHAT", "CALL"]
    if len(named) > 1 or named[0] not in {VOICE, WEBCHAT}:
        message = "Live conversations are exported for one channel at a time: chats or calls."
        raise BadInputError(message, argument="channel", accepted=accepted)
    if directed and named[0] != VOICE:
        message = "Only calls have a direction."
        raise BadInputError(message, argument="channel", accepted=accepted)
    return named


def _check_filters(table: Table, source: Source, filters: Iterable[Dimension]) -> None:
    allowed = table.filters_of(source)
    for one in filters:
        if one not in allowed:
            message = f"This cannot be restricted by `{one.value}`."
            accepted = sorted(each.value for each in allowed)
            raise BadInputError(message, argument=one.value, accepted=accepted)


def _told(source: Source, arguments: Iterable[Argument]) -> Iterable[Argument]:
    """Yield what the figure is told as well, in its words; raise BadInputError."""
    taken = {name for name, word in TOLD.items() if word in taken_by(source)}
    for one in arguments:
        if one.name in TOLD and one.name not in taken:
            message = f"`{one.name}` cannot be told of this."
            raise BadInputError(message, argument=one.name, accepted=sorted(taken))
        if one.exists is False:
            message = "Gnatta cannot be asked for what has no value."
            raise BadInputError(message, argument=one.name, accepted="true")
        if one.name in TOLD:
            yield msgspec.structs.replace(one, name=TOLD[one.name])


def _group_by(table: Table, source: Source, filters: Iterable[Dimension]) -> tuple[Dimension, ...]:
    """Return by what the request is grouped: a tile by its members, audits to restrict them."""
    if len(wire.tiles(source.endpoint)) == 1:
        return ()
    if table.tile is not None:
        return () if table.tile.grouping is None else (table.tile.grouping,)
    apart = tuple(one for one in _APART if one in filters)
    if len(apart) > 1:
        message = "Audits are restricted by users or by accounts, not by both."
        raise BadInputError(message, argument=apart[1].value, accepted="one of the two")
    return apart
