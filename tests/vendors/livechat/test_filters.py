from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from vendors.errors import BadInputError
from vendors.livechat.filters import (
    AgentResponse,
    AgentsFilters,
    AgentsRequest,
    ChatsFilters,
    ChatsRequest,
    EventTypeFilter,
    Greetings,
    IntegerFilter,
    PropertyFilter,
    StringFilter,
    Survey,
)

TIMES: dict[str, Any] = {"from_": "2021-04-08T00:00:00+00:00", "to": "2021-04-15T23:59:59+00:00"}
WAYS = [
    {"exists": True, "values": ("a",)},
    {"values": ("a",), "exclude_values": ("b",)},
    {"exists": False, "exclude_values": ("b",)},
    {},
]


def sent(request: msgspec.Struct) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(request), type=dict[str, Any])


def test_a_request_holds_only_what_is_set() -> None:
    request = ChatsRequest(filters=ChatsFilters(**TIMES))
    assert sent(request) == {
        "filters": {"from": "2021-04-08T00:00:00+00:00", "to": "2021-04-15T23:59:59+00:00"}
    }


def test_every_filter_is_named_as_the_vendor_names_it() -> None:
    request = ChatsRequest(
        distribution="day-hours",
        timezone="America/Phoenix",
        filters=ChatsFilters(
            **TIMES,
            properties={"routing": {"continuous": PropertyFilter(values=(True,))}},
            agents=StringFilter(values=("joe@acme.com", "alice@acme.com")),
            tags=StringFilter(exclude_values=("spam",), require_every_value=True),
            sales=IntegerFilter(exists=False),
            goals=IntegerFilter(values=(7,)),
            surveys=(Survey(type="pre_chat", values=("163672098710307655:0",)),),
            event_types=EventTypeFilter(values=("file",)),
            groups=IntegerFilter(values=(0, 3)),
            greetings=Greetings(values=(18,), groups=IntegerFilter(values=(1,))),
            agent_response=AgentResponse(
                exists=True, first=True, agents=StringFilter(values=("joe@acme.com",))
            ),
        ),
    )
    assert sent(request) == {
        "distribution": "day-hours",
        "timezone": "America/Phoenix",
        "filters": {
            "from": "2021-04-08T00:00:00+00:00",
            "to": "2021-04-15T23:59:59+00:00",
            "properties": {"routing": {"continuous": {"values": [True]}}},
            "agents": {"values": ["joe@acme.com", "alice@acme.com"]},
            "tags": {"exclude_values": ["spam"], "require_every_value": True},
            "sales": {"exists": False},
            "goals": {"values": [7]},
            "surveys": [{"type": "pre_chat", "values": ["163672098710307655:0"]}],
            "event_types": {"values": ["file"]},
            "groups": {"values": [0, 3]},
            "greetings": {"values": [18], "groups": {"values": [1]}},
            "agent_response": {
                "exists": True,
                "first": True,
                "agents": {"values": ["joe@acme.com"]},
            },
        },
    }


@pytest.mark.parametrize("kind", [StringFilter, PropertyFilter])
@pytest.mark.parametrize("ways", WAYS)
def test_a_filter_takes_exactly_one_way(kind: Callable[..., object], ways: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as refused:
        kind(**ways)
    assert refused.value.extensions["accepted"] == ["exists", "values", "exclude_values"]


@pytest.mark.parametrize("kind", [Survey, Greetings])
@pytest.mark.parametrize("ways", WAYS[:-1])
def test_surveys_and_greetings_take_at_most_one_way(
    kind: Callable[..., object], ways: dict[str, Any]
) -> None:
    kept = {"type": "post_chat"} if kind is Survey else {}
    with pytest.raises(BadInputError) as refused:
        kind(**kept, **ways)
    assert refused.value.extensions["accepted"] == ["exists", "values", "exclude_values"]


def test_event_types_know_no_exists() -> None:
    with pytest.raises(BadInputError) as refused:
        EventTypeFilter()
    assert refused.value.extensions["accepted"] == ["values", "exclude_values"]
    assert "exists" not in EventTypeFilter.__struct_fields__


def test_all_of_nothing_cannot_be_required() -> None:
    with pytest.raises(BadInputError, match="require_every_value"):
        IntegerFilter(exists=True, require_every_value=True)


def test_a_survey_is_asked_before_or_after_the_chat() -> None:
    with pytest.raises(BadInputError) as refused:
        Survey(type="mid_chat")
    assert refused.value.extensions["accepted"] == ["pre_chat", "post_chat"]


@pytest.mark.parametrize("first", [msgspec.UNSET, False])
@pytest.mark.parametrize("narrowed", ["agents", "groups"])
def test_only_the_first_answer_is_looked_at_by_agent_or_group(
    first: bool | msgspec.UnsetType, narrowed: str
) -> None:
    of: dict[str, Any] = {
        "agents": StringFilter(values=("joe@acme.com",)),
        "groups": IntegerFilter(values=(1,)),
    }
    with pytest.raises(BadInputError, match="first answer"):
        AgentResponse(first=first, **{narrowed: of[narrowed]})


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"from_": TIMES["from_"]},
        {"to": TIMES["to"]},
        {**TIMES, "greetings": Greetings(**TIMES)},
        {**TIMES, "surveys": (Survey(type="pre_chat", **TIMES),)},
        {**TIMES, "greetings": Greetings(from_=TIMES["from_"])},
        {"surveys": (Survey(type="pre_chat", to=TIMES["to"]),)},
        {"agents": StringFilter(exists=True)},
    ],
)
def test_a_chats_report_is_asked_for_by_exactly_one_pair_of_times(filters: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as refused:
        ChatsFilters(**filters)
    assert refused.value.extensions["accepted"][0] == "from and to"


@pytest.mark.parametrize(
    "filters",
    [
        TIMES,
        {"greetings": Greetings(**TIMES)},
        {"surveys": (Survey(type="pre_chat", **TIMES),)},
        {"surveys": tuple(Survey(type=one, **TIMES) for one in ("pre_chat", "post_chat"))},
    ],
)
def test_the_pair_of_times_may_stand_in_each_of_its_places(filters: dict[str, Any]) -> None:
    ChatsFilters(**filters)


def test_agents_reports_know_no_exists() -> None:
    with pytest.raises(BadInputError) as refused:
        AgentsFilters(**TIMES, agents=StringFilter(exists=True))
    assert refused.value.extensions["accepted"] == ["values", "exclude_values"]


@pytest.mark.parametrize("distribution", ["month", "year", "day-hours", "week"])
def test_agents_reports_know_hours_and_days_alone(distribution: str) -> None:
    with pytest.raises(BadInputError) as refused:
        AgentsRequest(distribution=distribution, filters=AgentsFilters(**TIMES))
    assert refused.value.extensions == {
        "argument": "distribution",
        "accepted": ["hour", "day"],
    }


def test_chats_reports_know_no_week() -> None:
    with pytest.raises(BadInputError) as refused:
        ChatsRequest(distribution="week", filters=ChatsFilters(**TIMES))
    accepted = ["hour", "day", "day-hours", "month", "year"]
    assert refused.value.extensions["accepted"] == accepted
