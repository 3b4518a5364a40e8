from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.gateway.fakes import Grove
from tests.gateway.serving import real_settings

from gateway.commands.checking import check_platforms
from gateway.graphql.asking import Question, ask_here
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
    question = Question(query, {"first": 1})
    answer: dict[str, Any] = await ask_here(real_settings(grove), grove.specs(), Wiring(), question)
    assert answer["data"] == {"agents": {"nodes": [{"nativeId": "ana"}]}}
    (platform,) = answer["extensions"]["switchboard"]["platforms"]
    assert platform == {"platform": "birch-fr", "calls": 1, "seconds": 0.125}
    assert grove.closed == ["birch-fr"]


async def test_what_is_wrong_with_a_question_is_told() -> None:
    grove = Grove()
    answer = await ask_here(real_settings(grove), grove.specs(), Wiring(), Question("{"))
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert "data" not in answer


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question(""), "no query"),
        (Question("fragment f on Query{__typename}"), "no operation"),
        (Question("query A{__typename} query B{__typename}"), "several operations"),
        (Question("query A{__typename}", operation="C"), '"C"'),
    ],
    ids=["empty", "fragments", "several", "unknown"],
)
async def test_where_nothing_can_be_asked_the_answer_says_why(
    question: Question, said: str
) -> None:
    grove = Grove()
    answer = await ask_here(real_settings(grove), grove.specs(), Wiring(), question)
    (error,) = answer["errors"]
    assert said in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in answer


async def test_of_several_operations_the_named_one_is_asked() -> None:
    grove = Grove()
    question = Question("query A{a:__typename} query B{b:__typename}", operation="B")
    answer = await ask_here(real_settings(grove), grove.specs(), Wiring(), question)
    assert answer["data"] == {"b": "Query"}
