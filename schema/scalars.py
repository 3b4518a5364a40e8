"""Instants as text that ends in Z."""

from __future__ import annotations

from datetime import UTC, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

__all__ = ["DATE_TIME"]


def _written(moment: datetime) -> str:
    # Nearly all are in UTC, and there may be a hundred thousand of them in an answer.
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{utc.isoformat()[:-_OFFSET]}Z"


_OFFSET = len("+00:00")


def _read(text: object) -> datetime:
    if not isinstance(text, str):
        message = "A DateTime is an ISO 8601 text such as 2026-03-01T00:00:00Z."
        raise TypeError(message)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no ISO 8601 date and time such as 2026-03-01T00:00:00Z."
        raise ValueError(message) from None


DATE_TIME: ScalarDefinition = strawberry.scalar(
    name="DateTime",
    description=(
        "An instant by ISO 8601. Answers are in UTC and end in `Z`. An argument without an "
        "offset is local time of the field's time zone."
    ),
    serialize=_written,
    parse_value=_read,
)
