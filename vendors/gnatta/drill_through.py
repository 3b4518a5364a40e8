"""The audits behind the figures: the request that measures one, flattened into that of tile 37."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vendors.calls import Call
from vendors.drill_through import (
    EventContext,
    EventOrder,
    FigureEvent,
    FigureEventQuery,
    FigureEvents,
)
from vendors.errors import BadInputError
from vendors.gnatta import mapping, walking, wire
from vendors.gnatta.client import GnattaClient
from vendors.gnatta.measuring import GnattaMeasures, question
from vendors.gnatta.parameters import is_ranked
from vendors.gnatta.settings import GnattaSettings
from vendors.measures import Dimension, Figure, MeasureCall, Source, Unit
from vendors.port import Page

__all__ = ["GnattaDrillThrough", "behind"]

_CONTEXTS: Final[Mapping[str, EventContext]] = {
    "User": EventContext.AGENT,
    "Queue": EventContext.QUEUE,
    "Account": EventContext.ACCOUNT,
    "Data": EventContext.DATA,
}
_FIELDS: Final = {EventOrder.TIMESTAMP: "Timestamp", EventOrder.REFERENCE: "Reference"}
_APART: Final = (Dimension.AGENT, Dimension.ACCOUNT)
"""What requests restrict by only where their tile names it."""
_PER_HOUR: Final = {"cphByChannel", "cphByQueue"}
_ALL_ENDED: Final = "Lists all live conversations that ended, whatever became of them."


class GnattaDrillThrough:
    """Lists the audits behind what one Gnatta domain measures."""

    def __init__(
        self, client: GnattaClient, measures: GnattaMeasures, settings: GnattaSettings
    ) -> None:
        """List by that client, of what is measured so."""
        self._client = client
        self._measures = measures
        self._settings = settings

    @property
    def drillable(self) -> Mapping[str, FigureEvents]:
        """Return the figures that can be measured now and have audits behind them."""
        tables = self._measures.measurables
        found = {
            name: behind(figure, tables.sources[figure.source])
            for name, figure in tables.figures.items()
        }
        return {name: told for name, told in found.items() if told is not None}

    async def events(self, query: FigureEventQuery, call: Call) -> Page[FigureEvent]:
        """Return one page of audits, by as few calls as can be.

        Raises PlatformError, and BadInputError for what cannot be asked of these audits.
        """
        tables = self._measures.measurables
        figure = tables.figures[query.figure]
        listing = _listing(figure)
        if listing is None:
            raise BadInputError(f"{figure.name} has no events behind it.", argument="figure")
        filters = _restricted(query, figure)
        if not all(filters.values()):
            return Page((), (), has_more=False)
        measured = _measured(query, tables.sources[figure.source], filters)
        asked = question(measured, self._settings, self._client.directory.members)
        kinds = [one for one in listing.contexts if _CONTEXTS[one] in query.contexts]
        page = await self._client.walk(
            listing.entry,
            walking.Question(
                window=(query.start, query.end),
                limit=query.limit,
                after=query.after,
                order=walking.Order(_FIELDS[query.order], query.descending),
                filters=_flattened(asked.body),
                contexts=mapping.view_contexts(kinds, self._settings),
            ),
            call,
        )
        return Page(
            tuple(map(self._event, page.items)), page.positions, page.has_more, page.truncated
        )

    def _event(self, row: walking.Row) -> FigureEvent:
        event = row.event
        queue_id, queue_name = self._member(Dimension.QUEUE, mapping.context(event, "queue"))
        account_id, account_name = self._member(
            Dimension.ACCOUNT, mapping.context(event, "account")
        )
        agent_id, _ = self._member(Dimension.AGENT, mapping.context(event, "user"))
        return FigureEvent(
            platform=self._settings.key,
            reference=event.reference,
            native_id=str(row.position),
            at=row.position.at,
            channel=mapping.channel_of(event),
            native_channel=event.channel,
            agent_id=agent_id,
            queue_id=queue_id,
            queue_name=queue_name,
            account_id=account_id,
            account_name=account_name,
            data=mapping.data_values(event),
        )

    def _member(self, dimension: Dimension, told: str | None) -> tuple[str | None, str | None]:
        """Return the id and name of what a context tells: nothing says whether it is the one."""
        if told is None:
            return None, None
        for one in self._client.directory.members(dimension):
            if told.casefold() in {one.id.casefold(), (one.name or one.id).casefold()}:
                return one.id, one.name
        return told, None


def _tile(figure: Figure) -> wire.Endpoint:
    """Return one of the tiles that tell a figure: in what matters here they are all alike."""
    return wire.tiles(figure.source.partition("/")[0])[0]


def _listing(figure: Figure) -> wire.Listing | None:
    """Return which audits a figure is made of; None: it has none.

    Beside contacts per hour stands the time that they were made in, which is presence. Values that
    are ranked have none of their own: their events are those of all closings.
    """
    tile = _tile(figure)
    timed = figure.unit is Unit.SECONDS and tile.family in _PER_HOUR
    if timed or is_ranked(figure.source):
        return None
    return wire.LISTINGS.get(tile.count.suffix.split("/")[1])


def behind(figure: Figure, source: Source) -> FigureEvents | None:
    """Return what can be asked of the audits behind a figure; None where it has none."""
    listing = _listing(figure)
    if listing is None:
        return None
    some = _tile(figure).one_channel and not figure.name.endswith("/total")
    return FigureEvents(
        contexts=frozenset(_CONTEXTS[one] for one in listing.contexts),
        filters=frozenset(source.groupings),
        note=_ALL_ENDED if some else None,
    )


def _restricted(query: FigureEventQuery, figure: Figure) -> dict[Dimension, tuple[str, ...]]:
    """Return the restrictions, channels to those on which the figure exists.

    Raises BadInputError where it exists on several and a request takes one.
    """
    found = dict(query.filters)
    if figure.channels is not None:
        asked = found.get(Dimension.CHANNEL, tuple(sorted(figure.channels)))
        found[Dimension.CHANNEL] = tuple(one for one in asked if one in figure.channels)
    if _tile(figure).one_channel and len(found.get(Dimension.CHANNEL, ())) > 1:
        message = "The events of this figure are listed for one channel at a time."
        accepted = [mapping.CHANNELS[one].name for one in sorted(found[Dimension.CHANNEL])]
        raise BadInputError(message, argument="filter.channels", accepted=accepted)
    return found


def _measured(
    query: FigureEventQuery, source: Source, filters: Mapping[Dimension, tuple[str, ...]]
) -> MeasureCall:
    """Return the call that measures the figure with these restrictions."""
    apart = [one for one in _APART if one in filters]
    if len(apart) > 1:
        message = "Events are restricted by agents or by accounts, not by both."
        raise BadInputError(message, argument="filter.members", accepted="one of the two")
    # A tile of its own answers for them: to restrict by them is to group by them.
    group_by = tuple(apart) if len(wire.tiles(source.endpoint)) > 1 else ()
    return MeasureCall(
        source=source.name,
        figures=(query.figure,),
        start=query.start,
        end=query.end,
        zone="UTC",
        group_by=group_by,
        members=filters[group_by[0]] if group_by else (),
        filters=tuple((one, ids) for one, ids in filters.items() if one not in group_by),
        arguments=query.arguments,
    )


def _flattened(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that a request says, side by side; the window comes with each call."""
    inside: Mapping[str, Any] = body["filters"]
    top = {name: value for name, value in body.items() if name != "filters"}
    return {**top, **{name: one for name, one in inside.items() if name not in {"from", "to"}}}
