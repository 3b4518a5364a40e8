"""Offsets of instants in addresses, of which the plus sign was not escaped."""

from __future__ import annotations

import re

__all__ = ["offsets_escaped"]

_OFFSET = re.compile(
    r"(T\d\d(?::|%3A)\d\d[^&+' ]{0,24})\+(?=\d\d(?:(?::|%3A)?\d\d)?(?!\d))", re.IGNORECASE
)


def offsets_escaped(query: str) -> str:
    """Return the query with `+` escaped where it begins the offset of an instant.

    Everywhere else it is a space, as forms write it; there a space would mean nothing.
    """
    return _OFFSET.sub(r"\1%2B", query)
