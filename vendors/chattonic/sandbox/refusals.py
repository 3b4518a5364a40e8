"""What the vendor refuses: a status and `{"message": ...}`.

The document shows no error at all. Here a request that cannot be read is 400, a missing, wrong or
outdated token and wrong credentials are 401, an app or a path that does not exist is 404.
"""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 (the vendor answers it; nothing went wrong)
    """A request that is not answered as it was meant."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def failure(message: str) -> Mapping[str, str]:
    """Return the body of a refusal."""
    return {"message": message}


def invalid(name: str) -> Refusal:
    """Refuse the value of a parameter."""
    return Refusal(f"'{name}' is not valid")


def missing(name: str) -> Refusal:
    """Refuse a request that lacks a parameter or a property."""
    return Refusal(f"'{name}' is required")


def unknown(name: str) -> Refusal:
    """Refuse a parameter or property that does not exist."""
    return Refusal(f"'{name}' is not allowed")


def unauthorized(message: str) -> Refusal:
    """Refuse who is not known."""
    return Refusal(message, 401)
