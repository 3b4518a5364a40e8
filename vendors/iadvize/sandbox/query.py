"""What a request asks for: plain parameters, and filters in brackets, percent-encoded or not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from vendors.iadvize.sandbox.refusals import Refusal, invalid, unknown_field
from vendors.iadvize.sandbox.window import (
    MONTHS_AT_MOST,
    Bound,
    Window,
    is_over_long,
    read_bound,
    window,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

_FILTER = re.compile(r"filters\[(\w+)\](\[\d*\])?")
_NUMBER = re.compile(r"[0-9]{1,18}")
_LIST = re.compile(r"(\w+)\[\d*\]")
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
MANY = "[]"
"""What is behind the name of a field that was given value by value."""
_FLAGS = {"1": True, "true": True, "0": False, "false": False}


class Filters:
    """The filters of a request: `filters[a]=1`, `filters[a]=1,2` or `filters[a][0]=1`."""

    def __init__(self, single: Mapping[str, str], many: Mapping[str, list[str]]) -> None:
        self._single = single
        self._many = many

    def __contains__(self, name: str) -> bool:
        return name in self._single or name in self._many

    def allow(self, names: Collection[str]) -> None:
        """Refuse filters that are not among the names."""
        for name in (*self._single, *self._many):
            if name not in names:
                raise unknown_field(name)

    def text(self, name: str) -> str | None:
        """Return one value; an empty one and a list of them are refused."""
        if name in self._many:
            raise invalid(name)
        value = self._single.get(name)
        if value == "":
            raise invalid(name)
        return value

    def number(self, name: str) -> int | None:
        """Return one whole number."""
        value = self.text(name)
        return None if value is None else whole_number(name, value)

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return one of the choices."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise invalid(name)
        return value

    def bound(self, name: str) -> Bound | None:
        """Return a date or a date with a time."""
        value = self.text(name)
        if value is None:
            return None
        found = read_bound(value)
        if found is None:
            raise invalid(name)
        return found

    def window(self, zone: ZoneInfo, now: datetime, *, at_most: int | None = None) -> Window:
        """Return the window from `from` to `to`; above `at_most` months one is refused."""
        first, last = self.bound("from"), self.bound("to")
        if at_most and first and last and is_over_long(first, last, at_most):
            months = "1 month" if at_most == 1 else f"{at_most} months"
            raise Refusal(f"The interval between 'from' and 'to' is over {months}.")
        found = window(first, last, zone, now, at_most or MONTHS_AT_MOST)
        if found.end <= found.start:
            raise invalid("to")
        return found

    def words(self, name: str) -> tuple[str, ...]:
        """Return several values, given with commas or one by one; none where it is absent."""
        given = self._many.get(name) or self._single.get(name, "").split(",")
        if name in self and not all(given):
            raise invalid(name)
        return tuple(dict.fromkeys(filter(None, given)))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return several whole numbers."""
        return tuple(whole_number(name, word) for word in self.words(name))


@dataclass(frozen=True, slots=True)
class Query:
    """One request: the id in its path, if any, its parameters and its filters."""

    id: str
    parameters: Mapping[str, str]
    filters: Filters
    form: Mapping[str, str] = field(default_factory=dict)
    """The fields of the body of a change; the values of a list stand there with commas."""
    rows: Sequence[Any] = ()
    """The body of a change that is an array."""

    @property
    def number(self) -> int | None:
        """The id in the path, or None if it is no number."""
        return int(self.id) if _NUMBER.fullmatch(self.id) else None

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a parameter that is 1 or 0."""
        value = self.parameters.get(name)
        if value is None:
            return default
        if value not in _FLAGS:
            raise invalid(name)
        return _FLAGS[value]

    def positive(self, name: str, *, default: int) -> int:
        """Return a parameter that counts from 1."""
        value = self.parameters.get(name)
        number = default if value is None else whole_number(name, value)
        if number < 1:
            raise invalid(name)
        return number


def read_query(number: str, items: Iterable[tuple[str, str]]) -> Query:
    """Sort parameters from filters; of a parameter given twice the last one counts."""
    parameters: dict[str, str] = {}
    single: dict[str, str] = {}
    many: dict[str, list[str]] = {}
    for name, value in items:
        found = _FILTER.fullmatch(name)
        if found is None and name.startswith("filters"):
            raise unknown_field(name)
        if found is None:
            parameters[name] = value
        elif found[2] is None:
            single[found[1]] = value
        else:
            many.setdefault(found[1], []).append(value)
    return Query(number, parameters, Filters(single, many))


def whole_number(name: str, value: str) -> int:
    """Return a value as a number, or refuse it."""
    if _NUMBER.fullmatch(value) is None:
        raise invalid(name)
    return int(value)


def read_array(content_type: str, body: bytes) -> Sequence[Any]:
    """Return an array in JSON; any other body is refused."""
    if _kind(content_type) != _JSON:
        raise Refusal("The body is not JSON.", 415)
    try:
        found = json.loads(body)
    except ValueError:
        raise Refusal("The body is not JSON.") from None
    if not isinstance(found, list) or not found:
        raise Refusal("The body is not an array of objects.")
    return found


def read_form(content_type: str, body: bytes) -> Mapping[str, str]:
    """Return the fields of a form; any other body is refused, and so is a field given twice."""
    if not body:
        return {}
    if _kind(content_type) != _FORM:
        raise Refusal("The body is not a form.", 415)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise Refusal("The body is not a form.") from None
    single: dict[str, str] = {}
    many: dict[str, list[str]] = {}
    for name, value in pairs:
        found = _LIST.fullmatch(name)
        if found is not None:
            many.setdefault(found[1], []).append(value)
        elif name in single:
            raise invalid(name)
        else:
            single[name] = value
    for name in many.keys() & single.keys():
        raise invalid(name)
    return single | {f"{name}{MANY}": ",".join(values) for name, values in many.items()}


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
