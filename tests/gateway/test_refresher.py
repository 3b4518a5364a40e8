"""Queries that are kept fresh: before anybody has to wait, by one process, and only of the well."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.fakes import FakeClock, platform_of
from tests.gateway.fakes import BirchSettings, Grove, birch_table
from tests.gateway.tenants import Tenants, settings_of
from tests.stores import running_redis

from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import RefreshSettings, Settings
from gateway.graphql.asking import Question, ask_services, operators_schema
from gateway.refresher import Refresher, refreshing
from gateway.services import open_services
from resolvers.agents import directory
from resolvers.context import Principal, RequestContext, Scope, Services
from resolvers.outcomes import Freshness
from vendors.calls import Call
from vendors.http.circuit import BreakerState
from vendors.http.health import Health
from vendors.port import Platform, VendorSpec, Wiring
from vendors.records import Agent, Listed, Team

L = TypeVar("L", bound=Listed)
QUERY = "query ($size: Int = 5) { agents(first: $size) { nodes { name } failures { code } } }"
EVERY = timedelta(seconds=60)
FRESH = timedelta(minutes=5)


class Staff:
    """A vendor whose platforms count how often they are asked, and may be unwell."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys
        self.asked: list[str] = []
        self.unwell: set[str] = set()
        self.clock = FakeClock()
        self.reached = asyncio.Event()
        self.gate: asyncio.Event | None = None
        self.cancelled = False

    def specs(self) -> Mapping[str, VendorSpec[Any]]:
        simulator = Grove().simulator
        return {"birch": VendorSpec("birch", "Birch", BirchSettings, self.build, simulator)}

    def build(self, settings: BirchSettings, _wiring: Wiring) -> Platform:
        listed = _Listed(self, settings.key)
        platform = platform_of(settings.key, vendor="birch", agents=listed, directories=listed)
        return replace(platform, health=listed.health)

    def settings(self, **fields: Any) -> Settings:  # noqa: ANN401 (any field)
        tables = [birch_table(key) for key in self.keys]
        return Settings(
            **{
                "id_key": "k" * 43,
                "platforms": platform_settings(self.specs(), tables),
                **fields,
            }
        )

    @asynccontextmanager
    async def opened(self, **fields: Any) -> AsyncIterator[Services]:  # noqa: ANN401 (any field)
        wiring = Wiring(clock=self.clock)
        async with open_services(self.settings(**fields), self.specs(), wiring) as services:
            yield services


class _Listed:
    def __init__(self, staff: Staff, key: str) -> None:
        self._staff, self._key = staff, key

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        staff = self._staff
        staff.asked.append(self._key)
        staff.reached.set()
        try:
            if staff.gate is not None:
                await staff.gate.wait()
        except asyncio.CancelledError:
            staff.cancelled = True
            raise
        return (Agent(platform=self._key, native_id="1", name="Ana"),)

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        return frozenset({Team})

    async def directory(self, _kind: type[L], _call: Call) -> tuple[L, ...]:
        self._staff.asked.append(self._key)
        return ()

    def health(self) -> Health:
        unwell = self._key in self._staff.unwell
        return Health(credential=BreakerState.OPEN if unwell else BreakerState.CLOSED)


@pytest.fixture
def wanted(tmp_path: Path) -> RefreshSettings:
    file = tmp_path / "wall-board.graphql"
    file.write_text(QUERY)
    return RefreshSettings(query=file, every=EVERY, variables={"size": 3})


def refresher(services: Services) -> Refresher:
    return Refresher(operators_schema(Staff().settings()), services, 30.0)


async def told_to_a_user(services: Services, key: str) -> tuple[Freshness, int]:
    """Return how fresh a user's answer is, and what it cost."""
    call = Call.within(30)
    context = RequestContext(services, Principal("user", frozenset(Scope)), call)
    held = await directory(context, services.platforms[key], call)
    return held.freshness, len(call.log.records)


async def test_nobody_ever_waits_for_what_is_refreshed(wanted: RefreshSettings) -> None:
    staff = Staff("north")
    async with staff.opened() as services:
        own = refresher(services)
        for _ in range(20):
            await own.refresh(wanted)
            for _ in range(6):
                assert await told_to_a_user(services, "north") == (Freshness.CACHED, 0)
                staff.clock.pass_(seconds=EVERY.total_seconds() / 6)
    # And it is fetched no more often than it must be.
    assert 4 <= len(staff.asked) <= 20 * EVERY / (FRESH - 1.25 * EVERY) + 1


async def test_what_stays_fresh_is_not_asked(wanted: RefreshSettings) -> None:
    staff = Staff("north")
    async with staff.opened() as services:
        for _ in range(5):
            assert await refresher(services).refresh(wanted)
    assert staff.asked == ["north"]


async def test_a_platform_that_is_left_alone_is_left_alone(wanted: RefreshSettings) -> None:
    staff = Staff("north", "south")
    staff.unwell = {"north"}
    async with staff.opened() as services:
        await refresher(services).refresh(wanted)
        assert staff.asked == ["south"]
        staff.unwell.clear()
        await refresher(services).refresh(wanted)
    assert staff.asked == ["south", "north"]


async def test_it_is_left_alone_with_whatever_it_lists(wanted: RefreshSettings) -> None:
    wanted.query.write_text("{ teams { nodes { name } } }")
    staff = Staff("north", "south")
    staff.unwell = {"north"}
    async with staff.opened() as services:
        await refresher(services).refresh(wanted)
    assert staff.asked == ["south"]


@pytest.mark.redis
async def test_of_several_processes_one_refreshes(wanted: RefreshSettings) -> None:
    staff = Staff("north")
    with running_redis() as server:
        cache = {"backend": "redis", "url": server.url, "timeout_seconds": 5}
        async with staff.opened(cache=cache) as one, staff.opened(cache=cache) as other:
            did = await asyncio.gather(
                *(refresher(services).refresh(wanted) for services in (one, other))
            )
            otherwise = wanted.model_copy(update={"variables": {"size": 4}})
            assert await refresher(other).refresh(otherwise)
    assert sorted(did) == [False, True]
    assert staff.asked == ["north"]


async def test_it_begins_by_itself_and_ends_in_the_middle_of_a_call(
    wanted: RefreshSettings,
) -> None:
    staff = Staff("north")
    staff.gate = asyncio.Event()
    async with staff.opened() as services:
        async with refreshing(staff.settings(refresh=[wanted.model_dump()]), services):
            await staff.reached.wait()
        await asyncio.sleep(0)
        assert staff.cancelled
        assert len(services.flights) == 0


async def test_without_any_query_nothing_runs() -> None:
    staff = Staff("north")
    async with staff.opened() as services:
        before = asyncio.all_tasks()
        async with refreshing(staff.settings(), services):
            assert asyncio.all_tasks() == before


async def test_a_query_that_cannot_be_asked_does_not_end_the_others(
    wanted: RefreshSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    staff = Staff("north")
    gone = RefreshSettings(query=tmp_path / "gone.graphql", every=EVERY)
    wrong = RefreshSettings(query=tmp_path / "wrong.graphql", every=EVERY)
    wrong.query.write_text("{ nothing }")
    async with staff.opened() as services:
        own = refresher(services)
        with pytest.raises(FileNotFoundError):
            await own.refresh(gone)
        with caplog.at_level(logging.WARNING, "switchboard.refresher"):
            assert await own.refresh(wrong)
            running = asyncio.create_task(own.run((gone, wanted)))
            await staff.reached.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert staff.asked == ["north"]
    assert "refreshed" in caplog.text


TODAY = """query {
  indicators(keys: [CONVERSATIONS_STARTED], period: { calendar: TODAY }, granularity: HOUR) {
    series { value } sources { freshness calls } failures { code }
  }
}"""


@asynccontextmanager
async def tenants(clock: FakeClock) -> AsyncIterator[Services]:
    """Open the services of two accounts that measure."""
    vendor = Tenants()
    settings = settings_of(vendor, {"north": "alpha", "south": "beta"}, {"backend": "memory"})
    async with open_services(settings, vendor.specs(), Wiring(clock=clock)) as services:
        yield services


async def told_of_today(services: Services) -> tuple[set[str], int]:
    """Return how fresh a user's figures are, and what they cost."""
    schema = operators_schema(Staff().settings())
    answer = await ask_services(schema, services, Call.within(30), Question(TODAY))
    sources = answer["data"]["indicators"]["sources"]
    cost = len(answer["extensions"]["switchboard"]["calls"])
    return {str(one["freshness"]) for one in sources}, cost


async def test_figures_that_still_change_are_kept_fresh_as_well(wanted: RefreshSettings) -> None:
    wanted.query.write_text(TODAY)
    every = timedelta(seconds=20)
    often = wanted.model_copy(update={"every": every})
    clock = FakeClock()
    async with tenants(clock) as services:
        own = refresher(services)
        for _ in range(20):
            await own.refresh(often)
            for _ in range(4):
                assert await told_of_today(services) == ({"CACHED"}, 0)
                clock.pass_(seconds=every.total_seconds() / 4)


async def test_it_has_a_budget_of_its_own(
    wanted: RefreshSettings, caplog: pytest.LogCaptureFixture
) -> None:
    wanted.query.write_text(TODAY)
    async with tenants(FakeClock()) as services:
        with caplog.at_level(logging.WARNING, "switchboard.refresher"):
            await refresher(services).refresh(wanted.model_copy(update={"most_calls": 1}))
        (record,) = [one for one in caplog.records if one.name == "switchboard.refresher"]
        assert "at most 1 are allowed" in record.errors[0]  # type: ignore[attr-defined]
        # A user has the common budget, and finds that nothing was asked before.
        freshness, cost = await told_of_today(services)
        assert (freshness, cost) == ({"LIVE"}, 2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"every": 1}, "greater than or equal to 5 seconds"),
        ({"every": 60, "most_calls": 0}, "greater than or equal to 1"),
    ],
)
def test_settings_that_would_press_too_hard(
    tmp_path: Path, fields: dict[str, int], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        RefreshSettings.model_validate({"query": tmp_path / "q.graphql", **fields})


def test_a_query_that_is_not_there_is_complained_of(tmp_path: Path) -> None:
    missing = {"query": tmp_path / "q.graphql", "every": 60}
    settings = Settings(sandbox=True, refresh=(RefreshSettings.model_validate(missing),))
    (complaint,) = settings.complaints()
    assert complaint.startswith("refresh: there is no file")
