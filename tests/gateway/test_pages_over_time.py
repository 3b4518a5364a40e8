"""Pages of relative periods: at each door they follow each other, however late they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx
import pytest
from tests.fakes import NOW, FakeClock
from tests.gateway.fakes import birch_table
from tests.gateway.odata.tabling import Wood
from tests.gateway.serving import LOCAL

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from vendors.port import Wiring

AGES = [*range(0, 3 * 86_400, 3_000)]
ASKED = {"from": "-2d", "updated_since": "-24h"}
WITHIN = sum(1 for age in AGES if age < 24 * 3_600 + 1_800)
"""How many began since the hour, a day ago, in which the first page was asked for: at half past."""
Row: TypeAlias = dict[str, Any]
Page: TypeAlias = tuple[list[Row], str]
"""Rows, and where to go on; empty where nowhere."""


@asynccontextmanager
async def opened(clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    wood = Wood(oak=AGES)
    platforms = platform_settings(wood.specs(), [birch_table("oak")])
    settings = Settings(platforms=platforms, **LOCAL)
    app = create_app(settings, specs=wood.specs(), wiring=Wiring(clock=clock))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rows.test") as client:
            yield client


async def _graphql(client: httpx.AsyncClient, after: str) -> Page:
    query = (
        'query ($after: String) { conversationRows(from: "-2d", updatedSince: "-24h", first: 7, '
        "after: $after) { nodes { conversationId } pageInfo { hasNextPage endCursor } } }"
    )
    body = {"query": query, "variables": {"after": after or None}}
    told = (await client.post("/graphql", json=body)).json()
    page = told["data"]["conversationRows"]
    info = page["pageInfo"]
    rows = [{"conversation_id": one["conversationId"]} for one in page["nodes"]]
    return rows, info["endCursor"] if info["hasNextPage"] else ""


async def _link(client: httpx.AsyncClient, after: str) -> Page:
    path = after or "/v1/conversations.json?from=-2d&updated_since=-24h&limit=7&shape=page"
    answer = await client.get(path)
    return answer.json()["rows"], str(answer.links.get("next", {}).get("url", ""))


async def _cursor(client: httpx.AsyncClient, after: str) -> Page:
    asked = {**ASKED, "limit": "7", "shape": "page", "cursor": after}
    told = (await client.get("/v1/conversations.json", params=asked)).json()
    return told["rows"], told["next_cursor"]


async def _odata(client: httpx.AsyncClient, after: str) -> Page:
    path = after or "/odata/conversations?from=-2d&updated_since=-24h"
    answer = await client.get(path, headers={"prefer": "odata.maxpagesize=7"})
    told = answer.json()
    return told["value"], told.get("@odata.nextLink", "")


@pytest.mark.parametrize("door", [_graphql, _link, _cursor, _odata], ids=lambda one: one.__name__)
async def test_pages_are_of_the_moment_of_the_first(door: Callable[..., Any]) -> None:
    clock = FakeClock(NOW.replace(minute=30))
    rows: list[Row] = []
    async with opened(clock) as client:
        found, after = await door(client, "")
        rows += found
        while after:
            clock.pass_(hours=7)
            found, after = await door(client, after)
            rows += found

    ids = [row["conversation_id"] for row in rows]
    assert len(set(ids)) == len(ids) == WITHIN
