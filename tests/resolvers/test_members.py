"""What must be known before a platform can be asked by its members: kept, and lost as a failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.fakes import FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import AGENTS, Event, Measuring

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.calls import Call, CallRecord
from vendors.errors import PlatformAuthError, PlatformError, PlatformServerError
from vendors.measures import Dimension, Grouping, MeasureCall, Member, Reading, Source

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
BY_AGENT = MeasureRequest(
    items=("CONVERSATIONS_STARTED",),
    start=BEGIN,
    end=BEGIN + timedelta(days=1),
    zone="UTC",
    group_by=(Dimension.AGENT,),
)


class Naming(Measuring):
    """A platform that is told the members to tell apart, and asked for them first."""

    def __init__(self, *, always_by: Dimension | None = None) -> None:
        source = Source(
            name="only",
            endpoint="measure",
            groupings={Dimension.AGENT: Grouping.LISTED},
            always_by=always_by,
        )
        events = [Event(BEGIN, "chat", agent, 60, answered=True) for agent in AGENTS]
        super().__init__(events, source)
        self.asked_for_members = 0
        self.known: tuple[Member, ...] = tuple(Member(id=one) for one in AGENTS)
        self.hides: PlatformError | None = None

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:
        assert dimension is Dimension.AGENT
        self.asked_for_members += 1
        call.log.add(CallRecord(platform="one", endpoint="members", status=200, seconds=0.0))
        if self.hides is not None:
            raise self.hides
        return self.known


def _context(port: Naming, clock: FakeClock, cache: FakeCache) -> RequestContext:
    return context_of(platform_of("one", measures=port), clock=clock, cache=cache)


async def _asked(
    port: Naming,
    request: MeasureRequest = BY_AGENT,
    clock: FakeClock | None = None,
    cache: FakeCache | None = None,
) -> MeasureAnswer:
    told = clock or FakeClock()
    context = _context(port, told, cache or FakeCache(told))
    return await measure(context, request, list(context.platforms.values()))


async def test_members_are_asked_for_once_in_a_while() -> None:
    port, clock = Naming(), FakeClock()
    cache = FakeCache(clock)

    first = await _asked(port, clock=clock, cache=cache)
    second = await _asked(port, clock=clock, cache=cache)
    clock.pass_(hours=1)
    await _asked(port, clock=clock, cache=cache)

    assert len(first.series) == len(second.series) == len(AGENTS)
    assert port.asked_for_members == 2
    assert [first.sources[0].calls, second.sources[0].calls] == [2, 0]


async def test_no_members_are_not_remembered() -> None:
    port, clock = Naming(), FakeClock()
    cache = FakeCache(clock)
    port.known = ()
    nobody = await _asked(port, clock=clock, cache=cache)
    port.known = (Member(id="ann"),)
    somebody = await _asked(port, clock=clock, cache=cache)

    assert nobody.sources[0].freshness is Freshness.UNSUPPORTED
    assert "No member of AGENT" in (nobody.sources[0].note or "")
    assert [one.value for one in somebody.series] == [1.0]


async def test_a_platform_that_does_not_name_its_members_has_failed() -> None:
    """It offers the figure: that it is down now is not the same as not offering it."""
    port = Naming()
    port.hides = PlatformServerError(platform="one", attempts=3)
    answer = await _asked(port)

    (failure,) = answer.failures
    assert (failure.platform, failure.code, failure.attempts) == ("one", "PLATFORM_ERROR", 3)
    assert answer.sources[0].freshness is Freshness.FAILED
    assert answer.sources[0].note is None
    assert answer.series == ()
    assert port.calls == []


async def test_what_needs_the_members_is_null_and_says_that_a_part_is_missing() -> None:
    port = Naming(always_by=Dimension.AGENT)
    port.hides = PlatformServerError(platform="one")
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED",), start=BY_AGENT.start, end=BY_AGENT.end, zone="UTC"
    )
    answer = await _asked(port, request)

    assert [failure.code for failure in answer.failures] == ["PLATFORM_ERROR"]
    assert [one.value for one in answer.series] == [None]
    assert answer.series[0].note == "A part of it could not be fetched."


async def test_old_members_stand_in_for_a_while_unless_access_was_withdrawn() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    port = Naming()
    await _asked(port, clock=clock, cache=cache)
    clock.pass_(minutes=12)
    port.hides = PlatformServerError(platform="one")
    known = await _asked(port, clock=clock, cache=cache)
    port.hides = PlatformAuthError(platform="one")
    withdrawn = await _asked(port, clock=clock, cache=cache)

    assert known.failures == ()
    assert len(known.series) == len(AGENTS)
    assert [failure.code for failure in withdrawn.failures] == ["PLATFORM_AUTH"]


class Renaming(Naming):
    """A platform that calls its members something else in its answers than in its list."""

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        readings = await super().measure(measure, call)
        return tuple(
            Reading(one.figure, one.start, one.value, one.group, (f"@{one.group[0]}",))
            for one in readings
        )


async def test_a_member_has_one_name_whether_just_asked_or_kept() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    port = Renaming()
    port.known = tuple(Member(id=one, name=one.title()) for one in AGENTS)
    just_asked = await _asked(port, clock=clock, cache=cache)
    kept = await _asked(port, clock=clock, cache=cache)

    assert [one.group[0].name for one in just_asked.series] == ["Ann", "Bob", "Cem"]
    assert [one.group for one in kept.series] == [one.group for one in just_asked.series]


async def test_who_is_known_by_the_answer_alone_is_named_by_it() -> None:
    answer = await _asked(Renaming())

    assert [one.group[0].name for one in answer.series] == ["@ann", "@bob", "@cem"]


async def test_only_of_new_members_is_asked_what_is_over() -> None:
    """One agent more in the directory must not cost what was told of all the others."""
    port, clock = Naming(), FakeClock()
    cache = FakeCache(clock)
    port.known = (Member(id="ann"), Member(id="bob"))
    await _asked(port, clock=clock, cache=cache)
    clock.pass_(hours=1)
    port.known = tuple(Member(id=one) for one in AGENTS)

    answer = await _asked(port, clock=clock, cache=cache)
    clock.pass_(hours=1)
    port.known = (Member(id="ann"), Member(id="cem"))
    fewer = await _asked(port, clock=clock, cache=cache)

    assert [call.members for call in port.calls] == [("ann", "bob"), ("cem",)]
    assert [(one.group[0].id, one.value) for one in answer.series] == [(a, 1) for a in AGENTS]
    assert answer.sources[0].freshness is Freshness.CACHED
    assert [(one.group[0].id, one.value) for one in fewer.series] == [("ann", 1), ("cem", 1)]


async def test_what_fails_for_new_members_costs_the_others_nothing() -> None:
    port, clock = Naming(), FakeClock()
    cache = FakeCache(clock)
    port.known = (Member(id="ann"), Member(id="bob"))
    await _asked(port, clock=clock, cache=cache)
    clock.pass_(hours=1)
    port.known = tuple(Member(id=one) for one in AGENTS)
    port.fails = PlatformServerError(platform="one")

    answer = await _asked(port, clock=clock, cache=cache)

    assert {one.group[0].id: one.value for one in answer.series} == {"ann": 1, "bob": 1}
    assert answer.sources[0].freshness is Freshness.PARTIAL
    assert [one.code for one in answer.failures] == ["PLATFORM_ERROR"]
