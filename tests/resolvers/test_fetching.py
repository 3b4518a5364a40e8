"""Which calls an operation makes, and what it knows when it has made them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec
import pytest
from tests.fakes import NOW, FakeCache, FakeClock, Tasks, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformServerError, PlatformTimeoutError
from vendors.measures import Dimension, Grain, Grouping, MeasureCall, Member, Reading, Source

DAY = NOW.replace(hour=0, minute=0)
CONTACT = Event(NOW - timedelta(hours=1), "chat", "ann", 60, answered=True)


class Slow(Measuring):
    """A platform during whose answers something happens."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)
    gate: asyncio.Event | None = None

    def __init__(self, events: Sequence[Event], source: Source) -> None:
        super().__init__(events, source)
        self.begun = asyncio.Event()

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        readings = await super().measure(measure, call)
        self.begun.set()
        self.meanwhile()
        if self.gate is not None:
            try:
                async with asyncio.timeout_at(call.deadline):
                    await self.gate.wait()
            except TimeoutError:
                raise PlatformTimeoutError(platform="one") from None
        return readings


def _today(*items: str, grain: Grain = Grain.TOTAL, **more: object) -> MeasureRequest:
    return MeasureRequest(
        items=items,
        start=DAY,
        end=DAY + timedelta(days=1),
        zone="UTC",
        grain=grain,
        **more,  # type: ignore[arg-type]  # members of the request
    )


async def _ask(context: RequestContext, request: MeasureRequest) -> MeasureAnswer:
    return await measure(context, request, list(context.platforms.values()))


async def test_what_one_call_answers_is_told_to_all_who_asked_in_other_words() -> None:
    """One agent as a group and the same agent as a filter are one call to the vendor."""
    each = source_of(
        groupings={Dimension.AGENT: Grouping.EACH}, several_at_once=frozenset({Dimension.AGENT})
    )
    port = Measuring([CONTACT], each)
    context = context_of(platform_of("one", measures=port))
    only_ann = ((Dimension.AGENT, ("ann",)),)

    grouped, filtered = await asyncio.gather(
        _ask(
            context,
            _today("CONVERSATIONS_STARTED", filters=only_ann, group_by=(Dimension.AGENT,)),
        ),
        _ask(context, _today("CONVERSATIONS_STARTED", filters=only_ann)),
    )

    assert len(port.calls) == 1
    assert [(one.value, one.note) for one in (*grouped.series, *filtered.series)] == [(1, None)] * 2


async def test_a_value_that_was_asked_before_its_bucket_closed_is_not_final() -> None:
    """The answer may come when the bucket is closed: it need not hold what happened meanwhile."""
    clock = FakeClock(DAY + timedelta(hours=24, minutes=4, seconds=59))
    port = Slow([CONTACT], source_of(settling=timedelta(minutes=5)))
    port.meanwhile = lambda: clock.pass_(seconds=2)
    platform, cache = platform_of("one", measures=port), FakeCache(clock)

    first = await _ask(
        context_of(platform, clock=clock, cache=cache), _today("CONVERSATIONS_STARTED")
    )
    clock.pass_(hours=1)
    again = await _ask(
        context_of(platform, clock=clock, cache=cache), _today("CONVERSATIONS_STARTED")
    )

    assert [list(answer.series[0].final) for answer in (first, again)] == [[False], [True]]
    assert len(port.calls) == 2


async def test_an_hour_that_begins_while_the_answer_is_made_is_not_missing() -> None:
    clock = FakeClock(DAY + timedelta(hours=10, minutes=59, seconds=59))
    port = Slow([CONTACT], source_of())
    port.meanwhile = lambda: clock.pass_(seconds=2)
    context = context_of(platform_of("one", measures=port), clock=clock)

    answer = await _ask(context, _today("CONVERSATIONS_STARTED", grain=Grain.HOUR))

    (series,) = answer.series
    assert (series.value, series.note) == (1, None)
    assert [amount.value for amount in series.amounts] == [0.0] * 9 + [1.0, 0.0] + [None] * 13


async def test_a_refresh_behind_the_answer_has_time_of_its_own() -> None:
    clock, tasks = FakeClock(), Tasks()
    port = Slow([CONTACT], source_of(fresh_for=timedelta(seconds=60)))
    platform, cache = platform_of("one", measures=port), FakeCache(clock)
    request = _today("CONVERSATIONS_STARTED")
    await _ask(context_of(platform, clock=clock, cache=cache), request)
    clock.pass_(seconds=75)
    port.gate = asyncio.Event()
    hurried = context_of(platform, clock=clock, cache=cache, tasks=tasks, seconds=0.01)

    stale = await _ask(hurried, request)
    await asyncio.sleep(0.02)
    port.gate.set()
    await tasks.done()

    assert stale.sources[0].freshness is Freshness.STALE
    assert hurried.call.log.records == []
    again = await _ask(context_of(platform, clock=clock, cache=cache), request)
    assert again.sources[0].freshness is Freshness.CACHED


async def test_one_caller_in_a_hurry_does_not_cost_another_the_answer() -> None:
    port = Slow([CONTACT], source_of())
    port.gate = asyncio.Event()
    hurried = context_of(platform_of("one", measures=port), seconds=0.02)
    patient = RequestContext(hurried.services, hurried.principal, Call.within(30))
    request = _today("CONVERSATIONS_STARTED")

    both = asyncio.gather(_ask(hurried, request), _ask(patient, request))
    await asyncio.sleep(0.05)
    port.gate.set()
    late, whole = await both

    assert [one.code for one in late.failures] == ["PLATFORM_TIMEOUT"]
    assert (whole.failures, whole.series[0].value) == ((), 1)


async def test_a_platform_that_failed_is_not_asked_again_by_the_same_operation() -> None:
    port = Measuring([CONTACT], source_of())
    port.fails = PlatformServerError(platform="one")
    context = context_of(platform_of("one", measures=port))

    await _ask(context, _today("CONVERSATIONS_STARTED"))
    again = await _ask(context, _today("CONVERSATIONS_STARTED", "CONVERSATIONS_UNANSWERED"))

    assert [call.figures for call in port.calls] == [("contacts",), ("answered",)]
    assert [one.code for one in again.failures] == ["PLATFORM_ERROR"]
    assert again.sources[0].freshness is Freshness.FAILED


async def test_what_the_operation_has_fetched_it_does_not_ask_again() -> None:
    clock = FakeClock()
    port = Measuring([CONTACT], source_of(fresh_for=timedelta(0)))
    context = context_of(platform_of("one", measures=port), clock=clock)
    await _ask(context, _today("CONVERSATIONS_STARTED"))
    clock.pass_(minutes=5)

    again = await _ask(context, _today("CONVERSATIONS_STARTED", "CONVERSATIONS_UNANSWERED"))

    assert [call.figures for call in port.calls] == [("contacts",), ("answered",)]
    assert again.sources[0].freshness is Freshness.LIVE


async def test_a_caller_who_leaves_takes_the_calls_along() -> None:
    port = Slow([CONTACT], source_of())
    port.gate = asyncio.Event()
    context = context_of(platform_of("one", measures=port))
    asking = asyncio.create_task(_ask(context, _today("CONVERSATIONS_STARTED")))
    await port.begun.wait()

    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    for _ in range(5):
        await asyncio.sleep(0)

    assert len(context.services.flights) == 0


class Nameless(Measuring):
    """A platform that takes for ever to name its members."""

    async def members(self, _dimension: Dimension, _call: Call) -> tuple[Member, ...]:
        await asyncio.Event().wait()
        return ()


async def test_a_platform_that_names_no_members_takes_no_time_from_the_others() -> None:
    each = source_of(groupings={Dimension.AGENT: Grouping.EACH})
    good, slow = Measuring([CONTACT], source_of()), Nameless([], each)
    context = context_of(
        platform_of("good", measures=good), platform_of("slow", measures=slow), seconds=0.2
    )

    answer = await _ask(context, _today("CONVERSATIONS_STARTED", group_by=(Dimension.AGENT,)))

    assert {one.platform for one in answer.series} == {"good"}
    assert [(one.platform, one.code) for one in answer.failures] == [("slow", "PLATFORM_TIMEOUT")]
    assert {one.platform: one.freshness for one in answer.sources} == {
        "good": Freshness.LIVE,
        "slow": Freshness.FAILED,
    }


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1e300, 1e19])
async def test_what_is_no_number_never_leaves(value: float) -> None:
    class Mad(Measuring):
        async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
            told = await super().measure(measure, call)
            return tuple(msgspec.structs.replace(one, value=value) for one in told)

    context = context_of(platform_of("one", measures=Mad([CONTACT], source_of())))

    answer = await _ask(context, _today("CONVERSATIONS_STARTED"))

    assert [one.value for one in answer.series] == [None]
    assert [(one.platform, one.code) for one in answer.failures] == [
        ("one", "PLATFORM_BAD_RESPONSE")
    ]


async def test_an_id_that_is_none_on_one_platform_costs_that_platform_only() -> None:
    """Ids are a platform's own: what one of them knows another may not even be able to read."""

    class Picky(Measuring):
        async def measure(self, _measure: MeasureCall, _call: Call) -> tuple[Reading, ...]:
            raise BadInputError("A group is known by its number.")

    context = context_of(
        platform_of("one", measures=Measuring([CONTACT], source_of())),
        platform_of("two", measures=Picky([], source_of())),
    )

    answer = await _ask(context, _today("CONVERSATIONS_STARTED"))

    assert {one.platform: one.value for one in answer.series} == {"one": 1, "two": None}
    assert [(one.platform, one.code) for one in answer.failures] == [("two", "PLATFORM_REJECTED")]


async def test_what_is_told_of_now_alone_is_not_asked_of_a_period_that_is_over() -> None:
    port = Measuring([CONTACT], source_of(snapshot=True))
    clock = FakeClock()
    context = context_of(platform_of("one", measures=port), clock=clock)
    over = _today("CONVERSATIONS_STARTED")
    now = clock.now()

    for end, calls in ((now - timedelta(hours=1), 0), (now - timedelta(seconds=1), 1)):
        request = msgspec.structs.replace(over, start=DAY - timedelta(days=1), end=end)
        (series,) = (await _ask(context, request)).series
        assert len(port.calls) == calls
        assert (series.note is None) is bool(calls)
        assert calls or (series.value is None and "now" in (series.note or ""))
