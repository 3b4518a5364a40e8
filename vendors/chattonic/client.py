"""Asks Chat-Tonic: one method per operation, and the ports that are made of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import msgspec

from vendors import records
from vendors.buckets import floor_to, zone
from vendors.calls import Call
from vendors.chattonic import mapping, wire
from vendors.chattonic.auth import login, mismatch, token
from vendors.chattonic.settings import ChatTonicSettings
from vendors.errors import BadInputError, PlatformBadResponseError, PlatformServerError, Retry
from vendors.http import VendorHttp
from vendors.http.health import Health
from vendors.http.message import Answer, Ask
from vendors.http.status import judge_by_status
from vendors.http.tokens import Token, TokenAuth
from vendors.port import ConversationQuery, Page, Probe, Wiring

__all__ = ["ChatTonicClient", "Position", "Walk", "judge"]

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
        lists = self._settings.lists
        ask = Ask(
            endpoint="query list",
            path=f"{self._root}/query",
            params=(
                ("skip", str(skip)),
                ("limit", str(limit)),
                *(((lists.sort_parameter, lists.sort_value),) if lists.sort_parameter else ()),
                *((("query", _json(restriction)),) if restriction else ()),
            ),
            group="query",
        )
        return await self._http.fetch(ask, wire.QueryList, call)

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
        walk = Walk.begin(query, lists.page_size)
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


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Behind which query reading goes on, in a list that moves while it is read."""

    at: datetime
    """The instant of the last query that was given."""
    ids: tuple[str, ...]
    """All queries of that instant that were given: their order among themselves is the vendor's."""
    skip: int
    """Where in the list the next page is looked for first: a hint that arrivals make stale."""

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read a position that was given out; raise BadInputError for anything else."""
        try:
            position = msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise BadInputError("That is no position in this list.", argument="after") from error
        if position.at.tzinfo is None or position.skip < 0:
            raise BadInputError("That is no position in this list.", argument="after")
        return position


# What a page holds beyond what was asked: one to know that there are more, and two that overlap
# with what was read before; the rest is for arrivals.
_SPARE = 8


class Walk:
    """Reads the queries behind a mark, though the vendor pages by number and the list moves.

    Arrivals push queries to higher numbers, and changes of status take them out of a filtered
    list. So no page is trusted by its number: it counts only if it is the head of the list or
    begins with a query that is newer than the mark, for then nothing behind the mark is missing
    before it. Otherwise the place is searched for, in strides that grow and then halve.
    """

    def __init__(self, mark: Position, start: datetime, limit: int, page_size: int) -> None:
        """Read from behind `mark` down to `start`, the first page by `limit`."""
        self.skip = mark.skip
        self.limit = min(limit, page_size)
        self.done = False
        self._mark = mark
        self._start = start
        self._page_size = page_size
        # Where a page would begin with a newer query, and where with none; -1: not known.
        self._newer, self._older = 0, -1
        self._stride = 0
        self._crowded: datetime | None = None

    @classmethod
    def begin(cls, query: ConversationQuery, page_size: int) -> Walk:
        """Start at the query's position, or at the end of its window."""
        # Whatever is newer than the last instant of the window is ahead of it.
        mark = Position(query.end - timedelta(microseconds=1), (), 0)
        if query.after is not None:
            mark = min(Position.parse(query.after), mark, key=lambda one: one.at)
        picks = bool(query.customer_ids) or len(query.states) > 1
        return cls(mark, query.start, page_size if picks else query.limit + _SPARE, page_size)

    def read(self, page: wire.QueryList) -> list[tuple[wire.Query, str]]:
        """Return the page's queries that are behind the mark and in the window, with positions.

        Raises PlatformBadResponseError where the page is not ordered newest first: going on
        would lose some.
        """
        cases = page.objects
        if any(one.createdAt < other.createdAt for one, other in pairwise(cases)):
            raise PlatformBadResponseError("queries are not listed newest first")
        full = len(cases) >= max(1, min(self.limit, page.limit or self.limit))
        widest = self.limit == self._page_size
        self.limit = self._page_size
        if not self._is_placed(cases):
            self._step_back()
        elif full and cases[-1].createdAt > self._mark.at:
            self._step_on(len(cases))
        else:
            return self._take(cases, full=full, widest=widest)
        return []

    def _is_placed(self, cases: Sequence[wire.Query]) -> bool:
        """Return whether nothing that is wanted can stand before this page."""
        if self.skip == 0:
            return True
        if not cases:
            return False
        first = cases[0]
        if self._crowded == self._mark.at and first.id in self._mark.ids:
            return True
        return first.createdAt > self._mark.at

    def _take(
        self, cases: Sequence[wire.Query], *, full: bool, widest: bool
    ) -> list[tuple[wire.Query, str]]:
        found = []
        for case in cases:
            if case.createdAt < self._start:
                self.done = True
                break
            if self._is_behind(case):
                self._mark = self._mark_at(case, cases)
                found.append((case, str(self._mark)))
        self.done = self.done or not full
        self.skip = self._mark.skip if found else self._past(cases, widest=widest)
        self._newer, self._older, self._stride = 0, -1, 0
        return found

    def _is_behind(self, case: wire.Query) -> bool:
        if case.createdAt == self._mark.at:
            return case.id not in self._mark.ids
        return case.createdAt < self._mark.at

    def _mark_at(self, case: wire.Query, cases: Sequence[wire.Query]) -> Position:
        """Return the mark behind this query of the page."""
        same = self._mark.ids if case.createdAt == self._mark.at else ()
        first = next(i for i, one in enumerate(cases) if one.createdAt == case.createdAt)
        return Position(case.createdAt, (*same, case.id), max(0, self.skip + first - 1))

    def _past(self, cases: Sequence[wire.Query], *, widest: bool) -> int:
        """Return where to go on from a full page that held nothing new.

        Where more queries share the mark's instant than a page holds, no page can begin before
        them and reach beyond them: then it is enough that one begins with a known one.
        """
        newer = sum(1 for one in cases if one.createdAt > self._mark.at)
        if newer > 1 or not widest:
            return self.skip + max(0, newer - 1)
        self._crowded = self._mark.at
        return self.skip + len(cases) - 1

    def _step_on(self, count: int) -> None:
        """Go further down the list: every query of the page is newer than the mark."""
        self._newer = self.skip + count - 1
        if self._older < 0:
            self.skip = self._newer + self._stride
            self._stride = max(2 * self._stride, self._page_size)
        else:
            self.skip = self._between()

    def _step_back(self) -> None:
        """Go up the list: the page begins with a query that is not newer than the mark."""
        self._older = self.skip
        if self._newer >= self._older:
            self._newer = 0
        self._stride = max(self._stride, self._page_size // 2)
        self.skip = max(self._between(), self._older - self._stride)
        self._stride *= 2

    def _between(self) -> int:
        if self._older - self._newer < self._page_size:
            return self._newer
        return (self._newer + self._older) // 2
