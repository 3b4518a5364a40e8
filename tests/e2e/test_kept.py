"""What is kept outside the process: shared by several, found again after a restart or a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.accounts import written
from tests.e2e.asked import day_before, days
from tests.e2e.running import ROOT, Answer, Gateway, Table, running_gateway, running_sandbox
from tests.stores import running_redis

pytestmark = pytest.mark.timeout(180)

FIGURES = """
query Figures($period: PeriodInput!, $platforms: [String!]) {
  indicators(keys: [CONVERSATIONS_STARTED, HANDLE_TIME], period: $period, granularity: DAY,
             platforms: $platforms) {
    series { platform { key } indicator { key } points { start value } }
    failures { platform code } sources { platform freshness }
  }
}"""
PEOPLE = """
query { agents(first: 200) {
  nodes { platform { key } nativeId label } failures { platform code }
} }
"""
ASKED = {"period": days(day_before(9), 3)}
PATIENT = {"timeout_seconds": 5}

Kept = Mapping[str, Any]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Table]]:
    """A sandbox that outlives the gateways which ask it."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as tables:
        yield tables


@pytest.fixture(params=["disk", pytest.param("redis", marks=pytest.mark.redis)])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "disk":
        yield {"backend": "disk", "path": str(tmp_path / "cache.sqlite"), **PATIENT}
    else:
        with running_redis() as server:
            yield {"backend": "redis", "url": server.url, **PATIENT}


@pytest.fixture
def house(tmp_path: Path, tables: list[Table]) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(stack, tmp_path, tables)


class House:
    """Starts gateways over one sandbox, as many as a test wants."""

    def __init__(self, stack: ExitStack, folder: Path, tables: list[Table]) -> None:
        self._stack = stack
        self._folder = folder
        self._count = 0
        self.tables = tables

    def settings(self, cache: Kept, tables: list[Table] | None = None) -> Path:
        self._count += 1
        file = self._folder / f"{self._count}.toml"
        return written(tables or self.tables, file, cache=cache)

    def gateway(self, settings: Path, stack: ExitStack | None = None) -> Gateway:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        running = running_gateway(folder, "--config", str(settings))
        return (stack or self._stack).enter_context(running)


def figures(answer: Answer) -> str:
    """Return what was told, without what it cost."""
    told = answer.data["indicators"]
    assert told["failures"] == []
    return json.dumps(told["series"], sort_keys=True)


def test_two_processes_make_the_calls_of_one(house: House, kept: Kept) -> None:
    alone = house.gateway(house.settings({"backend": "memory"})).ask(FIGURES, ASKED)
    shared = house.settings(kept)
    gateways = [house.gateway(shared) for _ in range(2)]
    with ThreadPoolExecutor(6) as threads:
        asking = [threads.submit(one.ask, FIGURES, ASKED) for one in gateways * 3]
        told = [each.result() for each in asking]

    assert {figures(answer) for answer in told} == {figures(alone)}
    assert alone.calls
    assert sum(len(answer.calls) for answer in told) == len(alone.calls)


def test_values_are_there_after_a_restart(house: House, kept: Kept) -> None:
    settings = house.settings(kept)
    told = []
    for _ in range(2):
        with ExitStack() as one:
            told.append(house.gateway(settings, one).ask(FIGURES, ASKED))
    assert told[0].calls
    assert figures(told[0]) == figures(told[1])
    # Lists of people, which some calls need, are never on disk.
    assert len(told[1].calls) < len(told[0].calls)
    assert kept["backend"] == "disk" or told[1].calls == []


def test_what_was_warmed_is_there_for_the_server(house: House, kept: Kept, tmp_path: Path) -> None:
    settings = house.settings(kept)
    query = tmp_path / "figures.graphql"
    query.write_text(FIGURES, encoding="utf-8")
    command = ["cache", "warm", str(query), "--variables", json.dumps(ASKED)]
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *command, "--config", str(settings)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    warmed = json.loads(done.stdout)[str(query)]
    cost = sum(one["calls"] for one in warmed["platforms"])

    answer = house.gateway(settings).ask(FIGURES, ASKED)

    assert len(answer.calls) < cost
    assert kept["backend"] == "disk" or answer.calls == []


def test_a_credential_that_is_no_longer_good_is_shown_nothing_that_is_kept(
    house: House, kept: Kept
) -> None:
    with ExitStack() as first:
        gateway = house.gateway(house.settings(kept), first)
        figures(gateway.ask(FIGURES, ASKED))
        listed = gateway.ask(PEOPLE)
        # The agents of some are known by the settings, without any credential.
        called = {call["platform"] for call in listed.calls}
        assert called <= {one["platform"]["key"] for one in listed.data["agents"]["nodes"]}
        assert called
    spoilt = [with_another_credential(table) for table in house.tables]
    gateway = house.gateway(house.settings(kept, spoilt))
    told, people = gateway.ask(FIGURES, ASKED), gateway.ask(PEOPLE)

    everyone = {table["key"] for table in house.tables}
    assert {one["platform"] for one in told.data["indicators"]["failures"]} == everyone
    assert all(
        point["value"] is None
        for series in told.data["indicators"]["series"]
        for point in series["points"]
    )
    assert not called & {one["platform"]["key"] for one in people.data["agents"]["nodes"]}
    assert {one["platform"] for one in people.data["agents"]["failures"]} == called


def with_another_credential(table: Table) -> Table:
    """Return the table with a secret that the platform does not take."""
    for name in ("api_key", "access_token", "client_secret", "password"):
        if name in table:
            return {**table, name: f"{table[name]}x"}
    raise AssertionError(f"{table['vendor']} has no secret")


@pytest.mark.redis
def test_a_gateway_answers_whatever_becomes_of_its_server(house: House) -> None:
    with running_redis() as server:
        kept = {"backend": "redis", "url": server.url, "timeout_seconds": 0.25}
        gateway = house.gateway(house.settings(kept))
        first = figures(gateway.ask(FIGURES, ASKED))
        server.hold()
        held = gateway.ask(FIGURES, ASKED)
        older = gateway.ask(FIGURES, {"period": days(day_before(19), 2)})
        server.go_on()
        server.stop()
        gone = gateway.ask(FIGURES, {"period": days(day_before(29), 2)})
        assert figures(held) == first
        assert figures(older)
        assert figures(gone)
        warnings = [line for line in gateway.log.splitlines() if '"warning"' in line]
        assert len(warnings) <= 2
        assert all("going on without it" in line for line in warnings)
        server.start()


@pytest.mark.redis
def test_nothing_of_people_can_be_read_on_the_server(house: House) -> None:
    with running_redis() as server:
        gateway = house.gateway(house.settings({"backend": "redis", "url": server.url, **PATIENT}))
        agents = gateway.ask(PEOPLE).data["agents"]["nodes"]
        figures(gateway.ask(FIGURES, ASKED))
        dump = server.dump()
    assert b":entry:agents:" in dump
    assert b":entry:series:" in dump
    for agent in agents:
        assert str(agent["label"]).encode() not in dump
        assert len(agent["nativeId"]) < 6 or agent["nativeId"].encode() not in dump
    for table in house.tables:
        assert table["key"].encode() not in dump
