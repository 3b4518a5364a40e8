"""What one platform's failure costs: its own part, said once, where it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from graphql import GraphQLError
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.context import RequestContext
from resolvers.node_ids import NodeKind, node_id
from schema import build_schema
from vendors.calls import Call
from vendors.errors import (
    BadInputError,
    PlatformError,
    PlatformServerError,
    PlatformTimeoutError,
    UnsupportedError,
)
from vendors.port import ConversationQuery, Page
from vendors.records import Agent, AgentPresence, Conversation

SCHEMA = build_schema()
CONTACT = Event(NOW - timedelta(hours=1), "chat", "ann", 60, answered=True)


class Staff:
    """The agents of a platform, their presence and their conversations: each may fail."""

    conversation_filters = frozenset({"agent_ids"})

    def __init__(self, *ids: str) -> None:
        self.failing: dict[str, Exception] = {}
        self.asked: list[str] = []
        self._agents = tuple(Agent(platform="one", native_id=one, name=one) for one in ids)

    def _answer(self, what: str) -> None:
        self.asked.append(what)
        if what in self.failing:
            raise self.failing[what]

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self._answer("agents")
        return self._agents

    async def presence(self, _agents: Sequence[Agent], _call: Call) -> tuple[AgentPresence, ...]:
        self._answer("presence")
        return ()

    async def conversations(self, _query: ConversationQuery, _call: Call) -> Page[Conversation]:
        self._answer("conversations")
        return Page((), (), has_more=False)

    async def conversation(self, _native_id: str, _call: Call) -> Conversation | None:
        self._answer("conversation")
        return None


def _house(staff: Staff, measuring: Measuring | None = None, **changes: Any) -> RequestContext:  # noqa: ANN401 - arguments of the context
    ports: dict[str, Any] = {
        "agents": staff,
        "presence": staff,
        "conversations": staff,
        "conversation_by_id": staff,
        "measures": measuring or Measuring([CONTACT], source_of()),
    }
    return context_of(platform_of("one", **ports), **changes)


async def _run(
    context: RequestContext,
    query: str,
    **variables: Any,  # noqa: ANN401 - any variable
) -> tuple[Any, list[GraphQLError]]:
    result = await SCHEMA.execute(query, context_value=context, variable_values=variables)
    return result.data, list(result.errors or ())


def _is(error: GraphQLError, kind: type[Exception], *path: str | int) -> bool:
    cause = error.original_error
    told = cause.platform if isinstance(cause, PlatformError) else "one"
    return isinstance(cause, kind) and (error.path, told) == (list(path), "one")


async def test_a_field_of_one_agent_is_null_with_one_error() -> None:
    staff = Staff("ann")
    staff.failing = {
        "presence": PlatformServerError(),
        "conversations": PlatformTimeoutError(),
    }
    measuring = Measuring([CONTACT], source_of())
    measuring.fails = PlatformServerError()

    data, errors = await _run(
        _house(staff, measuring),
        """{ agents { failures { code } nodes {
             name
             live { status }
             performance { series { value } }
             conversations { nodes { id } }
        } } }""",
    )

    (agent,) = data["agents"]["nodes"]
    assert agent == {"name": "ann", "live": None, "performance": None, "conversations": None}
    assert data["agents"]["failures"] == []
    at = ("agents", "nodes", 0)
    kinds = {str(error.path[-1]): error for error in errors if error.path}
    assert len(errors) == 3
    assert _is(kinds["live"], PlatformServerError, *at, "live")
    assert _is(kinds["performance"], PlatformServerError, *at, "performance")
    assert _is(kinds["conversations"], PlatformTimeoutError, *at, "conversations")


async def test_what_an_agent_did_is_told_as_far_as_it_is_known() -> None:
    """A part that failed does not take the other parts away: they say so themselves."""

    class Forgetful(Measuring):
        async def measure(self, measure: Any, call: Call) -> Any:  # noqa: ANN401 - as the base
            if "duration" in measure.figures:
                raise PlatformServerError(platform="one")
            return await super().measure(measure, call)

    measuring = Forgetful([CONTACT], source_of())
    measuring.measurables = _split(measuring)

    data, errors = await _run(
        _house(Staff("ann"), measuring),
        """{ agents { nodes {
             performance(keys: [CONVERSATIONS_STARTED, HANDLE_TIME]) {
               series { key value } failures { code } sources { freshness }
             }
        } } }""",
    )

    assert errors == []
    (agent,) = data["agents"]["nodes"]
    assert agent["performance"]["series"] == [{"key": "CONVERSATIONS_STARTED", "value": 1.0}]
    assert agent["performance"]["failures"] == [{"code": "PLATFORM_ERROR"}]
    assert agent["performance"]["sources"] == [{"freshness": "PARTIAL"}]


def _split(port: Measuring) -> Any:  # noqa: ANN401 - the tables
    """Return the tables with the durations in a source of their own."""
    tables = port.measurables
    other = msgspec.structs.replace(tables.sources["only"], name="other")
    figures = {
        name: msgspec.structs.replace(one, source="other") if name == "duration" else one
        for name, one in tables.figures.items()
    }
    return msgspec.structs.replace(
        tables, sources={**tables.sources, "other": other}, figures=figures
    )


async def test_a_name_that_cannot_be_had_is_no_error_of_the_figures() -> None:
    """Names are looked up beside figures that came from the cache."""
    clock = FakeClock()
    cache = FakeCache(clock)
    staff = Staff("ann")
    measuring = Measuring([CONTACT], source_of())
    query = """{ indicators(keys: [CONVERSATIONS_STARTED], groupBy: [AGENT]) {
      series { value group { nativeId name } } failures { platform code }
    } }"""
    named, _ = await _run(_house(staff, measuring, clock=clock, cache=cache), query)
    staff.failing = {"agents": PlatformServerError()}
    clock.pass_(minutes=20)

    data, errors = await _run(_house(staff, measuring, clock=clock, cache=cache), query)

    assert named["indicators"]["series"][0]["group"] == [{"nativeId": "ann", "name": "ann"}]
    assert errors == []
    assert data["indicators"]["series"][0] == {
        "value": 1.0,
        "group": [{"nativeId": "ann", "name": None}],
    }


async def test_nodes_fail_one_by_one() -> None:
    staff = Staff("ann")
    staff.failing = {"conversation": PlatformServerError()}
    context = _house(staff)
    sealer = context.services.sealer

    data, errors = await _run(
        context,
        "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }",
        ids=[
            node_id(sealer, NodeKind.AGENT, "one", "ann"),
            node_id(sealer, NodeKind.CONVERSATION, "one", "7"),
            "nonsense",
            node_id(sealer, NodeKind.PLATFORM, "one", ""),
            node_id(sealer, NodeKind.PLATFORM, "hidden", ""),
            node_id(sealer, NodeKind.AGENT, "hidden", "ann"),
        ],
    )

    assert [one and one["__typename"] for one in data["nodes"]] == [
        "Agent",
        None,
        None,
        "Platform",
        None,
        None,
    ]
    assert len(errors) == 2
    assert _is(errors[0], PlatformServerError, "nodes", 1)
    assert _is(errors[1], BadInputError, "nodes", 2)


@pytest.mark.parametrize("kind", [NodeKind.AGENT, NodeKind.CONVERSATION])
async def test_what_a_platform_cannot_fetch_by_id_is_unsupported(kind: NodeKind) -> None:
    context = context_of(platform_of("one"))

    data, errors = await _run(
        context,
        "query($id: ID!) { node(id: $id) { id } }",
        id=node_id(context.services.sealer, kind, "one", "7"),
    )

    assert data == {"node": None}
    assert len(errors) == 1
    assert _is(errors[0], UnsupportedError, "node")


async def test_one_conversation_is_given_up_at_the_deadline() -> None:
    class Endless(Staff):
        async def conversation(self, _native_id: str, _call: Call) -> Conversation | None:
            await asyncio.Event().wait()
            return None

    context = _house(Endless("ann"), seconds=0.05)

    data, errors = await _run(
        context,
        "query($id: ID!) { node(id: $id) { id } }",
        id=node_id(context.services.sealer, NodeKind.CONVERSATION, "one", "7"),
    )

    assert data == {"node": None}
    assert len(errors) == 1
    assert _is(errors[0], PlatformTimeoutError, "node")


async def test_a_dimension_is_restricted_once() -> None:
    twice = [{"dimension": "AGENT", "ids": ["ann"]}, {"dimension": "AGENT", "ids": ["bob"]}]

    data, errors = await _run(
        _house(Staff("ann")),
        """query($filter: IndicatorFilter) {
             indicators(keys: [CONVERSATIONS_STARTED], filter: $filter) { series { value } }
        }""",
        filter={"members": twice},
    )

    assert data == {"indicators": None}
    assert len(errors) == 1
    assert _is(errors[0], BadInputError, "indicators")


async def test_what_is_wrong_with_one_question_costs_no_other() -> None:
    context = context_of(platform_of("one"))
    result = await SCHEMA.execute(
        """{
          platforms(only: ["lost"]) { key }
          nodes(ids: ["lost"]) { id }
          indicatorCatalogue(platforms: ["lost"]) { key }
          reportCatalogue(platforms: ["lost"]) { key }
          exportCatalogue(platforms: ["lost"]) { name }
          whole: platforms { key }
        }""",
        context_value=context,
    )

    assert result.data is not None
    assert result.data.pop("whole") == [{"key": "one"}]
    assert [name for name, value in result.data.items() if value is None] == [
        "platforms",
        "indicatorCatalogue",
        "reportCatalogue",
        "exportCatalogue",
    ]
    assert all(isinstance(one.original_error, BadInputError) for one in result.errors or ())
