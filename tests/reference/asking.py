"""The vendor asked as plainly as can be: one figure, one exact stretch of time, one group a call.

Which calls can be made at all is told by the vendor's tables; nothing here tries to make few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from tests.reference.periods import Interval, is_ambiguous

from resolvers.planner.request import MeasureRequest
from vendors.calls import Call
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    Measurables,
    MeasureCall,
    Source,
    Zoning,
)
from vendors.port import Platform

__all__ = ["Asker", "Group", "NotOfferedError", "Part", "UnaskableError"]

Group = Mapping[Dimension, str]
"""One member of each dimension that is asked for."""
Rows = Mapping[tuple[str, ...], float | None]
"""The values of one figure, by the members that the call grouped by."""

_SECONDS = 50.0
_MOMENT = timedelta(microseconds=1)


class NotOfferedError(Exception):
    """The vendor's tables say that it cannot be asked so."""


class UnaskableError(Exception):
    """The vendor cannot be told these bounds."""


@dataclass(frozen=True)
class Part:
    """One value that the vendor told, and the members that it is of and that nobody asked for."""

    place: tuple[tuple[Dimension, str], ...]
    partition: str
    value: float | None


class Asker:
    """Asks one platform, and each question only once."""

    def __init__(self, platform: Platform) -> None:
        assert platform.measures is not None
        self.platform = platform
        self.calls = 0
        self._port = platform.measures
        self._told: dict[MeasureCall, Rows] = {}
        self._members: dict[Dimension, tuple[str, ...]] = {}

    @property
    def tables(self) -> Measurables:
        """Return what the vendor declares."""
        return self._port.measurables

    async def members(self, dimension: Dimension) -> tuple[str, ...]:
        """Return the ids that are known of a dimension."""
        if dimension not in self._members:
            found = await self._port.members(dimension, Call.within(_SECONDS))
            self._members[dimension] = tuple(one.id for one in found)
        return self._members[dimension]

    async def groups(
        self, name: str, request: MeasureRequest, words: tuple[str, ...] | None, when: Interval
    ) -> set[tuple[str, ...]]:
        """Return the members that a figure is told of: those that can be named, or that answered.

        Raises:
            NotOfferedError: the figure cannot be grouped so.
        """
        wanted = _Wanted(self.tables, name, request, words)
        choices = []
        for dimension in request.group_by:
            known = wanted.ids.get(dimension)
            if known is None and wanted.how[dimension] is Grouping.ALL:
                known = await self._answered(wanted, dimension, when)
            elif known is None:
                known = await self.members(dimension)
            choices.append(known)
        return set(product(*choices))

    async def _answered(
        self, wanted: _Wanted, dimension: Dimension, when: Interval
    ) -> tuple[str, ...]:
        """Return who is in the answer where each answers whatever is asked."""
        others = [one for one in (*wanted.apart, *wanted.request.group_by) if one is not dimension]
        named = [one for one in others if wanted.how[one] is not Grouping.ALL]
        choices = [[(one, each) for each in await self._ids(wanted, one)] for one in named]
        found: dict[str, None] = {}
        for chosen in product(*choices):
            for partition in self.tables.partitions:
                members = {**dict.fromkeys((dimension, *others), ""), **dict(chosen)}
                rows = await self._ask(
                    wanted.call(when, partition.key, members), wanted.figure.name
                )
                at = wanted.together(members).index(dimension)
                found.update(dict.fromkeys(group[at] for group in rows))
        return tuple(found)

    async def _ids(self, wanted: _Wanted, dimension: Dimension) -> tuple[str, ...]:
        known = wanted.ids.get(dimension)
        return await self.members(dimension) if known is None else known

    async def parts(
        self,
        name: str,
        request: MeasureRequest,
        words: tuple[str, ...] | None,
        when: Interval,
        group: Group,
    ) -> list[Part]:
        """Return what the vendor tells of one figure, one stretch of time and one group.

        `words` are the channels that count, None for all. It is one value, or one for each member
        of what the vendor cannot but tell apart; what it leaves out is left out.

        Raises:
            NotOfferedError: the figure cannot be asked so.
            UnaskableError: the bounds cannot be told to the vendor.
        """
        wanted = _Wanted(self.tables, name, request, words)
        choices = [[(one, each) for each in await self._ids(wanted, one)] for one in wanted.apart]
        found: list[Part] = []
        for place in product(*choices):
            for partition in self.tables.partitions:
                _check_bounds(when, wanted.source, partition.time_zone)
                members = {**group, **dict(place)}
                rows = await self._ask(wanted.call(when, partition.key, members), name)
                key = tuple(members[one] for one in wanted.together(members))
                if key in rows:
                    found.append(Part(place, partition.key, rows[key]))
        return found

    async def _ask(self, call: MeasureCall, figure: str) -> Rows:
        if call not in self._told:
            self.calls += 1
            readings = await self._port.measure(call, Call.within(_SECONDS))
            self._told[call] = {one.group: one.value for one in readings if one.figure == figure}
        return self._told[call]


def _check_bounds(when: Interval, source: Source, time_zone: str) -> None:
    """Raise UnaskableError where the vendor takes local times, and these mean two instants.

    Some take the last moment that counts, others the first that does not.
    """
    edges = (*when, when[1] - _MOMENT)
    if source.zoning is Zoning.PARTITION and any(is_ambiguous(edge, time_zone) for edge in edges):
        raise UnaskableError("a time that the clock shows twice")
    if not source.has_total:
        raise UnaskableError("the vendor answers buckets only")


class _Wanted:
    """One figure as a request wants it: restricted, and told apart."""

    def __init__(
        self,
        tables: Measurables,
        name: str,
        request: MeasureRequest,
        words: tuple[str, ...] | None,
    ) -> None:
        self.figure: Figure = tables.figures[name]
        self.source = tables.sources[self.figure.source]
        self.how = self.source.groupings
        self.request = request
        self.ids = {dimension: tuple(ids) for dimension, ids in request.filters}
        if words is not None:
            self.ids[Dimension.CHANNEL] = words
        self._check()
        self.apart = tuple(self._apart())

    def _check(self) -> None:
        offered = self.how if self.figure.dimensions is None else self.figure.dimensions
        for dimension in self.request.group_by:
            if dimension not in offered or dimension not in self.how:
                raise NotOfferedError(f"not by {dimension.name}")
        for dimension in self.ids:
            if dimension not in self.how:
                raise NotOfferedError(f"not only some of {dimension.name}")
            told = dimension in offered or dimension is self.source.always_by
            if not told and self._picked(dimension):
                raise NotOfferedError(f"not only some of {dimension.name}")

    def _apart(self) -> Iterator[Dimension]:
        """Yield what is told apart though nobody asked for it."""
        always = self.source.always_by
        if always is not None and always not in self.request.group_by:
            yield always
        for dimension in self.ids:
            if dimension not in {always, *self.request.group_by} and self._picked(dimension):
                yield dimension

    def _picked(self, dimension: Dimension) -> bool:
        """Return whether some members can be had only by picking them from what is told apart."""
        how, filters = self.how[dimension], self.source.filters
        if how is Grouping.LISTED:
            return filters is not None and dimension not in filters
        return how is Grouping.ALL or dimension not in self.source.several_at_once

    def together(self, members: Iterable[Dimension]) -> tuple[Dimension, ...]:
        """Return the dimensions that the call groups by; the others are filters."""
        named = tuple(one for one in members if self.how[one] is not Grouping.EACH)
        if len(named) <= 1:
            return named
        for pair in self.source.group_pairs:
            if set(pair) == set(named):
                return pair
        raise NotOfferedError("not by these at once")

    def call(self, when: Interval, partition: str, members: Group) -> MeasureCall:
        """Return the call for these members: one figure, no buckets."""
        grouped = self.together(members)
        listed = [one for one in grouped if self.how[one] is Grouping.LISTED]
        filters: dict[Dimension, tuple[str, ...]] = {
            dimension: (one,) for dimension, one in members.items() if dimension not in grouped
        }
        for dimension, ids in self.ids.items():
            if dimension not in members and not self._picked(dimension):
                filters[dimension] = tuple(sorted(set(ids)))
        return MeasureCall(
            source=self.source.name,
            figures=(self.figure.name,),
            start=when[0],
            end=when[1],
            zone=self.request.zone,
            grain=Grain.TOTAL,
            group_by=grouped,
            members=tuple(members[one] for one in listed),
            filters=tuple(sorted(filters.items())),
            partition=partition,
        )
