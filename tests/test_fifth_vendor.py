"""A fifth vendor is one folder: an invented one answers through the gateway beside the four."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from tests.parley import SPEC
from tests.simulators import VENDORS, serving

from gateway.app import create_app
from gateway.platform_tables import platform_settings
from gateway.settings import Settings
from vendors.registry import specs

ALL = specs([SPEC])


@pytest.fixture(scope="module")
def tables() -> Iterator[list[dict[str, Any]]]:
    """Every vendor's simulator on a socket of its own, and the settings that reach it."""
    with ExitStack() as stack:
        yield [
            {"key": name, "vendor": name, **stack.enter_context(serving(name, ALL))}
            for name in (*VENDORS, SPEC.name)
        ]


@pytest.fixture
async def client(tables: list[dict[str, Any]]) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        sandbox=False,
        require_api_key=False,
        id_key=SecretStr("a key for tests that is long enough"),
        platforms=platform_settings(ALL, tables),
    )
    app: Starlette = create_app(settings, specs=ALL)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as one,
    ):
        yield one


async def _ask(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    headers = {"x-request-timeout": "60"}
    answer = await client.post("/graphql", json={"query": query}, headers=headers)
    body: dict[str, Any] = answer.json()
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


def test_the_registry_takes_it() -> None:
    assert set(ALL) == {*VENDORS, "parley"}
    assert ALL["parley"] is SPEC


async def test_it_is_one_of_five_platforms(client: httpx.AsyncClient) -> None:
    data = await _ask(
        client, "{ platforms { key vendorTitle capabilities nativeFigures { name } } }"
    )

    assert [one["key"] for one in data["platforms"]] == [*VENDORS, "parley"]
    assert data["platforms"][-1] == {
        "key": "parley",
        "vendorTitle": "Parley",
        "capabilities": ["CONVERSATIONS", "AGENTS", "MEASURES"],
        "nativeFigures": [{"name": "parley.talks"}, {"name": "parley.first_word"}],
    }


async def test_its_conversations_stand_among_the_others(client: httpx.AsyncClient) -> None:
    data = await _ask(
        client,
        "{ conversations(period: {calendar: YESTERDAY}, first: 60) { nodes { platform { key } "
        "startedAt agent { label platform { key } } } failures { code } } }",
    )
    nodes = data["conversations"]["nodes"]
    own = [node for node in nodes if node["platform"]["key"] == "parley"]

    assert data["conversations"]["failures"] == []
    assert {node["platform"]["key"] for node in nodes} >= {"parley", "iadvize"}
    assert [n["startedAt"] for n in nodes] == sorted((n["startedAt"] for n in nodes), reverse=True)
    assert {node["agent"]["label"] for node in own} == {"Ada Example", "Ben Example"}


async def test_its_figures_are_combined_with_the_others(client: httpx.AsyncClient) -> None:
    data = await _ask(
        client,
        "{ indicators(keys: [CONVERSATIONS_STARTED, FIRST_RESPONSE_TIME], combined: true, "
        "period: {calendar: YESTERDAY}) { series { key platforms value weight } "
        "sources { platform freshness } failures { platform code } } }",
    )
    answer = data["indicators"]
    started = [one for one in answer["series"] if one["key"] == "CONVERSATIONS_STARTED"]
    alone = {one["platforms"][0]: one["value"] for one in started[:-1] if one["platforms"]}

    assert answer["failures"] == []
    # One talk every 40 minutes.
    assert alone["parley"] == 36
    across = next(one for one in started if len(one["platforms"]) > 1)
    assert across["value"] == sum(alone.values())
    assert "parley" in across["platforms"]


async def test_its_agents_and_their_days_are_told(client: httpx.AsyncClient) -> None:
    data = await _ask(
        client,
        '{ indicators(keys: [CONVERSATIONS_STARTED], groupBy: [AGENT], platforms: ["parley"], '
        "granularity: DAY, period: {calendar: LAST_WEEK}) "
        "{ series { group { name } value points { value } } } }",
    )
    series = data["indicators"]["series"]

    assert [one["group"][0]["name"] for one in series] == ["Ada Example", "Ben Example"]
    assert [one["value"] for one in series] == [126, 126]
    assert all(sum(p["value"] for p in one["points"]) == one["value"] for one in series)


async def test_its_agents_are_nodes_and_its_conversations_are_not_fetched_by_id(
    client: httpx.AsyncClient,
) -> None:
    listed = await _ask(client, '{ agents(platforms: ["parley"]) { nodes { id label } } }')
    first = listed["agents"]["nodes"][0]

    fetched = await _ask(
        client, f'{{ node(id: "{first["id"]}") {{ id ... on Agent {{ label }} }} }}'
    )

    assert fetched["node"] == first


async def test_the_catalogue_says_how_it_measures(client: httpx.AsyncClient) -> None:
    data = await _ask(
        client,
        '{ indicatorCatalogue(keys: [FIRST_RESPONSE_TIME], platforms: ["parley"]) '
        "{ sources { platform formula weighedBy figures } } }",
    )

    assert data["indicatorCatalogue"][0]["sources"] == [
        {
            "platform": "parley",
            "formula": "first_word",
            "weighedBy": "talks",
            "figures": ["parley.first_word", "parley.talks"],
        }
    ]
