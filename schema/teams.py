"""Teams and skills: how a company's agents are grouped, and what they can answer."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent

from resolvers.directories import DirectoryFilter, listed
from resolvers.node_ids import NodeKind
from schema.context import Info
from schema.entries import entry_of, id_of, platform_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.platforms import PLATFORMS, Platform
from vendors import records

if TYPE_CHECKING:
    from schema.agents import Agent

__all__ = ["Skill", "Team", "TeamQuery"]

_Agents = list[Annotated["Agent", strawberry.lazy("schema.agents")]] | None

NAMED = "A part of the name, in whatever case; with `*` for anything, the whole name."


async def _parent_team(
    root: Parent[records.Team], info: Info
) -> Annotated["Team", strawberry.lazy("schema.teams")] | None:
    return await entry_of(info, records.Team, root, root.parent_id)  # type: ignore[no-any-return]


async def _parent_skill(
    root: Parent[records.Skill], info: Info
) -> Annotated["Skill", strawberry.lazy("schema.teams")] | None:
    return await entry_of(info, records.Skill, root, root.parent_id)  # type: ignore[no-any-return]


async def _agents(root: Parent[records.Team | records.Skill], info: Info) -> _Agents:
    return await info.context.loaders.links.agents_of(root)  # type: ignore[return-value]  # the type reads the records


@strawberry.type(description="A group of agents on one platform.")
class Team(Node):
    """A team."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same team, for ever.",
        resolver=id_of(NodeKind.TEAM),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that knows the team.", resolver=platform_of
    )
    label: str = strawberry.field(description="What to show people: the name, or the id.")
    name: str | None = strawberry.field(description="The name.")
    parent_id: str | None = strawberry.field(
        description="The platform's id of the team that this one is within."
    )
    parent: Annotated["Team", strawberry.lazy("schema.teams")] | None = strawberry.field(
        description="The team that this one is within.", resolver=_parent_team
    )
    ancestor_ids: list[str] | None = strawberry.field(
        description="The platform's ids of all teams above; null where it does not tell them."
    )
    agent_ids: list[str] | None = strawberry.field(
        description="The platform's ids of its agents; null where it does not tell them."
    )
    agents: _Agents = strawberry.field(
        description="Its agents; null where neither it nor they are told to belong together.",
        resolver=_agents,
    )
    created_at: datetime | None = strawberry.field(description="When it was made.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a team."""
        return isinstance(value, records.Team)


@strawberry.type(description="A subject that some agents of one platform can answer.")
class Skill(Node):
    """A skill."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same skill, for ever.",
        resolver=id_of(NodeKind.SKILL),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that knows the skill.", resolver=platform_of
    )
    label: str = strawberry.field(description="What to show people: the name, or the id.")
    name: str | None = strawberry.field(description="The name.")
    position: int | None = strawberry.field(
        description="Its place among the others, where people are shown them."
    )
    parent_id: str | None = strawberry.field(
        description="The platform's id of the skill that this one is within."
    )
    parent: Annotated["Skill", strawberry.lazy("schema.teams")] | None = strawberry.field(
        description="The skill that this one is within.", resolver=_parent_skill
    )
    agent_ids: list[str] | None = strawberry.field(
        description="The platform's ids of agents who have it; null where it does not tell them."
    )
    agents: _Agents = strawberry.field(
        description="The agents who have it; null where neither it nor they tell.",
        resolver=_agents,
    )
    created_at: datetime | None = strawberry.field(description="When it was made.")

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a skill."""
        return isinstance(value, records.Skill)


@strawberry.input(description="Which teams are wanted; members that are left out mean all.")
class TeamFilter:
    """Restricts teams."""

    native_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids.", default=None
    )
    name: str | None = strawberry.field(description=NAMED, default=None)
    parent_ids: list[str] | None = strawberry.field(
        description="Ids of the teams that they are within.", default=None
    )
    agent_ids: list[str] | None = strawberry.field(
        description="Ids of agents who belong to them.", default=None
    )


@strawberry.input(description="Which skills are wanted; members that are left out mean all.")
class SkillFilter:
    """Restricts skills."""

    native_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids.", default=None
    )
    name: str | None = strawberry.field(description=NAMED, default=None)
    parent_ids: list[str] | None = strawberry.field(
        description="Ids of the skills that they are within.", default=None
    )
    agent_ids: list[str] | None = strawberry.field(
        description="Ids of agents who have them.", default=None
    )


def _wanted(given: TeamFilter | SkillFilter | None) -> DirectoryFilter:
    if given is None:
        return DirectoryFilter()
    return DirectoryFilter(
        native_ids=tuple(given.native_ids or ()),
        name=given.name,
        parent_ids=tuple(given.parent_ids or ()),
        agent_ids=tuple(given.agent_ids or ()),
    )


async def _teams(
    info: Info,
    filter: Annotated[
        TeamFilter | None, strawberry.argument(description="Which teams are wanted.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Team] | None:
    context = info.context
    return await listed(  # type: ignore[return-value]  # the type reads the record
        context,
        records.Team,
        _wanted(filter),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


async def _skills(
    info: Info,
    filter: Annotated[
        SkillFilter | None, strawberry.argument(description="Which skills are wanted.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Skill] | None:
    context = info.context
    return await listed(  # type: ignore[return-value]  # the type reads the record
        context,
        records.Skill,
        _wanted(filter),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class TeamQuery:
    """The part of Query that is about teams and skills."""

    teams: Connection[Team] | None = strawberry.field(
        description="The teams of all platforms that list them, by platform and name.",
        resolver=_teams,
    )
    skills: Connection[Skill] | None = strawberry.field(
        description="The skills of all platforms that list them, by platform and name.",
        resolver=_skills,
    )
