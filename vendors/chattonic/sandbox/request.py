"""What a request asks for: its parameters, each read in one way or refused.

Moments are UTC, `2021-11-01T03:00:00.000Z`, with or without milliseconds. A window is
`startDate` <= t < `endDate`: the document does not say whether its end belongs to it, and so
windows that meet add up. Parameters that no document names are refused rather than ignored, and
so are percent signs that encode nothing, as in a `dateFormatGroup` that was not encoded.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from vendors.chattonic.sandbox.refusals import Refusal, invalid, missing, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Window(NamedTuple):
    """`start` <= t < `end`, in UTC."""

    start: datetime
    end: datetime


class Parameters:
    """The parameters of one request; of one given twice the last counts."""

    def __init__(self, query_string: str) -> None:
        if _BROKEN_ESCAPE.search(query_string):
            raise Refusal("The query string is not percent-encoded")
        self._values = dict(parse_qsl(query_string, keep_blank_values=True))

    def allow(self, *names: str) -> None:
        """Refuse parameters that are not among the names."""
        for name in self._values:
            if name not in names:
                raise unknown(name)

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return one of the choices."""
        value = self._required(name)
        if value not in choices:
            raise invalid(name)
        return value

    def window(self) -> Window:
        """Return the window that both dates make."""
        start, end = (moment(name, self._required(name)) for name in ("startDate", "endDate"))
        if end <= start:
            raise invalid("endDate")
        return Window(start, end)

    def number(self, name: str, *, default: int, least: int, most: int | None = None) -> int:
        """Return a whole number within bounds."""
        value = self._values.get(name)
        if value is None:
            return default
        number = int(value) if _NUMBER.fullmatch(value) else -1
        if number < least or (most is not None and number > most):
            raise invalid(name)
        return number

    def document(self, name: str) -> Mapping[str, object]:
        """Return a JSON object; without the parameter an empty one."""
        value = self._values.get(name)
        if value is None:
            return {}
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            raise invalid(name) from None
        if not isinstance(found, dict):
            raise invalid(name)
        return found

    def _required(self, name: str) -> str:
        value = self._values.get(name)
        if not value:
            raise missing(name)
        return value


def moment(name: str, value: object) -> datetime:
    """Read a moment in UTC, or refuse it."""
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        raise invalid(name)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise invalid(name) from None
