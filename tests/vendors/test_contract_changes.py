"""Every change that a vendor declares: made and seen, refused with its field, and never doubled.

Each vendor is asked through the resolvers, against its own simulator; what is changed is one
sample of each kind, made of what the simulator has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
from tests.fakes import context_of
from tests.simulators import VENDORS, opened, serving

from resolvers.lost_changes import search_of
from resolvers.writes import Result, WriteStatus, write_each
from vendors.calls import Call
from vendors.capabilities import CHANGES
from vendors.port import Platform
from vendors.records import Channel, Site
from vendors.writes import (
    AgentMembers,
    Change,
    Create,
    CreateAgent,
    CreateCustomer,
    CreateSkill,
    CreateTag,
    CreateTeam,
    CustomerMembers,
    Delete,
    DeleteAgent,
    DeleteCustomer,
    DeleteSkill,
    DeleteTeam,
    DisconnectAgent,
    HangUpCallback,
    PickUpCallback,
    RefusalCode,
    RequestNpsExport,
    SetAgentAvailability,
    UpdateAgent,
    UpdateCustomer,
    UpdateSite,
    UpdateSkill,
    UpdateTeam,
)

NOBODY = "999999999"
END = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = count(1)
CHAT = ((Channel.CHAT, True),)


class Place:
    """What a sample may be about: something that is there, or, as `NOWHERE`, nothing."""

    def __init__(self, site: str, agent: str, employee: str) -> None:
        self.site, self.agent, self.employee = site, agent, employee


NOWHERE = Place(NOBODY, NOBODY, NOBODY)
NOT_EVEN_IDS = Place("no id", "no id", " ")


def new_agent(place: Place, number: int) -> CreateAgent:
    """Return an agent of an address of their own, who serves that site."""
    members = AgentMembers(
        family_name="Byron", email=f"b{number}@example.org", site_ids=(place.site,)
    )
    return CreateAgent(members=members)


def new_customer(place: Place, number: int) -> CreateCustomer:
    """Return a customer of a number of their own, known to that site."""
    told = CustomerMembers(external_id=f"CRM-{number}", city="London", site_ids=(place.site,))
    return CreateCustomer(members=told)


def call(kind: type[Any]) -> Callable[[Place, int], Change]:
    """Return what tells of a call."""
    return lambda place, number: kind(
        agent_external_id=place.employee, site_id=place.site, phone=f"+336{number:08}"
    )


CREATES: Mapping[type[Change], tuple[Callable[[Place, int], Change], str]] = {
    CreateTeam: (lambda place, n: CreateTeam(name=f"T{n}", parent_id=lost(place)), "parent_id"),
    CreateSkill: (lambda place, n: CreateSkill(name=f"S{n}", parent_id=lost(place)), "parent_id"),
    CreateAgent: (new_agent, "site_ids"),
    CreateCustomer: (new_customer, "site_ids"),
    CreateTag: (lambda place, n: CreateTag(name=f"G{n}", site_id=place.site), "site_id"),
}
"""A sample of each kind that creates, and the member that names something else."""
UPDATES: Mapping[type[Change], tuple[type[Change] | None, Callable[[str], Change], str, object]] = {
    UpdateTeam: (CreateTeam, lambda one: UpdateTeam(native_id=one, name="New"), "name", "New"),
    UpdateSkill: (CreateSkill, lambda one: UpdateSkill(native_id=one, name="New"), "name", "New"),
    UpdateAgent: (
        CreateAgent,
        lambda one: UpdateAgent(native_id=one, members=AgentMembers(display_name="New")),
        "display_name",
        "New",
    ),
    UpdateCustomer: (
        CreateCustomer,
        lambda one: UpdateCustomer(native_id=one, members=CustomerMembers(city="Nantes")),
        "city",
        "Nantes",
    ),
}
"""What is made first, the sample, and what is read of it then."""
DELETES: Mapping[type[Change], type[Change]] = {
    DeleteTeam: CreateTeam,
    DeleteSkill: CreateSkill,
    DeleteAgent: CreateAgent,
    DeleteCustomer: CreateCustomer,
}
OF_ONE: Mapping[type[Change], Callable[[str], Change]] = {
    **{kind: sample for kind, (_, sample, _, _) in UPDATES.items()},
    **{kind: lambda one, kind=kind: kind(native_id=one) for kind in DELETES},  # type: ignore[misc]  # mypy: default
    UpdateSite: lambda one: UpdateSite(native_id=one, name="New"),
    SetAgentAvailability: lambda one: SetAgentAvailability(native_id=one, channels=CHAT),
    DisconnectAgent: lambda one: DisconnectAgent(native_id=one),
}
CALLS: Mapping[type[Change], Callable[[Place, int], Change]] = {
    PickUpCallback: call(PickUpCallback),
    HangUpCallback: call(HangUpCallback),
}
REQUESTS: Mapping[type[Change], Callable[[timedelta], Change]] = {
    RequestNpsExport: lambda length: RequestNpsExport(start=END - length, end=END),
}


def lost(place: Place) -> str | None:
    """Return the id of something else, where the sample is to name what is not there."""
    return None if place not in {NOWHERE, NOT_EVEN_IDS} else place.site


@pytest.fixture(scope="module", params=VENDORS)
def table(request: pytest.FixtureRequest) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with serving(request.param) as settings:
        yield request.param, settings


@pytest.fixture
async def platform(table: tuple[str, Mapping[str, Any]]) -> AsyncIterator[Platform]:
    one = opened(*table)
    yield one
    await one.close()


def taken(platform: Platform) -> frozenset[type[Change]]:
    """Return the kinds of changes that a vendor declares."""
    return frozenset() if platform.writes is None else platform.writes.changes


async def written(platform: Platform, *changes: Change, **how: Any) -> tuple[list[Any], int]:  # noqa: ANN401 - as write_each takes it
    """Make the changes; return what became of them, and how many requests it took."""
    context = context_of(platform)
    results = await write_each(context, [(platform, one) for one in changes], **how)
    return list(results), context.call.log.count(platform.key)


async def place_of(platform: Platform) -> Place:
    """Return a site and an agent, whom the company knows by an id of its own."""
    assert platform.directories is not None
    assert platform.agents is not None
    (site, *_) = await platform.directories.directory(Site, Call.within(30))
    number = next(NUMBERS)
    employee = f"RH-{number}"
    create = new_agent(Place(site.native_id, "", ""), number)
    members = msgspec.structs.replace(create.members, external_id=employee)
    ([made], _) = await written(platform, CreateAgent(members=members))
    return Place(site.native_id, made.native_id, employee)


async def found(platform: Platform, create: Change, native_id: str) -> object | None:
    """Return the record of that id where what was created is looked for."""
    search = search_of(platform, create)
    assert search is not None
    listed = await search[1](Call.within(30))
    return next((one for one in listed if one.record_id == native_id), None)


def test_each_kind_of_change_has_a_sample() -> None:
    assert {*CREATES, *OF_ONE, *CALLS, *REQUESTS} == set(CHANGES)
    assert all(kind in OF_ONE for kind in CHANGES if issubclass(kind, Delete))
    assert all(kind in CREATES for kind in CHANGES if issubclass(kind, Create))


async def test_what_is_created_is_seen_changed_and_gone(platform: Platform) -> None:
    for create in taken(platform) & CREATES.keys():
        change = CREATES[create][0](await place_of(platform), next(NUMBERS))
        assert isinstance(change, Create)
        ([made], _) = await written(platform, change)
        assert made.status is WriteStatus.DONE, create
        record = await found(platform, change, made.native_id)
        assert change.made(record), create  # type: ignore[arg-type]  # None is none

        for update, (first, sample, name, value) in UPDATES.items():
            if first is create and update in taken(platform):
                ([changed], _) = await written(platform, sample(made.native_id))
                assert changed.native_id == made.native_id
                record = await found(platform, change, made.native_id)
                assert getattr(record, name) == value, update
        for delete, first in DELETES.items():
            if first is create and delete in taken(platform):
                ([gone], _) = await written(platform, OF_ONE[delete](made.native_id))
                assert gone.status is WriteStatus.DONE
                assert await found(platform, change, made.native_id) is None, delete


async def test_what_is_sent_and_not_looked_up_is_done(platform: Platform) -> None:
    for kind in sorted(taken(platform) & CALLS.keys(), key=lambda one: one.__name__, reverse=True):
        change = CALLS[kind](await place_of(platform), next(NUMBERS))
        before = [] if kind is PickUpCallback else [_picked_up(change)]
        results, calls = await written(platform, *before, change)
        assert {one.status for one in results} == {WriteStatus.DONE}
        assert calls == len(results)
    for kind in taken(platform) & REQUESTS.keys():
        ([asked], calls) = await written(platform, REQUESTS[kind](timedelta(days=7)))
        assert (asked.status, calls) == (WriteStatus.DONE, 1)


def _picked_up(ended: Change) -> Change:
    told = msgspec.structs.asdict(ended)
    return PickUpCallback(**told)


async def test_what_is_not_there_is_refused_with_its_field(platform: Platform) -> None:
    for kind in taken(platform) - REQUESTS.keys():
        if kind in OF_ONE:
            change, field = OF_ONE[kind](NOBODY), "native_id"
        elif kind in CREATES:
            change, field = CREATES[kind][0](NOWHERE, next(NUMBERS)), CREATES[kind][1]
        else:
            place = await place_of(platform)
            lost_site = Place(NOBODY, place.agent, place.employee)
            change, field = CALLS[kind](lost_site, next(NUMBERS)), "site_id"
        ([refused], _) = await written(platform, change)
        told = [(one.code, one.field) for one in refused.refusals]
        assert told == [(RefusalCode.NOT_FOUND, field)], kind


def wrong(kind: type[Change]) -> Change:
    """Return a change of which it is plain that no platform takes it."""
    if kind in REQUESTS:
        return REQUESTS[kind](timedelta(0))
    if kind in OF_ONE:
        return OF_ONE[kind]("no id")
    return (CREATES[kind][0] if kind in CREATES else CALLS[kind])(NOT_EVEN_IDS, next(NUMBERS))


async def test_what_is_plainly_wrong_is_refused_without_a_call(platform: Platform) -> None:
    for kind in taken(platform):
        ([refused], calls) = await written(platform, wrong(kind))
        assert isinstance(refused, Result), kind
        assert refused.status is WriteStatus.REFUSED
        assert {one.code for one in refused.refusals} <= {RefusalCode.INVALID, RefusalCode.MISSING}
        assert calls == 0, kind


async def test_a_dry_run_of_any_change_sends_nothing(platform: Platform) -> None:
    for kind in taken(platform):
        if kind in REQUESTS:
            change = REQUESTS[kind](timedelta(days=7))
        elif kind in OF_ONE:
            change = OF_ONE[kind]("7")
        else:
            sample = CREATES[kind][0] if kind in CREATES else CALLS[kind]
            change = sample(Place("7", "7", "RH-7"), next(NUMBERS))
        ([tried], calls) = await written(platform, change, dry_run=True, key="dry")
        assert (tried.status, calls) == (WriteStatus.VALID, 0), kind


async def test_under_one_key_any_change_is_sent_once(platform: Platform) -> None:
    for kind in taken(platform):
        if kind in REQUESTS:
            change = REQUESTS[kind](timedelta(days=7))
        elif kind in OF_ONE:
            change = OF_ONE[kind](NOBODY)
        else:
            sample = CREATES[kind][0] if kind in CREATES else CALLS[kind]
            change = sample(await place_of(platform), next(NUMBERS))
        context = context_of(platform)
        first = await write_each(context, [(platform, change)], key="k")
        calls = context.call.log.count(platform.key)
        assert await write_each(context, [(platform, change)], key="k") == first
        assert context.call.log.count(platform.key) == calls > 0, kind
