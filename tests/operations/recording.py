"""Notes what a simulator is asked, while it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vendors.operations import Operation

__all__ = ["Recorder", "Seen", "is_template_of", "nearest"]


@dataclass(frozen=True)
class Seen:
    """One request, as it arrived."""

    method: str
    path: str
    query: str
    body: bytes

    def says(self, name: str, value: str) -> bool:
        """Return whether a parameter, or a member of the body, has that value or holds it."""
        return any(one == value for told, one in self._told() if told == name)

    def names(self) -> frozenset[str]:
        """Return the names of its parameters, and of its body's members: `outer.inner`."""
        told = {name for name, _ in parse_qsl(self.query, keep_blank_values=True)}
        try:
            content = msgspec.json.decode(self.body)
        except msgspec.MsgspecError:
            return frozenset(told)
        return frozenset({*told, *_named(content, "")})

    def _told(self) -> Iterator[tuple[str, str]]:
        yield from parse_qsl(self.query, keep_blank_values=True)
        try:
            content = msgspec.json.decode(self.body)
        except msgspec.MsgspecError:
            yield from parse_qsl(self.body.decode("ascii", "replace"), keep_blank_values=True)
        else:
            yield from _members(content)


def _members(content: object) -> Iterator[tuple[str, str]]:
    """Yield every member with each of its values, those of inner objects too."""
    if not isinstance(content, Mapping):
        return
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _members(value)
        for one in value if isinstance(value, list) else [value]:
            yield str(name), str(one)


def _named(content: object, outer: str) -> Iterator[str]:
    """Yield the names of members, inner ones behind those of the outer; a list has no name."""
    if isinstance(content, list):
        for one in content:
            yield from _named(one, outer)
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield f"{outer}{name}"
            yield from _named(value, f"{outer}{name}.")


class Recorder:
    """A layer in front of a simulator that keeps every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.seen: list[Seen] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def heard() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        try:
            await self._app(scope, heard, send)
        finally:
            if scope["type"] == "http":
                query = scope["query_string"].decode("ascii")
                self.seen.append(Seen(scope["method"], scope["path"], query, bytes(body)))


def is_template_of(path: str, asked: str) -> bool:
    """Return whether the template stands for that path, whatever lies before it."""
    parts = (r"[^/]+" if one.startswith("{") else re.escape(one) for one in path.split("/"))
    return re.fullmatch(f".*{'/'.join(parts)}", asked) is not None


def nearest(operations: tuple[Operation, ...], seen: Seen) -> set[str]:
    """Return the paths of that request: of two that fit, the one with more fixed parts."""
    found = {
        one.path
        for one in operations
        if one.method == seen.method and is_template_of(one.path, seen.path)
    }
    most = max((_fixed(path) for path in found), default=0)
    return {path for path in found if _fixed(path) == most}


def _fixed(path: str) -> int:
    return sum(not part.startswith("{") for part in path.split("/"))
