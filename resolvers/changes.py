"""What has been changed under a key of the cache while it was being read.

A read that began before a change must neither be kept after it nor be joined by who asks later.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Changes"]


class Changes:
    """Counts, for each key of the cache, the changes that this process made of what is under it."""

    def __init__(self) -> None:
        """Start with no change made."""
        self._made: dict[str, int] = {}

    def made(self, key: str) -> int:
        """Return how many changes were made of what is under that key."""
        return self._made.get(key, 0)

    def note(self, keys: Iterable[str]) -> None:
        """Count a change of what is under these keys."""
        for key in keys:
            self._made[key] = self.made(key) + 1
