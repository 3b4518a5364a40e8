"""What the fields of a form may hold: each kind of value, and how it is refused.

Flags are 1 and 0. A list is `name[0]=1&name[1]=2`, `name[]=1&name[]=2` or `name=1,2`; an empty one
is an empty field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import available_timezones

from vendors.iadvize.sandbox.query import MANY, whole_number
from vendors.iadvize.sandbox.refusals import invalid, unknown_field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FLAGS = {"1": True, "0": False}


class Field(NamedTuple):
    """How a field is read; `read` gets its name for refusals, and its text."""

    read: Callable[[str, str], Any]
    many: bool = False

    def value(self, name: str, text: str) -> object:
        """Return what a text stands for, or refuse it."""
        if not self.many:
            return self.read(name, text)
        return tuple(self.read(name, one) for one in text.split(",")) if text else ()


def read(form: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the values of a form; a field that is not among these is refused."""
    found: dict[str, Any] = {}
    for given, text in form.items():
        name = given.removesuffix(MANY)
        if name not in fields or (name != given and not fields[name].many):
            raise unknown_field(given)
        found[name] = fields[name].value(name, text)
    return found


def _text(_: str, text: str) -> str:
    return text


def _filled(name: str, text: str) -> str:
    if not text.strip():
        raise invalid(name)
    return text


def _flag(name: str, text: str) -> bool:
    if text not in _FLAGS:
        raise invalid(name)
    return _FLAGS[text]


def _positive(name: str, text: str) -> int:
    if not whole_number(name, text):
        raise invalid(name)
    return int(text)


def _like(pattern: str) -> Callable[[str, str], str]:
    compiled = re.compile(pattern)

    def read(name: str, text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise invalid(name)
        return text

    return read


def _zone(name: str, text: str) -> str:
    if text not in available_timezones():
        raise invalid(name)
    return text


TEXT = Field(_text)
FILLED = Field(_filled)
FLAG = Field(_flag)
NUMBER = Field(whole_number)
POSITIVE = Field(_positive)
ADDRESS = Field(_like(r"[^@\s]+@[^@\s]+\.[^@\s]+"))
CURRENCY = Field(_like("[A-Z]{3}"))
ZONE = Field(_zone)
NUMBERS = Field(whole_number, many=True)
LANGUAGES = Field(_like("[a-z]{2}"), many=True)


def choice(*words: str) -> Field:
    """Return what takes one of these words."""
    return Field(_like("|".join(words)))


def choices(*words: str) -> Field:
    """Return what takes several of these words."""
    return Field(_like("|".join(words)), many=True)
