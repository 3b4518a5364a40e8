from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest
from tests.fakes import FakeCache, FakeClock, context_of, platform_of

from resolvers.context import Principal, RequestContext, Scope
from resolvers.directories import directory_of
from resolvers.writes import Result, WriteStatus, write_each
from vendors.calls import Call
from vendors.errors import (
    BadInputError,
    ForbiddenError,
    PlatformError,
    PlatformOutcomeUnknownError,
    PlatformRateLimitedError,
    PlatformTimeoutError,
    PlatformUnreachableError,
    UnsupportedError,
)
from vendors.port import Platform
from vendors.records import Listed, Skill, Team
from vendors.writes import (
    Change,
    CreateSkill,
    CreateTeam,
    DeleteTeam,
    Made,
    Refusal,
    RefusalCode,
    UpdateTeam,
    WriteRefusedError,
)

NORTH = CreateTeam(name="North")


class Vendor:
    """Teams that can be changed; `fault` is raised before or after a change is made."""

    def __init__(self) -> None:
        self.teams = {"1": "First"}
        self.made: list[Change] = []
        self.lists = 0
        self.fault: PlatformError | None = None
        self.loses = False
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        return frozenset({Team})

    async def directory(self, kind: type[Listed], call: Call) -> tuple[Listed, ...]:
        assert kind is Team
        assert call.remaining > 0
        self.lists += 1
        read = tuple(
            Team(platform="a", native_id=one, name=name) for one, name in self.teams.items()
        )
        self.asked.set()
        await self.answers.wait()
        return read

    @property
    def changes(self) -> frozenset[type[Change]]:
        return frozenset({CreateTeam, UpdateTeam, DeleteTeam})

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        bad = isinstance(change, CreateTeam) and not change.name
        return (Refusal(RefusalCode.MISSING, "name"),) if bad else ()

    async def make(self, change: Change, call: Call) -> Made:
        assert call.remaining > 0
        self.made.append(change)
        await asyncio.sleep(0)
        if self.fault is not None and not self.loses:
            raise self.fault
        native_id = self._made(change)
        if self.fault is not None:
            raise self.fault
        return Made(native_id)

    async def make_together(self, changes: Sequence[Change], call: Call) -> tuple[Made, ...]:
        return tuple([await self.make(one, call) for one in changes])

    def _made(self, change: Change) -> str:
        if isinstance(change, CreateTeam):
            native_id = str(len(self.teams) + 1)
            self.teams[native_id] = change.name
            return native_id
        assert isinstance(change, UpdateTeam | DeleteTeam)
        if change.native_id not in self.teams:
            raise WriteRefusedError(Refusal(RefusalCode.NOT_FOUND, "native_id"))
        if isinstance(change, DeleteTeam):
            del self.teams[change.native_id]
        elif isinstance(change.name, str):
            self.teams[change.native_id] = change.name
        return change.native_id


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def platform(vendor: Vendor) -> Platform:
    return platform_of("a", directories=vendor, writes=vendor)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache(clock: FakeClock) -> FakeCache:
    return FakeCache(clock)


@pytest.fixture
async def context(platform: Platform, clock: FakeClock, cache: FakeCache) -> RequestContext:
    return context_of(platform, clock=clock, cache=cache)


async def written(
    context: RequestContext, *changes: Change, key: str | None = None, dry_run: bool = False
) -> list[object]:
    (platform,) = context.platforms.values()
    pairs = [(platform, change) for change in changes]
    return list(await write_each(context, pairs, key=key, dry_run=dry_run))


async def names(context: RequestContext) -> set[str | None]:
    (platform,) = context.platforms.values()
    held = await directory_of(context, platform, Team, context.call)
    return {one.name for one in held.value}


def done(native_id: str) -> Result:
    return Result(WriteStatus.DONE, "a", native_id)


async def test_items_are_answered_one_by_one(context: RequestContext, vendor: Vendor) -> None:
    results = await written(
        context,
        NORTH,
        CreateTeam(name=""),
        UpdateTeam(native_id="9", name="x"),
        CreateSkill(name="x"),
        DeleteTeam(native_id="1"),
    )

    assert results[0] == done("2")
    missing, lost = (
        Refusal(RefusalCode.MISSING, "name"),
        Refusal(RefusalCode.NOT_FOUND, "native_id"),
    )
    assert results[1] == Result(WriteStatus.REFUSED, "a", None, (missing,))
    assert results[2] == Result(WriteStatus.REFUSED, "a", "9", (lost,))
    assert isinstance(results[3], UnsupportedError)
    assert results[4] == done("1")
    assert vendor.teams == {"2": "North"}


async def test_a_dry_run_sends_nothing(context: RequestContext, vendor: Vendor) -> None:
    results = await written(context, NORTH, CreateTeam(name=""), dry_run=True)

    assert results[0] == Result(WriteStatus.VALID, "a")
    assert isinstance(results[1], Result)
    assert results[1].status is WriteStatus.REFUSED
    assert (vendor.made, vendor.lists) == ([], 0)


async def test_reading_alone_allows_no_change(platform: Platform, vendor: Vendor) -> None:
    reader = Principal("reader", frozenset({Scope.READ, Scope.PERSONAL}))

    with pytest.raises(ForbiddenError):
        await written(context_of(platform, principal=reader), NORTH)
    assert vendor.made == []


@pytest.mark.parametrize("count", [0, 101])
async def test_too_many_are_refused_whole(
    context: RequestContext, vendor: Vendor, count: int
) -> None:
    with pytest.raises(BadInputError):
        await written(context, *[NORTH] * count)
    assert vendor.made == []


async def test_what_was_kept_is_forgotten(context: RequestContext) -> None:
    assert await names(context) == {"First"}
    await written(context, NORTH)

    assert await names(context) == {"First", "North"}


async def test_a_read_that_began_before_a_change_is_not_kept(
    context: RequestContext, vendor: Vendor
) -> None:
    vendor.answers.clear()
    reading = asyncio.create_task(names(context))
    await vendor.asked.wait()
    await written(context, UpdateTeam(native_id="1", name="Changed"))
    later = asyncio.create_task(names(context))
    vendor.answers.set()

    assert await reading == {"First"}
    assert await later == {"Changed"}
    assert await names(context) == {"Changed"}


async def test_the_same_key_makes_a_change_once(
    platform: Platform, clock: FakeClock, cache: FakeCache, vendor: Vendor
) -> None:
    context = context_of(platform, clock=clock, cache=cache)
    for _ in range(3):
        context = context_of(platform, clock=clock, cache=cache)
        assert await written(context, NORTH, NORTH, key="k") == [done("2"), done("3")]
    assert len(vendor.made) == 2

    clock.pass_(hours=25)
    assert await written(context, NORTH, key="k") == [done("4")]


async def test_the_same_key_at_the_same_time_makes_a_change_once(
    context: RequestContext, vendor: Vendor
) -> None:
    results = await asyncio.gather(*(written(context, NORTH, key="k") for _ in range(5)))

    assert results == [[done("2")]] * 5
    assert len(vendor.made) == 1


async def test_a_key_is_for_one_input(context: RequestContext, vendor: Vendor) -> None:
    await written(context, NORTH, key="k")
    (result,) = await written(context, CreateTeam(name="South"), key="k")

    assert isinstance(result, BadInputError)
    assert len(vendor.made) == 1


async def test_a_key_is_the_callers_own(
    platform: Platform, clock: FakeClock, cache: FakeCache, vendor: Vendor
) -> None:
    for name in ("one", "other"):
        caller = Principal(name, frozenset(Scope))
        await written(
            context_of(platform, clock=clock, cache=cache, principal=caller), NORTH, key="k"
        )
    assert len(vendor.made) == 2


async def test_a_refusal_is_the_outcome_of_its_key(context: RequestContext, vendor: Vendor) -> None:
    change = UpdateTeam(native_id="9", name="x")
    first = await written(context, change, key="k")
    vendor.teams["9"] = "late"

    assert await written(context, change, key="k") == first
    assert len(vendor.made) == 1


async def test_what_was_created_before_its_answer_was_lost_is_found(
    context: RequestContext, vendor: Vendor
) -> None:
    vendor.teams["7"] = "North"
    vendor.fault, vendor.loses = PlatformTimeoutError(platform="a"), True

    assert await written(context, NORTH) == [done("3")]
    assert len(vendor.made) == 1


@pytest.mark.parametrize("key", [None, "k"])
async def test_what_cannot_be_found_is_said_to_be_unknown(
    context: RequestContext, vendor: Vendor, key: str | None
) -> None:
    vendor.fault = PlatformTimeoutError(platform="a")
    (result,) = await written(context, NORTH, key=key)

    assert isinstance(result, PlatformOutcomeUnknownError)
    assert not result.retryable
    assert len(vendor.made) == 1


async def test_what_came_late_is_found_by_its_key_and_not_made_again(
    context: RequestContext, vendor: Vendor
) -> None:
    vendor.fault = PlatformTimeoutError(platform="a")
    await written(context, NORTH, key="k")
    vendor.fault = None

    (still,) = await written(context, NORTH, key="k")
    assert isinstance(still, PlatformOutcomeUnknownError)
    vendor.teams["5"] = "North"
    assert await written(context, NORTH, key="k") == [done("5")]
    assert len(vendor.made) == 1


async def test_what_can_be_repeated_is_repeated_under_its_key(
    context: RequestContext, vendor: Vendor
) -> None:
    change = UpdateTeam(native_id="1", name="New")
    vendor.fault = PlatformTimeoutError(platform="a")
    (lost,) = await written(context, change, key="k")
    vendor.fault = None

    assert isinstance(lost, PlatformOutcomeUnknownError)
    assert lost.retryable
    assert await written(context, change, key="k") == [done("1")]


def _unsent() -> PlatformError:
    error = PlatformUnreachableError(platform="a")
    error.sent = False
    return error


@pytest.mark.parametrize(
    "fault",
    [_unsent(), PlatformRateLimitedError(platform="a"), PlatformTimeoutError(attempts=0)],
    ids=["no connection", "slowed down", "no time"],
)
async def test_what_was_not_made_can_be_made_under_its_key(
    context: RequestContext, vendor: Vendor, fault: PlatformError
) -> None:
    vendor.fault = fault

    assert await written(context, NORTH, key="k") == [fault]
    vendor.fault = None
    assert await written(context, NORTH, key="k") == [done("2")]


async def test_what_is_there_is_read_once_for_all_that_is_created(
    context: RequestContext, vendor: Vendor
) -> None:
    await written(context, *[NORTH] * 4)

    assert (len(vendor.made), vendor.lists) == (4, 1)


async def test_every_change_is_in_the_audit_log_without_its_values(
    context: RequestContext, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="switchboard.audit"):
        await written(context, CreateTeam(name="Ana Ruiz"), CreateTeam(name=""))
        vendor.fault = PlatformRateLimitedError("Ana Ruiz", platform="a")
        await written(context, CreateTeam(name="Ana Ruiz"), dry_run=False)

    told = [vars(one) for one in caplog.records]
    assert [(one["outcome"], one["native_id"], one["codes"]) for one in told] == [
        ("done", "2", []),
        ("refused", None, ["missing"]),
        ("failed", None, ["PLATFORM_RATE_LIMITED"]),
    ]
    assert {(one["key"], one["change"], one["platform"]) for one in told} == {
        ("tests", "CreateTeam", "a")
    }
    assert "Ana" not in str(told)


async def test_skills_of_a_platform_without_changes_are_not_asked(vendor: Vendor) -> None:
    context = context_of(platform_of("a", directories=vendor))
    (result,) = await written(context, CreateSkill(name="x"))

    assert isinstance(result, UnsupportedError)
    assert Skill not in vendor.directory_kinds
