"""Figures, moments and durations as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil, log10

from vendors.measures import Unit

__all__ = ["ago", "day", "duration", "moment", "quantity"]

NOT_MEASURED = "not measured"

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s"))
_SMALL = 10
"""Below it, a decimal tells something."""
_TINY = 0.1
"""Below it, two decimals may tell nothing."""
_WHOLE = 100


def quantity(value: float | None, unit: str) -> str:
    """Return a value with its unit; `not measured` where there is none."""
    if value is None:
        return NOT_MEASURED
    return _SHOWN.get(unit.lower(), _number)(value)


def duration(seconds: float) -> str:
    """Return a length of time by its two largest units: `1 h 11 min`, `41 s`, `0.4 s`."""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if 0 < seconds < _SMALL:
        return f"{_two_digits(seconds)} s"
    left = round(seconds)
    for number, (size, name) in enumerate(_STEPS):
        if left >= size:
            larger, rest = divmod(left, size)
            smaller, unit = _STEPS[min(number + 1, len(_STEPS) - 1)]
            second = f" {rest // smaller} {unit}" if rest >= smaller else ""
            return f"{larger} {name}{second}"
    return "0 s"


def ago(when: datetime | None, now: datetime) -> str:
    """Return how long ago that was, by its largest unit; `never` where it was not."""
    if when is None:
        return "never"
    seconds = max((now - when) / timedelta(seconds=1), 0)
    size, name = next((step for step in _STEPS if seconds >= step[0]), (1, "s"))
    return f"{int(seconds // size)} {name} ago" if seconds >= 1 else "just now"


def moment(when: datetime) -> str:
    """Return a moment in UTC: `22 Nov 2026, 04:59:01 UTC`."""
    return f"{when.day} {when:%b %Y, %H:%M:%S} UTC"


def day(when: date) -> str:
    """Return a day: `24 Oct`."""
    return f"{when.day} {when:%b}"


def _number(value: float) -> str:
    if 0 < abs(value) < _TINY:
        return _two_digits(value)
    text = f"{value:,.2f}" if abs(value) < _SMALL else f"{value:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _share(value: float) -> str:
    """Return a percentage: `0%` and `100%` are shown where nothing and all is meant alone."""
    percent = value * _WHOLE
    rest = abs(_WHOLE - percent)
    if 0 < abs(percent) < _SMALL:
        return f"{_two_digits(percent)}%"
    decimals = ceil(-log10(rest)) if 0 < rest < 1 else 0
    return f"{percent:.{decimals}f}%"


def _two_digits(value: float) -> str:
    """Return a number by its first two digits that are not zero, however small it is."""
    return f"{Decimal(f'{value:.2g}'):f}"


_SHOWN: Mapping[str, Callable[[float], str]] = {
    Unit.SECONDS: duration,
    Unit.RATE: _share,
}
