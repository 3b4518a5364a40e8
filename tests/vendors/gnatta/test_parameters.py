"""Parameters: what arguments become in a request, and what they do to the simulator's figures."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from tests.fakes import EVERYTHING, FakeCache, context_of
from tests.vendors.gnatta.conftest import Open
from tests.vendors.gnatta.measured import D, answered, asked
from tests.vendors.gnatta.test_readings import asked_of, call_of
from tests.vendors.gnatta.upstream import settings_of

from resolvers.context import Principal, Scope
from schema import build_schema
from vendors.calls import Call
from vendors.clock import SystemClock
from vendors.errors import PlatformRejectedError
from vendors.gnatta.sandbox.tenant import DATA_TYPES
from vendors.measures import Grain, Reading
from vendors.parameters import Argument
from vendors.port import Platform

REASON, PAGE = DATA_TYPES
OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e"
WINDOW = {"from": "2023-01-01T00:00:00Z", "to": "2023-01-02T00:00:00Z"}
SETTINGS = settings_of(
    directory={"tag_type": REASON, "string_types": {PAGE: "Page", OTHER: "Other"}}
)
FROM_QUEUED = Argument(name="oldState", values=("Assigned", "Queued"))
RANKED = "interactionsClosedByUse"
PARTS = {"table", "figures", "events"}


def body_of(source: str, *arguments: Argument, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of the call
    call = msgspec.structs.replace(call_of(source, **more), arguments=arguments)
    return asked_of(call, SETTINGS).body


@pytest.mark.parametrize("grain", [Grain.TOTAL, Grain.DAY])
def test_states_stand_at_the_top(grain: Grain) -> None:
    body = body_of("interactionsClosed", FROM_QUEUED, grain=grain)
    assert body["oldState"] == ["Assigned", "Queued"]
    assert body["newState"] == ["Closed"]
    assert "oldState" not in body["filters"]
    assert "oldState" not in body_of("interactionsClosed", grain=grain)


def test_data_of_several_types_restricts_beside_tags() -> None:
    data = (
        Argument(name="data", key=PAGE, values=("cart", "home")),
        Argument(name="data", key=OTHER, exists=True),
    )
    body = body_of("messageVolume/Inbound", *data, filters=((D.TAG, ("r1",)),))
    assert body["filters"]["data"] == [
        {"id": REASON, "values": ["r1"]},
        {"id": PAGE, "values": ["cart", "home"]},
        {"id": OTHER},
    ]
    assert "data" not in body


def test_that_there_is_no_value_cannot_be_asked_for() -> None:
    with pytest.raises(PlatformRejectedError, match="no value"):
        body_of("interactionsClosed", Argument(name="data", key=PAGE, exists=False))


@pytest.mark.parametrize(
    ("arguments", "data_type", "order"),
    [
        ((), PAGE, "Descending"),
        ((Argument(name="orderBy", values=("Ascending",)),), PAGE, "Ascending"),
        ((Argument(name="dataType", values=(OTHER,)),), OTHER, "Descending"),
    ],
)
def test_ranked_values_are_not_named(
    arguments: tuple[Argument, ...], data_type: str, order: str
) -> None:
    more = {"group_by": (D.TAG,), "filters": ((D.CHANNEL, ("Email",)),)}
    body = body_of(RANKED, *arguments, FROM_QUEUED, **more)
    assert body == {
        "newState": ["Closed"],
        "oldState": ["Assigned", "Queued"],
        "data": {"id": data_type},
        "orderBy": order,
        "filters": {**WINDOW, "channels": ["Email"]},
    }


async def test_ranked_values_are_those_of_the_answer(opened: Open, call: Call) -> None:
    groups = [{"id": "cart", "name": "Cart", "value": 3}, {"name": "home", "value": 1}]
    domain = opened(
        httpx.Response(200, json={"groups": groups}), directory={"string_types": {PAGE: ""}}
    )
    assert domain.platform.measures is not None
    measure = call_of(RANKED, group_by=(D.TAG,))
    assert await domain.platform.measures.measure(measure, call) == (
        Reading(RANKED, measure.start, 3.0, ("cart",), ("Cart",)),
        Reading(RANKED, measure.start, 1.0, ("home",), ("home",)),
    )
    assert domain.upstream.paths == ["/interactions/state/count/by-data"]


# ---------------------------------------------------------------- by the planner, at the simulator


async def value(platform: Platform, item: str, *arguments: Argument, **more: Any) -> float:  # noqa: ANN401 - members of the request
    request = asked(item, arguments=arguments, **more)
    (series,) = (await answered(platform, request)).series
    assert series.value is not None
    return series.value


async def ranked(platform: Platform, *arguments: Argument) -> dict[str, float | None]:
    request = asked(RANKED, group_by=(D.TAG,), arguments=arguments)
    return {one.group[0].id: one.value for one in (await answered(platform, request)).series}


async def test_closings_out_of_each_state_make_all(platform: Platform) -> None:
    states = ("Draft", "Created", "Queued", "Assigned", "Automation", "Closed")
    parts = [
        await value(platform, "interactionsClosed", Argument(name="oldState", values=(one,)))
        for one in states
    ]
    assert sum(parts) == await value(platform, "interactionsClosed")
    assert len([one for one in parts if one]) > 1


async def test_closings_of_each_page_make_all_that_tell_one(platform: Platform) -> None:
    pages = tuple(DATA_TYPES[PAGE].options)
    parts = [
        await value(platform, "interactionsClosed", Argument(name="data", key=PAGE, values=(one,)))
        for one in pages
    ]
    some = await value(platform, "interactionsClosed", Argument(name="data", key=PAGE, exists=True))
    assert sum(parts) == some > 0
    days = await value(
        platform,
        "interactionsClosed",
        Argument(name="data", key=PAGE, values=pages[:2]),
        grain=Grain.DAY,
    )
    assert days == sum(parts[:2])


async def test_values_are_ranked_by_their_use(platform: Platform) -> None:
    most = await ranked(platform)
    expected = {
        page: await value(
            platform, "interactionsClosed", Argument(name="data", key=PAGE, values=(page,))
        )
        for page in most
    }
    assert most == expected
    assert len(most) > 1
    least = await ranked(platform, Argument(name="orderBy", values=("Ascending",)))
    assert least == most
    whole = await answered(platform, asked(RANKED))
    assert [one.value for one in whole.series] == [None]


async def test_values_that_are_ranked_day_by_day_are_not_added_up(platform: Platform) -> None:
    """A value that is not among the first on one day may be so on another."""
    request = asked(RANKED, group_by=(D.TAG,), grain=Grain.DAY)
    answer = await answered(platform, request)
    assert len(answer.series) > 1
    assert [one.value for one in answer.series] == [None] * len(answer.series)
    assert any(amount.value for one in answer.series for amount in one.amounts)


# --------------------------------------------------------------------------------- by GraphQL


async def asked_in_graphql(
    platform: Platform, query: str, principal: Principal = EVERYTHING
) -> tuple[Any, list[Any]]:
    clock = SystemClock()
    context = context_of(
        platform,
        principal=principal,
        clock=clock,  # type: ignore[arg-type]  # any clock will do
        cache=FakeCache(clock),  # type: ignore[arg-type]  # as above
    )
    result = await build_schema().execute(query, context_value=context)
    return result.data, list(result.errors or ())


async def test_parameters_are_given_by_callers(platform: Platform) -> None:
    period = 'period: { between: { from: "2026-03-02T00:00:00Z", to: "2026-03-09T00:00:00Z" } }'
    told = 'parameters: [{ name: "oldState", values: ["Queued"] }]'
    figures = 'native: ["gnatta.interactionsClosed"]'
    data, errors = await asked_in_graphql(
        platform,
        f"""{{
          all: indicators({figures}, {period}) {{ series {{ value }} }}
          some: indicators({figures}, {period}, {told}) {{ series {{ value }} }}
          events: drillThrough(
            platform: "gnatta", figure: "gnatta.interactionsClosed", {period}, {told}, first: 200
          ) {{ nodes {{ reference }} truncated sources {{ calls }} }}
        }}""",
    )
    assert errors == []
    every, some = (data[name]["series"][0]["value"] for name in ("all", "some"))
    assert 0 < some < every
    assert len(data["events"]["nodes"]) == some
    assert data["events"]["sources"] == [{"calls": 1}]


async def test_a_total_that_nobody_can_tell_says_why(platform: Platform) -> None:
    data, errors = await asked_in_graphql(
        platform, '{ report(key: "gnatta.closedByUse") { rows { notes } totals { values notes } } }'
    )
    assert errors == []
    (row,), (total,) = data["report"]["rows"], data["report"]["totals"]
    assert total == {"values": [None], "notes": row["notes"]}
    assert "TAG" in row["notes"][0]


async def test_what_people_typed_makes_groups_for_keys_that_may_read_it(
    platform: Platform,
) -> None:
    reader = Principal("reader", frozenset({Scope.READ}))
    native = f'native: ["gnatta.{RANKED}"], groupBy: [TAG]'
    query = f"""{{
      table: report(key: "gnatta.closedByUse", groupBy: [TAG]) {{ rows {{ values }} }}
      figures: indicators({native}) {{ series {{ value }} }}
      closed: indicators(native: ["gnatta.interactionsClosed"], groupBy: [TAG]) {{
        series {{ value }}
      }}
    }}"""
    _, errors = await asked_in_graphql(platform, query)
    assert errors == []

    data, errors = await asked_in_graphql(platform, query, reader)

    assert {one.path[0]: one.original_error.extensions["scope"] for one in errors} == {
        "table": "personal",
        "figures": "personal",
    }
    assert data["closed"] is not None


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        (f'key: "{PAGE}", values: ["cart"]', False),
        (f'key: "{OTHER}", values: ["cart"]', False),
        (f'key: "{PAGE}", exists: true', True),
        (f'key: "{REASON}", values: ["r1"]', True),
    ],
    ids=["typed", "unknown", "any value", "tags"],
)
async def test_whoever_counts_by_what_somebody_typed_may_read_it(
    platform: Platform, said: str, *, allowed: bool
) -> None:
    reader = Principal("reader", frozenset({Scope.READ}))
    told = f'parameters: [{{ name: "data", {said} }}]'
    period = f'period: {{ between: {{ from: "{WINDOW["from"]}", to: "{WINDOW["to"]}" }} }}'
    query = f"""{{
      table: report(key: "gnatta.interactions", {told}) {{ rows {{ values }} }}
      figures: indicators(native: ["gnatta.interactionsClosed"], {told}) {{ series {{ value }} }}
      events: drillThrough(platform: "gnatta", figure: "gnatta.interactionsClosed", {period},
        {told}) {{ nodes {{ at }} }}
    }}"""
    for principal, names in ((EVERYTHING, set()), (reader, set() if allowed else PARTS)):
        _, errors = await asked_in_graphql(platform, query, principal)

        assert {one.path[0] for one in errors} == names
        assert all(one.original_error.extensions["scope"] == "personal" for one in errors)


async def test_a_state_that_does_not_exist_is_refused(platform: Platform) -> None:
    _, errors = await asked_in_graphql(
        platform,
        """{ indicators(
          native: ["gnatta.interactionsClosed"]
          parameters: [{ name: "oldState", values: ["Open"] }]
        ) { series { value } } }""",
    )
    assert "oldState" in errors[0].message
    assert "Open" not in errors[0].message


async def test_the_catalogue_tells_the_parameters(platform: Platform) -> None:
    data, errors = await asked_in_graphql(
        platform, "{ reportCatalogue { key parameters { name choices } } }"
    )
    assert errors == []
    found = {one["key"]: one["parameters"] for one in data["reportCatalogue"]}
    ranked = {one["name"]: one["choices"] for one in found["gnatta.closedByUse"]}
    assert ranked == {
        "oldState": ["Draft", "Created", "Queued", "Assigned", "Automation", "Closed"],
        "data": [],
        "orderBy": ["Descending", "Ascending"],
        "dataType": [PAGE],
    }
    assert [one["name"] for one in found["gnatta.messages"]] == ["data"]
    assert found["gnatta.presence"] == []
