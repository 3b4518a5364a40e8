"""How platforms fare, as it is told to whoever watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from tests.fakes import FakeClock, platform_of
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client, real_settings

from gateway import __version__
from gateway.observability.status import PlatformState, PlatformStatus, Sightings, status_of
from gateway.security.keys import hash_of
from vendors.calls import CallRecord
from vendors.http.circuit import BreakerState
from vendors.http.health import Health, RateLimitHeaders

LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)
LATELY = datetime(2026, 3, 2, tzinfo=UTC)
HEALTH = Health(
    circuits={"reports": BreakerState.CLOSED},
    credential=BreakerState.CLOSED,
    last_success_at=LATELY,
    last_failure_at=None,
    last_failure_code=None,
    median_seconds=0.25,
    rate_limit=None,
    in_flight=0,
    deprecation=None,
)


def told(
    *seconds: float,
    status: int | None = 200,
    measured: bool = False,
    **changes: Any,  # noqa: ANN401 (any member)
) -> PlatformStatus:
    clock = FakeClock()
    sightings = Sightings(clock)
    for each in seconds:
        sightings.called(CallRecord(platform="oak", endpoint="leaves", status=status, seconds=each))
    sightings.asked("oak", "measures", "PLATFORM_TIMEOUT", 9.0)
    sightings.asked("oak", "agents", "OK", 9.0)
    if measured:
        sightings.asked("oak", "measures", "OK", 1.0)
    clock.pass_(seconds=90)
    health = msgspec.structs.replace(HEALTH, **changes)
    platform = replace(platform_of("oak"), health=lambda: health)
    (found,) = status_of([platform], sightings, clock).platforms
    return found


FAILED = {"last_failure_at": LATELY, "last_success_at": LONG_AGO}


@pytest.mark.parametrize(
    ("seconds", "changes", "state"),
    [
        ((0.1, 0.2), {}, PlatformState.OK),
        ((), {}, PlatformState.OK),
        ((0.1, 3.0, 3.0), {}, PlatformState.SLOW),
        ((0.1, 0.1, 9.0), {}, PlatformState.OK),
        ((), {"last_success_at": None}, PlatformState.NEVER_ASKED),
        ((), {"last_failure_code": "PLATFORM_TIMEOUT", **FAILED}, PlatformState.FAILING),
        ((3.0,), {"last_failure_code": "PLATFORM_TIMEOUT", **FAILED}, PlatformState.FAILING),
        ((), {"last_failure_code": "PLATFORM_RATE_LIMITED", **FAILED}, PlatformState.LIMITED),
        (
            (),
            {"last_failure_code": "PLATFORM_RATE_LIMITED", "last_failure_at": LONG_AGO},
            PlatformState.OK,
        ),
        ((), {"circuits": {"a": BreakerState.OPEN}}, PlatformState.FAILING),
        ((), {"credential": BreakerState.HALF_OPEN}, PlatformState.FAILING),
    ],
)
def test_the_state_is_what_was_seen_last(
    seconds: tuple[float, ...], changes: Mapping[str, Any], state: PlatformState
) -> None:
    assert told(*seconds, **changes).state is state


def test_latency_is_that_of_answers() -> None:
    latency = told(*(one / 100 for one in range(1, 101))).latency
    assert latency.calls == 100
    assert latency.median_seconds == pytest.approx(0.505)
    assert latency.p95_seconds == pytest.approx(0.9505)
    assert told(0.5).latency.p95_seconds == 0.5
    for nothing in (told().latency, told(1.0, status=None).latency):
        assert (nothing.calls, nothing.median_seconds, nothing.p95_seconds) == (0, None, None)


def test_the_age_of_figures_is_since_they_last_came() -> None:
    assert told().newest_figure_age_seconds is None
    fresh = told(measured=True)
    assert fresh.newest_figure_age_seconds == 90.0
    assert fresh.newest_figure_at == FakeClock().now()


def test_what_the_platform_said_is_told_as_it_said_it() -> None:
    quota = RateLimitHeaders(limit="100", remaining="7", reset="soon")
    found = told(rate_limit=quota, deprecation="Sunset: 2027-01-31", in_flight=3)
    assert (found.quota, found.deprecation, found.calls_in_progress) == (
        quota,
        "Sunset: 2027-01-31",
        3,
    )
    assert (found.circuits, found.credential) == ({"reports": "closed"}, "closed")


async def statuses(client: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    answer = await client.get("/status.json", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def test_nothing_is_asked_to_tell_it() -> None:
    grove = Grove()
    async with open_client(grove) as client:
        found = await statuses(client)
        assert found["version"] == __version__
        (one,) = found["platforms"]
        assert (one["key"], one["state"]) == ("birch-fr", "never asked")
        assert one["latency"] == {"calls": 0, "medianSeconds": None, "p95Seconds": None}
        assert not grove.reached.is_set()
        await client.post("/graphql", json={"query": "{agents{nodes{nativeId}}}"})
        (one,) = (await statuses(client))["platforms"]
        assert one["latency"] == {"calls": 1, "medianSeconds": 0.125, "p95Seconds": 0.125}


async def test_each_sees_its_own_platforms() -> None:
    keys = [
        {"name": "all", "hash": hash_of("key of all")},
        {"name": "elm", "hash": hash_of("key of elm"), "platforms": ["elm"]},
    ]
    grove = Grove()
    settings = real_settings(grove, "oak", "elm", require_api_key=True, api_keys=keys)
    async with open_client(grove, settings) as client:
        for key, seen in (("key of all", ["oak", "elm"]), ("key of elm", ["elm"])):
            found = await statuses(client, **{"x-api-key": key})
            assert [one["key"] for one in found["platforms"]] == seen
        assert (await client.get("/status.json")).status_code == 401
