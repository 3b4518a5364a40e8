"""What the vendor makes of a row: counts, averages in seconds, percentages, contacts per hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vendors.gnatta.sandbox.audits import OUTCOMES
from vendors.gnatta.sandbox.presence import Attendance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vendors.gnatta.sandbox.figures import Row
    from vendors.gnatta.sandbox.question import Question

_HOUR = 3_600_000
_DIGITS = 12


def count(_: Question, row: Row) -> dict[str, Any]:
    """Return a number of audits."""
    return {"value": row[0]}


def average(_: Question, row: Row) -> dict[str, Any]:
    """Return an average duration in seconds."""
    return {"value": _mean_seconds(*row)}


def totals(question: Question, row: Row) -> dict[str, Any]:
    """Return how live conversations ended."""
    return {**dict(zip(_outcomes(question), row, strict=True)), "total": sum(row)}


def percentages(question: Question, row: Row) -> dict[str, Any]:
    """Return how live conversations ended, in percent of their total."""
    total = sum(row)
    shares = (_ratio(100 * part, total) for part in row)
    return {**dict(zip(_outcomes(question), shares, strict=True)), "total": total}


def duration(question: Question, row: Row) -> dict[str, Any]:
    """Return how long somebody was in a state, in seconds."""
    return {"value": _in_state(Attendance(*row), question.user_state) / 1_000}


def percentage(_: Question, row: Row) -> dict[str, Any]:
    """Return the percentage of the time logged in that somebody was available."""
    return {"value": _ratio(100 * row[0], sum(row))}


def contacts_per_hour(question: Question, row: Row) -> dict[str, Any]:
    """Return contacts per hour in a state; `row` begins with contacts logged in and available."""
    return {"value": _per_hour(row, question.user_state)}


def advisor(_: Question, row: Row) -> dict[str, Any]:
    """Return everything about one advisor."""
    work, times = row[:4], row[4:]
    there = Attendance(*work[2:])
    return {
        "contactsLoggedIn": work[0],
        "contactsAvailable": work[1],
        "cphLoggedIn": _per_hour(work, "LoggedIn"),
        "cphAvailable": _per_hour(work, "Available"),
        "timeLoggedIn": _in_state(there, "LoggedIn") / 1_000,
        "timeAvailable": there.available / 1_000,
        "unproductivePercentage": _ratio(100 * there.unavailable, sum(there)),
        "averageResponseTime": _mean_seconds(*times),
    }


def state_seconds(question: Question, row: Row) -> float:
    """Return the time in the state asked about of a row that begins with contacts."""
    return _in_state(Attendance(*row[2:]), question.user_state) / 1_000


def state_contacts(question: Question, row: Row) -> int:
    """Return the contacts in the state asked about."""
    return _contacts(row, question.user_state)


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that there are."""
    known = [value for value in values if value is not None]
    return _ratio(sum(known), len(known))


def _outcomes(question: Question) -> tuple[str, ...]:
    return OUTCOMES[question.channel or ""]


def _in_state(there: Attendance, user_state: str | None) -> int:
    return {"Available": there.available, "Unavailable": there.unavailable}.get(
        user_state or "", sum(there)
    )


def _per_hour(row: Row, user_state: str | None) -> float | None:
    there = _in_state(Attendance(*row[2:]), user_state)
    return _ratio(_contacts(row, user_state) * _HOUR, there)


def _contacts(row: Row, user_state: str | None) -> int:
    return row[user_state == "Available"]


def _mean_seconds(total: int, weight: int) -> float | None:
    return _ratio(total, 1_000 * weight)


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, _DIGITS) if whole else None
