"""Whether there is another try, and when: by class of error, by budget, by the time left."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.vendors.http.asking import NoJitter

from vendors.errors import (
    PlatformError,
    PlatformRateLimitedError,
    PlatformServerError,
    PlatformUnreachableError,
    Retry,
    Trips,
)
from vendors.http.retrying import Retries, RetryBudget


async def waits(
    *errors: PlatformError,
    attempts: int = 5,
    random: Random | None = None,
    remaining: float = 60.0,
    median: float = 0.0,
    budget: RetryBudget | None = None,
) -> list[bool]:
    """Fail in these ways, one after the other; return for each try whether it was a fresh one."""

    def decide(retries: Retries, error: PlatformError) -> None:
        retries.decide(error, remaining, median)

    retries = Retries(budget or RetryBudget(), random or NoJitter(), attempts=attempts)
    return await tries_of(retries, list(errors), decide)


async def tries_of(
    retries: Retries,
    errors: list[PlatformError],
    decide: Callable[[Retries, PlatformError], None],
) -> list[bool]:
    tries: list[bool] = []

    async def run() -> None:
        async for attempt in retries.loop():
            with attempt:
                tries.append(retries.fresh)
                error = errors[len(tries) - 1]
                decide(retries, error)
                raise error

    with pytest.raises(PlatformError) as caught:
        await run()
    assert caught.value is errors[len(tries) - 1]
    return tries


def failing(retry: Retry, times: int = 6) -> list[PlatformError]:
    return [PlatformServerError(retry=retry) for _ in range(times)]


@pytest.mark.parametrize(
    ("retry", "tries"),
    [
        (Retry.NONE, [False]),
        (Retry.FRESH, [False, True, False, False]),
        (Retry.FRESH_ONCE, [False, True]),
        (Retry.BACKOFF, [False, False, False]),
        (Retry.BACKOFF_ONCE, [False, False]),
        (Retry.WAIT, [False, False, False]),
    ],
)
async def test_how_often_each_class_is_tried(retry: Retry, tries: list[bool]) -> None:
    assert await waits(*failing(retry)) == tries


async def test_never_more_than_the_attempts() -> None:
    assert len(await waits(*failing(Retry.FRESH), attempts=3)) == 3
    assert len(await waits(*failing(Retry.FRESH), attempts=1)) == 1


async def test_classes_may_change_between_tries() -> None:
    errors = [
        PlatformUnreachableError(),
        PlatformServerError(),
        PlatformServerError(retry=Retry.BACKOFF_ONCE),
        PlatformServerError(),
    ]
    # After a wait, "once after a wait" is used up.
    assert await waits(*errors) == [False, True, False]


async def test_no_try_that_cannot_end_in_time() -> None:
    error = PlatformRateLimitedError(retry_after=3.0)
    assert len(await waits(error, remaining=2.9)) == 1
    assert len(await waits(*failing(Retry.FRESH), remaining=1.0, median=1.5)) == 1


async def test_a_long_wait_is_for_the_caller() -> None:
    assert len(await waits(PlatformRateLimitedError(retry_after=10.1), remaining=999.0)) == 1


async def test_an_empty_budget_allows_no_try() -> None:
    budget = RetryBudget()
    while budget.spend():
        pass
    assert len(await waits(*failing(Retry.BACKOFF), budget=budget)) == 1
    for _ in range(10):
        budget.succeeded()
    assert len(await waits(*failing(Retry.BACKOFF), budget=budget)) == 2


async def test_a_dead_kept_connection_costs_no_budget() -> None:
    budget = RetryBudget()
    dead = PlatformUnreachableError(trips=Trips.NOTHING)
    assert await waits(dead, PlatformServerError(retry=Retry.NONE), budget=budget) == [False, True]
    assert budget.left == 10.0


async def test_a_decision_is_taken_back() -> None:
    def decide(retries: Retries, error: PlatformError) -> None:
        retries.decide(error, 60.0, 0.0)
        retries.drop()

    retries = Retries(RetryBudget(), NoJitter(), attempts=5)
    assert await tries_of(retries, failing(Retry.BACKOFF), decide) == [False]


async def test_what_nobody_decided_on_is_not_tried_again() -> None:
    """Such as a refusal by a breaker, between two tries."""
    decisions = 0

    def decide(retries: Retries, error: PlatformError) -> None:
        nonlocal decisions
        decisions += 1
        if decisions == 1:
            retries.decide(error, 60.0, 0.0)

    retries = Retries(RetryBudget(), NoJitter(), attempts=5)
    assert await tries_of(retries, failing(Retry.BACKOFF), decide) == [False, False]


class BudgetMachine(RuleBasedStateMachine):
    """Retries never outrun a tenth of the successes by more than the first ten."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = RetryBudget()
        self.successes = 0
        self.spent = 0
        self.tenths = 100

    @rule(times=st.integers(1, 40))
    def calls_succeed(self, times: int) -> None:
        for _ in range(times):
            self.budget.succeeded()
        self.successes += times
        self.tenths = min(100, self.tenths + times)

    @rule()
    def a_retry_is_wanted(self) -> None:
        paid = self.budget.spend()
        assert paid == (self.tenths >= 10)
        self.spent += paid
        self.tenths -= 10 * paid

    @invariant()
    def it_is_never_overdrawn(self) -> None:
        assert self.budget.left == self.tenths / 10
        assert self.spent * 10 <= 100 + self.successes


TestBudgetMachine = BudgetMachine.TestCase


@pytest.mark.parametrize("seed", range(5))
async def test_waits_are_random_and_double(seed: int) -> None:
    drawn: list[tuple[float, float]] = []

    class Recording(Random):
        def uniform(self, a: float, b: float) -> float:
            drawn.append((a, b))
            return super().uniform(a, b) * 0.001

    await waits(*failing(Retry.BACKOFF), random=Recording(seed))
    assert drawn == [(0.0, 0.2), (0.0, 0.4)]
