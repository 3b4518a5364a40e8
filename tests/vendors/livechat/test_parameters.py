"""What is declared: which parameters there are in which version, and which report takes which."""

from __future__ import annotations

import re

import pytest
from tests.vendors.livechat.upstream import settings_of

from resolvers.given import name_texts
from vendors.livechat.reports import measurables
from vendors.measures import Dimension
from vendors.parameters import Argument, ParameterType, Way

OF_CHATS = {
    *("properties", "agents", "tags", "sales", "goals", "groups", "event_types"),
    *("greetings", "greetings.groups", "agent_response.exists", "agent_response.first"),
    *("agent_response.agents", "agent_response.groups", "period_of"),
}
SURVEYS = {"surveys", "surveys.groups"}
FORMS = {"forms", "forms.groups", "customer_countries"}
CHATS = (
    *("total_chats", "total_chats_unreplied", "duration", "response_time", "first_response_time"),
    *("ratings", "engagement", "tags", "tags_total", "greetings_conversion", "ranking"),
)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.4", OF_CHATS | SURVEYS), ("3.5", OF_CHATS | FORMS), ("3.6", OF_CHATS | FORMS)],
)
def test_a_version_has_the_filters_of_its_document(version: str, expected: set[str]) -> None:
    tables = measurables(settings_of(version=version))
    assert set(tables.parameters) == expected
    assert all(name == one.name for name, one in tables.parameters.items())
    for name in CHATS:
        assert set(tables.sources[name].parameters) == expected
    for name in ("availability", "performance"):
        assert tables.sources[name].parameters == ("agents", "groups")


def test_later_reports_take_what_their_documents_say() -> None:
    sources = measurables(settings_of(version="3.6")).sources
    for name in ("forms", "groups", "queued_visitors"):
        assert set(sources[name].parameters) == OF_CHATS | FORMS
    assert sources["chat_usage"].parameters == ("groups",)
    assert sources["unique_visitors"].parameters == ()


def test_properties_are_named_by_two_parts_and_read_by_their_types() -> None:
    properties = measurables(settings_of()).parameters["properties"]
    assert re.fullmatch(properties.key_form, "routing.continuous")
    for strange in ("routing", "routing.", "a.b.c", "a b.c"):
        assert not re.fullmatch(properties.key_form, strange)
    assert properties.types["routing.continuous"] is ParameterType.BOOLEAN
    assert properties.types["rating.score"] is ParameterType.INTEGER
    assert properties.types["rating.comment"] is ParameterType.TEXT


@pytest.mark.parametrize(
    ("key", "personal"),
    [
        ("rating.comment", True),
        ("routing.transcript_email", True),
        ("shop.reference", True),
        ("routing.continuous", False),
        ("rating.score", False),
        ("translation.source_lang_code", False),
    ],
)
def test_properties_that_may_be_texts_of_customers_are_personal(
    key: str, *, personal: bool
) -> None:
    parameters = measurables(settings_of()).parameters
    named = Argument(name="properties", key=key, values=("1",))
    without = Argument(name="properties", key=key, exclude_values=("1",))
    exists = Argument(name="properties", key=key, exists=True)

    assert name_texts([exists, named], parameters) is personal
    assert name_texts([without], parameters) is personal
    assert name_texts([exists, Argument(name="tags", values=("a",))], parameters) is False


def test_reports_that_are_not_on_chats_take_less() -> None:
    sources = measurables(settings_of(version="3.6")).sources
    agents = sources["performance"].narrowed["agents"]
    assert (agents.ways, agents.every) == ((Way.VALUES, Way.EXCLUDE_VALUES), True)
    for name in ("performance", "availability", "chat_usage"):
        groups = sources[name].narrowed["groups"]
        assert (groups.ways, groups.every, groups.type) == (
            (Way.VALUES,),
            False,
            ParameterType.INTEGER,
        )
    assert sources["ratings"].narrowed == {}


EVERY = {Way.VALUES, Way.EXCLUDE_VALUES, Way.EXISTS}
GRAMMAR = [
    # name, type, ways, all at once, one value, choices or keys
    ("properties", ParameterType.TEXT, EVERY, False, 1),
    ("agents", ParameterType.TEXT, EVERY, True, None),
    ("tags", ParameterType.TEXT, EVERY, True, None),
    ("sales", ParameterType.INTEGER, EVERY, True, None),
    ("goals", ParameterType.INTEGER, EVERY, True, None),
    ("groups", ParameterType.INTEGER, EVERY, True, None),
    ("event_types", ParameterType.TEXT, EVERY - {Way.EXISTS}, True, None),
    ("surveys", ParameterType.TEXT, EVERY, False, None),
    ("surveys.groups", ParameterType.INTEGER, EVERY, True, None),
    ("greetings", ParameterType.INTEGER, EVERY, False, None),
    ("greetings.groups", ParameterType.INTEGER, EVERY, True, None),
    ("agent_response.exists", ParameterType.BOOLEAN, {Way.VALUES}, False, 1),
    ("agent_response.first", ParameterType.BOOLEAN, {Way.VALUES}, False, 1),
    ("agent_response.agents", ParameterType.TEXT, EVERY, True, None),
    ("agent_response.groups", ParameterType.INTEGER, EVERY, True, None),
    ("period_of", ParameterType.TEXT, {Way.VALUES}, False, 1),
]


@pytest.mark.parametrize(("name", "kind", "ways", "every", "most"), GRAMMAR)
def test_each_filter_is_declared_as_the_grammar_has_it(
    name: str, kind: ParameterType, ways: set[Way], every: bool, most: int | None
) -> None:
    one = measurables(settings_of()).parameters[name]
    assert (one.type, set(one.ways), one.every, one.most) == (kind, ways, every, most)
    assert one.description


def test_what_goes_together_and_what_does_not_is_declared() -> None:
    found = measurables(settings_of()).parameters
    needing = {name for name, one in found.items() if one.needs}
    assert needing == {"agent_response.agents", "agent_response.groups"}
    assert {one.needs for one in found.values()} == {(), (("agent_response.first", "true"),)}
    assert {name: one.dimension for name, one in found.items() if one.dimension} == {
        "agents": Dimension.AGENT,
        "tags": Dimension.TAG,
        "groups": Dimension.TEAM,
        "greetings": Dimension.RULE,
    }
    assert {name: one.keys for name, one in found.items() if one.keyed} == {
        "properties": (),
        "surveys": ("pre_chat", "post_chat"),
        "surveys.groups": ("pre_chat", "post_chat"),
    }
    assert found["period_of"].choices == (
        *("chats", "greetings", "surveys.pre_chat", "surveys.post_chat"),
    )
    assert set(found["event_types"].choices) == {
        *("file", "form", "filled_form", "message", "rich_message", "custom", "system_message"),
    }


def test_the_period_of_forms_is_named_as_they_are() -> None:
    found = measurables(settings_of(version="3.5")).parameters["period_of"]
    assert found.choices == ("chats", "greetings", "forms.pre_chat", "forms.post_chat")
