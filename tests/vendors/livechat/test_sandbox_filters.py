"""Every filter of the grammar narrows the chats, in the body and in the query string."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.vendors.livechat.simulated import (
    ACCOUNT,
    MONTH,
    SPRING,
    ask,
    contacts,
    count,
    send,
)

from vendors.livechat.sandbox.profile import FORMS, GROUPS
from vendors.world import Contact

ZOE = "zoe.lefevre@example.com"
NOEL = "noel.daubigne+support@example.com"
NUMBERS = {member.email: member.id for member in ACCOUNT.people}
SALE = next(sale.id for one in contacts() for sale in one.sales)
PROPERTY = dict[str, dict[str, dict[str, list[object]]]]

Known = Callable[[Contact], bool]


def given(namespace: str, name: str, value: object, how: str = "values") -> dict[str, PROPERTY]:
    return {"properties": {namespace: {name: {how: [value]}}}}


def solved(one: Contact) -> bool:
    return one.survey is not None and one.survey.resolution >= 0.75


SOLVED = [f"{FORMS['post_chat'][group.id].questions[1].answer_id}:0" for group in GROUPS]

FILTERS: list[tuple[dict[str, Any], Known]] = [
    ({"agents": {"values": [ZOE]}}, lambda one: one.staff_id == NUMBERS[ZOE]),
    (
        {"agents": {"values": [ZOE, NOEL]}},
        lambda one: one.staff_id in {NUMBERS[ZOE], NUMBERS[NOEL]},
    ),
    ({"agents": {"exclude_values": [NOEL]}}, lambda one: one.staff_id != NUMBERS[NOEL]),
    ({"agents": {"exists": True}}, lambda one: one.staff_id is not None),
    ({"agents": {"exists": False}}, lambda one: one.staff_id is None),
    ({"tags": {"values": ["VIP", "size"]}}, lambda one: bool({"VIP", "size"} & set(one.tags))),
    (
        {"tags": {"values": ["VIP", "size"], "require_every_value": True}},
        lambda one: {"VIP", "size"} <= set(one.tags),
    ),
    (
        {"tags": {"exclude_values": ["VIP", "size"]}},
        lambda one: not {"VIP", "size"} & set(one.tags),
    ),
    (
        {"tags": {"exclude_values": ["VIP", "size"], "require_every_value": True}},
        lambda one: not {"VIP", "size"} <= set(one.tags),
    ),
    ({"tags": {"exists": False}}, lambda one: not one.tags),
    ({"tags": {"values": ["crème & café"]}}, lambda one: "crème & café" in one.tags),
    ({"sales": {"exists": True}}, lambda one: bool(one.sales)),
    ({"sales": {"values": [SALE]}}, lambda one: any(sale.id == SALE for sale in one.sales)),
    ({"goals": {"values": [1]}}, lambda one: bool(one.sales)),
    (given("routing", "continuous", True), lambda one: one.customer_since < one.started_at),
    (given("routing", "unreplied", True), lambda one: not one.answered),
    (given("routing", "unreplied", True, "exclude_values"), lambda one: one.answered),
    (given("routing", "unassigned", True), lambda one: one.staff_id is None),
    (given("routing", "pinned", False), lambda _: True),
    (given("rating", "score", 1), lambda one: one.rating == "good"),
    (given("rating", "score", 0), lambda one: one.rating == "bad"),
    ({"properties": {"rating": {"score": {"exists": True}}}}, lambda one: one.rating is not None),
    (given("ecommerce", "has_sale", True), lambda one: bool(one.sales)),
    (given("source", "customer_client_id", "sandbox-client-302"), lambda one: one.site_id == 302),
    (given("made_up", "name", "x"), lambda _: False),
    ({"properties": {"made_up": {"name": {"exists": False}}}}, lambda _: True),
    ({"event_types": {"values": ["message", "message"]}}, lambda one: bool(one.messages)),
    (
        {"event_types": {"values": ["rich_message"]}},
        lambda one: any(message.kind == "rich" for message in one.messages),
    ),
    (
        {"event_types": {"values": ["message", "system_message"], "require_every_value": True}},
        lambda one: any(message.kind == "notice" for message in one.messages),
    ),
    ({"event_types": {"exclude_values": ["file"]}}, lambda _: True),
    ({"agent_response": {"exists": False}}, lambda one: not one.answered),
    (
        {"agent_response": {"first": True, "agents": {"values": [ZOE]}}},
        lambda one: one.answered and one.staff_id == NUMBERS[ZOE],
    ),
    ({"greetings": {"values": [18]}}, lambda one: one.rule_id == 18),
    ({"greetings": {"exclude_values": [18]}}, lambda one: one.rule_id != 18),
    ({"greetings": {"exists": False}}, lambda one: one.rule_id is None),
    ({"greetings": {"groups": {"values": [1]}}}, lambda one: one.rule_id in {18, 19}),
    ({"surveys": [{"type": "post_chat"}]}, lambda one: one.survey is not None),
    ({"surveys": [{"type": "post_chat", "exists": False}]}, lambda one: one.survey is None),
    ({"surveys": [{"type": "pre_chat", "exists": True}]}, lambda one: one.rule_id is None),
    ({"surveys": [{"type": "post_chat", "values": SOLVED}]}, solved),
    (
        {"surveys": [{"type": "post_chat", "exclude_values": SOLVED}]},
        lambda one: not solved(one),
    ),
    (
        {"surveys": [{"type": "post_chat", "values": SOLVED}, {"type": "pre_chat"}]},
        lambda one: solved(one) and one.rule_id is None,
    ),
    (
        {**given("routing", "unreplied", True), "agents": {"exists": True}},
        lambda one: not one.answered and one.staff_id is not None,
    ),
]


@pytest.mark.parametrize(("filters", "known"), FILTERS)
async def test_a_filter_keeps_what_the_world_says_it_should(
    filters: dict[str, Any], known: Known
) -> None:
    assert await count(**filters) == sum(map(known, contacts()))


async def test_groups_part_the_chats_and_hold_all_chats_of_their_agents() -> None:
    counts = [await count(groups={"values": [group.id]}) for group in GROUPS]
    assert min(counts) > 0
    assert sum(counts) == len(contacts())
    assert await count(groups={"values": [0, 2]}) == counts[0] + counts[2]
    assert await count(groups={"exclude_values": [0]}) == counts[1] + counts[2]
    for group in GROUPS:
        filters = {**MONTH, "groups": {"values": [group.id]}}
        performance = await ask("agents/performance", filters=filters)
        assigned = await count(groups={"values": [group.id]}, agents={"exists": True})
        assert performance["summary"]["chats_count"] == assigned
        members = {m.email for m in ACCOUNT.people if group.skill_id in m.skill_ids}
        assert set(performance["records"]) == members
        answered = await count(agent_response={"first": True, "groups": {"values": [group.id]}})
        assert answered == performance["summary"]["first_response_chats_count"]


@pytest.mark.parametrize("how", ["values", "exclude_values"])
async def test_agents_reports_name_their_agents(how: str) -> None:
    answer = await ask("agents/performance", filters={**MONTH, "agents": {how: [ZOE, NOEL]}})
    named = set(answer["records"])
    assert named == ({ZOE, NOEL} if how == "values" else set(NUMBERS) - {ZOE, NOEL})


async def test_surveys_may_be_those_of_a_group() -> None:
    every = await count(surveys=[{"type": "post_chat"}])
    counts = [
        await count(surveys=[{"type": "post_chat", "groups": {"values": [group.id]}}])
        for group in GROUPS
    ]
    assert min(counts) > 0
    assert sum(counts) == every


async def test_nobody_is_a_selection_too() -> None:
    filters = {**MONTH, "agents": {"values": ["nobody@example.com"]}}
    performance = await ask("agents/performance", filters=filters)
    assert performance["records"] == {}
    assert performance["summary"] == {
        "chats_count": 0,
        "chats_rated_good": 0,
        "chats_rated_bad": 0,
        "first_response_chats_count": 0,
    }
    availability = await ask("agents/availability", filters=filters)
    assert availability["total"] == 0
    assert all(record == {"hours": 0} for record in availability["records"].values())


async def test_a_window_may_be_that_of_the_greetings_or_of_a_survey() -> None:
    greeted = await ask("chats/total_chats", filters={"greetings": MONTH})
    assert greeted["total"] == sum(one.rule_id is not None for one in contacts())

    first = next(one.survey for one in contacts(SPRING) if one.survey)
    window = {"from": first.at.isoformat(), "to": "2026-03-30T12:59:59.999999Z"}
    filled = [
        one.rule_id
        for one in contacts()
        if one.survey and first.at <= one.survey.at < datetime(2026, 3, 30, 13, tzinfo=UTC)
    ]
    post, pre = {"type": "post_chat", **window}, {"type": "pre_chat", **window}
    surveys = await ask("chats/total_chats", filters={"surveys": [post]})
    assert surveys["total"] == len(filled) > 0
    # The chat belongs to the bucket in which its survey was filled in.
    hour = f"{first.at:%Y-%m-%dT%H}:00:00+00:00"
    hours = await ask(
        "chats/total_chats", filters={"surveys": [post]}, distribution="hour", timezone="UTC"
    )
    assert next(iter(hours["records"])) == hour
    assert hours["records"][hour]["total"] > 0
    # A second survey may repeat the same times; then both are to be filled in within them.
    again = await ask("chats/total_chats", filters={"surveys": [post, post]})
    assert again["total"] == len(filled)
    both = await ask("chats/total_chats", filters={"surveys": [post, pre]})
    assert 0 < both["total"] <= filled.count(None)
    assert both["total"] == sum(
        one.survey is not None
        and one.rule_id is None
        and first.at <= one.started_at
        and one.survey.at < datetime(2026, 3, 30, 13, tzinfo=UTC)
        for one in contacts()
    )


async def test_the_surveys_report_counts_the_type_that_was_named() -> None:
    answer = await ask("chats/surveys", filters={**MONTH, "surveys": [{"type": "post_chat"}]})
    forms = {form for forms in answer["records"].values() for form in forms}
    assert forms == {form.survey_id for form in FORMS["post_chat"].values()}


async def test_greetings_are_narrowed_by_their_own_filters_and_by_those_of_chats() -> None:
    own = await ask(
        "chats/greetings_conversion",
        filters={"greetings": {**MONTH, "groups": {"values": [0]}}},
    )
    assert {name for record in own["records"].values() for name in record} == {"1"}
    assert sum(record["1"]["displayed"] for record in own["records"].values()) > own["total"]
    chats = await ask(
        "chats/greetings_conversion",
        filters={"greetings": MONTH, "agents": {"values": [ZOE]}},
    )
    expected = sum(one.rule_id is not None and one.staff_id == NUMBERS[ZOE] for one in contacts())
    assert chats["total"] == expected
    for record in chats["records"].values():
        for outcomes in record.values():
            assert outcomes["displayed"] == outcomes["accepted"]


QUERIES: list[tuple[str, dict[str, list[str]], dict[str, Any]]] = [
    (
        "chats/total_chats",
        {
            "distribution": ["hour"],
            "timezone": ["Europe/Paris"],
            "filters.agents.values": [ZOE, NOEL],
            "filters.tags.exclude_values": ["crème & café"],
            "filters.properties[routing][continuous].values": ["true"],
            "filters.properties[rating][score].values": ["1"],
            "filters.event_types.values": ["message"],
        },
        {
            "distribution": "hour",
            "timezone": "Europe/Paris",
            "filters": {
                "agents": {"values": [ZOE, NOEL]},
                "tags": {"exclude_values": ["crème & café"]},
                "properties": {
                    "routing": {"continuous": {"values": [True]}},
                    "rating": {"score": {"values": [1]}},
                },
                "event_types": {"values": ["message"]},
            },
        },
    ),
    (
        "chats/duration",
        {
            "filters.groups.values": ["0"],
            "filters.greetings.groups.values": ["0", "1"],
            "filters.agent_response.first": ["true"],
            "filters.agent_response.agents.exclude_values": [ZOE],
            "filters.tags.values": ["VIP"],
            "filters.tags.require_every_value": ["true"],
        },
        {
            "filters": {
                "groups": {"values": [0]},
                "greetings": {"groups": {"values": [0, 1]}},
                "agent_response": {"first": True, "agents": {"exclude_values": [ZOE]}},
                "tags": {"values": ["VIP"], "require_every_value": True},
            },
        },
    ),
    (
        "agents/availability",
        {"filters.agents.values": [NOEL], "filters.groups.values": ["2"]},
        {"filters": {"agents": {"values": [NOEL]}, "groups": {"values": [2]}}},
    ),
]


@pytest.mark.parametrize(("report", "query", "body"), QUERIES)
async def test_a_query_string_says_what_a_body_says(
    report: str, query: dict[str, list[str]], body: dict[str, Any]
) -> None:
    # The + of an offset and of an address goes as %2B.
    params = query | {f"filters.{name}": [value] for name, value in MONTH.items()}
    response = await send("GET", f"/v3.4/reports/{report}", params=params)
    assert response.status_code == 200, response.text
    expected = await ask(report, **{**body, "filters": {**body["filters"], **MONTH}})
    assert response.json() == expected
    assert expected["total"] > 0
