"""A platform that measures a handful of events, and can be told of which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import AGENTS, Event, Measuring, source_of

from resolvers.given import Given
from schema import build_schema
from vendors.measures import Dimension, MeasureCall, Source
from vendors.parameters import Argument, Parameter, ParameterType, Way

ALL_WAYS = tuple(Way)
PARAMETERS = (
    Parameter(
        name="agents",
        description="Who answers.",
        ways=(Way.VALUES, Way.EXCLUDE_VALUES),
        dimension=Dimension.AGENT,
    ),
    Parameter(name="answered", description="Answered?", type=ParameterType.BOOLEAN, most=1),
    Parameter(name="seconds", description="How long.", type=ParameterType.INTEGER, ways=ALL_WAYS),
    Parameter(
        name="letters",
        description="Letters in the name of who answers.",
        ways=(Way.VALUES, Way.EXCLUDE_VALUES),
        every=True,
    ),
    Parameter(
        name="attribute",
        description="What is known of it.",
        ways=ALL_WAYS,
        keyed="The attribute.",
        keys=("channel", "site"),
        key_form=r"[a-z]+",
        types={"age": ParameterType.INTEGER},
        personal=True,
        open_keys=("channel",),
    ),
    Parameter(
        name="kind",
        description="Which kind.",
        choices=("chat", "phone"),
        excludes=("attribute",),
    ),
    Parameter(name="slow", description="Slow ones.", ways=(Way.EXISTS,), excludes=("seconds",)),
    Parameter(name="late", description="Late.", most=1, needs=(("slow", "true"),)),
)
NAMES = tuple(one.name for one in PARAMETERS)
_SLOW = 300

_OF: Mapping[str, Callable[[Event, str | None], Sequence[str]]] = {
    "agents": lambda event, _: [event.agent],
    "answered": lambda event, _: [str(event.answered).lower()],
    "seconds": lambda event, _: [str(event.seconds)],
    "letters": lambda event, _: list(event.agent),
    "attribute": lambda event, key: [one] if (one := getattr(event, key or "")) else [],
    "kind": lambda event, _: [event.channel],
    "slow": lambda event, _: ["slow"] if event.seconds > _SLOW else [],
    "late": lambda event, _: [f"{event.at:%H}"],
}
"""What an event has of each parameter."""


def holds(event: Event, told: Argument) -> bool:
    """Return whether the event is one of those that the argument restricts to."""
    has = _OF[told.name](event, told.key)
    if told.exists is not None:
        return bool(has) is told.exists
    quantified = all if told.every else any
    if told.values:
        return quantified(one in has for one in told.values)
    return not quantified(one in has for one in told.exclude_values)


def told_of(events: Sequence[Event], arguments: Sequence[Argument]) -> list[Event]:
    """Return the events that all of the arguments restrict to."""
    return [event for event in events if all(holds(event, one) for one in arguments)]


class Told(Measuring):
    """A vendor whose sources take all of the parameters, and nothing else."""

    def __init__(
        self,
        events: Sequence[Event],
        source: Source | None = None,
        parameters: Sequence[Parameter] = PARAMETERS,
        **more: Any,  # noqa: ANN401 - members of the platform
    ) -> None:
        taken = tuple(one.name for one in parameters)
        own = msgspec.structs.replace(source or source_of(), parameters=taken)
        super().__init__(events, own, **more)
        self.measurables = msgspec.structs.replace(
            self.measurables,
            parameters={one.name: one for one in parameters},
            reports={"desk": ("contacts", "answered", "duration")},
        )

    def _check(self, measure: MeasureCall) -> None:
        super()._check(measure)
        assert {one.name for one in measure.arguments} <= self.measurables.parameters.keys()

    def _happened(self, measure: MeasureCall) -> Sequence[Event]:
        return told_of(self.events, measure.arguments)


def given(name: str, *values: str, **more: Any) -> Given:  # noqa: ANN401 - members of what is given
    """Return a parameter as a caller gives it."""
    return Given(name=name, values=values or None, **more)


SCHEMA = build_schema()
REPORT = """
query($given: [ReportParameterInput!], $groupBy: [Dimension!], $filter: IndicatorFilter,
      $after: String, $first: Int) {
  report(key: "fake.desk", period: {last: {count: 2, unit: DAY}}, parameters: $given
         groupBy: $groupBy, filter: $filter, after: $after, first: $first) {
    rows { group { nativeId } values }
    totals { values }
    pageInfo { endCursor }
  }
}
"""
TALKS = [
    Event(NOW - timedelta(hours=1 + at), "chat", one, 60 * (at + 1), answered=at > 0)
    for at, one in enumerate(AGENTS)
]


class Desk:
    """A platform with one contact an agent, over several operations."""

    def __init__(self, port: Measuring | None = None) -> None:
        self.port = port or Told(TALKS)
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)

    async def ask(self, query: str = REPORT, **variables: Any) -> Any:  # noqa: ANN401 - an answer
        context = context_of(
            platform_of("one", measures=self.port), clock=self.clock, cache=self.cache
        )
        self.context = context
        return await SCHEMA.execute(query, context_value=context, variable_values=variables)

    async def report(self, *given: dict[str, Any], **variables: Any) -> dict[str, Any]:  # noqa: ANN401 - any variable
        result = await self.ask(given=list(given), **variables)
        assert result.errors is None, result.errors
        report: dict[str, Any] = result.data["report"]
        return report

    async def refused(self, *given: dict[str, Any], **variables: Any) -> tuple[str, Any]:  # noqa: ANN401 - any variable
        """Return the message and what would be accepted; nothing must have been asked."""
        result = await self.ask(given=list(given), **variables)
        assert result.errors is not None
        (error,) = result.errors
        assert self.port.calls == []
        extensions = error.original_error.extensions
        assert extensions["argument"] == "parameters"
        return error.message, extensions["accepted"]
