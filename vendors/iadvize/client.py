"""Asks iAdvize's REST API 2.0: one method per operation, and the ports that are made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count, product
from typing import Any, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from vendors import records
from vendors.calls import Call
from vendors.errors import PlatformError, PlatformNotFoundError
from vendors.http import VendorHttp
from vendors.http.health import Health
from vendors.http.message import Ask
from vendors.iadvize import mapping, wire
from vendors.iadvize.auth import auth_of, judge
from vendors.iadvize.settings import IadvizeSettings
from vendors.port import ConversationQuery, Page, Probe, Wiring

__all__ = ["Filters", "IadvizeClient"]

T = TypeVar("T")
Listed = TypeVar("Listed", wire.Operator, wire.Live, wire.Website)
Filters: TypeAlias = tuple[tuple[str, str], ...]
"""The names and values of a request's `filters[...]`."""

_SECOND = timedelta(seconds=1)
_HISTORY = ("formatHistory", "0")
"""Asks for a conversation's history as entries rather than as text for people."""
_LIVE_VIEWS: Mapping[str, tuple[Filters, ...]] = {
    "available": ((),),
    "connected": ((("connected", "1"),),),
    "all": ((("connected", "1"),), (("connected", "0"),)),
}


class _Stream(NamedTuple):
    """One list of conversations: iAdvize takes one value for each filter."""

    filters: Filters
    where: ZoneInfo


class _Reach(NamedTuple):
    """Which conversations of a stream are wanted, and how many."""

    start: datetime
    end: datetime
    mark: mapping.Mark
    most: int

    def holds(self, item: records.Conversation) -> bool:
        """Return whether it started in the window and was not given before."""
        at = item.started_at
        if at is None or not self.start <= at < self.end:
            return False
        second = at.replace(microsecond=0)
        return second != self.mark.second or item.native_id not in self.mark.ids


class IadvizeClient:
    """One account's operators and conversations, and the way to its statistics."""

    def __init__(self, settings: IadvizeSettings, wiring: Wiring) -> None:
        """Make the client; nothing is sent yet."""
        self._settings = settings
        self._clock = wiring.clock
        self._http = VendorHttp(settings, wiring, auth=auth_of(settings), judge=judge)

    def health(self) -> Health:
        """Return how the platform has fared lately, without asking it."""
        return self._http.health

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def websites(self, call: Call) -> tuple[wire.Website, ...]:
        """`GET website`: the websites of the account."""
        return await self._every(_list("website"), wire.Page[wire.Website], call)

    async def operators(self, call: Call) -> tuple[wire.Operator, ...]:
        """`GET operator`: the whole directory."""
        return await self._every(_list("operator"), wire.Page[wire.Operator], call)

    async def operator(self, native_id: str, call: Call) -> wire.Operator | None:
        """`GET operator/{id}`, or None where there is none of that id."""
        return await self._one(_item("operator", native_id), wire.One[wire.Operator], call)

    async def operator_statistic(self, native_id: str, call: Call) -> wire.OperatorStatistic | None:
        """`GET operator/{id}/statistic`: what one operator has ever done, or None without one."""
        ask = _item("operator", native_id, below="statistic")
        return await self._one(ask, wire.One[wire.OperatorStatistic], call)

    async def operator_live(self, native_id: str, call: Call) -> wire.Live | None:
        """`GET operator/{id}/live`: the state of one operator, or None without one."""
        ask = _item("operator", native_id, below="live")
        return await self._one(ask, wire.One[wire.Live], call)

    async def operators_live(self, filters: Filters, call: Call) -> tuple[wire.Live, ...]:
        """`GET operator/live`: the state of the operators whom these filters show."""
        return await self._every(_list("operator/live", filters), wire.Page[wire.Live], call)

    async def conversation_page(
        self, filters: Filters, page: int, size: int, call: Call
    ) -> wire.Page[wire.Conversation]:
        """`GET conversation.json-unicode`: a page of conversations, newest first as observed."""
        ask = _list("conversation.json-unicode", filters, _HISTORY)
        return await self._http.fetch(_paged(ask, page, size), wire.Page[wire.Conversation], call)

    async def one_conversation(self, native_id: str, call: Call) -> wire.Conversation | None:
        """`GET conversation.json-unicode/{id}`, or None where there is none of that id."""
        ask = _item("conversation.json-unicode", native_id, (_HISTORY,))
        return await self._one(ask, wire.One[wire.Conversation], call)

    async def statistic(self, filters: Filters, call: Call) -> wire.StatisticData:
        """`GET statistic`: figures.

        One request, unless the answer says by a `pagination`, of which the documents know nothing
        here, that it is a part of the rows: they are then read to the end.
        """
        ask = Ask(
            endpoint="statistic", path="statistic", params=_filtered(filters), group="statistic"
        )
        answer = await self._http.fetch(ask, wire.Statistic, call)
        rows = answer.data
        for page in count(1):
            if isinstance(rows, dict) or mapping.is_last(answer.pagination, page):
                break
            answer = await self._http.fetch(_paged(ask, page + 1), wire.Statistic, call)
            fresh = [row for row in answer.data if isinstance(row, dict) and row not in rows]
            if not fresh:
                break
            rows += fresh
        return rows

    async def probe(self, call: Call) -> Probe:
        """Ask for one operator, and tell which websites are not as the settings say."""
        found = await self._http.probe(_paged(_list("operator"), 1, 1), call)
        with suppress(PlatformError):
            unlike = [
                f"website {one.id} is in {one.timezone}, {one.currency}"
                for one in await self.websites(call)
                if self._settings.unlike(str(one.id), one.timezone, one.currency)
            ]
            told = "; ".join(filter(None, (found.detail, *unlike)))
            return msgspec.structs.replace(found, detail=told or None)
        return found

    async def agents(self, call: Call) -> tuple[records.Agent, ...]:
        """Return every operator of the directory."""
        key = self._settings.key
        return tuple(mapping.agent(one, key) for one in await self.operators(call))

    async def agent(self, native_id: str, call: Call) -> records.Agent | None:
        """Return one operator, or None where there is none of that id."""
        found = await self.operator(native_id, call)
        return None if found is None else mapping.agent(found, self._settings.key)

    async def presence(
        self, agents: Sequence[records.Agent], call: Call
    ) -> tuple[records.AgentPresence, ...]:
        """Return the state of each of these agents, by as few live lists as show them all.

        Agents who have a group or skills are listed only where the list is asked for that. Who is
        not listed is unavailable, and iAdvize does not say why.
        """
        views = _LIVE_VIEWS[self._settings.presence_view]
        asked = [(*of, *view) for of in mapping.live_filters(agents) for view in views]
        answers = await _together(self.operators_live(filters, call) for filters in asked)
        key, now = self._settings.key, self._clock.now()
        listed = {str(one.id): one for answer in answers for one in answer}
        return tuple(
            mapping.presence(listed[one.native_id], key, now)
            if one.native_id in listed
            else mapping.unseen(one.native_id, key, now)
            for one in agents
        )

    async def conversation(self, native_id: str, call: Call) -> records.Conversation | None:
        """Return one conversation, or None where there is none of that id."""
        found = await self.one_conversation(native_id, call)
        return None if found is None else self._record(found)

    @property
    def conversation_filters(self) -> frozenset[str]:
        """Return the filters that iAdvize has; several values of one are several lists."""
        return frozenset(
            {"agent_ids", "customer_ids", "channels", "site_ids", "skill_ids", "tag_ids"}
        )

    async def conversations(
        self, query: ConversationQuery, call: Call
    ) -> Page[records.Conversation]:
        """Return one page: the newest window first, and no older one than the limit needs."""
        mark = mapping.Mark(query.end) if query.after is None else mapping.Mark.read(query.after)
        streams = list(self._streams(query))
        found: list[records.Conversation] = []
        goes_on = False
        windows = self._windows(query.start, min(query.end, mark.second + _SECOND))
        for start, end in windows if streams else ():
            reach = _Reach(start, end, mark, query.limit - len(found))
            parts = await _together(self._newest(one, reach, call) for one in streams)
            unique = {one.native_id: one for part, _ in parts for one in part}
            found += sorted(unique.values(), key=_start, reverse=True)
            goes_on = len(found) > query.limit or any(more for _, more in parts)
            if goes_on:
                break
        items = tuple(found[: query.limit])
        return Page(items=items, positions=tuple(_positions(items, mark)), has_more=goes_on)

    def _streams(self, query: ConversationQuery) -> Iterator[_Stream]:
        """Yield the lists that hold what is asked for, none where iAdvize has no such channel.

        A list's bounds are local times: websites in several zones are listed one by one.
        """
        words = mapping.CONVERSATION_CHANNELS
        channels = tuple(words[one] for one in query.channels if one in words)
        if query.channels and not channels:
            return
        websites = self._settings.websites if self._settings.several_zones else ()
        wanted = {
            "channel": channels,
            "website_id": query.site_ids or tuple(one.id for one in websites),
            "operator_id": query.agent_ids,
            "skill_id": query.skill_ids,
            "tag_id": query.tag_ids,
            self._settings.visitor_filter: query.customer_ids,
        }
        named = {name: values for name, values in wanted.items() if values}
        for values in product(*named.values()):
            filters = dict(zip(named, values, strict=True))
            where = self._settings.zone_of(filters.get("website_id"))
            yield _Stream(tuple(filters.items()), where)

    def _windows(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Cut `[start, end)` from its end into windows that one list may span."""
        longest = timedelta(days=self._settings.conversation_days)
        while start < end:
            first = max(start, end - longest)
            yield first, end
            end = first

    async def _newest(
        self, stream: _Stream, reach: _Reach, call: Call
    ) -> tuple[list[records.Conversation], bool]:
        """Return at least `most` of what a stream holds, and whether it is sure to hold more.

        One more is asked for, so that one answer can tell.
        """
        bounds = mapping.local_bounds(reach.start, reach.end, stream.where)
        found: list[records.Conversation] = []
        if bounds is None:
            return found, False
        filters = (*stream.filters, *zip(("from", "to"), bounds, strict=True))
        size = min(self._settings.page_size, reach.most + 1 + len(reach.mark.ids))
        seen: set[str] = set()
        for page in count(1):
            answer = await self.conversation_page(filters, page, size, call)
            fresh = [one for one in map(self._record, answer.data) if one.native_id not in seen]
            seen.update(one.native_id for one in fresh)
            found += filter(reach.holds, fresh)
            # Beyond its last page iAdvize repeats it for ever.
            if not fresh or mapping.is_last(answer.pagination, page):
                break
            unread = mapping.total(answer.pagination) - len(seen) - len(reach.mark.ids - seen)
            if len(found) > reach.most or (len(found) == reach.most and unread > 0):
                return found, True
        return found, False

    def _record(self, item: wire.Conversation) -> records.Conversation:
        site = None if item.website_id is None else str(item.website_id)
        return mapping.conversation(item, self._settings.key, self._settings.zone_of(site))

    async def _every(
        self, ask: Ask, shape: type[wire.Page[Listed]], call: Call
    ) -> tuple[Listed, ...]:
        """Read a list to its end."""
        found: dict[str, Listed] = {}
        for page in count(1):
            answer = await self._http.fetch(
                _paged(ask, page, self._settings.page_size), shape, call
            )
            fresh = {str(one.id): one for one in answer.data if str(one.id) not in found}
            found.update(fresh)
            # Beyond its last page iAdvize repeats it for ever.
            if not fresh or mapping.is_last(answer.pagination, page):
                break
        return tuple(found.values())

    async def _one(self, ask: Ask | None, shape: type[wire.One[T]], call: Call) -> T | None:
        """Read one object, or None where there is none."""
        if ask is None:
            return None
        try:
            answer = await self._http.fetch(ask, shape, call)
        except PlatformNotFoundError:
            return None
        return None if isinstance(answer.data, list) else answer.data


def _list(path: str, filters: Filters = (), *params: tuple[str, str]) -> Ask:
    """Return the request for a list; without `full` it would hold ids only."""
    return Ask(
        endpoint=path,
        path=path,
        params=(*params, ("full", "1"), *_filtered(filters)),
        group=_group(path),
    )


def _item(path: str, native_id: str, params: Filters = (), below: str = "") -> Ask | None:
    """Return the request for one object; ids are whole numbers, and nothing else is asked for."""
    if not (native_id.isascii() and native_id.isdecimal()):
        return None
    return Ask(
        endpoint=f"{path}/one/{below}".rstrip("/"),
        path=f"{path}/{native_id}/{below}".rstrip("/"),
        params=params,
        group=_group(path),
    )


def _group(path: str) -> str:
    """Return what the circuit breaker knows a path by: its resource."""
    return path.partition(".")[0]


def _filtered(filters: Filters) -> Filters:
    return tuple((f"filters[{name}]", value) for name, value in filters)


def _paged(ask: Ask, page: int, size: int | None = None) -> Ask:
    limit = () if size is None else (("limit", str(size)),)
    return msgspec.structs.replace(ask, params=(*ask.params, ("page", str(page)), *limit))


async def _together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what all of it returns; where one part fails, the others are not left running."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _start(item: records.Conversation) -> tuple[str, str]:
    started = item.started_at
    return "" if started is None else started.isoformat(), item.native_id


def _positions(items: Iterable[records.Conversation], mark: mapping.Mark) -> Iterator[str]:
    """Yield the position behind each item."""
    for item in items:
        mark = mark.behind(item)
        yield mark.written
