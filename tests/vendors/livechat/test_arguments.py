"""What a call is told, and the filters that go over the wire for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from tests.vendors.livechat.test_measuring import DAY, EMPTY, FIRST, LAST, day
from tests.vendors.livechat.upstream import Open

from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.measures import Dimension, Grain, MeasureCall
from vendors.parameters import Argument

PAIR = {"from": FIRST, "to": LAST}
ZOE, AMY = "zoe+a@acme.com", "amy@acme.com"


def told(name: str, *values: str, **more: Any) -> Argument:  # noqa: ANN401 - members of an argument
    return Argument(name=name, values=values, **more)


def without(name: str, *values: str, **more: Any) -> Argument:  # noqa: ANN401 - members of an argument
    return Argument(name=name, exclude_values=values, **more)


def exists(name: str, is_there: bool, key: str | None = None) -> Argument:
    return Argument(name=name, key=key, exists=is_there)


def asked(measure: MeasureCall, *arguments: Argument) -> MeasureCall:
    return msgspec.structs.replace(measure, arguments=arguments)


def of_property(key: str, *values: str) -> Argument:
    return told("properties", *values, key=key)


SENT: list[tuple[tuple[Argument, ...], Mapping[str, Any]]] = [
    ((told("agents", AMY, ZOE),), {"agents": {"values": [AMY, ZOE]}}),
    ((without("agents", ZOE),), {"agents": {"exclude_values": [ZOE]}}),
    ((exists("agents", False),), {"agents": {"exists": False}}),
    (
        (told("tags", "VIP", "crème & café", every=True),),
        {"tags": {"values": ["VIP", "crème & café"], "require_every_value": True}},
    ),
    (
        (without("tags", "a", "b", every=True),),
        {"tags": {"exclude_values": ["a", "b"], "require_every_value": True}},
    ),
    ((exists("sales", True),), {"sales": {"exists": True}}),
    ((told("goals", "7", "12"),), {"goals": {"values": [7, 12]}}),
    ((without("groups", "0"),), {"groups": {"exclude_values": [0]}}),
    ((told("event_types", "file", "form"),), {"event_types": {"values": ["file", "form"]}}),
    ((told("greetings", "18"),), {"greetings": {"values": [18]}}),
    (
        (exists("greetings", True), told("greetings.groups", "1", "2", every=True)),
        {
            "greetings": {
                "exists": True,
                "groups": {"values": [1, 2], "require_every_value": True},
            }
        },
    ),
    ((told("agent_response.exists", "false"),), {"agent_response": {"exists": False}}),
    (
        (
            told("agent_response.first", "true"),
            told("agent_response.agents", ZOE),
            without("agent_response.groups", "3"),
        ),
        {
            "agent_response": {
                "first": True,
                "agents": {"values": [ZOE]},
                "groups": {"exclude_values": [3]},
            }
        },
    ),
    (
        (of_property("routing.continuous", "true"), exists("properties", False, "rating.score")),
        {
            "properties": {
                "routing": {"continuous": {"values": [True]}},
                "rating": {"score": {"exists": False}},
            }
        },
    ),
    (
        (
            told("surveys", "77:0", "77:1", key="pre_chat"),
            told("surveys.groups", "10", key="pre_chat"),
            without("surveys", "78:1", key="post_chat"),
        ),
        {
            "surveys": [
                {"type": "pre_chat", "values": ["77:0", "77:1"], "groups": {"values": [10]}},
                {"type": "post_chat", "exclude_values": ["78:1"]},
            ]
        },
    ),
    (
        (exists("surveys.groups", True, "post_chat"),),
        {"surveys": [{"type": "post_chat", "groups": {"exists": True}}]},
    ),
]


@pytest.mark.parametrize(("arguments", "filters"), SENT)
@pytest.mark.parametrize("grain", [Grain.DAY, Grain.TOTAL])
async def test_what_is_told_is_sent_in_the_vendors_grammar(
    opened: Open,
    call: Call,
    arguments: tuple[Argument, ...],
    filters: Mapping[str, Any],
    grain: Grain,
) -> None:
    account = opened(EMPTY)
    await account.measures.measure(asked(day("ratings", "good", grain=grain), *arguments), call)
    assert account.upstream.body["filters"] == {**PAIR, **filters}


@pytest.mark.parametrize(
    ("period", "filters"),
    [
        ("chats", PAIR),
        ("greetings", {"greetings": PAIR}),
        ("surveys.pre_chat", {"surveys": [{"type": "pre_chat", **PAIR}]}),
        ("surveys.post_chat", {"surveys": [{"type": "post_chat", **PAIR}]}),
    ],
)
@pytest.mark.parametrize("source", ["ratings", "greetings_conversion", "surveys"])
async def test_the_one_pair_of_times_stands_where_the_period_is(
    opened: Open, call: Call, period: str, filters: Mapping[str, Any], source: str
) -> None:
    account = opened(EMPTY)
    figure = {"ratings": "good", "greetings_conversion": "goals", "surveys": "count"}[source]
    measure = day(source, figure, grain=Grain.TOTAL)
    await account.measures.measure(asked(measure, told("period_of", period)), call)
    assert account.upstream.body["filters"] == filters


async def test_a_period_of_surveys_goes_with_what_else_is_told_of_them(
    opened: Open, call: Call
) -> None:
    account = opened(EMPTY)
    arguments = (
        told("period_of", "surveys.post_chat"),
        told("surveys", "77:0", key="post_chat"),
        exists("surveys", False, "pre_chat"),
        told("greetings", "18"),
    )
    await account.measures.measure(asked(DAY, *arguments), call)
    assert account.upstream.body["filters"] == {
        "greetings": {"values": [18]},
        "surveys": [
            {"type": "pre_chat", "exists": False},
            {"type": "post_chat", "values": ["77:0"], **PAIR},
        ],
    }


async def test_greetings_are_narrowed_by_what_is_told_of_them_and_of_chats(
    opened: Open, call: Call
) -> None:
    account = opened(EMPTY)
    arguments = (
        without("greetings", "18"),
        told("greetings.groups", "1"),
        told("groups", "2"),
        told("agents", ZOE),
    )
    measure = day("greetings_conversion", "goals", group_by=(Dimension.RULE,))
    await account.measures.measure(asked(measure, *arguments), call)
    assert account.upstream.body["filters"] == {
        "agents": {"values": [ZOE]},
        "groups": {"values": [2]},
        "greetings": {**PAIR, "exclude_values": [18], "groups": {"values": [1]}},
    }


@pytest.mark.parametrize("version", ["3.5", "3.6"])
async def test_since_3_5_there_are_forms_and_countries(
    opened: Open, call: Call, version: str
) -> None:
    account = opened(EMPTY, version=version)
    arguments = (
        told("forms", "77:0", key="pre_chat"),
        without("forms.groups", "1", key="post_chat"),
        told("customer_countries", "FR", "GB"),
        told("period_of", "forms.post_chat"),
    )
    await account.measures.measure(asked(DAY, *arguments), call)
    assert account.upstream.body["filters"] == {
        "forms": [
            {"type": "pre_chat", "values": ["77:0"]},
            {"type": "post_chat", "groups": {"exclude_values": [1]}, **PAIR},
        ],
        "customer_countries": {"values": ["FR", "GB"]},
    }


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("routing.unassigned", "false", False),
        ("rating.score", "0", 0),
        ("rating.comment", "true", "true"),
        ("rating.comment", '"fine"', '"fine"'),
        ("source.customer_client_id", "12345", "12345"),
        ("mine.flag", "true", True),
        ("mine.number", "-12", -12),
        ("mine.text", "crème", "crème"),
        ("mine.text", '"12"', "12"),
        ("mine.text", '"true"', "true"),
        ("mine.text", '"', '"'),
        ("mine.text", "007", "007"),
        ("mine.text", "1234567890123456789", "1234567890123456789"),
    ],
)
async def test_a_property_is_of_one_type(
    opened: Open, call: Call, key: str, text: str, value: object
) -> None:
    account = opened(EMPTY)
    await account.measures.measure(asked(DAY, of_property(key, text)), call)
    namespace, _, name = key.partition(".")
    sent = account.upstream.body["filters"]["properties"][namespace][name]["values"]
    assert sent == [value]
    assert type(sent[0]) is type(value)


async def test_chats_without_a_reply_may_have_other_properties_too(
    opened: Open, call: Call
) -> None:
    account = opened(EMPTY)
    measure = day("total_chats_unreplied", "total")
    await account.measures.measure(asked(measure, of_property("routing.pinned", "true")), call)
    assert account.upstream.body["filters"]["properties"] == {
        "routing": {"unreplied": {"values": [True]}, "pinned": {"values": [True]}}
    }


@pytest.mark.parametrize("source", ["performance", "availability"])
async def test_agents_reports_are_told_agents_and_groups(
    opened: Open, call: Call, source: str
) -> None:
    account = opened(EMPTY)
    field = {"performance": "chats_count", "availability": "total"}[source]
    arguments = (without("agents", ZOE, AMY, every=True), told("groups", "0", "3"))
    measure = day(source, field, grain=Grain.TOTAL)
    await account.measures.measure(asked(measure, *arguments), call)
    assert account.upstream.body["filters"] == {
        **PAIR,
        "agents": {"exclude_values": [ZOE, AMY], "require_every_value": True},
        "groups": {"values": [0, 3]},
    }


async def test_filters_by_dimensions_and_parameters_go_together(opened: Open, call: Call) -> None:
    account = opened(EMPTY)
    filters = ((Dimension.AGENT, (ZOE,)), (Dimension.TEAM, ("3",)))
    arguments = (told("tags", "VIP"), told("greetings.groups", "1"))
    await account.measures.measure(asked(day("ratings", "good", filters=filters), *arguments), call)
    assert account.upstream.body["filters"] == {
        **PAIR,
        "agents": {"values": [ZOE]},
        "tags": {"values": ["VIP"]},
        "groups": {"values": [3]},
        "greetings": {"groups": {"values": [1]}},
    }


async def test_a_query_string_says_the_same_in_brackets_for_properties_alone(
    opened: Open, call: Call
) -> None:
    account = opened(EMPTY, method="GET")
    arguments = (
        of_property("routing.continuous", "true"),
        without("tags", "a b", "c", every=True),
        told("greetings.groups", "1", "2"),
        told("agent_response.first", "true"),
        exists("agent_response.agents", True),
        told("period_of", "greetings"),
    )
    await account.measures.measure(asked(DAY, *arguments), call)
    sent = account.upstream.request
    assert sent.method == "GET"
    assert sorted(sent.url.params.multi_items()) == sorted(
        [
            ("distribution", "day"),
            ("timezone", "Europe/Paris"),
            ("filters.properties[routing][continuous].values", "true"),
            ("filters.tags.exclude_values", "a b"),
            ("filters.tags.exclude_values", "c"),
            ("filters.tags.require_every_value", "true"),
            ("filters.greetings.from", FIRST),
            ("filters.greetings.to", LAST),
            ("filters.greetings.groups.values", "1"),
            ("filters.greetings.groups.values", "2"),
            ("filters.agent_response.first", "true"),
            ("filters.agent_response.agents.exists", "true"),
        ]
    )


@pytest.mark.parametrize(
    ("version", "argument"),
    [
        ("3.4", exists("surveys", True, "pre_chat")),
        ("3.4", told("period_of", "surveys.pre_chat")),
        ("3.6", exists("forms", True, "pre_chat")),
    ],
)
async def test_what_a_query_string_cannot_say_is_posted(
    opened: Open, call: Call, version: str, argument: Argument
) -> None:
    account = opened(EMPTY, method="GET", version=version)
    await account.measures.measure(asked(DAY, argument), call)
    assert account.upstream.request.method == "POST"


AGENTS = day("performance", "chats_count", grain=Grain.TOTAL)
OF_AGENT = ((Dimension.AGENT, (ZOE,)),)
REFUSED: list[tuple[MeasureCall, tuple[Argument, ...], object]] = [
    (DAY, (told("groups", "sales"),), "a whole number"),
    (DAY, (told("agent_response.exists", "maybe"),), ["true", "false"]),
    (DAY, (of_property("routing.continuous", "yes"),), ["true", "false"]),
    (DAY, (of_property("rating.score", "good"),), "a whole number"),
    (DAY, (of_property("routing", "true"),), "namespace.name, such as routing.continuous"),
    (DAY, (of_property("a[b].c", "true"),), "namespace.name, such as routing.continuous"),
    (DAY, (Argument(name="tags"),), "exactly one of values, exclude_values and exists"),
    (
        DAY,
        (Argument(name="tags", values=("a",), exists=True),),
        "exactly one of values, exclude_values and exists",
    ),
    (DAY, (told("tags", "a"), told("tags", "b")), "each parameter once for each of its keys"),
    (DAY, (told("agent_response.agents", ZOE),), "first: true beside them"),
    (
        DAY,
        (told("agent_response.first", "false"), told("agent_response.agents", ZOE)),
        "first: true beside them",
    ),
    (DAY, (told("tags", "a", key="b"),), "the parameters of the report, with their keys"),
    (DAY, (exists("surveys", True, "mid_chat"),), "the parameters of the report, with their keys"),
    (AGENTS, (exists("agents", True),), ["values", "exclude_values"]),
    (AGENTS, (without("groups", "1"),), ["values"]),
    (AGENTS, (told("groups", "1", "2", every=True),), "values, of which any is enough"),
    (AGENTS, (told("tags", "a"),), ["agents", "groups"]),
    (
        day("total_chats_unreplied", "total"),
        (of_property("routing.unreplied", "false"),),
        "any other property",
    ),
    (day("ratings", "good", filters=OF_AGENT), (told("agents", AMY),), "either of them"),
    (
        day("greetings_conversion", "goals", filters=((Dimension.TEAM, ("1",)),)),
        (told("greetings.groups", "1"),),
        "either of them",
    ),
]


@pytest.mark.parametrize(("measure", "arguments", "accepted"), REFUSED)
async def test_what_the_vendor_would_refuse_is_not_sent(
    opened: Open,
    call: Call,
    measure: MeasureCall,
    arguments: tuple[Argument, ...],
    accepted: object,
) -> None:
    account = opened(EMPTY)
    with pytest.raises(BadInputError) as refused:
        await account.measures.measure(asked(measure, *arguments), call)
    assert refused.value.extensions["accepted"] == accepted
    assert account.requests == []


@pytest.mark.parametrize(
    ("version", "argument"),
    [("3.4", told("customer_countries", "FR")), ("3.5", exists("surveys", True, "pre_chat"))],
)
async def test_what_a_version_does_not_have_is_not_sent(
    opened: Open, call: Call, version: str, argument: Argument
) -> None:
    account = opened(EMPTY, version=version)
    with pytest.raises(BadInputError) as refused:
        await account.measures.measure(asked(DAY, argument), call)
    accepted = refused.value.extensions["accepted"]
    assert argument.name not in accepted
    assert "tags" in accepted
    assert account.requests == []
