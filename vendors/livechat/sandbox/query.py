"""The query string of a GET, turned into what the body of a POST says.

Keys are joined with dots, arrays repeat their key, and only the namespace and the name of a
property stand in brackets: `filters.properties[routing][continuous].values=true`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vendors.livechat.sandbox.grammar import Scalar
from vendors.livechat.sandbox.properties import PROPERTIES
from vendors.livechat.sandbox.refusals import invalid

_PROPERTY = re.compile(r"filters\.properties\[([^\[\].]+)\]\[([^\[\].]+)\]\.([a-z_]+)")
_PLAIN = re.compile(r"[a-z_]+(?:\.[a-z_]+)*")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_ARRAYS = frozenset({"values", "exclude_values"})
_FLAGS = frozenset({"exists", "first", "require_every_value"})
_OF_INTEGERS = frozenset(
    {
        ("filters", "sales"),
        ("filters", "goals"),
        ("filters", "groups"),
        ("filters", "greetings"),
        ("filters", "greetings", "groups"),
        ("filters", "agent_response", "groups"),
    }
)
# Surveys, or forms, are objects in an array, for which no encoding is documented.
_NOT_PLAIN = frozenset(("filters", name) for name in ("properties", "surveys", "forms"))
_WORDS = {"true": True, "false": False}


def parameters(items: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return the parameters as an object.

    Raises:
        Refusal: A key is not encoded as documented, is given twice, or contradicts another.
    """
    found: dict[str, object] = {}
    for key in dict.fromkeys(key for key, _ in items):
        *path, name = _path(key)
        values = [value for other, value in items if other == key]
        _place(found, key, path)[name] = _value(key, path, name, values)
    return found


def _path(key: str) -> list[str]:
    if match := _PROPERTY.fullmatch(key):
        return ["filters", "properties", *match.groups()]
    path = key.split(".")
    if not _PLAIN.fullmatch(key) or tuple(path[:2]) in _NOT_PLAIN:
        raise invalid(key, "is not a known parameter")
    return path


def _place(found: dict[str, object], key: str, path: Sequence[str]) -> dict[str, object]:
    """Return the object that the path leads to."""
    for name in path:
        inner = found.setdefault(name, {})
        if not isinstance(inner, dict):
            raise invalid(key, "contradicts another parameter")
        found = inner
    return found


def _value(key: str, path: Sequence[str], name: str, values: list[str]) -> object:
    if name in _ARRAYS:
        return [_scalar(path, value) for value in values]
    if len(values) > 1:
        raise invalid(key, "may be given once only")
    return _WORDS.get(values[0], values[0]) if name in _FLAGS else values[0]


def _scalar(path: Sequence[str], text: str) -> Scalar:
    """Read an element by its place; what does not fit stays a string, to be refused as such."""
    of = _type(path)
    if of is bool:
        return _WORDS.get(text, text)
    return int(text) if of is int and _INTEGER.fullmatch(text) else text


def _type(path: Sequence[str]) -> type[Scalar]:
    if tuple(path[:2]) == ("filters", "properties"):
        known = PROPERTIES.get((path[2], path[3]))
        return str if known is None else known.of
    return int if tuple(path) in _OF_INTEGERS else str
