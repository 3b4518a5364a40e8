"""The members that calls must name, such as the agents of a platform: read once in a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from resolvers.cached import Lifetime, ReadThrough
from resolvers.deadline import in_time
from resolvers.keys import cache_key
from vendors.calls import Call, CallLog
from vendors.errors import PlatformError
from vendors.measures import Dimension, Member
from vendors.port import MeasuresPort, Platform

__all__ = ["MemberLists", "Roster"]


@dataclass(frozen=True, slots=True)
class Roster:
    """The members of each dimension that could be had, and the failures in place of the others."""

    found: Mapping[Dimension, tuple[Member, ...]] = field(default_factory=dict)
    lost: Mapping[Dimension, PlatformError] = field(default_factory=dict)
    asked: frozenset[Dimension] = frozenset()
    """The dimensions for whose members the platform was asked now."""


class MemberLists:
    """Reads the members of dimensions: one list for all who ask within minutes."""

    def __init__(self, entities: ReadThrough, lifetime: Lifetime) -> None:
        """Read through that tier of the cache; names of people may be among what is kept."""
        self._entities = entities
        self._lifetime = lifetime

    async def read(self, platform: Platform, dimensions: Iterable[Dimension], call: Call) -> Roster:
        """Return the members of these dimensions that the platform knows now."""
        port = platform.measures
        if port is None:
            return Roster()
        found: dict[Dimension, tuple[Member, ...]] = {}
        lost: dict[Dimension, PlatformError] = {}
        asked: set[Dimension] = set()
        for dimension in sorted(dimensions):
            own = Call(call.deadline, CallLog(call.log), call.request_id)
            try:
                async with in_time(platform, own):
                    found[dimension] = await self._members(platform, port, dimension, own)
            except PlatformError as error:
                lost[dimension] = error
            # Some platforms need not be asked: their settings name the members.
            asked.update({dimension} if own.log.count(platform.key) else ())
        return Roster(found, lost, frozenset(asked))

    async def _members(
        self, platform: Platform, port: MeasuresPort, dimension: Dimension, call: Call
    ) -> tuple[Member, ...]:
        async def fetch(budget: Call) -> tuple[Member, ...]:
            return await port.members(dimension, budget)

        key = cache_key("members", platform, dimension)
        held = await self._entities.read(key, tuple[Member, ...], self._lifetime, call, fetch)
        if not held.value:
            # Where a platform learns its members by and by, none is only none so far.
            await self._entities.forget(key)
        return held.value
