"""Changes of teams and skills."""

import strawberry
from strawberry import ID

from resolvers.node_ids import NodeKind
from schema.changing import created, deleted, entry, filled, payload_type, shown, updated
from schema.teams import Skill, Team
from vendors import records, writes

__all__ = ["TeamMutation"]

_NAME = "Its name."
_PARENT = "The platform's own id of the {0} that it is within."
_POSITION = "Its place among the others, where people are shown them."
_LEFT = " Left out or null: as it is."
_NOW = "The {0} as it is now; null where there is none."

_TEAMS = payload_type(
    "Team", "a team", shown("team", Team, entry(records.Team), _NOW.format("team"))
)
_SKILLS = payload_type(
    "Skill", "a skill", shown("skill", Skill, entry(records.Skill), _NOW.format("skill"))
)


@strawberry.input(description="A team to be made.")
class CreateTeamInput:
    """A new team."""

    name: str = strawberry.field(description=_NAME)
    parent_id: str | None = strawberry.field(description=_PARENT.format("team"), default=None)


@strawberry.input(description="What is to be changed of a team.")
class UpdateTeamInput:
    """A changed team."""

    id: ID = strawberry.field(description="The global id of the team.")
    name: str | None = strawberry.field(description=_NAME + _LEFT, default=None)
    parent_id: str | None = strawberry.field(
        description=_PARENT.format("team") + _LEFT, default=None
    )


@strawberry.input(description="A skill to be made.")
class CreateSkillInput:
    """A new skill."""

    name: str = strawberry.field(description=_NAME)
    parent_id: str | None = strawberry.field(description=_PARENT.format("skill"), default=None)
    position: int | None = strawberry.field(description=_POSITION, default=None)


@strawberry.input(description="What is to be changed of a skill.")
class UpdateSkillInput:
    """A changed skill."""

    id: ID = strawberry.field(description="The global id of the skill.")
    name: str | None = strawberry.field(description=_NAME + _LEFT, default=None)
    parent_id: str | None = strawberry.field(
        description=_PARENT.format("skill") + _LEFT, default=None
    )
    position: int | None = strawberry.field(description=_POSITION + _LEFT, default=None)


@strawberry.type
class TeamMutation:
    """The part of Mutation that is about teams and skills."""

    create_team = created(
        _TEAMS,
        CreateTeamInput,
        lambda one: filled(writes.CreateTeam, one),
        "Make teams on a platform that offers CREATE_TEAM.",
    )
    update_team = updated(
        _TEAMS,
        UpdateTeamInput,
        NodeKind.TEAM,
        lambda one, native_id: filled(writes.UpdateTeam, one, native_id=native_id),
        "Change teams on a platform that offers UPDATE_TEAM.",
    )
    delete_team = deleted(
        _TEAMS,
        NodeKind.TEAM,
        lambda native_id: writes.DeleteTeam(native_id=native_id),
        "Delete teams on a platform that offers DELETE_TEAM.",
    )
    create_skill = created(
        _SKILLS,
        CreateSkillInput,
        lambda one: filled(writes.CreateSkill, one),
        "Make skills on a platform that offers CREATE_SKILL.",
    )
    update_skill = updated(
        _SKILLS,
        UpdateSkillInput,
        NodeKind.SKILL,
        lambda one, native_id: filled(writes.UpdateSkill, one, native_id=native_id),
        "Change skills on a platform that offers UPDATE_SKILL.",
    )
    delete_skill = deleted(
        _SKILLS,
        NodeKind.SKILL,
        lambda native_id: writes.DeleteSkill(native_id=native_id),
        "Delete skills on a platform that offers DELETE_SKILL.",
    )
