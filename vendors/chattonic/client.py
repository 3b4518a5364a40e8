"""Asks Chat-Tonic: one method per operation, and the ports that are made of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from vendors import records
from vendors.buckets import floor_to, zone
from vendors.calls import Call
from vendors.chattonic import list_mapping, mapping, wire
from vendors.chattonic.auth import login, mismatch, token
from vendors.chattonic.settings import ChatTonicSettings
from vendors.chattonic.walking import Walk, Window
from vendors.errors import PlatformAuthError, PlatformServerError, Retry
from vendors.http import VendorHttp
from vendors.http.health import Health
from vendors.http.message import Answer, Ask
from vendors.http.status import judge_by_status
from vendors.http.tokens import Token, TokenAuth
from vendors.port import ConversationQuery, Page, Probe, Wiring

__all__ = ["ChatTonicClient", "judge"]

_LOG = logging.getLogger("switchboard.vendors.chattonic")
_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}
_WORDS = {state: word for word, state in mapping.STATES.items()}


def judge(answer: Answer) -> None:
    """Raise what an answer stands for: the status first, then a `status` of false in a 200.

    No reason comes with that, so it is not tried again.
    """
    judge_by_status(answer)
    # What cannot be decoded is told by whoever decodes the whole.
    with suppress(ValueError, RecursionError):
        if msgspec.json.decode(answer.body, type=wire.Envelope).status is False:
            message = "an answer that calls itself a failure"
            raise PlatformServerError(message, status=answer.status, retry=Retry.NONE)


class ChatTonicClient:
    """One app's operators, dashboard and queries."""

    def __init__(self, settings: ChatTonicSettings, wiring: Wiring) -> None:
        """Prepare; nothing is asked before the first question."""
        self._settings = settings
        self._clock = wiring.clock
        self._statuses = {**mapping.STATUSES, **settings.statuses}
        self._channels = {**mapping.CHANNELS, **settings.channels}
        self._root = f"/api/v1/{quote(settings.codename, safe='')}"
        self._mismatch: str | None = None
        auth = TokenAuth(self._obtain)
        self._http = VendorHttp(settings, wiring, auth=auth, judge=judge, headers=_HEADERS)

    def health(self) -> Health:
        """Return how the platform has fared lately, without asking it."""
        return self._http.health

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def operator_stats(
        self, start: datetime, end: datetime, call: Call
    ) -> wire.OperatorStats:
        """`GET {codename}/stats/operator`: every operator's figures over the window, and now."""
        return await self._http.fetch(self._operators(start, end), wire.OperatorStats, call)

    async def dashboard(
        self, start: datetime, end: datetime, pattern: str, call: Call
    ) -> tuple[wire.DashboardRow, ...]:
        """`GET {codename}/stats/bigquery`: the app's figures by buckets of that format."""
        ask = Ask(
            endpoint="dashboard",
            path=f"{self._root}/stats/bigquery",
            params=(
                ("queryName", "dashboard"),
                ("dateFormatGroup", pattern),
                *self._window(start, end),
            ),
            group="dashboard",
            call_seconds=self._settings.dashboard_seconds,
        )
        return await self._http.fetch(ask, tuple[wire.DashboardRow, ...], call)

    async def queries(
        self, skip: int, limit: int, restriction: Mapping[str, Any], call: Call
    ) -> wire.QueryList:
        """`GET {codename}/query`: a page of the cases that were handed over, newest first.

        `restriction` is the vendor's filter object; it is built here, never taken from a caller.
        """
        ask = self._list("query list", "query", skip, limit, restriction)
        return await self._http.fetch(ask, wire.QueryList, call)

    async def users(self, skip: int, limit: int, account: str | None, call: Call) -> wire.UserList:
        """`GET {codename}/messageuser`: a page of those who wrote to the bot, newest first."""
        restriction = {} if account is None else {"account": account}
        ask = self._list("user list", "messageuser", skip, limit, restriction)
        return await self._http.fetch(ask, wire.UserList, call)

    async def export_nps(self, group: str, start: datetime, end: datetime, call: Call) -> None:
        """`GET {codename}/stats/nps/export`: has the answers of that group sent by e-mail.

        Sent once, for every time it is sent a mail goes out. What is answered is not documented:
        any success is one, a page for people too.
        """
        ask = Ask(
            endpoint="nps export",
            path=f"{self._root}/stats/nps/export",
            params=(("typeUser", group), *self._window(start, end)),
            group="nps export",
            idempotent=False,
        )
        try:
            await self._http.send(ask, call)
        except PlatformAuthError as error:
            if error.status is None or not httpx.codes.is_success(error.status):
                raise

    def _list(
        self, endpoint: str, name: str, skip: int, limit: int, restriction: Mapping[str, Any]
    ) -> Ask:
        lists = self._settings.lists
        return Ask(
            endpoint=endpoint,
            path=f"{self._root}/{name}",
            params=(
                ("skip", str(skip)),
                ("limit", str(limit)),
                *(((lists.sort_parameter, lists.sort_value),) if lists.sort_parameter else ()),
                *((("query", _json(restriction)),) if restriction else ()),
            ),
            group=name,
        )

    @property
    def conversation_filters(self) -> frozenset[str]:
        """Return the filters that it applies, by the vendor's means or on what the vendor gives."""
        return frozenset({"states", "customer_ids"})

    async def conversations(
        self, query: ConversationQuery, call: Call
    ) -> Page[records.Conversation]:
        """Return the queries created in the window, newest first.

        One state is asked of the vendor; several, and customers unless `lists.customer_filter`
        says how, are picked from what it lists. After `lists.max_pages` calls the page is cut.
        """
        lists = self._settings.lists
        picks = bool(query.customer_ids) or len(query.states) > 1
        window = Window(query.start, query.end, query.after)
        walk: Walk[wire.Query] = Walk.begin(window, query.limit, lists.page_size, picks=picks)
        restriction = self._restriction(query)
        found: list[tuple[records.Conversation, str]] = []
        for _ in range(lists.max_pages):
            page = await self.queries(walk.skip, walk.limit, restriction, call)
            found += [
                (one, position)
                for case, position in walk.read(page)
                if _is_wanted(one := self._conversation(case), query)
            ]
            if walk.done or len(found) >= query.limit:
                break
        kept = found[: query.limit]
        return Page(
            items=tuple(one for one, _ in kept),
            positions=tuple(position for _, position in kept),
            has_more=len(found) > len(kept) or (bool(kept) and not walk.done),
            truncated=not walk.done and len(found) < query.limit,
        )

    async def agents(self, call: Call) -> tuple[records.Agent, ...]:
        """Return every operator, as the last full hour's figures list them."""
        stats = await self.operator_stats(*self._last_hour(), call)
        key = self._settings.key
        return tuple(mapping.agent(one, key, self._statuses) for one in stats.operators)

    async def skills(self, call: Call) -> tuple[records.Skill, ...]:
        """Return the origins that operators serve, as the last full hour's figures tell them."""
        stats = await self.operator_stats(*self._last_hour(), call)
        return list_mapping.skills(stats, self._settings.key)

    async def presence(
        self, agents: Sequence[records.Agent], call: Call
    ) -> tuple[records.AgentPresence, ...]:
        """Return the state now of these agents, by one call for all."""
        stats = await self.operator_stats(*self._last_hour(), call)
        wanted = {one.native_id for one in agents}
        now = self._clock.now()
        return tuple(
            mapping.presence(one, self._settings.key, self._statuses, now)
            for one in stats.operators
            if one.id in wanted
        )

    async def probe(self, call: Call) -> Probe:
        """Ask for the operators once, logging in if need be."""
        found = await self._http.probe(self._operators(*self._last_hour()), call)
        notes = [note for note in (found.detail, self._mismatch) if note]
        return msgspec.structs.replace(found, detail="; ".join(notes) or None)

    async def _obtain(self, call: Call) -> Token:
        """`POST user/login`: a new token. That it belongs to another app is logged once."""
        answer = await self._http.fetch_unauthenticated(login(self._settings), wire.Login, call)
        known, self._mismatch = self._mismatch, mismatch(answer, self._settings)
        if self._mismatch and not known:
            _LOG.warning("%s: %s", self._settings.key, self._mismatch)
        return token(answer, self._clock.now())

    def _operators(self, start: datetime, end: datetime) -> Ask:
        return Ask(
            endpoint="operator stats",
            path=f"{self._root}/stats/operator",
            params=self._window(start, end),
            group="operator",
        )

    def _window(self, start: datetime, end: datetime) -> tuple[tuple[str, str], ...]:
        last = end - timedelta(milliseconds=1) if self._settings.end_inclusive else end
        return (
            ("startDate", mapping.vendor_instant(start)),
            ("endDate", mapping.vendor_instant(last)),
        )

    def _last_hour(self) -> tuple[datetime, datetime]:
        """Return the last full hour: whole hours let neighbouring questions be the same call."""
        end = floor_to("hour", self._clock.now(), zone("UTC"))
        return end - timedelta(hours=1), end

    def _conversation(self, case: wire.Query) -> records.Conversation:
        return mapping.conversation(case, self._settings.key, self._channels)

    def _restriction(self, query: ConversationQuery) -> dict[str, Any]:
        lists = self._settings.lists
        wanted: dict[str, Any] = {}
        if len(query.states) == 1 and query.states[0] in _WORDS:
            wanted["status"] = _WORDS[query.states[0]]
        if query.customer_ids and lists.customer_filter:
            ids = query.customer_ids
            wanted[lists.customer_filter] = ids[0] if len(ids) == 1 else {"$in": ids}
        if lists.filter_by_date:
            # Whole milliseconds, outwards: what is too much is left out here.
            wanted["createdAt"] = {
                "$gte": mapping.vendor_instant(query.start),
                "$lt": mapping.vendor_instant(query.end + timedelta(microseconds=999)),
            }
        return wanted


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _is_wanted(one: records.Conversation, query: ConversationQuery) -> bool:
    return (not query.states or one.state in query.states) and (
        not query.customer_ids or one.customer_id in query.customer_ids
    )
