"""How much a door does at a time: whoever finds no place is told to come again later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.refusals import RefusedError

__all__ = ["Places"]

_BUSY_SECONDS = "5"


class Places:
    """So many places, for what is done at a time."""

    def __init__(self, most: int, full: str) -> None:
        """Have so many; `full` says so where all are taken."""
        self._most = most
        self._full = full
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a place for the block; raise RefusedError where there is none."""
        if self._taken >= self._most:
            message = f"{self._full}; ask again later."
            headers = {"retry-after": _BUSY_SECONDS}
            raise RefusedError(503, "OVERLOADED", message, headers=headers)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
