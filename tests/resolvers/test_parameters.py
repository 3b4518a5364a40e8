"""Parameters as callers give them: what is wrong is said before any call, and all of it at once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.resolvers.measuring import source_of
from tests.resolvers.parametrised import NAMES, TALKS, Desk, Told

from resolvers.given import Given, problems_of
from vendors.measures import Dimension, Grouping
from vendors.parameters import Parameter, ParameterType


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], [3.0, 2.0, 120.0]),
        ([{"name": "agents", "values": ["ann", "bob"]}], [2.0, 1.0, 90.0]),
        ([{"name": "agents", "excludeValues": ["ann"]}], [2.0, 2.0, 150.0]),
        ([{"name": "answered", "values": ["false"]}], [1.0, 0.0, 60.0]),
        ([{"name": "seconds", "values": ["60", "180"]}], [2.0, 1.0, 120.0]),
        ([{"name": "seconds", "exists": False}], [0.0, 0.0, None]),
        (
            [{"name": "letters", "values": ["b", "o"], "requireEveryValue": True}],
            [1.0, 1.0, 120.0],
        ),
        ([{"name": "attribute", "key": "site", "exists": False}], [3.0, 2.0, 120.0]),
        ([{"name": "kind", "values": ["phone"]}], [0.0, 0.0, None]),
        (
            [{"name": "late", "values": ["11"]}, {"name": "slow", "exists": True}],
            [0.0, 0.0, None],
        ),
    ],
    ids=str,
)
async def test_a_report_is_about_what_it_is_told(
    given: list[dict[str, Any]], expected: list[float | None]
) -> None:
    report = await Desk().report(*given)

    (row,) = report["rows"]
    (total,) = report["totals"]
    assert row["values"] == total["values"] == expected


@pytest.mark.parametrize(
    ("given", "message", "accepted"),
    [
        (
            {"name": "agent", "values": ["x"]},
            "There is no parameter 'agent' here. Did you mean `agents`?",
            sorted(NAMES),
        ),
        (
            {"name": "x", "values": ["x"]},
            f"There is no parameter 'x' here. There are {', '.join(sorted(NAMES))}.",
            sorted(NAMES),
        ),
        ({"name": "agents"}, "`agents` takes exactly one of values, excludeValues.", None),
        (
            {"name": "seconds", "values": ["1"], "exists": True},
            "`seconds` takes exactly one of values, excludeValues, exists.",
            ["values", "excludeValues", "exists"],
        ),
        (
            {"name": "seconds", "values": ["1"], "excludeValues": ["1"]},
            "`seconds` takes exactly one of values, excludeValues, exists.",
            None,
        ),
        (
            {"name": "agents", "exists": True},
            "`agents` does not take exists, but values or excludeValues.",
            ["values", "excludeValues"],
        ),
        (
            {"name": "slow", "values": ["x"]},
            "`slow` does not take values, but exists.",
            ["exists"],
        ),
        (
            {"name": "agents", "values": []},
            "`agents` needs at least one value; left out it restricts to nothing.",
            "one value or more",
        ),
        (
            {"name": "seconds", "values": ["60", "one"]},
            "The values of `seconds` are whole numbers such as 42.",
            "whole numbers such as 42",
        ),
        (
            {"name": "seconds", "values": ["007"]},
            "The values of `seconds` are whole numbers such as 42.",
            None,
        ),
        (
            {"name": "answered", "values": ["True"]},
            "The values of `answered` are `true` or `false`.",
            None,
        ),
        (
            {"name": "answered", "values": ["true", "false"]},
            "`answered` is given more values than it takes: 1 at most.",
            None,
        ),
        (
            {"name": "kind", "values": ["chat", "fax"]},
            "`kind` has no such value. There are chat, phone.",
            ["chat", "phone"],
        ),
        (
            {"name": "agents", "values": ["a", "b"], "requireEveryValue": True},
            "`agents` does not take requireEveryValue.",
            None,
        ),
        ({"name": "agents", "values": ["a"], "key": "x"}, "`agents` has no key.", None),
        (
            {"name": "attribute", "values": ["a"]},
            "`attribute` needs a key. There are channel, site.",
            ["channel", "site"],
        ),
        (
            {"name": "attribute", "values": ["a"], "key": "mood"},
            "`attribute` has no such key. There are channel, site.",
            ["channel", "site"],
        ),
        (
            {"name": "late", "values": ["11"]},
            "`late` is taken only beside `slow` with the value `true`.",
            "`slow`: `true`",
        ),
    ],
    ids=str,
)
async def test_what_is_wrong_with_one_is_said_and_nothing_is_asked(
    given: dict[str, Any], message: str, accepted: object
) -> None:
    said, would_be = await Desk().refused(given)

    assert said == message
    assert would_be == (would_be if accepted is None else accepted)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            [{"name": "agents", "values": ["a"]}, {"name": "agents", "excludeValues": ["b"]}],
            "`agents` is given more than once.",
        ),
        (
            [
                {"name": "attribute", "key": "site", "values": ["fr"]},
                {"name": "attribute", "key": "site", "values": ["uk"]},
            ],
            "`attribute` is given more than once.",
        ),
        (
            [{"name": "slow", "exists": True}, {"name": "seconds", "values": ["1"]}],
            "`slow` and `seconds` are not taken together.",
        ),
        (
            [{"name": "seconds", "values": ["1"]}, {"name": "slow", "exists": True}],
            "`seconds` and `slow` are not taken together.",
        ),
        (
            [{"name": "late", "values": ["1"]}, {"name": "slow", "exists": False}],
            "`late` is taken only beside `slow` with the value `true`.",
        ),
    ],
    ids=str,
)
async def test_what_does_not_go_together_is_said(given: list[dict[str, Any]], message: str) -> None:
    assert (await Desk().refused(*given))[0] == message


async def test_keys_of_one_parameter_stand_beside_one_another() -> None:
    report = await Desk().report(
        {"name": "attribute", "key": "site", "exists": False},
        {"name": "attribute", "key": "channel", "values": ["chat"]},
    )

    assert report["rows"][0]["values"][0] == 3.0


async def test_all_that_is_wrong_is_said_at_once_and_no_value_is_repeated() -> None:
    secret = "ann@example.com"
    message, accepted = await Desk().refused(
        {"name": "seconds", "values": [secret]},
        {"name": "kind", "values": [secret]},
        {"name": "attribute", "values": ["a"], "key": secret},
    )

    for name in ("seconds", "kind", "attribute"):
        assert f"`{name}`" in message
    assert [one.partition(":")[0] for one in accepted] == [
        *("seconds", "kind", "attribute", "kind")
    ]
    assert secret not in f"{message}{accepted}"


ONE_BY_ONE = source_of(
    groupings={Dimension.AGENT: Grouping.EACH, Dimension.CHANNEL: Grouping.EACH},
)
ANN = {"name": "agents", "values": ["ann", "bob"]}
BY_ANN = {"members": [{"dimension": "AGENT", "ids": ["ann"]}]}


@pytest.mark.parametrize("asked", [{"groupBy": ["AGENT"]}, {"filter": BY_ANN}], ids=str)
async def test_a_dimension_is_restricted_by_one_of_both(asked: dict[str, Any]) -> None:
    message, accepted = await Desk(Told(TALKS, ONE_BY_ONE)).refused(ANN, **asked)

    assert message == "`agents` restricts by AGENT, as the grouping or filter does."
    assert accepted == "`agents` without a grouping or filter by AGENT"


async def test_a_dimension_that_is_told_whole_can_be_restricted_by_a_parameter() -> None:
    report = await Desk().report(ANN, groupBy=["AGENT"], filter=BY_ANN)

    assert [(row["group"][0]["nativeId"], row["values"][0]) for row in report["rows"]] == [
        ("ann", 1.0)
    ]


async def test_a_channel_is_a_dimension_too() -> None:
    parameter = Parameter(name="kind", description="k", dimension=Dimension.CHANNEL)
    desk = Desk(Told(TALKS, parameters=(parameter,)))
    kind = {"name": "kind", "values": ["chat"]}

    message, _ = await desk.refused(kind, filter={"channels": ["CHAT"]})

    assert message == "`kind` restricts by CHANNEL, as the grouping or filter does."
    assert (await desk.report(kind, groupBy=["AGENT"]))["rows"]


async def test_what_must_be_given_is_asked_for() -> None:
    kind = Parameter(name="kind", description="Which kind.", required=True)
    desk = Desk(Told(TALKS, parameters=(kind,)))

    assert await desk.refused() == ("`kind` must be given.", "Which kind.")
    assert (await desk.report({"name": "kind", "values": ["chat"]}))["rows"][0]["values"][0] == 3.0


async def test_an_indicator_is_not_made_of_what_must_be_told_more() -> None:
    kind = Parameter(name="kind", description="Which kind.", required=True)
    desk = Desk(Told(TALKS, parameters=(kind,)))

    result = await desk.ask("{ indicators(keys: [HANDLE_TIME]) { sources { freshness note } } }")

    assert desk.port.calls == []
    assert result.data["indicators"]["sources"] == [
        {
            "freshness": "UNSUPPORTED",
            "note": "HANDLE_TIME: It is not told without the parameter kind.",
        }
    ]


async def test_too_many_are_refused_before_they_are_looked_at() -> None:
    given = [{"name": "attribute", "key": str(at), "exists": True} for at in range(101)]

    message, accepted = await Desk().refused(*given)

    assert message == "101 parameters are too many for one question."
    assert accepted == "at most 100"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("a.b", "x", []),
        ("a.flag", "true", []),
        ("a.flag", "yes", [("The values of `it` are `true` or `false`.", "`true` or `false`")]),
        ("a", "x", [("`it` has no such key. As two.parts.", "As two.parts.")]),
        ("a.b\n", "x", [("`it` has no such key. As two.parts.", "As two.parts.")]),
    ],
    ids=repr,
)
def test_keys_have_a_form_and_values_beside_some_a_type_of_their_own(
    key: str, value: str, expected: list[tuple[str, str]]
) -> None:
    parameter = Parameter(
        name="it",
        description="Something.",
        keyed="As two.parts.",
        key_form=r"\w+\.\w+",
        types={"a.flag": ParameterType.BOOLEAN},
    )

    found = problems_of(Given(name="it", key=key, values=(value,)), parameter)

    assert [(one.message, one.accepted) for one in found] == expected
