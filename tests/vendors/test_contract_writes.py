"""What every vendor that takes changes must hold to, each against its own simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from tests.simulators import VENDORS, opened, serving

from vendors.calls import Call
from vendors.capabilities import CHANGES
from vendors.port import Platform
from vendors.records import Listed, Record, Skill, Team
from vendors.writes import (
    Change,
    CreateSkill,
    CreateTeam,
    DeleteSkill,
    DeleteTeam,
    RefusalCode,
    UpdateSkill,
    UpdateTeam,
    WriteRefusedError,
)

LIVES: tuple[tuple[Any, Any, Any], ...] = (
    (CreateTeam, UpdateTeam, DeleteTeam),
    (CreateSkill, UpdateSkill, DeleteSkill),
)
NOBODY = "999999999"

each_life = pytest.mark.parametrize("life", LIVES, ids=lambda life: life[0].kind.__name__)


@pytest.fixture(scope="module", params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def table(vendor: str) -> Iterator[Mapping[str, Any]]:
    with serving(vendor) as settings:
        yield settings


@pytest.fixture
async def platform(vendor: str, table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    one = opened(vendor, table)
    yield one
    await one.close()


async def listed(platform: Platform, kind: type[Record] | None) -> dict[str, Any]:
    assert kind is not None
    assert issubclass(kind, Listed)
    if not platform.lists(kind):
        return {}
    assert platform.directories is not None
    found = await platform.directories.directory(kind, Call.within(30))
    return {one.native_id: one for one in found}


async def made(platform: Platform, change: Change) -> str:
    if platform.writes is None or not platform.takes(type(change)):
        pytest.skip("the vendor takes no such change")
    assert platform.writes.refusals(change) == ()
    native_id = (await platform.writes.make(change, Call.within(30))).native_id
    assert native_id is not None
    return native_id


def test_what_is_declared_is_what_the_port_takes(platform: Platform) -> None:
    declared = {change for change, one in CHANGES.items() if one in platform.capabilities}

    taken = frozenset() if platform.writes is None else platform.writes.changes
    assert declared == taken
    for change in taken:
        if issubclass(change, CreateTeam | CreateSkill):
            assert change.kind in {Team, Skill}
            assert platform.lists(Team if change.kind is Team else Skill), (
                "what is created can be looked up"
            )


@each_life
async def test_what_is_changed_is_seen_in_later_reads(
    platform: Platform, life: tuple[Any, Any, Any]
) -> None:
    create, update, delete = life
    native_id = await made(platform, create(name="Night & Étranger"))
    before = await listed(platform, create.kind)
    inner = await made(platform, create(name="Within", parent_id=native_id))

    assert before[native_id].name == "Night & Étranger"
    assert before[native_id].created_at is not None
    assert (await listed(platform, create.kind))[inner].parent_id == native_id

    assert await made(platform, update(native_id=native_id, name="Day")) == native_id
    after = await listed(platform, create.kind)
    assert after[native_id].name == "Day"
    assert {**after, native_id: before[native_id]} == {**before, inner: after[inner]}

    assert await made(platform, delete(native_id=inner)) == inner
    assert await made(platform, delete(native_id=native_id)) == native_id
    assert not {native_id, inner} & set(await listed(platform, create.kind))


@each_life
async def test_what_is_not_there_is_refused(platform: Platform, life: tuple[Any, Any, Any]) -> None:
    create, update, delete = life
    for change, field in (
        (update(native_id=NOBODY, name="Day"), "native_id"),
        (delete(native_id=NOBODY), "native_id"),
        (create(name="Lost", parent_id=NOBODY), "parent_id"),
    ):
        before = await listed(platform, create.kind)
        with pytest.raises(WriteRefusedError) as raised:
            await made(platform, change)
        (refusal,) = raised.value.refusals
        assert (refusal.code, refusal.field) == (RefusalCode.NOT_FOUND, field)
        assert await listed(platform, create.kind) == before


async def test_who_leaves_a_team_that_is_deleted_is_in_none(platform: Platform) -> None:
    if not platform.takes(DeleteTeam) or platform.agents is None:
        pytest.skip("the vendor deletes no teams")
    team = next(one for one in (await listed(platform, Team)).values() if one.agent_ids)
    await made(platform, DeleteTeam(native_id=team.native_id))

    agents = await platform.agents.agents(Call.within(30))
    assert {one.native_id for one in agents} >= set(team.agent_ids)
    assert not [one for one in agents if team.native_id in (one.team_ids or ())]


async def test_who_had_a_skill_that_is_deleted_has_it_no_more(platform: Platform) -> None:
    if not platform.takes(DeleteSkill) or platform.agents is None:
        pytest.skip("the vendor deletes no skills")
    skill = next(one for one in (await listed(platform, Skill)).values() if one.agent_ids)
    await made(platform, DeleteSkill(native_id=skill.native_id))

    agents = await platform.agents.agents(Call.within(30))
    assert not [one for one in agents if skill.native_id in (one.skill_ids or ())]
