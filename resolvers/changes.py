"""What has been changed on platforms, as a part of the keys under which reads are kept.

A change gives the tiers of the cache that it touches a new generation. What was read before, or is
being read, is kept under the generation of its beginning, where nobody looks for it any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from secrets import token_hex
from typing import NamedTuple

from resolvers.keys import mark_key
from resolvers.ports import Cache

__all__ = ["Changes"]

_LOOK = timedelta(seconds=1)
"""How often it is looked up what other processes have changed."""
_KEPT = 366 * 86_400.0
"""Longer than anything lives whose key has a generation: figures that can no longer change do."""


class _Mark(NamedTuple):
    generation: str
    seen: datetime


class Changes:
    """The generation of each tier and platform, as far as this process knows."""

    def __init__(self) -> None:
        """Start with nothing changed."""
        self._marks: dict[str, _Mark] = {}
        self.last = ""
        """The generation that was learned of last, whatever it is of."""

    async def generation(self, place: str, shared: Cache | None, now: datetime) -> str:
        """Return the generation of a `tier:scope`; empty: nothing there was ever changed.

        `shared` is the cache as other processes have left it, where there are others.
        """
        known = self._marks.get(place)
        if shared is None or (known is not None and abs(now - known.seen) < _LOOK):
            return known.generation if known else ""
        (told,) = await shared.get_many([mark_key(place)])
        current = self._marks.get(place)
        if current is known:
            before = known.generation if known else ""
            current = self._learned(place, told.decode() if told else before, now)
        # Else it was changed, or looked up, meanwhile: that is later than what was told.
        return current.generation if current else ""

    async def note(self, places: Iterable[str], cache: Cache, now: datetime) -> None:
        """Begin a new generation in these places, here at once and for others by the cache."""
        generation = token_hex(8)
        marks = {mark_key(place): generation.encode() for place in places}
        for place in places:
            self._learned(place, generation, now)
        await cache.set_many(marks, _KEPT)

    def _learned(self, place: str, generation: str, now: datetime) -> _Mark:
        known = self._marks.get(place)
        if generation and (known is None or known.generation != generation):
            self.last = generation
        mark = self._marks[place] = _Mark(generation, now)
        return mark
