"""The members of groups in tables of measured values: up to two dimensions, in fixed columns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from resolvers.context import RequestContext
from resolvers.planner.series import GroupMember
from resolvers.rows.columns import Cell, Row, RowColumn, RowType, titled
from resolvers.rows.table import RowArgument, RowRequest
from vendors.errors import PlatformError
from vendors.measures import Dimension

__all__ = [
    "GROUP",
    "MEMBERS",
    "MEMBER_IDS",
    "MEMBER_NAMES",
    "Names",
    "dimensions_of",
    "member_cells",
    "name_of",
    "names_of",
]

_PLACES = (1, 2)

GROUP = RowArgument(
    name="group",
    description="What to tell apart beside platforms: up to two dimensions.",
    several=True,
    choices=tuple(one.value for one in Dimension if one is not Dimension.PLATFORM),
    most=len(_PLACES),
)


def _text(name: str, description: str) -> RowColumn:
    return RowColumn(name=name, title=titled(name), type=RowType.TEXT, description=description)


def _member(place: int) -> tuple[RowColumn, ...]:
    return (
        _text(f"dimension_{place}", f"The dimension number {place} of `group`."),
        _text(
            f"member_{place}_id",
            f"The platform's ID of the member of dimension {place}; an empty text where there is "
            "no such dimension.",
        ),
        _text(f"member_{place}_name", f"The name of the member of dimension {place}."),
    )


MEMBERS = tuple(column for place in _PLACES for column in _member(place))
"""The columns of `member_cells`."""
MEMBER_IDS = tuple(f"member_{place}_id" for place in _PLACES)
MEMBER_NAMES = tuple(f"member_{place}_name" for place in _PLACES)
_NOBODY: Row = (None, "", None)
"""What stands where there is no such dimension: IDs are parts of keys, of which none is None."""

Names: TypeAlias = Mapping[tuple[str, str], str]
"""The names of agents, by platform and ID."""


def dimensions_of(request: RowRequest) -> tuple[Dimension, ...]:
    """Return by what is to be grouped."""
    return tuple(Dimension(word) for word in request.arguments.get(GROUP.name, ()))


def member_cells(group: Sequence[GroupMember], names: Names) -> Row:
    """Return what stands in `MEMBERS`."""
    cells: list[Cell] = []
    for member in group:
        cells += (member.dimension.value, member.id, name_of(member, names))
    return (*cells, *_NOBODY * (len(_PLACES) - len(group)))


async def names_of(context: RequestContext, members: Iterable[GroupMember]) -> Names:
    """Return the names of agents whom the figures tell by ID alone: one list for each platform.

    Where that list cannot be had, the figures are there, and the names are not.
    """
    load = context.loaders.agent_by_key.load
    unnamed = {
        (one.platform, one.id): None
        for one in members
        if one.dimension is Dimension.AGENT and one.name is None and one.platform
    }
    told = await asyncio.gather(*map(load, unnamed), return_exceptions=True)
    names: dict[tuple[str, str], str] = {}
    for key, agent in zip(unnamed, told, strict=True):
        if isinstance(agent, BaseException):
            if not isinstance(agent, PlatformError):
                raise agent
        elif agent is not None:
            names[key] = agent.label
    return names


def name_of(member: GroupMember, names: Names) -> str | None:
    """Return what people call the member: of channels our word, whatever the platform's is."""
    if member.channel is not None:
        return member.channel.value
    return member.name or names.get((member.platform or "", member.id))
