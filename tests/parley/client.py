"""Parley's settings, wire models, tables and client, small enough for one page."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

import httpx
import msgspec
from pydantic import Field, SecretStr

from vendors.buckets import Span
from vendors.calls import Call
from vendors.http import Ask, VendorHttp
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Measurables,
    MeasureCall,
    Member,
    Merge,
    Reading,
    Source,
    Term,
    Unit,
)
from vendors.port import ConversationQuery, Page, Probe, Wiring
from vendors.records import Agent, Channel, Conversation, Listed, Team
from vendors.settings import PlatformSettings

L = TypeVar("L", bound=Listed)


class ParleySettings(PlatformSettings):
    """An account of Parley."""

    token: SecretStr = Field(description="The token.")

    @property
    def fingerprint(self) -> str:
        return sha256(self.token.get_secret_value().encode()).hexdigest()[:16]


class _Bearer(httpx.Auth):
    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


class Talk(msgspec.Struct):
    """A conversation, as Parley tells it."""

    id: str
    who: str
    at: datetime


class Staff(msgspec.Struct):
    """An agent, as Parley tells it."""

    id: str
    name: str


class Desk(msgspec.Struct):
    """A team, as Parley tells it."""

    id: str
    called: str
    people: tuple[str, ...]


class Bucket(msgspec.Struct):
    """One figure's bucket."""

    at: datetime
    talks: int
    seconds: float | None


TABLES = Measurables(
    sources={
        "talks": Source(
            name="talks",
            endpoint="talks/figures",
            grains={Grain.HOUR: Span(days=7), Grain.DAY: Span(days=31)},
            groupings={Dimension.AGENT: Grouping.EACH},
        )
    },
    figures={
        "talks": Figure(
            name="talks", source="talks", unit=Unit.COUNT, merge=Merge.SUM, title="Talks"
        ),
        "first_word": Figure(
            name="first_word",
            source="talks",
            unit=Unit.SECONDS,
            merge=Merge.MEAN,
            weight=(Term("talks"),),
            title="Time to the first word",
        ),
    },
    indicators={
        "CONVERSATIONS_STARTED": IndicatorRow(
            indicator="CONVERSATIONS_STARTED", value=(Term("talks"),)
        ),
        "FIRST_RESPONSE_TIME": IndicatorRow(
            indicator="FIRST_RESPONSE_TIME", value=(Term("first_word"),), weight=(Term("talks"),)
        ),
    },
)


class ParleyClient:
    """Asks Parley."""

    conversation_filters: frozenset[str] = frozenset()
    directory_kinds: frozenset[type[Listed]] = frozenset({Team})

    def __init__(self, settings: ParleySettings, wiring: Wiring) -> None:
        self._key = settings.key
        self._http = VendorHttp(settings, wiring, auth=_Bearer(settings.token))

    @property
    def measurables(self) -> Measurables:
        return TABLES

    async def probe(self, call: Call) -> Probe:
        return await self._http.probe(Ask(endpoint="staff", path="staff"), call)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def conversations(self, query: ConversationQuery, call: Call) -> Page[Conversation]:
        end = query.after or query.end.isoformat()
        params = (
            ("from", query.start.isoformat()),
            ("to", end),
            ("limit", str(query.limit + 1)),
        )
        ask = Ask(endpoint="talks", path="talks", params=params)
        talks = await self._http.fetch(ask, list[Talk], call)
        kept = tuple(talks[: query.limit])
        return Page(
            tuple(
                Conversation(
                    platform=self._key,
                    native_id=talk.id,
                    channel=Channel.VIDEO,
                    started_at=talk.at,
                    agent_id=talk.who,
                )
                for talk in kept
            ),
            tuple(talk.at.isoformat() for talk in kept),
            has_more=len(talks) > query.limit,
        )

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        staff = await self._http.fetch(Ask(endpoint="staff", path="staff"), list[Staff], call)
        return tuple(Agent(platform=self._key, native_id=one.id, name=one.name) for one in staff)

    async def directory(self, kind: type[L], call: Call) -> tuple[L, ...]:
        desks = await self._http.fetch(Ask(endpoint="desks", path="desks"), list[Desk], call)
        teams = [
            Team(platform=self._key, native_id=one.id, name=one.called, agent_ids=one.people)
            for one in desks
        ]
        return tuple(one for one in teams if isinstance(one, kind))

    async def members(self, _dimension: Dimension, call: Call) -> tuple[Member, ...]:
        return tuple(Member(one.native_id, one.name) for one in await self.agents(call))

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        agents = measure.filtered(Dimension.AGENT)
        params = (
            ("from", measure.start.isoformat()),
            ("to", measure.end.isoformat()),
            ("by", measure.grain.value),
            ("zone", measure.zone),
            *(("who", one) for one in agents),
        )
        ask = Ask(endpoint="talks figures", path="talks/figures", params=params)
        buckets = await self._http.fetch(ask, list[Bucket], call)
        values = [
            (bucket.at, {"talks": bucket.talks, "first_word": bucket.seconds}) for bucket in buckets
        ]
        return tuple(
            Reading(figure, at, told[figure]) for at, told in values for figure in measure.figures
        )
