"""A rehearsal tells the calls that the query then makes, and makes none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from benchmarks.calls import QUESTIONS, measure_all
from benchmarks.floor import Question

from gateway.configuration import load
from gateway.rehearsal import PlanLine, rehearse, told
from gateway.sandbox import with_sandbox
from gateway.settings import Settings
from vendors.registry import specs

SOME = QUESTIONS[::3]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Settings]:
    """Settings of platforms that are simulated by a process of their own."""
    with with_sandbox(load(specs()).settings, specs()) as settings:
        yield settings


@pytest.mark.parametrize("question", SOME, ids=[one.name for one in SOME])
async def test_the_calls_are_those_that_are_made(sandbox: Settings, question: Question) -> None:
    plan = await rehearse(sandbox, specs(), question.document)

    (cost,) = await measure_all(sandbox, [question])

    assert plan.errors == ()
    assert Counter(line.platform for line in _measuring(plan.calls)) == cost.calls


def _measuring(lines: tuple[PlanLine, ...]) -> list[PlanLine]:
    return [line for line in lines if line.figures]


async def test_each_call_says_what_it_is_for_and_why_it_is_so(sandbox: Settings) -> None:
    query = """{
      months: indicators(keys: [MESSAGES_RECEIVED], granularity: DAY
                         period: {calendar: LAST_WEEK}, timeZone: "UTC") { series { value } }
      conversations(first: 3) { nodes { id } }
    }"""

    plan = await rehearse(sandbox, specs(), query)

    gnatta = next(line for line in plan.calls if line.platform == "gnatta" and line.figures)
    assert gnatta.figures == ("messageVolume/Inbound",)
    assert gnatta.for_ == ("MESSAGES_RECEIVED",)
    assert gnatta.why == "The platform's own buckets of one DAY."
    listed = {line.platform for line in plan.calls if line.call == "list of conversations"}
    assert listed == {"iadvize", "gnatta", "chat-tonic"}
    assert {one.platform for one in plan.notes if "conversations hold" in one.note} == listed
    shown = told(plan)["data"]
    assert len(shown["calls"]) == len(plan.calls)
    assert shown["in all"].startswith(f"{len(plan.calls)}: chat-tonic 2, ")


async def test_what_a_platform_does_not_offer_is_said(sandbox: Settings) -> None:
    query = "{ indicators(keys: [HANDLE_TIME], groupBy: [SITE]) { series { value } } }"

    plan = await rehearse(sandbox, specs(), query)

    assert {line.platform for line in plan.calls} == {"iadvize"}
    assert "livechat" in {note.platform for note in plan.notes}


async def test_members_that_must_be_listed_first_are_said_to_be(sandbox: Settings) -> None:
    query = """{ indicators(keys: [CONVERSATIONS_UNANSWERED], groupBy: [AGENT]
                            platforms: ["livechat"]) { series { value } } }"""

    plan = await rehearse(sandbox, specs(), query)

    assert [line.call for line in plan.calls] == ["list of the members of AGENT"]
    assert "Calls for each AGENT follow." in {note.note for note in plan.notes}


async def test_a_query_that_would_be_refused_says_why(sandbox: Settings) -> None:
    query = """{ indicators(keys: [CONVERSATIONS_STARTED], granularity: HOUR, platforms: ["gnatta"]
                            period: {last: {count: 12, unit: MONTH}}) { series { value } } }"""

    plan = await rehearse(sandbox, specs(), query)

    assert "at most 200" in plan.errors[0]
    assert told(plan)["data"]["in all"]
    assert told(plan)["errors"] == [{"message": plan.errors[0]}]
