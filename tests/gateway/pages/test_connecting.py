from __future__ import annotations

import re

import pytest
from starlette.routing import BaseRoute, Mount, Route

from gateway.pages.connecting import KEY, Keys, ShownTool, tools_behind
from gateway.pages.tools import KEY_NAME, TOOLS, Door, Way

ORIGIN = "https://gateway.test/behind"
OPEN = Keys(required=False, in_address=True)
LOCKED = Keys(required=True, in_address=True)
CLOSED = Keys(required=True, in_address=False)
WAYS = [way for tool in TOOLS for way in tool.ways]
"""Every way of every tool."""


async def nothing() -> None:
    """Be an endpoint."""


def routes(*doors: Door) -> list[BaseRoute]:
    beneath = {Door.ROWS, Door.ODATA, Door.QUERIES}
    return [
        Mount(door.value, routes=[]) if door in beneath else Route(door.value, nothing)
        for door in doors
    ]


def shown(keys: Keys, *doors: Door) -> list[ShownTool]:
    groups = tools_behind(routes(*doors), origin=ORIGIN, keys=keys)
    return [one for _, tools in groups for one in tools]


def snippets(keys: Keys) -> dict[str, str]:
    return {each.way.file: each.snippet for one in shown(keys, *Door) for each in one.ways}


def test_a_tool_is_shown_where_a_door_of_its_is() -> None:
    for door in Door:
        found = {one.tool.name: [each.way for each in one.ways] for one in shown(OPEN, door)}
        wanted = {tool.name: [way for way in tool.ways if way.door is door] for tool in TOOLS}
        assert found == {name: ways for name, ways in wanted.items() if ways}
    assert shown(OPEN) == []


def test_tables_come_before_questions() -> None:
    for tool in TOOLS:
        if tool.name != "fetch":
            asked = [way.door is Door.GRAPHQL for way in tool.ways]
            assert asked == sorted(asked)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.file)
def test_each_tool_is_told_this_address(way: Way) -> None:
    text = snippets(OPEN)[way.file]

    assert ORIGIN.removeprefix("https:") in text or "Google Sheets" in text
    assert "{{" not in text
    assert not re.search(f"{KEY}|{KEY_NAME}|Authorization: |api_key|import os", text)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.file)
def test_each_tool_is_told_where_its_key_goes(way: Way) -> None:
    text = snippets(LOCKED)[way.file]

    assert way.key or re.search(f"{KEY}|{KEY_NAME}|Google Sheets", text)
    assert not (way.key_in_address and "api_key=YOUR-KEY" not in text)


def test_programs_hold_no_key() -> None:
    for name, text in snippets(LOCKED).items():
        if name.endswith((".py", ".sh", ".mjs", ".gs")):
            assert KEY not in text
            assert KEY_NAME in text


def test_where_no_key_may_stand_in_an_address_none_is_shown_there() -> None:
    told = snippets(CLOSED)

    assert snippets(LOCKED).keys() - told == {way.file for way in WAYS if way.key_in_address}
    assert not [name for name, text in told.items() if "api_key" in text]
    assert {one.tool.name for one in shown(CLOSED, *Door)} == {
        tool.name for tool in TOOLS if tool.name not in {"airbyte", "qlik"}
    }


def test_names_are_anchors_of_their_own() -> None:
    names = [tool.name for tool in TOOLS] + [way.file for way in WAYS]

    assert len(set(names)) == len(names)


def test_ways_of_one_tool_have_names() -> None:
    for tool in TOOLS:
        titles = [way.title for way in tool.ways]
        assert titles == [""] or len(set(titles) - {""}) == len(titles)
