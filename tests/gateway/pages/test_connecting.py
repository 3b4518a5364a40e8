from __future__ import annotations

import re

import pytest
from starlette.routing import BaseRoute, Mount, Route

from gateway.pages.connecting import tools_behind
from gateway.pages.tools import TOOLS, Door, Tool

ORIGIN = "https://gateway.test/behind"


async def nothing() -> None:
    """Be an endpoint."""


def routes(*doors: Door) -> list[BaseRoute]:
    beneath = {Door.ROWS, Door.ODATA}
    return [
        Mount(door.value, routes=[]) if door in beneath else Route(door.value, nothing)
        for door in doors
    ]


def snippets(*, key: bool) -> dict[str, str]:
    groups = tools_behind(routes(*Door), origin=ORIGIN, keys_required=key)
    return {shown.tool.name: shown.snippet for _, tools in groups for shown in tools}


def test_a_tool_is_shown_where_its_door_is() -> None:
    for door in Door:
        groups = tools_behind(routes(door), origin=ORIGIN, keys_required=False)
        shown = [one.tool for _, tools in groups for one in tools]
        assert shown == sorted(
            (tool for tool in TOOLS if tool.door is door),
            key=lambda tool: [group for group, _ in groups].index(tool.group),
        )
    assert tools_behind([], origin=ORIGIN, keys_required=False) == []


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_each_tool_is_told_this_address(tool: Tool) -> None:
    text = snippets(key=False)[tool.name]

    assert ORIGIN.removeprefix("https:") in text or "Google Sheets" in text
    assert "{{" not in text
    assert "YOUR-KEY" not in text
    assert "Authorization" not in text


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_each_tool_is_told_to_send_a_key_where_one_is_wanted(tool: Tool) -> None:
    text = snippets(key=True)[tool.name]

    assert re.search("Bearer YOUR-KEY|//:YOUR-KEY@|Google Sheets", text)


def test_names_are_anchors_of_their_own() -> None:
    names = [tool.name for tool in TOOLS]

    assert len(set(names)) == len(names)
