"""A rehearsal tells the calls that the query then makes, and makes none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from benchmarks.calls import QUESTIONS, measure_all
from benchmarks.floor import Question as Counted
from pydantic import SecretStr
from tests.fakes import platform_of
from tests.stores import running_redis

from gateway.cache.opening import open_store
from gateway.commands.notebook import Notebook
from gateway.commands.plan import PlanLine, told
from gateway.commands.rehearsal import rehearse
from gateway.commands.sandbox import with_sandbox
from gateway.configuration.reading import load
from gateway.configuration.settings import CacheSettings, Settings
from gateway.graphql.asking import Question, ask_services, operators_schema
from gateway.services import open_services
from vendors.calls import Call
from vendors.port import Platform, Wiring
from vendors.registry import specs

SOME = QUESTIONS[::3]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Settings]:
    """Settings of platforms that are simulated by a process of their own."""
    with with_sandbox(load(specs()).settings, specs()) as settings:
        yield settings


@pytest.mark.parametrize("question", SOME, ids=[one.name for one in SOME])
async def test_the_calls_are_those_that_are_made(sandbox: Settings, question: Counted) -> None:
    plan = await rehearse(sandbox, specs(), Question(question.document))

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

    plan = await rehearse(sandbox, specs(), Question(query))

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


async def test_lists_are_told_and_not_read(sandbox: Settings) -> None:
    query = """{
      teams { nodes { label } }
      transactions(period: {calendar: LAST_WEEK}, timeZone: "UTC", first: 7) { nodes { id } }
      customers(first: 3) { nodes { id } }
    }"""

    plan = await rehearse(sandbox, specs(), Question(query))

    assert plan.errors == ()
    assert {(line.platform, line.call) for line in plan.calls} == {
        ("iadvize", "list of teams"),
        ("iadvize", "list of transactions"),
        ("iadvize", "list of customers"),
        ("chat-tonic", "list of customers"),
    }
    (sales,) = [line for line in plan.calls if line.call == "list of transactions"]
    assert sales.start is not None
    assert sales.end is not None
    assert (sales.end - sales.start).days == 7
    assert sales.why == "A page of 7, newest first."


async def test_what_a_platform_does_not_offer_is_said(sandbox: Settings) -> None:
    query = "{ indicators(keys: [HANDLE_TIME], groupBy: [SITE]) { series { value } } }"

    plan = await rehearse(sandbox, specs(), Question(query))

    assert {line.platform for line in plan.calls} == {"iadvize"}
    assert "livechat" in {note.platform for note in plan.notes}


async def test_members_that_must_be_listed_first_are_said_to_be(sandbox: Settings) -> None:
    query = """{ indicators(keys: [CONVERSATIONS_UNANSWERED], groupBy: [AGENT]
                            platforms: ["livechat"]) { series { value } } }"""

    plan = await rehearse(sandbox, specs(), Question(query))

    assert [line.call for line in plan.calls] == ["list of the members of AGENT"]
    assert "Calls for each AGENT follow." in {note.note for note in plan.notes}


async def test_a_query_that_would_be_refused_says_why(sandbox: Settings) -> None:
    query = """{ indicators(keys: [CONVERSATIONS_STARTED], granularity: HOUR, platforms: ["gnatta"]
                            period: {last: {count: 12, unit: MONTH}}) { series { value } } }"""

    plan = await rehearse(sandbox, specs(), Question(query))

    assert "at most 200" in plan.errors[0]
    many = f"{len(plan.calls)} calls (gnatta {len(plan.calls)})"
    assert many in plan.errors[0]
    assert told(plan)["data"]["in all"] == f"{len(plan.calls)}: gnatta {len(plan.calls)}"
    assert told(plan)["errors"] == [{"message": plan.errors[0]}]


async def test_the_limits_are_those_of_a_query_that_is_asked(sandbox: Settings) -> None:
    limits = sandbox.limits.model_copy(update={"depth": 2})
    strict = sandbox.model_copy(update={"limits": limits})

    plan = await rehearse(strict, specs(), Question("{ agents { nodes { platform { key } } } }"))

    assert plan.calls == ()
    assert "at most 2 are allowed" in plan.errors[0]


async def test_where_nothing_is_planned_nothing_is_said_to_be_kept(sandbox: Settings) -> None:
    refused = told(await rehearse(sandbox, specs(), Question("{ nothing }")))
    assert [one["message"] for one in refused["errors"]] == [
        "Cannot query field 'nothing' on type 'Query'."
    ]
    assert refused["data"] == {}
    free = told(await rehearse(sandbox, specs(), Question("{ platforms { key } }")))
    assert free == {"errors": [], "data": {"in all": "none: nothing has to be asked"}}


@pytest.mark.redis
async def test_no_lease_is_taken_for_what_is_not_done(sandbox: Settings) -> None:
    query = (
        "{ indicators(keys: [CONVERSATIONS_STARTED]) { series { value } } agents { nodes { id } } }"
    )
    with running_redis() as server:
        cache = CacheSettings(backend="redis", url=SecretStr(server.url))
        plan = await rehearse(sandbox.model_copy(update={"cache": cache}), specs(), Question(query))
        with server.client() as client:
            told_to_redis = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
    assert plan.calls
    assert "mget" in told_to_redis
    assert told_to_redis.isdisjoint({"set", "eval"})


async def test_nothing_is_counted_as_asked_of_what_is_kept(
    sandbox: Settings, tmp_path: Path
) -> None:
    kept = CacheSettings(backend="disk", path=tmp_path / "cache.sqlite")
    settings = sandbox.model_copy(update={"cache": kept, "id_key": SecretStr("k" * 43)})
    question = Question(
        "{ indicators(keys: [MESSAGES_RECEIVED], period: {calendar: LAST_WEEK}) "
        "{ series { value } } }"
    )
    schema = operators_schema(settings)
    async with open_services(settings, specs(), Wiring()) as services:
        call = Call.within(30, request_id="test")
        assert "errors" not in await ask_services(schema, services, call, question)
    async with open_store(settings, seconds=10) as store:
        before = (await store.contents()).counts

        plan = await rehearse(settings, specs(), question)

        assert (await store.contents()).counts == before
    assert sum(before.values()) > 0
    # What is kept was found all the same.
    assert not _measuring(plan.calls)


def test_whatever_a_platform_can_be_asked_through_is_noted() -> None:
    ports = {one.name for one in fields(Platform) if one.default is None} - {"health"}
    bare = replace(platform_of("one"), **dict.fromkeys(ports, object()))  # type: ignore[arg-type]

    beside = Notebook().beside(bare)

    assert {name for name in ports if getattr(beside, name) is getattr(bare, name)} == set()


async def test_parameters_are_named_and_what_they_are_is_not_told(sandbox: Settings) -> None:
    query = """{ report(
      key: "livechat.ratings", period: {calendar: LAST_WEEK}
      parameters: [{name: "agents", values: ["smith@example.com"]}, {name: "tags", exists: true}]
    ) { rows { values } } }"""

    plan = await rehearse(sandbox, specs(), Question(query))

    (line,) = plan.calls
    assert plan.errors == ()
    assert line.why.endswith("With the parameters agents and tags.")
    assert "smith" not in repr(told(plan))


async def test_events_behind_a_figure_are_told_and_not_read(sandbox: Settings) -> None:
    query = """{ drillThrough(
      figure: "gnatta.interactionsClosed", platform: "gnatta", first: 5
      period: {calendar: LAST_WEEK}
    ) { nodes { reference } failures { code } } }"""

    plan = await rehearse(sandbox, specs(), Question(query))

    (line,) = plan.calls
    assert (line.platform, line.call, line.figures) == (
        *("gnatta", "list of events"),
        ("interactionsClosed",),
    )
    assert line.why == "A page of 5 of what the figure counts."


async def test_what_an_agent_shows_is_asked_for_agents_who_are_known_alone(
    sandbox: Settings,
) -> None:
    query = "{ agents(first: 2) { nodes { profile { __typename } lifetime { __typename } } } }"

    plan = await rehearse(sandbox, specs(), Question(query))

    assert plan.errors == ()
    assert {line.call for line in plan.calls} == {"list of agents"}
