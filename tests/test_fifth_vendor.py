"""A fifth vendor is one folder: tests/parley. Everything finds it, and nothing else changes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import fsum, isclose
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp
from tests.e2e.asked import by_platform, day_before, days, is_newest_first
from tests.e2e.running import ROOT, Gateway, Table
from tests.parley import SPEC
from tests.simulators import VENDORS, serving
from tests.vendors import test_contract as contract

from gateway.app import create_app
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from vendors.calls import Call
from vendors.errors import PlatformAuthError
from vendors.port import Platform, VendorSpec, Wiring
from vendors.registry import specs

FIFTH = "parley"
FIVE: Mapping[str, VendorSpec[Any]] = specs([SPEC])
OWN = 36
"""Its talks of a day: one every 40 minutes."""


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve the application on a free port of this machine and yield its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@pytest.fixture(scope="module")
def tables() -> Iterator[list[Table]]:
    """The `[[platforms]]` tables of five vendors whose simulators run."""
    with ExitStack() as stack:
        yield [
            {
                "key": f"{name}-1",
                "vendor": name,
                "title": spec.title,
                **stack.enter_context(serving(name, FIVE)),
            }
            for name, spec in FIVE.items()
        ]


@pytest.fixture(scope="module")
def gateway(tables: list[Table], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The whole application over all five, put together as for the four."""
    found = {**specs(), SPEC.name: SPEC}
    settings = Settings(
        platforms=platform_settings(found, tables),
        require_api_key=False,
        id_key=SecretStr("k" * 43),
    )
    log = tmp_path_factory.mktemp("five") / "log"
    with (
        served(create_app(settings, specs=found)) as origin,
        httpx.Client(base_url=origin, timeout=75.0, trust_env=False) as client,
    ):
        yield Gateway(origin, client, log)


@pytest.fixture(scope="module")
def key(tables: list[Table]) -> str:
    (found,) = [str(table["key"]) for table in tables if table["vendor"] == FIFTH]
    return found


def test_the_registry_takes_it_beside_those_that_it_finds() -> None:
    assert list(FIVE) == [*VENDORS, FIFTH]
    assert FIFTH not in specs()
    assert {name: FIVE[name] for name in VENDORS} == dict(specs())


def test_nothing_of_the_product_knows_it() -> None:
    layers = ("gateway", "schema", "resolvers", "vendors")
    files = [file for layer in layers for file in (ROOT / layer).rglob("*.py")]

    assert files
    assert [file for file in files if FIFTH in file.read_text(encoding="utf-8").lower()] == []


def test_its_one_folder_is_all_that_it_has() -> None:
    folder = Path(str(SPEC.build.__code__.co_filename)).parent

    assert folder == ROOT / "tests" / FIFTH
    assert sorted(file.name for file in folder.glob("*.py")) == [
        "__init__.py",
        "client.py",
        "sandbox.py",
    ]


def test_it_is_among_the_platforms_with_what_it_can_do(gateway: Gateway, key: str) -> None:
    platforms = gateway.ask(
        "{ platforms { key vendor vendorTitle capabilities nativeFigures { name } } }"
    ).data["platforms"]
    (fifth,) = [one for one in platforms if one["key"] == key]

    assert len(platforms) == 5
    assert (fifth["vendor"], fifth["vendorTitle"]) == (FIFTH, "Parley")
    assert fifth["capabilities"] == ["CONVERSATIONS", "AGENTS", "MEASURES", "TEAMS"]
    assert [one["name"] for one in fifth["nativeFigures"]] == [
        "parley.talks",
        "parley.first_word",
    ]


def test_its_teams_stand_beside_those_of_the_others(gateway: Gateway, key: str) -> None:
    answer = gateway.ask("{ teams { nodes { platform { key } label agents { label } } } }")
    teams = answer.data["teams"]["nodes"]

    assert len({team["platform"]["key"] for team in teams}) > 1
    assert [team for team in teams if team["platform"]["key"] == key] == [
        {
            "platform": {"key": key},
            "label": "Front desk",
            "agents": [{"label": "Ada Example"}, {"label": "Ben Example"}],
        }
    ]


def test_the_schema_is_the_same(gateway: Gateway) -> None:
    types = gateway.ask(
        "{ __schema { types { name fields { name } enumValues { name } inputFields { name } } } }"
    ).text

    assert FIFTH not in types.lower()


def test_its_conversations_are_merged_in_order_of_time(gateway: Gateway, key: str) -> None:
    query = """query Listed($period: PeriodInput!, $first: Int!, $after: String) {
      page: conversations(period: $period, first: $first, after: $after) {
        nodes { nativeId startedAt platform { key } agent { label } }
        pageInfo { hasNextPage endCursor } failures { code } sources { platform freshness }
      }
    }"""
    nodes: list[Table] = []
    after = None
    while True:
        asked = {"period": days(day_before(3)), "first": 40, "after": after}
        page = gateway.ask(query, asked).data["page"]
        assert page["failures"] == []
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    own = [node for node in nodes if node["platform"]["key"] == key]

    assert by_platform(page["sources"])[key]["freshness"] in {"LIVE", "CACHED"}
    assert is_newest_first(nodes)
    assert len(own) == len({node["nativeId"] for node in own}) == OWN
    assert {node["agent"]["label"] for node in own} == {"Ada Example", "Ben Example"}
    assert len({node["platform"]["key"] for node in nodes}) == 4
    between = nodes[nodes.index(own[0]) : nodes.index(own[-1])]
    assert len(between) > len(own), "others stand between its own"


def test_its_agents_are_listed_and_found_again_by_their_ids(gateway: Gateway, key: str) -> None:
    listed = gateway.ask(
        "query A($p: [String!]) { agents(platforms: $p) { nodes { id nativeId label"
        " live { status } } failures { code } } }",
        {"p": [key]},
    ).data["agents"]
    query = "query N($id: ID!) { node(id: $id) { __typename id ... on Agent { nativeId label } } }"

    assert listed["failures"] == []
    assert [one["label"] for one in listed["nodes"]] == ["Ada Example", "Ben Example"]
    for one in listed["nodes"]:
        assert one["live"] is None
        found = gateway.ask(query, {"id": one["id"]}).data["node"]
        assert found == {
            "__typename": "Agent",
            **{name: one[name] for name in ("id", "nativeId", "label")},
        }


def test_a_conversation_of_it_cannot_be_fetched_alone(gateway: Gateway, key: str) -> None:
    listed = gateway.ask(
        "query C($p: [String!]) { conversations(platforms: $p, first: 1) { nodes { id } } }",
        {"p": [key]},
    ).data["conversations"]["nodes"]
    answer = gateway.ask("query N($id: ID!) { node(id: $id) { id } }", {"id": listed[0]["id"]})

    assert answer.body["data"] == {"node": None}
    assert answer.codes == ["UNSUPPORTED"]


MEASURED = """
query Measured($period: PeriodInput!, $platforms: [String!], $by: [Dimension!]) {
  indicators(keys: [CONVERSATIONS_STARTED, FIRST_RESPONSE_TIME], period: $period, groupBy: $by,
             platforms: $platforms, combined: true, granularity: DAY) {
    series { key platform { key } platforms value weight group { nativeId name } points { value } }
    failures { code } sources { platform freshness }
  }
}"""


def test_it_measures_alone(gateway: Gateway, key: str) -> None:
    asked = {"period": days(day_before(5), 3), "platforms": [key]}
    found = gateway.ask(MEASURED, asked).data["indicators"]
    own = {one["key"]: one for one in found["series"] if one["platform"]}

    assert found["failures"] == []
    assert own["CONVERSATIONS_STARTED"]["value"] == 3 * OWN
    assert [one["value"] for one in own["CONVERSATIONS_STARTED"]["points"]] == [OWN] * 3
    assert own["FIRST_RESPONSE_TIME"]["value"] == 30.0
    assert own["FIRST_RESPONSE_TIME"]["weight"] == 3 * OWN


def test_it_is_combined_with_the_others(gateway: Gateway, key: str) -> None:
    found = gateway.ask(MEASURED, {"period": days(day_before(5), 3)}).data["indicators"]
    assert found["failures"] == []
    for indicator in ("CONVERSATIONS_STARTED", "FIRST_RESPONSE_TIME"):
        series = [one for one in found["series"] if one["key"] == indicator]
        (whole,) = [one for one in series if not one["platform"]]
        parts = [one for one in series if one["platform"] and one["value"] is not None]
        assert key in whole["platforms"]
        assert sorted(whole["platforms"]) == sorted(one["platform"]["key"] for one in parts)
        assert len(parts) >= 3
        if indicator == "CONVERSATIONS_STARTED":
            assert whole["value"] == fsum(one["value"] for one in parts)
        else:
            weight = fsum(one["weight"] for one in parts)
            mean = fsum(one["value"] * one["weight"] for one in parts) / weight
            assert isclose(whole["value"], mean)


def test_it_tells_its_agents_apart(gateway: Gateway, key: str) -> None:
    asked = {"period": days(day_before(5), 3), "platforms": [key], "by": ["AGENT"]}
    found = gateway.ask(MEASURED, asked).data["indicators"]
    started = {
        one["group"][0]["name"]: one["value"]
        for one in found["series"]
        if one["key"] == "CONVERSATIONS_STARTED"
    }

    assert found["failures"] == []
    assert started == {"Ada Example": 3 * OWN / 2, "Ben Example": 3 * OWN / 2}


def test_it_is_in_the_catalogue_and_in_the_reports(gateway: Gateway, key: str) -> None:
    answer = gateway.ask(
        """query Catalogue($period: PeriodInput!) {
          indicatorCatalogue { key sources { platform formula weighedBy figures } }
          indicators(native: ["parley.talks"], period: $period) {
            series { platform { key } value indicator { title merge } } failures { code }
          }
          report(key: "VOLUME", period: $period) {
            columns { name type } rows { platform values } failures { code }
          }
        }""",
        {"period": days(day_before(3))},
    ).data
    measured = {
        one["key"]: source
        for one in answer["indicatorCatalogue"]
        for source in one["sources"]
        if source["platform"] == key
    }
    (native,) = answer["indicators"]["series"]
    (row,) = [one for one in answer["report"]["rows"] if one["platform"] == key]
    names = [one["name"] for one in answer["report"]["columns"] if one["type"] == "NUMBER"]

    assert measured.keys() == {"CONVERSATIONS_STARTED", "FIRST_RESPONSE_TIME"}
    assert measured["FIRST_RESPONSE_TIME"] == {
        "platform": key,
        "formula": "first_word",
        "weighedBy": "talks",
        "figures": ["parley.first_word", "parley.talks"],
    }
    assert native["platform"] == {"key": key}
    assert (native["value"], native["indicator"]["merge"]) == (OWN, "SUM")
    assert dict(zip(names, row["values"], strict=True)) == {
        name: OWN if name == "conversations_started" else None for name in names
    }


# What holds for every vendor holds for this one: the contract's own tests, on its platform.


@pytest.fixture
async def platform(tables: list[Table]) -> AsyncIterator[Platform]:
    (settings,) = platform_settings(FIVE, [table for table in tables if table["vendor"] == FIFTH])
    one = FIVE[FIFTH].build(settings, Wiring())
    yield one
    await one.close()


async def test_a_wrong_credential_is_refused(tables: list[Table]) -> None:
    (table,) = [table for table in tables if table["vendor"] == FIFTH]
    (settings,) = platform_settings(FIVE, [{**table, "token": "wrong-credential"}])
    one = FIVE[FIFTH].build(settings, Wiring())

    with pytest.raises(PlatformAuthError):
        await one.probe(Call.within(10))
    await one.close()


async def test_what_can_be_measured_adds_up(platform: Platform) -> None:
    for where in ("Europe/Paris", "UTC", "Asia/Kolkata"):
        for day in (contract.DAY, contract.SHORT_DAY, contract.LONG_DAY):
            await contract.test_hours_and_days_make_the_total(platform, day, where)


@pytest.mark.parametrize(
    "holds",
    [
        contract.test_a_probe_finds_the_platform,
        contract.test_conversations_are_read_once_newest_first,
        contract.test_who_is_present_is_an_agent,
        contract.test_every_figure_can_be_had,
    ],
    ids=lambda one: one.__name__,
)
async def test_what_holds_for_every_vendor_holds_for_it(
    platform: Platform, holds: Callable[[Platform], Coroutine[Any, Any, None]]
) -> None:
    await holds(platform)


def test_its_tables_are_whole(platform: Platform) -> None:
    contract.test_the_tables_are_whole(platform)
    contract.test_a_mean_is_weighed_by_what_its_own_call_tells(platform)
