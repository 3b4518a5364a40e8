"""What stands on the page about tools: those that can come in today, with this address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount, Route

from gateway.pages.rendering import snippet_of
from gateway.pages.tools import TOOLS, Tool

__all__ = ["KEY", "ShownTool", "tools_behind"]

KEY = "YOUR-KEY"
"""What stands for a key: pages hold none."""


@dataclass(frozen=True, slots=True)
class ShownTool:
    """A tool with its snippet, for one address."""

    tool: Tool
    snippet: str


def tools_behind(
    routes: Iterable[BaseRoute], *, origin: str, keys_required: bool
) -> list[tuple[str, list[ShownTool]]]:
    """Return the tools whose door is among the routes, by group, for a gateway at that address."""
    mounted = {
        "/" + route.path.strip("/").partition("/")[0]
        for route in routes
        if isinstance(route, Route | Mount)
    }
    key = KEY if keys_required else ""
    groups: dict[str, list[ShownTool]] = {}
    for tool in TOOLS:
        if tool.door.value in mounted:
            snippet = snippet_of(f"connect/{tool.file}.j2", origin=origin, key=key)
            groups.setdefault(tool.group, []).append(ShownTool(tool, snippet))
    return list(groups.items())
