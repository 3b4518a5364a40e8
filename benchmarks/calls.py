"""Vendor calls against their floor, and what the gateway adds to the slowest vendor.

Each query of the published list is asked of the sandbox three times: with nothing kept, again, and
an hour later by the clock, when only what could still change is asked. `floor` is what the vendors'
documents allow at the least, `adds` the time of the whole answer less that of the slowest call.
Times are of this machine and move with it; calls do not.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.floor import Question, floor
from gateway.commands.sandbox import with_sandbox
from gateway.configuration.reading import load
from gateway.configuration.settings import Settings
from gateway.services import open_services
from resolvers.context import Principal, RequestContext, Scope, Services
from schema import build_schema
from vendors.calls import Call
from vendors.port import Wiring
from vendors.registry import specs

QUESTIONS = (
    Question("started, yesterday", ("CONVERSATIONS_STARTED",)),
    Question("first response, yesterday", ("FIRST_RESPONSE_TIME",)),
    Question(
        "five indicators, yesterday",
        (
            "CONVERSATIONS_STARTED",
            "FIRST_RESPONSE_TIME",
            "HANDLE_TIME",
            "MESSAGES_RECEIVED",
            "MESSAGES_SENT",
        ),
    ),
    Question("started by hour, 24 hours", ("CONVERSATIONS_STARTED",), "HOUR", 24),
    Question("started by hour, 72 hours", ("CONVERSATIONS_STARTED",), "HOUR", 72),
    Question("started by day, 30 days", ("CONVERSATIONS_STARTED",), "DAY", 30),
    Question("started by day, 90 days", ("CONVERSATIONS_STARTED",), "DAY", 90),
    Question("first response by day, 30 days", ("FIRST_RESPONSE_TIME",), "DAY", 30),
    Question(
        "four indicators by day, 7 days",
        ("CONVERSATIONS_STARTED", "FIRST_RESPONSE_TIME", "HANDLE_TIME", "AVAILABLE_TIME"),
        "DAY",
        7,
    ),
    Question("messages by month, 6 months", ("MESSAGES_RECEIVED", "MESSAGES_SENT"), "MONTH", 6),
    Question("presence, yesterday", ("LOGGED_IN_TIME", "AVAILABLE_TIME", "COVERAGE_TIME")),
    Question("agents, yesterday", ("CONVERSATIONS_STARTED", "AVAILABLE_TIME"), group_by="AGENT"),
    Question("agents by day, 3 days", ("AVAILABLE_TIME",), "DAY", 3, group_by="AGENT"),
    Question("channels, yesterday", ("CONVERSATIONS_STARTED",), group_by="CHANNEL"),
    Question("hours of the day, 7 days", ("CONVERSATIONS_STARTED",), "HOUR_OF_DAY", 7 * 24),
    Question("started by week, 4 weeks", ("CONVERSATIONS_STARTED",), "WEEK", 4),
    Question("yesterday beside the day before", ("CONVERSATIONS_STARTED",), compared=True),
    Question("5 days beside those before", ("CONVERSATIONS_STARTED",), "DAY", 5, compared=True),
    Question("30 days and their total", ("CONVERSATIONS_STARTED",), "DAY", 30, beside=("TOTAL",)),
    Question(
        "days, weeks and total",
        ("MESSAGES_SENT", "HANDLE_TIME"),
        "DAY",
        14,
        beside=("WEEK", "TOTAL"),
    ),
    Question("hours and hours of the day", ("MESSAGES_SENT",), "HOUR", 48, beside=("HOUR_OF_DAY",)),
)

_SECONDS = 60.0


@dataclass(frozen=True)
class Cost:
    """What one query cost."""

    question: Question
    calls: Counter[str]
    warm: int
    later: Counter[str]
    """The calls an hour later, when most buckets are final."""
    milliseconds: float
    warm_milliseconds: float
    adds: float

    @property
    def floor(self) -> int:
        """Return the fewest calls to all platforms that were asked."""
        return sum(floor(platform, self.question) for platform in PLATFORMS)

    @property
    def excess(self) -> dict[str, tuple[int, int]]:
        """Return calls and floor of every platform on which they differ."""
        both = {one: (self.calls[one], floor(one, self.question)) for one in PLATFORMS}
        return {one: pair for one, pair in both.items() if pair[0] != pair[1]}


PLATFORMS = ("iadvize", "livechat", "gnatta", "chat-tonic")


def main() -> int:
    """Print one line for each query; return 1 where a query cost more than its floor."""
    with with_sandbox(load(specs()).settings, specs()) as settings:
        costs = asyncio.run(measure_all(settings, QUESTIONS))
    _print(costs)
    return 1 if any(cost.excess or cost.warm for cost in costs) else 0


async def measure_all(settings: Settings, questions: Sequence[Question]) -> list[Cost]:
    """Return what each question cost, each with nothing kept from another."""
    async with open_services(settings, specs(), Wiring()) as services:
        # Connections, tokens and the vendors' own data are warm, as in a running process.
        for question in questions:
            await _ask(services, question)
    costs = []
    for question in questions:
        clock = _Clock()
        async with open_services(settings, specs(), Wiring(clock=clock)) as services:
            await _ask(services, Question("", ("INVITATIONS_SHOWN", "RATINGS", "USERS_NEW")))
            await _ask(services, Question("", ("CONVERSATIONS_REOPENED",)))
            costs.append(await _cost(services, clock, question))
    return costs


class _Clock:
    """The time, and how far ahead of it this run pretends to be."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the present."""
        return datetime.now(UTC) + self.ahead


async def _cost(services: Services, clock: _Clock, question: Question) -> Cost:
    cold, seconds = await _ask(services, question)
    warm, warm_seconds = await _ask(services, question)
    clock.ahead = timedelta(hours=1)
    later, _ = await _ask(services, question)
    calls = [one for one in cold.call.log.records if not one.credential]
    return Cost(
        question,
        Counter(one.platform for one in calls),
        len(warm.call.log.records),
        Counter(one.platform for one in later.call.log.records if not one.credential),
        seconds * 1000,
        warm_seconds * 1000,
        (seconds - max((one.seconds for one in calls), default=0.0)) * 1000,
    )


async def _ask(services: Services, question: Question) -> tuple[RequestContext, float]:
    """Answer one question; raise RuntimeError where it has an error or a failure."""
    principal = Principal("benchmark", frozenset(Scope))
    context = RequestContext(services, principal, Call.within(_SECONDS))
    begun = time.perf_counter()
    result = await SCHEMA.execute(question.document, context_value=context)
    seconds = time.perf_counter() - begun
    if result.errors or any(one["failures"] for one in (result.data or {}).values()):
        message = f"{question.name}: {result.errors or result.data}"
        raise RuntimeError(message)
    return context, seconds


SCHEMA = build_schema()


def _print(costs: Sequence[Cost]) -> None:
    head = f"{'query':<34}{'calls':>7}{'floor':>7}{'ratio':>7}{'again':>7}{'1 h on':>7}"
    print(head + f"{'cold ms':>10}{'adds ms':>10}{'again ms':>10}")
    for cost in costs:
        calls = sum(cost.calls.values())
        ratio = calls / cost.floor if cost.floor else 1.0
        print(
            f"{cost.question.name:<34}{calls:>7}{cost.floor:>7}{ratio:>7.2f}{cost.warm:>7}"
            f"{sum(cost.later.values()):>7}"
            f"{cost.milliseconds:>10.1f}{cost.adds:>10.1f}{cost.warm_milliseconds:>10.1f}"
        )
        for platform, (made, least) in cost.excess.items():
            print(f"    {platform}: {made} calls, floor {least}")


if __name__ == "__main__":
    sys.exit(main())
