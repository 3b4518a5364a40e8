"""Flat rows in GraphQL, as tools that make tables of it need them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLScalarType,
    get_nullable_type,
)
from tests.fakes import NOW, context_of, platform_of
from tests.gateway.execution.compared import differences
from tests.resolvers.measuring import Event, Measuring, source_of
from tests.resolvers.test_agents import Staff
from tests.resolvers.test_conversations import Listing

from gateway.execution import compiled_execution
from resolvers.context import Limits, RequestContext
from resolvers.rows.asking import parameters_of
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowTable
from schema import build_schema
from schema.personal import PERSONAL

SCHEMA = build_schema()
COMPILED = build_schema([compiled_execution(most_fields=1000, from_use=1)])
CORE = SCHEMA._schema  # noqa: SLF001 (what graphql-core executes has no public name)
COLUMNS = {"String", "Int", "Float", "Boolean"}
PAGE = """query($first: Int, $after: String) {
  conversationRows(from: "-7d", first: $first, after: $after) {
    edges { node { conversationId startedAt startedAtDate durationSeconds } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    failures { platform code }
    sources { platform calls }
  }
}"""


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(one.capitalize() for one in rest)


def field_of(table: RowTable) -> GraphQLField:
    assert CORE.query_type
    found: GraphQLField = CORE.query_type.fields[f"{camel(table.noun)}Rows"]
    return found


def below(kind: Any, name: str) -> Any:  # noqa: ANN401 (types of a schema)
    """Return the type of a field, which must be nullable all the way."""
    assert isinstance(kind, GraphQLObjectType)
    return kind.fields[name].type


async def ask(
    context: RequestContext, query: str, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the data that both executors answer."""
    given = dict(variables or {})
    result = await SCHEMA.execute(query, given, context_value=context)
    again = await COMPILED.execute(query, given, context_value=context)
    assert differences(result, again, in_order=False) == []
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


def house(*ages: int, **changes: Any) -> RequestContext:  # noqa: ANN401 (of the context)
    return context_of(platform_of("one", conversations=Listing("one", ages)), **changes)


@pytest.mark.parametrize("table", STANDARD.values(), ids=lambda one: one.name)
def test_every_step_to_a_row_is_nullable_and_every_column_a_plain_scalar(table: RowTable) -> None:
    connection = field_of(table).type
    edges, nodes = below(connection, "edges"), below(connection, "nodes")
    assert isinstance(edges, GraphQLList)
    assert isinstance(nodes, GraphQLList)
    row = below(edges.of_type, "node")
    assert row is nodes.of_type
    assert isinstance(row, GraphQLObjectType)
    assert [*row.fields] == [camel(name) for name in table.names]
    kinds = [one.type for one in row.fields.values()]
    assert all(isinstance(kind, GraphQLScalarType) for kind in kinds)
    assert {str(kind) for kind in kinds} <= COLUMNS
    assert str(below(connection, "pageInfo")) == "PageInfo!"


@pytest.mark.parametrize("table", STANDARD.values(), ids=lambda one: one.name)
def test_arguments_are_texts_and_whole_numbers_none_of_them_required(table: RowTable) -> None:
    taken = {camel(one.name) for one in parameters_of(table)} - {"fields"}

    arguments = field_of(table).args
    assert set(arguments) == {*taken, "first", "after"}
    kinds = {name: get_nullable_type(one.type) for name, one in arguments.items()}
    assert {name for name, kind in kinds.items() if str(kind) == "Int"} == {"first"}
    assert {str(kind) for kind in kinds.values()} <= {"String", "Int"}
    assert all(kinds[name] is one.type for name, one in arguments.items())


async def test_rows_are_read_page_by_page_to_an_empty_one() -> None:
    read: list[str] = []
    after: str | None = None
    page: dict[str, Any] = {}
    for _ in range(9):
        page = (await ask(house(1, 2, 3, 4), PAGE, {"first": 2, "after": after}))[
            "conversationRows"
        ]
        read += [edge["node"]["conversationId"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        # Some tools know no other end than this.
        if after is None:
            break

    assert (page["edges"], page["pageInfo"]["hasNextPage"]) == ([], False)
    assert read == [f"one-{place}-{age}" for place, age in enumerate((1, 2, 3, 4))]


async def test_instants_and_days_are_texts() -> None:
    data = await ask(house(7), PAGE)

    assert data["conversationRows"]["edges"][0]["node"] == {
        "conversationId": "one-0-7",
        "startedAt": "2026-03-18T10:29:52Z",
        "startedAtDate": "2026-03-18",
        "durationSeconds": None,
    }


async def test_as_many_rows_come_at_once_as_a_tool_asks_for() -> None:
    context = house(*range(9000))

    data = await ask(context, "{ conversationRows(first: 10000) { nodes { reference } } }")

    assert len(data["conversationRows"]["nodes"]) == 9000


@pytest.mark.parametrize(
    ("given", "code", "argument"),
    [
        ("first: 10001", "BAD_USER_INPUT", "first"),
        ("first: 0", "BAD_USER_INPUT", "first"),
        ('from: "soon"', "BAD_USER_INPUT", "from"),
        ('tz: "Mars"', "BAD_USER_INPUT", "tz"),
        ('platform: "nobody"', "BAD_USER_INPUT", "platform"),
        ('after: "nothing"', "BAD_USER_INPUT", "after"),
    ],
)
async def test_what_is_not_acceptable_is_named(given: str, code: str, argument: str) -> None:
    query = f"{{ conversationRows({given}) {{ nodes {{ reference }} }} }}"

    result = await SCHEMA.execute(query, context_value=house(1))

    assert result.data == {"conversationRows": None}
    assert result.errors
    error = result.errors[0].original_error
    assert getattr(error, "code", None) == code
    assert getattr(error, "extensions", {})["argument"] == argument


async def test_many_aliases_do_not_make_many_rows() -> None:
    query = "{ %s }" % " ".join(  # noqa: UP031 (braces)
        f"a{n}: conversationRows(first: 40) {{ nodes {{ reference }} }}" for n in range(3)
    )
    context = house(1, limits=Limits(most_rows=100))

    result = await SCHEMA.execute(query, context_value=context)

    assert [getattr(e.original_error, "code", "") for e in result.errors or ()] == [
        "QUERY_TOO_COMPLEX"
    ]


async def test_only_what_is_selected_is_asked_for() -> None:
    for selection, looks in (("nodes { name }", []), ("edges { node { liveStatus } }", [2])):
        staff = Staff("one", "ann", "bob")
        context = context_of(platform_of("one", agents=staff, presence=staff))
        result = await SCHEMA.execute(f"{{ agentRows {{ {selection} }} }}", context_value=context)
        assert result.errors is None
        assert staff.looks == looks


async def test_figures_and_reports_are_rows() -> None:
    event = Event(NOW - timedelta(hours=2), "chat", "ann", 60, answered=True)
    context = context_of(platform_of("one", measures=Measuring([event], source_of())))
    data = await ask(
        context,
        """{
          indicatorRows(keys: "handle_time", group: "agent", from: "today", to: "now") {
            nodes { indicator localDate localHour member1Id value weight final note }
          }
          reportAgentPerformanceRows(from: "today") {
            nodes { platform agentId conversationsStarted ratedGood currency final }
          }
        }""",
    )

    shown = [row for row in data["indicatorRows"]["nodes"] if row["member1Id"] == "ann"]
    assert shown == [
        {
            "indicator": "HANDLE_TIME",
            "localDate": "2026-03-18",
            "localHour": 0,
            "member1Id": "ann",
            "value": 60.0,
            "weight": 1.0,
            "final": False,
            "note": None,
        }
    ]
    rows = data["reportAgentPerformanceRows"]["nodes"]
    assert {row["agentId"]: row["conversationsStarted"] for row in rows}["ann"] == 1.0
    assert {row["ratedGood"] for row in rows} == {None}


def test_what_is_personal_elsewhere_is_personal_in_rows() -> None:
    checked = 0
    for name, kind in CORE.type_map.items():
        row = CORE.type_map.get(f"{name}Row")
        if not isinstance(kind, GraphQLObjectType) or not isinstance(row, GraphQLObjectType):
            continue
        for field, one in kind.fields.items():
            if PERSONAL in (one.description or "") and field in row.fields:
                said = row.fields[field].description or ""
                assert "Empty for keys without the scope `personal`." in said, (name, field)
                checked += 1

    assert checked == sum(len(table.personal) for table in STANDARD.values())
