"""What iAdvize lists beside operators and conversations: how each is asked for and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar, cast

from vendors import records
from vendors.calls import Call
from vendors.iadvize import list_mapping, wire
from vendors.iadvize.client import IadvizeClient
from vendors.iadvize.mapping import CHANNELS, agent
from vendors.iadvize.settings import IadvizeSettings
from vendors.iadvize.walking import Filters, Roll, Stream, Walk, streams, together
from vendors.port import HistoryQuery, Page
from vendors.records import Channel, Dated, Listed

__all__ = ["IadvizeLists"]

L = TypeVar("L", bound=Listed)
D = TypeVar("D", bound=Dated)
E = TypeVar("E", bound=records.Record)


class _Kind(NamedTuple):
    """One kind of records: its resource, the shapes of answers, and how an item is read."""

    resource: str
    page: type[wire.Page[Any]]
    one: type[wire.One[Any]]
    record: Callable[[Any, IadvizeSettings], Any]


_DIRECTORIES: Mapping[type[Listed], _Kind] = {
    records.Team: _Kind("group", wire.Page[wire.Group], wire.One[wire.Group], list_mapping.team),
    records.Skill: _Kind("skill", wire.Page[wire.Skill], wire.One[wire.Skill], list_mapping.skill),
    records.Tag: _Kind("tag", wire.Page[wire.Tag], wire.One[wire.Tag], list_mapping.tag),
    records.Site: _Kind(
        "website", wire.Page[wire.Website], wire.One[wire.Website], list_mapping.site
    ),
    records.Client: _Kind(
        "client", wire.Page[wire.Client], wire.One[wire.Client], list_mapping.client
    ),
}
_HISTORIES: Mapping[type[Dated], _Kind] = {
    records.Customer: _Kind(
        "visitor", wire.Page[wire.Visitor], wire.One[wire.Visitor], list_mapping.customer
    ),
    records.Transaction: _Kind(
        "transaction",
        wire.Page[wire.Transaction],
        wire.One[wire.Transaction],
        list_mapping.transaction,
    ),
    records.SurveyResponse: _Kind(
        "satisfaction",
        wire.Page[wire.Satisfaction],
        wire.One[wire.Satisfaction],
        list_mapping.survey_response,
    ),
    records.CallMeeting: _Kind(
        "callmeeting",
        wire.Page[wire.CallMeeting],
        wire.One[wire.CallMeeting],
        list_mapping.call_meeting,
    ),
}
_KINDS: Mapping[type[Any], _Kind] = {
    **dict(_DIRECTORIES),
    **dict(_HISTORIES),
    records.Agent: _Kind(
        "operator",
        wire.Page[wire.Operator],
        wire.One[wire.Operator],
        lambda item, settings: agent(item, settings.key),
    ),
}
_FILTERS: Mapping[type[Dated], Mapping[str, str]] = {
    records.Customer: {
        "site_ids": "website_id",
        "customer_ids": "unique_id",
        "external_ids": "external_id",
    },
    records.Transaction: {
        "site_ids": "website_id",
        "agent_ids": "operator_id",
        "conversation_ids": "conversation_id",
        "linked": "conversation_id",
        "channels": "channel",
    },
    records.SurveyResponse: {
        "site_ids": "website_id",
        "agent_ids": "operator_id",
        "conversation_ids": "conversation_id",
    },
    records.CallMeeting: {"site_ids": "website_id", "channels": "channel"},
}
"""Our filters, and iAdvize's name of each; it takes one value of one."""
_LOOKED_UP = ("customer_ids", "external_ids")
"""Filters that a single customer matches, or none."""
_CHANNELS: Mapping[Channel, str] = {channel: word for word, channel in CHANNELS.items()}
_LINKED: Mapping[bool, str] = {True: "!null", False: "null"}


class IadvizeLists:
    """The lists of one account."""

    def __init__(self, client: IadvizeClient, settings: IadvizeSettings) -> None:
        """List by that client."""
        self._client = client
        self._settings = settings

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        """Return the kinds of which there is a short list."""
        return frozenset(_DIRECTORIES)

    async def directory(self, kind: type[L], call: Call) -> tuple[L, ...]:
        """Return a short list whole."""
        asked = _DIRECTORIES[kind]
        items = await self._client.every(asked.resource, asked.page, call)
        return tuple(asked.record(one, self._settings) for one in items)

    @property
    def fetched_kinds(self) -> frozenset[type[Any]]:
        """Return operators and all kinds but call meetings, of which no single one can be read."""
        return frozenset(_KINDS) - {records.CallMeeting}

    async def fetch(self, kind: type[E], native_id: str, call: Call) -> E | None:
        """Return one record, or None where there is none of that id."""
        asked = _KINDS[kind]
        found = await self._client.one(asked.resource, native_id, asked.one, call)
        return None if found is None else cast(E, asked.record(found, self._settings))

    @property
    def history_filters(self) -> Mapping[type[Dated], frozenset[str]]:
        """Return the kinds of which there is a long list, with the filters of each."""
        return {kind: frozenset(names) for kind, names in _FILTERS.items()}

    async def history(self, kind: type[D], query: HistoryQuery, call: Call) -> Page[D]:
        """Return one page; customers are listed without dates, the others by windows."""
        if kind is records.Customer:
            return cast(Page[D], await self._customers(query, call))
        if query.start is None or query.end is None:
            message = "iAdvize lists these by dates"
            raise TypeError(message)
        asked = _streams(kind, query, self._settings)
        window = query.start, query.end
        return await self._walk(kind, call).read(asked, window, query.limit, query.after or "")

    async def sales_of(
        self, conversations: Sequence[records.Conversation], call: Call
    ) -> tuple[records.Transaction, ...]:
        """Return what these conversations led to: conversation by conversation, or by days.

        iAdvize takes one conversation at a time. Where it is fewer calls, all sales that belong
        to conversations are listed, of the days in which one can be put down to these.
        """
        wanted = {one.native_id for one in conversations}
        spans = _merged(self._span(one) for one in conversations)
        walk = self._walk(records.Transaction, call)
        longest = timedelta(days=self._settings.list_days)
        if len(wanted) <= sum(-(-(end - start) // longest) for start, end in spans):
            filters = {"conversation_id": tuple(sorted(wanted))}
        else:
            filters = {"conversation_id": (_LINKED[True],)}
        asked = list(streams(self._settings, filters))
        parts = await together(walk.whole(asked, span) for span in spans)
        unique = {one.native_id: one for part in parts for one in part}
        return tuple(one for one in unique.values() if one.conversation_id in wanted)

    def _span(self, one: records.Conversation) -> tuple[datetime, datetime]:
        """Return when sales may be put down to a conversation."""
        start = one.started_at or one.ended_at
        if start is None:
            message = "iAdvize tells of every conversation when it began"
            raise TypeError(message)
        return start, (one.ended_at or start) + timedelta(days=self._settings.sale_days, seconds=1)

    def _walk(self, kind: type[D], call: Call) -> Walk[D]:
        asked = _HISTORIES[kind]

        async def page(
            filters: Filters, number: int, size: int
        ) -> tuple[list[D], wire.Pagination | None]:
            answer = await self._client.page(
                asked.resource, filters, (number, size), asked.page, call
            )
            return [asked.record(one, self._settings) for one in answer.data], answer.pagination

        return Walk(
            page,
            at=lambda one: one.at,
            longest=timedelta(days=self._settings.list_days),
            page_size=self._settings.page_size,
        )

    async def _customers(self, query: HistoryQuery, call: Call) -> Page[records.Customer]:
        """Return one page of visitors; those who are named by an id are looked up one by one.

        iAdvize takes one website: of several, the visitors are picked from all.
        """
        settings, walk = self._settings, self._walk(records.Customer, call)
        wanted = _met_on(query.site_ids)
        names = _FILTERS[records.Customer]
        looked_up = {names[one]: getattr(query, one) for one in _LOOKED_UP if getattr(query, one)}
        if looked_up:
            asked = [one.filters for one in streams(settings, looked_up)]
            found = await together(self._looked_up(walk, one) for one in asked)
            unique = {one.native_id: one for part in found for one in part if wanted(one)}
            return _cut(unique.values(), query)
        site = query.site_ids if len(query.site_ids) == 1 else ()
        filters = tuple((names["site_ids"], one) for one in site)
        roll = Roll(walk.page, walk.at, settings.page_size, settings.visitor_pages)
        return await roll.read(filters, query.limit, query.after or "", wanted)

    async def _looked_up(
        self, walk: Walk[records.Customer], filters: Filters
    ) -> Sequence[records.Customer]:
        found, _ = await walk.page(filters, 1, self._settings.page_size)
        return found


def _streams(kind: type[Dated], query: HistoryQuery, settings: IadvizeSettings) -> list[Stream]:
    """Return the lists that hold what is asked for; none where nothing can be both."""
    wanted: dict[str, tuple[str, ...]] = {
        name: getattr(query, ours)
        for ours, name in _FILTERS[kind].items()
        if ours not in {"linked", "channels"} and getattr(query, ours)
    }
    if query.channels:
        wanted["channel"] = tuple(_CHANNELS[one] for one in query.channels if one in _CHANNELS)
        if not wanted["channel"]:
            return []
    if query.linked is not None and query.conversation_ids:
        return list(streams(settings, wanted)) if query.linked else []
    if query.linked is not None:
        wanted["conversation_id"] = (_LINKED[query.linked],)
    return list(streams(settings, wanted))


def _met_on(site_ids: tuple[str, ...]) -> Callable[[records.Customer], bool]:
    """Return what tells whether a customer was on one of these websites; none are all."""
    sites = frozenset(site_ids)
    return lambda one: not sites or not sites.isdisjoint(one.site_ids or ())


def _cut(found: Iterable[records.Customer], query: HistoryQuery) -> Page[records.Customer]:
    """Return the page behind a position, which is the id of the customer that was given last."""
    ordered = sorted(found, key=lambda one: (one.at is not None, one.at, one.native_id))
    items = ordered[::-1]
    given = [one.record_id for one in items]
    rest = items[given.index(query.after) + 1 :] if query.after in given else items
    kept = tuple(rest[: query.limit])
    return Page(kept, tuple(one.record_id for one in kept), has_more=len(rest) > len(kept))


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return these spans with those that meet made one."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
