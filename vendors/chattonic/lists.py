"""Whom the bot has talked with, as customers, and what operators are asked about, as skills."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar, cast

from vendors import records
from vendors.calls import Call
from vendors.chattonic import mapping, wire
from vendors.chattonic.client import ChatTonicClient
from vendors.chattonic.settings import ChatTonicSettings
from vendors.chattonic.walking import Walk, Window
from vendors.port import HistoryQuery, Page
from vendors.records import Dated, Listed

__all__ = ["ChatTonicLists"]

L = TypeVar("L", bound=Listed)
D = TypeVar("D", bound=Dated)

_EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class ChatTonicLists:
    """The users of one app, and the origins of its queries."""

    def __init__(self, client: ChatTonicClient, settings: ChatTonicSettings) -> None:
        """List by that client."""
        self._client = client
        self._settings = settings
        self._channels = {**mapping.CHANNELS, **settings.channels}

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        """Return skills alone."""
        return frozenset({records.Skill})

    async def directory(self, kind: type[L], call: Call) -> tuple[L, ...]:
        """Return the origins that operators serve."""
        if kind is not records.Skill:
            message = "Chat-Tonic lists skills only"
            raise TypeError(message)
        return cast(tuple[L, ...], await self._client.skills(call))

    @property
    def history_filters(self) -> Mapping[type[Dated], frozenset[str]]:
        """Return customers, and by what they are filtered."""
        return {records.Customer: frozenset({"account_ids"})}

    async def history(self, kind: type[D], query: HistoryQuery, call: Call) -> Page[D]:
        """Return one page of customers, those who came last first."""
        if kind is not records.Customer:
            message = "Chat-Tonic lists customers only"
            raise TypeError(message)
        return cast(Page[D], await self._customers(query, call))

    async def _customers(self, query: HistoryQuery, call: Call) -> Page[records.Customer]:
        """Ask for the users of one account; those of several are picked from all."""
        lists, accounts = self._settings.lists, query.account_ids
        asked = accounts[0] if len(accounts) == 1 else None
        window = Window(*_EVER, query.after)
        walk: Walk[wire.User] = Walk.begin(
            window, query.limit, lists.page_size, picks=len(accounts) > 1
        )
        found: list[tuple[records.Customer, str]] = []
        for _ in range(lists.max_pages):
            page = await self._client.users(walk.skip, walk.limit, asked, call)
            found += [
                (one, position)
                for user, position in walk.read(page)
                if (one := self._customer(user)).account_id in accounts or not accounts
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

    def _customer(self, user: wire.User) -> records.Customer:
        settings = self._settings
        return mapping.customer(user, settings.key, self._channels, named=settings.customer_names)
