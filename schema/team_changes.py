"""Changes of teams and skills."""

from typing import Annotated

import strawberry
from strawberry import ID, Parent

from resolvers.node_ids import NodeKind
from resolvers.writes import Result, write_each
from schema.context import Info
from schema.teams import Skill, Team
from schema.writes import DRY_RUN, KEY, PLATFORM, WriteResult, given, meant, named
from vendors import records, writes

__all__ = ["TeamMutation"]

_PARENT = "The platform's own id of the {0} that it is within."
_LEFT = " Left out or null: as it is."
_DELETED = "The global ids of the {0}s, at most 100."

_Key = Annotated[str | None, KEY]
_DryRun = Annotated[bool, DRY_RUN]


async def _team(root: Parent[Result], info: Info) -> Team | None:
    if root.native_id is None:
        return None
    links = info.context.loaders.links
    return await links.entry(records.Team, root.platform, root.native_id)  # type: ignore[return-value]  # the type reads the record


async def _skill(root: Parent[Result], info: Info) -> Skill | None:
    if root.native_id is None:
        return None
    links = info.context.loaders.links
    return await links.entry(records.Skill, root.platform, root.native_id)  # type: ignore[return-value]  # the type reads the record


@strawberry.type(description="What became of one change of a team.")
class TeamResult(WriteResult):
    """A result about a team."""

    team: Team | None = strawberry.field(
        description="The team as it is now; null where there is none.", resolver=_team
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a result."""
        return isinstance(value, Result)


@strawberry.type(description="What became of the changes of teams that were asked for.")
class TeamPayload:
    """The results about teams."""

    results: list[TeamResult | None] = strawberry.field(
        description="One for each item of the input, in its order; null where the platform failed, "
        "with an error that says how."
    )


@strawberry.input(description="A team to be made.")
class CreateTeamInput:
    """A new team."""

    name: str = strawberry.field(description="Its name.")
    parent_id: str | None = strawberry.field(description=_PARENT.format("team"), default=None)


@strawberry.input(description="What is to be changed of a team.")
class UpdateTeamInput:
    """A changed team."""

    id: ID = strawberry.field(description="The global id of the team.")
    name: str | None = strawberry.field(description="Its name." + _LEFT, default=None)
    parent_id: str | None = strawberry.field(
        description=_PARENT.format("team") + _LEFT, default=None
    )


async def _create_team(
    info: Info,
    platform: Annotated[str, PLATFORM],
    input: Annotated[
        list[CreateTeamInput], strawberry.argument(description="The teams, at most 100.")
    ],
    idempotency_key: _Key = None,
    dry_run: _DryRun = False,
) -> TeamPayload:
    on = named(info, platform)
    changes = [(on, writes.CreateTeam(name=one.name, parent_id=one.parent_id)) for one in input]
    made = await write_each(info.context, changes, key=idempotency_key, dry_run=dry_run)
    return TeamPayload(results=made)  # type: ignore[arg-type]  # the type reads the results


async def _update_team(
    info: Info,
    input: Annotated[
        list[UpdateTeamInput], strawberry.argument(description="The changes, at most 100.")
    ],
    idempotency_key: _Key = None,
    dry_run: _DryRun = False,
) -> TeamPayload:
    changes = []
    for one in input:
        on, native_id = meant(info, one.id, NodeKind.TEAM)
        changes.append(
            (
                on,
                writes.UpdateTeam(
                    native_id=native_id,
                    name=given(one.name),
                    parent_id=given(one.parent_id),
                ),
            )
        )
    made = await write_each(info.context, changes, key=idempotency_key, dry_run=dry_run)
    return TeamPayload(results=made)  # type: ignore[arg-type]  # the type reads the results


async def _delete_team(
    info: Info,
    ids: Annotated[list[ID], strawberry.argument(description=_DELETED.format("team"))],
    idempotency_key: _Key = None,
    dry_run: _DryRun = False,
) -> TeamPayload:
    asked = [meant(info, one, NodeKind.TEAM) for one in ids]
    changes = [(on, writes.DeleteTeam(native_id=native_id)) for on, native_id in asked]
    made = await write_each(info.context, changes, key=idempotency_key, dry_run=dry_run)
    return TeamPayload(results=made)  # type: ignore[arg-type]  # the type reads the results


@strawberry.type(description="What became of one change of a skill.")
class SkillResult(WriteResult):
    """A result about a skill."""

    skill: Skill | None = strawberry.field(
        description="The skill as it is now; null where there is none.", resolver=_skill
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a result."""
        return isinstance(value, Result)


@strawberry.type(description="What became of the changes of skills that were asked for.")
class SkillPayload:
    """The results about skills."""

    results: list[SkillResult | None] = strawberry.field(
        description="One for each item of the input, in its order; null where the platform failed, "
        "with an error that says how."
    )


@strawberry.input(description="A skill to be made.")
class CreateSkillInput:
    """A new skill."""

    name: str = strawberry.field(description="Its name.")
    parent_id: str | None = strawberry.field(description=_PARENT.format("skill"), default=None)
    position: int | None = strawberry.field(
        description="Its place among the others, where people are shown them.", default=None
    )


@strawberry.input(description="What is to be changed of a skill.")
class UpdateSkillInput:
    """A changed skill."""

    id: ID = strawberry.field(description="The global id of the skill.")
    name: str | None = strawberry.field(description="Its name." + _LEFT, default=None)
    parent_id: str | None = strawberry.field(
        description=_PARENT.format("skill") + _LEFT, default=None
    )
    position: int | None = strawberry.field(
        description="Its place among the others, where people are shown them." + _LEFT,
        default=None,
    )


async def _create_skill(
    info: Info,
    platform: Annotated[str, PLATFORM],
    input: Annotated[
        list[CreateSkillInput], strawberry.argument(description="The skills, at most 100.")
    ],
    idempotency_key: _Key = None,
    dry_run: _DryRun = False,
) -> SkillPayload:
    on = named(info, platform)
    changes = [
        (on, writes.CreateSkill(name=one.name, parent_id=one.parent_id, position=one.position))
        for one in input
    ]
    made = await write_each(info.context, changes, key=idempotency_key, dry_run=dry_run)
    return SkillPayload(results=made)  # type: ignore[arg-type]  # the type reads the results


async def _update_skill(
    info: Info,
    input: Annotated[
        list[UpdateSkillInput], strawberry.argument(description="The changes, at most 100.")
    ],
    idempotency_key: _Key = None,
    dry_run: _DryRun = False,
) -> SkillPayload:
    changes = []
    for one in input:
        on, native_id = meant(info, one.id, NodeKind.SKILL)
        changes.append(
            (
                on,
                writes.UpdateSkill(
                    native_id=native_id,
                    name=given(one.name),
                    parent_id=given(one.parent_id),
                    position=given(one.position),
                ),
            )
        )
    made = await write_each(info.context, changes, key=idempotency_key, dry_run=dry_run)
    return SkillPayload(results=made)  # type: ignore[arg-type]  # the type reads the results


async def _delete_skill(
    info: Info,
    ids: Annotated[list[ID], strawberry.argument(description=_DELETED.format("skill"))],
    idempotency_key: _Key = None,
    dry_run: _DryRun = False,
) -> SkillPayload:
    asked = [meant(info, one, NodeKind.SKILL) for one in ids]
    changes = [(on, writes.DeleteSkill(native_id=native_id)) for on, native_id in asked]
    made = await write_each(info.context, changes, key=idempotency_key, dry_run=dry_run)
    return SkillPayload(results=made)  # type: ignore[arg-type]  # the type reads the results


@strawberry.type
class TeamMutation:
    """The part of Mutation that is about teams and skills."""

    create_team: TeamPayload | None = strawberry.mutation(
        description="Make teams on a platform that offers CREATE_TEAM.",
        resolver=_create_team,
    )
    update_team: TeamPayload | None = strawberry.mutation(
        description="Change teams on a platform that offers UPDATE_TEAM.",
        resolver=_update_team,
    )
    delete_team: TeamPayload | None = strawberry.mutation(
        description="Delete teams on a platform that offers DELETE_TEAM.",
        resolver=_delete_team,
    )
    create_skill: SkillPayload | None = strawberry.mutation(
        description="Make skills on a platform that offers CREATE_SKILL.",
        resolver=_create_skill,
    )
    update_skill: SkillPayload | None = strawberry.mutation(
        description="Change skills on a platform that offers UPDATE_SKILL.",
        resolver=_update_skill,
    )
    delete_skill: SkillPayload | None = strawberry.mutation(
        description="Delete skills on a platform that offers DELETE_SKILL.",
        resolver=_delete_skill,
    )
