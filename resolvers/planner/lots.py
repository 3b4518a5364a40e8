"""Which kinds of calls a figure needs for the asked groups and filters, or why it cannot be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from resolvers.planner.request import Lot, MeasureRequest
from vendors.measures import (
    Dimension,
    Figure,
    Grouping,
    Measurables,
    Member,
    Partition,
    Source,
)

__all__ = ["NotOfferedError", "lots_of", "named_dimension"]

Members = Mapping[Dimension, tuple[Member, ...]]


class NotOfferedError(Exception):
    """The platform declares that it cannot give the figure as asked; the message says why.

    `unknown` is the dimension of which no member is known, where that is the reason.
    """

    def __init__(self, message: str, *, unknown: Dimension | None = None) -> None:
        """Say why."""
        super().__init__(message)
        self.unknown = unknown


def lots_of(
    figure: Figure,
    request: MeasureRequest,
    tables: Measurables,
    members: Members,
    channels: frozenset[str] | None,
) -> tuple[Lot, ...]:
    """Return the lots for the figure; raise NotOfferedError where the platform cannot.

    `channels` restricts to the vendor's channels of that name, where the indicator demands it.
    """
    source = tables.sources[figure.source]
    _check_arguments(request, source, tables)
    chosen = _chosen(request, tables, source, figure, channels)
    grouped = _grouped(figure, source, request.group_by, chosen)
    together = tuple(d for d in grouped if source.groupings[d] is not Grouping.EACH)
    one_by_one = tuple(d for d in grouped if source.groupings[d] is Grouping.EACH)
    _check_pair(source, together)
    listed = _first_listed(together, source)
    named = () if listed is None else tuple(sorted(_ids(listed, chosen, members)))
    filters = tuple(
        (dimension, ids)
        for dimension, ids in chosen.items()
        if dimension not in grouped and source.groupings[dimension] is not Grouping.ALL
    )
    choices = [[(d, one) for one in _ids(d, chosen, members)] for d in one_by_one]
    lots = tuple(
        Lot(
            source=source.name,
            zone=request.zone,
            group_by=together,
            members=named,
            filters=(*filters, *((dimension, (one,)) for dimension, one in assigned)),
            partition=partition.key,
            assigned=assigned,
            channels=_sorted_out_here(source, chosen),
            arguments=request.arguments,
        )
        for partition in tables.partitions
        for assigned in product(*choices)
        if _holds(partition, {**chosen, **{d: (one,) for d, one in assigned}})
    )
    if not lots:
        message = "The platform has no SITE of that id."
        raise NotOfferedError(message)
    return lots


def named_dimension(lot: Lot, source: Source) -> Dimension | None:
    """Return the dimension whose members a lot's calls name."""
    return _first_listed(lot.group_by, source)


def _first_listed(dimensions: Sequence[Dimension], source: Source) -> Dimension | None:
    return next((d for d in dimensions if source.groupings[d] is Grouping.LISTED), None)


def _check_arguments(request: MeasureRequest, source: Source, tables: Measurables) -> None:
    """Raise NotOfferedError where the source does not take what it would be told, or lacks some."""
    told = {one.name for one in request.arguments}
    for name in sorted(told - set(source.parameters)):
        message = f"It does not take the parameter {name}."
        raise NotOfferedError(message)
    for name, parameter in tables.parameters.items():
        if parameter.required and name in source.parameters and name not in told:
            message = f"It is not told without the parameter {name}."
            raise NotOfferedError(message)


def _holds(partition: Partition, asked: Mapping[Dimension, tuple[str, ...]]) -> bool:
    """Return whether any of the sites that are asked for is one of the partition's."""
    sites = asked.get(Dimension.SITE)
    return not sites or not partition.sites or any(one in partition.sites for one in sites)


def _chosen(
    request: MeasureRequest,
    tables: Measurables,
    source: Source,
    figure: Figure,
    channels: frozenset[str] | None,
) -> dict[Dimension, tuple[str, ...]]:
    """Return the ids that each filtered dimension is restricted to, in the vendor's words."""
    # In one order and once, so that one question is one call and one key, however it is put.
    chosen = {dimension: tuple(sorted(set(ids))) for dimension, ids in request.filters}
    allowed = _allowed_channels(request, tables, source, figure, channels)
    if allowed is not None:
        chosen[Dimension.CHANNEL] = allowed
    for dimension in chosen:
        if dimension not in source.groupings:
            message = f"It cannot be restricted by {dimension.name}."
            raise NotOfferedError(message)
    return chosen


def _allowed_channels(
    request: MeasureRequest,
    tables: Measurables,
    source: Source,
    figure: Figure,
    channels: frozenset[str] | None,
) -> tuple[str, ...] | None:
    """Return the vendor's channels that count, or None where none is excluded."""
    splits = (
        source.always_by is Dimension.CHANNEL or Dimension.CHANNEL in request.group_by
    ) and source.groupings.get(Dimension.CHANNEL) is Grouping.EACH
    limits = [channels, figure.channels if splits or request.channels else None]
    if request.channels:
        limits.append(
            frozenset(word for word, one in tables.channels.items() if one in request.channels)
        )
    if all(limit is None for limit in limits):
        return None
    words = tuple(tables.channels)
    if not words:
        message = "It cannot be restricted by CHANNEL."
        raise NotOfferedError(message)
    allowed = tuple(
        word for word in words if all(limit is None or word in limit for limit in limits)
    )
    if allowed == words:
        return None
    if not allowed:
        message = "None of the platform's channels measures it."
        raise NotOfferedError(message)
    return allowed


def _grouped(
    figure: Figure,
    source: Source,
    group_by: Sequence[Dimension],
    chosen: Mapping[Dimension, tuple[str, ...]],
) -> tuple[Dimension, ...]:
    """Return the dimensions to ask by: the wanted ones, the forced one, and filters told apart."""
    offered = source.groupings if figure.dimensions is None else figure.dimensions
    for dimension in group_by:
        if dimension not in offered or dimension not in source.groupings:
            message = f"It cannot be grouped by {dimension.name}."
            raise NotOfferedError(message)
    forced = [source.always_by] if source.always_by else []
    selected = [d for d in chosen if _told_apart(source, d)]
    for dimension in selected:
        if dimension not in offered and dimension not in forced:
            message = f"It cannot be restricted by {dimension.name}."
            raise NotOfferedError(message)
    return tuple(dict.fromkeys((*group_by, *forced, *selected)))


def _sorted_out_here(
    source: Source, chosen: Mapping[Dimension, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the channels that count, where the vendor answers all of them or none."""
    together = source.groupings.get(Dimension.CHANNEL) is Grouping.ALL
    return chosen.get(Dimension.CHANNEL, ()) if together else ()


def _told_apart(source: Source, dimension: Dimension) -> bool:
    """Return whether a filter by this dimension is served by asking for its members apart."""
    grouping = source.groupings[dimension]
    if grouping is Grouping.LISTED:
        return source.filters is not None and dimension not in source.filters
    return grouping is Grouping.ALL or dimension not in source.several_at_once


def _check_pair(source: Source, together: Sequence[Dimension]) -> None:
    """Raise NotOfferedError where one call cannot group by these dimensions at once."""
    if len(together) <= 1:
        return
    pair = (together[0], together[1])
    if len(together) > 2 or not {pair, pair[::-1]} & source.group_pairs:  # noqa: PLR2004
        names = " and ".join(one.name for one in together)
        message = f"It cannot be grouped by {names} at once."
        raise NotOfferedError(message)


def _ids(
    dimension: Dimension, chosen: Mapping[Dimension, tuple[str, ...]], members: Members
) -> Iterable[str]:
    """Return the members to ask about: those that were chosen, else all that are known."""
    if dimension in chosen:
        return chosen[dimension]
    known = [one.id for one in members.get(dimension, ())]
    if not known:
        message = f"No member of {dimension.name} is known; name them in the platform's settings."
        raise NotOfferedError(message, unknown=dimension)
    return known
