"""What callers are called who have no key of their own, so that no key is called so, too."""

from __future__ import annotations

__all__ = ["ANONYMOUS", "TOKEN_PREFIX", "is_taken"]

ANONYMOUS = "anonymous"
"""Everybody who sends no key, where none is required."""
TOKEN_PREFIX = "token:"  # noqa: S105 (it begins a pseudonym)
"""Begins the pseudonym of whom a signed token names."""


def is_taken(name: str) -> bool:
    """Return whether a key of that name would share what belongs to callers without one."""
    return name == ANONYMOUS or name.startswith(TOKEN_PREFIX)
