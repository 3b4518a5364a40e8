"""Asks iAdvize's REST API 2.0: one method per operation, and the ports that are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import TypeVar

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
from vendors.iadvize.walking import Filters, Stream, Walk, streams, together
from vendors.port import ConversationQuery, Page, Probe, Wiring

__all__ = ["IadvizeClient"]

T = TypeVar("T")
Listed = TypeVar("Listed", bound=wire.Identified)

_HISTORY = ("formatHistory", "0")
"""Asks for a conversation's history as entries rather than as text for people."""
_LIVE_VIEWS: Mapping[str, tuple[Filters, ...]] = {
    "available": ((),),
    "connected": ((("connected", "1"),),),
    "all": ((("connected", "1"),), (("connected", "0"),)),
}


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

    async def operator_statistic(self, native_id: str, call: Call) -> wire.OperatorStatistic | None:
        """`GET operator/{id}/statistic`: what one operator has ever done, or None without one."""
        ask = _item("operator", native_id, below="statistic")
        return await self._one(ask, wire.One[wire.OperatorStatistic], call)

    async def operator_profile(self, native_id: str, call: Call) -> wire.OperatorProfile | None:
        """`GET operator/{id}/profile`: what one operator shows of themselves, or None without."""
        ask = _item("operator", native_id, below="profile")
        return await self._one(ask, wire.One[wire.OperatorProfile], call)

    async def operator_live(self, native_id: str, call: Call) -> wire.Live | None:
        """`GET operator/{id}/live`: the state of one operator, or None without one."""
        ask = _item("operator", native_id, below="live")
        return await self._one(ask, wire.One[wire.Live], call)

    async def operators_live(self, filters: Filters, call: Call) -> tuple[wire.Live, ...]:
        """`GET operator/live`: the state of the operators whom these filters show."""
        return await self._every(_list("operator/live", filters), wire.Page[wire.Live], call)

    async def every(
        self, resource: str, shape: type[wire.Page[Listed]], call: Call
    ) -> tuple[Listed, ...]:
        """`GET {resource}`: a list to its end."""
        return await self._every(_list(resource), shape, call)

    async def one(
        self, resource: str, native_id: str, shape: type[wire.One[T]], call: Call
    ) -> T | None:
        """`GET {resource}/{id}`, or None where there is none of that id."""
        return await self._one(_item(resource, native_id), shape, call)

    async def page(
        self,
        resource: str,
        filters: Filters,
        numbered: tuple[int, int],
        shape: type[wire.Page[Listed]],
        call: Call,
    ) -> wire.Page[Listed]:
        """`GET {resource}`: a page of a list, by its number and size."""
        return await self._http.fetch(_paged(_list(resource, filters), *numbered), shape, call)

    async def send(self, ask: Ask, call: Call) -> None:
        """Send a change whose answer says no more than that it was made."""
        await self._http.send(ask, call)

    async def fetch(self, ask: Ask, shape: type[T], call: Call) -> T:
        """Send a change and return its answer."""
        return await self._http.fetch(ask, shape, call)

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

    async def presence(
        self, agents: Sequence[records.Agent], call: Call
    ) -> tuple[records.AgentPresence, ...]:
        """Return the state of each of these agents, by as few live lists as show them all.

        Agents who have a group or skills are listed only where the list is asked for that. Who is
        not listed is unavailable, and iAdvize does not say why.
        """
        views = _LIVE_VIEWS[self._settings.presence_view]
        asked = [(*of, *view) for of in mapping.live_filters(agents) for view in views]
        answers = await together(self.operators_live(filters, call) for filters in asked)
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
            {
                "agent_ids",
                "customer_ids",
                "channels",
                "site_ids",
                "skill_ids",
                "tag_ids",
                "rule_ids",
            }
        )

    async def conversations(
        self, query: ConversationQuery, call: Call
    ) -> Page[records.Conversation]:
        """Return one page: the newest window first, and no older one than the limit needs."""

        async def page(
            filters: Filters, number: int, size: int
        ) -> tuple[list[records.Conversation], wire.Pagination | None]:
            answer = await self.conversation_page(filters, number, size, call)
            return [self._record(one) for one in answer.data], answer.pagination

        walk = Walk(
            page,
            at=lambda one: one.started_at,
            longest=timedelta(days=self._settings.conversation_days),
            page_size=self._settings.page_size,
            ordered=True,
        )
        asked = self._streams(query)
        return await walk.read(asked, (query.start, query.end), query.limit, query.after or "")

    def _streams(self, query: ConversationQuery) -> list[Stream]:
        """Return the lists that hold what is asked for, none where iAdvize has no such channel."""
        words = mapping.CONVERSATION_CHANNELS
        channels = tuple(words[one] for one in query.channels if one in words)
        if query.channels and not channels:
            return []
        wanted = {
            "channel": channels,
            "website_id": query.site_ids,
            "operator_id": query.agent_ids,
            "skill_id": query.skill_ids,
            "tag_id": query.tag_ids,
            "rule_id": query.rule_ids,
            self._settings.visitor_filter: query.customer_ids,
        }
        return list(streams(self._settings, wanted))

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
