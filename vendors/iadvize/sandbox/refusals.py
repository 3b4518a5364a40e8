"""What the vendor refuses, in its own words and shape.

The document gives the shape of the body and three sentences; it names no HTTP status. A wrong key
is `error` with 403, a wrong request `fail` with 400, an unknown id or resource `fail` with 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FORBIDDEN = {"meta": {"status": "error", "message": "Forbidden"}}


class Refusal(Exception):  # noqa: N818 (the vendor answers it; nothing went wrong)
    """A request that is answered with `fail`."""

    def __init__(self, message: str, http_status: int = 400) -> None:
        super().__init__(message)
        self.http_status = http_status


def failure(message: str) -> Mapping[str, Any]:
    """Return the envelope of a request that is wrong."""
    return {"meta": {"status": "fail", "message": message}}


def invalid(field: str) -> Refusal:
    """Refuse the value of a parameter or filter."""
    return Refusal(f"Value of field '{field}' is not valid.")


def missing(field: str) -> Refusal:
    """Refuse a request that lacks a parameter or filter."""
    return Refusal(f"Field '{field}' is missing.")


def unknown_field(field: str) -> Refusal:
    """Refuse a filter that the resource does not have."""
    return Refusal(f"Field '{field}' is unknown.")


def unknown(resource: str, number: str) -> Refusal:
    """Refuse an id that nothing has."""
    return Refusal(f"Unknown '{resource}' with 'id' {number}.", 404)
