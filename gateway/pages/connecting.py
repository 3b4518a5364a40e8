"""What stands on the page about tools: those that can come in today, with this address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from starlette.routing import BaseRoute, Mount, Route

from gateway.pages.rendering import snippet_of
from gateway.pages.tools import KEY_NAME, TOOLS, Door, Tool, Way

__all__ = [
    "KEY",
    "Keys",
    "ShownTool",
    "ShownWay",
    "place_of",
    "places_of",
    "power_bi_file",
    "tools_behind",
]

KEY = "YOUR-KEY"
"""What stands for a key: pages hold none."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What this gateway wants of keys."""

    required: bool
    in_address: bool
    """Whether a key may stand in an address."""


@dataclass(frozen=True, slots=True)
class ShownWay:
    """A way in with its snippet, for one address."""

    way: Way
    snippet: str


@dataclass(frozen=True, slots=True)
class ShownTool:
    """A tool with the ways that it has here."""

    tool: Tool
    ways: tuple[ShownWay, ...]


def tools_behind(
    routes: Iterable[BaseRoute], *, origin: str, keys: Keys
) -> list[tuple[str, list[ShownTool]]]:
    """Return the tools whose doors are among the routes, by group, for a gateway at that address.

    A way that has no other place for a key than the address is left out where none may stand there.
    """
    places = places_of(routes)
    groups: dict[str, list[ShownTool]] = {}
    for tool in TOOLS:
        ways = tuple(
            ShownWay(way, _snippet(way, origin, keys))
            for way in tool.ways
            if place_of(way.door.value) in places and _open(way, keys)
        )
        if ways:
            groups.setdefault(tool.group, []).append(ShownTool(tool, ways))
    return list(groups.items())


def places_of(routes: Iterable[BaseRoute]) -> set[str]:
    """Return the first parts of the paths at which there is something."""
    return {place_of(route.path) for route in routes if isinstance(route, Route | Mount)}


def place_of(path: str) -> str:
    """Return the first part of a path."""
    return path.strip("/").partition("/")[0]


def power_bi_file(origin: str) -> bytes:
    """Return what Power BI Desktop opens to read this gateway by OData; it holds no key.

    The form is that of learn.microsoft.com/power-bi/connect-data/desktop-data-sources, "PBIDS".
    """
    details = {"protocol": "odata", "address": {"url": f"{origin}{Door.ODATA.value}/"}}
    connection = {"details": details, "options": {}, "mode": "Import"}
    return orjson.dumps({"version": "0.1", "connections": [connection]}, option=orjson.OPT_INDENT_2)


def _open(way: Way, keys: Keys) -> bool:
    return keys.in_address or not (keys.required and way.key_in_address)


def _snippet(way: Way, origin: str, keys: Keys) -> str:
    key = KEY if keys.required else ""
    return snippet_of(f"connect/{way.file}.j2", origin=origin, key=key, key_name=KEY_NAME)
