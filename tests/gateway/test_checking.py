from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.gateway.fakes import Grove
from tests.gateway.serving import real_settings

from gateway.asking import ask_here
from gateway.checking import check_platforms
from vendors.errors import (
    PlatformAuthError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformForbiddenError,
    PlatformServerError,
    PlatformTimeoutError,
    PlatformUnreachableError,
)
from vendors.port import Wiring


async def test_a_platform_that_is_well() -> None:
    grove = Grove()
    settings = real_settings(grove, "a", "b")
    first, second = await check_platforms(settings, grove.specs(), Wiring())
    assert (first.platform, second.platform) == ("a", "b")
    assert (first.reachable, first.credentials) == (True, "accepted")
    assert (first.seconds, first.clock_skew_seconds) == (0.25, -1.5)
    assert first.detail == "all leaves are there"
    assert first.code is first.problem is None
    assert sorted(grove.closed) == ["a", "b"]


@pytest.mark.parametrize(
    ("error", "reachable", "credentials"),
    [
        (PlatformUnreachableError, False, "unknown"),
        (PlatformTimeoutError, False, "unknown"),
        (PlatformCircuitOpenError, False, "unknown"),
        (PlatformAuthError, True, "refused"),
        (PlatformForbiddenError, True, "accepted"),
        (PlatformServerError, True, "unknown"),
    ],
)
async def test_a_platform_that_is_not(
    error: type[PlatformError], reachable: bool, credentials: str
) -> None:
    grove = Grove()
    grove.error = error("what it said")
    (found,) = await check_platforms(real_settings(grove), grove.specs(), Wiring())
    assert (found.reachable, found.credentials) == (reachable, credentials)
    assert (found.code, found.problem) == (error.code, "what it said")


async def test_a_platform_that_never_answers() -> None:
    grove = Grove()
    grove.gate = asyncio.Event()
    settings = real_settings(grove, deadline_seconds=0.01)
    (found,) = await check_platforms(settings, grove.specs(), Wiring())
    assert (found.reachable, found.code) == (False, "PLATFORM_TIMEOUT")
    assert found.problem == "no answer in 0.01 seconds"


async def test_asking_here_is_asking_as_everybody() -> None:
    grove = Grove()
    query = "query Q($first:Int){agents(first:$first){nodes{nativeId}}}"
    answer: dict[str, Any] = await ask_here(
        real_settings(grove), grove.specs(), Wiring(), query, {"first": 1}
    )
    assert answer["data"] == {"agents": {"nodes": [{"nativeId": "ana"}]}}
    (platform,) = answer["extensions"]["switchboard"]["platforms"]
    assert platform == {"platform": "birch-fr", "calls": 1, "seconds": 0.125}
    assert grove.closed == ["birch-fr"]


async def test_what_is_wrong_with_a_question_is_told() -> None:
    grove = Grove()
    answer = await ask_here(real_settings(grove), grove.specs(), Wiring(), "{")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert "data" not in answer
