"""The breaker as a state machine: by example, and against a model that remembers everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.vendors.http.asking import NoJitter

from vendors.errors import (
    PlatformAuthError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformNotFoundError,
    PlatformServerError,
    PlatformTimeoutError,
    Trips,
)
from vendors.http.circuit import CIRCUIT, CREDENTIAL, Breaker, BreakerRules, BreakerState, Guard


def ticket(breaker: Breaker, now: float) -> int:
    found = breaker.permit(now)
    assert found is not None
    return found


def opened(rules: BreakerRules = CIRCUIT, random: Random | None = None) -> Breaker:
    """Return a breaker that opened at time 0."""
    breaker = Breaker(rules, random or Random(1))
    for _ in range(rules.in_a_row):
        breaker.failed(ticket(breaker, 0.0), 0.0)
    assert breaker.state(0.0) is BreakerState.OPEN
    return breaker


def test_five_failures_in_a_row_open_it() -> None:
    breaker = Breaker(CIRCUIT, Random(1))
    for number in range(4):
        assert not breaker.failed(ticket(breaker, number), number)
    breaker.succeeded(ticket(breaker, 4), 4)
    for number in range(5, 9):
        assert not breaker.failed(ticket(breaker, number), number)
    assert breaker.failed(ticket(breaker, 9), 9)
    assert breaker.permit(9.0) is None


def test_half_of_twenty_calls_within_ten_seconds_open_it() -> None:
    breaker = Breaker(CIRCUIT, Random(1))
    for number in range(10):
        now = number * 0.4
        breaker.succeeded(ticket(breaker, now), now)
        assert breaker.failed(ticket(breaker, now), now) is (number == 9)


def test_half_of_twenty_calls_within_a_longer_time_do_not() -> None:
    breaker = Breaker(CIRCUIT, Random(1))
    for number in range(100):
        now = number * 1.2
        breaker.succeeded(ticket(breaker, now), now)
        assert not breaker.failed(ticket(breaker, now), now)


def test_it_stays_open_longer_each_time_up_to_a_cap() -> None:
    breaker, now, seconds = opened(random=Random(7)), 0.0, []
    for _ in range(14):
        seconds.append(breaker.refuses_for(now))
        now += seconds[-1]
        assert breaker.state(now) is BreakerState.HALF_OPEN
        breaker.failed(ticket(breaker, now), now)
    for number, one in enumerate(seconds, 1):
        assert 0.9 * min(30 * number, 300) <= one <= min(33 * number, 300)
    # Spread below the cap, too: processes must not probe together.
    assert len(set(seconds)) == len(seconds)


def test_a_probe_that_succeeds_closes_it_and_forgets() -> None:
    breaker = opened()
    breaker.succeeded(ticket(breaker, 40.0), 40.0)
    assert breaker.state(40.0) is BreakerState.CLOSED
    for _ in range(4):
        assert not breaker.failed(ticket(breaker, 41.0), 41.0)
    breaker.failed(ticket(breaker, 41.0), 41.0)
    assert breaker.refuses_for(41.0) <= 33.0


def test_one_probe_at_a_time() -> None:
    breaker = opened()
    assert breaker.permit(40.0) is not None
    assert [breaker.permit(40.0) for _ in range(20)] == [None] * 20
    assert breaker.refuses_for(40.0) > 0.0


def test_a_probe_that_tells_nothing_lets_the_next_one_go() -> None:
    breaker = opened()
    breaker.released(ticket(breaker, 40.0))
    assert breaker.permit(40.0) is not None


def test_what_began_before_a_change_counts_for_nothing() -> None:
    breaker = Breaker(CIRCUIT, Random(1))
    old = ticket(breaker, 0.0)
    for _ in range(5):
        breaker.failed(ticket(breaker, 0.0), 0.0)
    breaker.succeeded(old, 1.0)
    assert breaker.state(1.0) is BreakerState.OPEN
    probe = ticket(breaker, 40.0)
    breaker.succeeded(old, 41.0)
    breaker.failed(old, 41.0)
    breaker.released(old)
    assert breaker.permit(41.0) is None
    breaker.succeeded(probe, 42.0)
    breaker.failed(old, 43.0, times=5)
    assert breaker.state(43.0) is BreakerState.CLOSED


def test_the_credentials_gate_shuts_for_a_minute() -> None:
    gate = opened(CREDENTIAL)
    assert gate.refuses_for(0.0) == 60.0
    gate.failed(ticket(gate, 60.0), 60.0)
    assert gate.refuses_for(60.0) == 60.0


# ---------------------------------------------------------------------------------------- guard


def fail(guard: Guard, error: PlatformError, now: float = 0.0, *, group: str = "data") -> bool:
    return guard.permit(group, now, credential=True).failed(error, now)


def test_each_error_counts_where_it_belongs() -> None:
    guard = Guard(NoJitter())
    for _ in range(4):
        assert not fail(guard, PlatformServerError(status=500))
    assert not fail(guard, PlatformAuthError(status=401))
    assert guard.circuits(0.0) == {"data": BreakerState.CLOSED}
    assert fail(guard, PlatformAuthError(status=401))
    assert guard.credential(0.0) is BreakerState.OPEN
    with pytest.raises(PlatformAuthError) as caught:
        guard.check("data", 0.0, credential=True)
    assert (caught.value.attempts, caught.value.trips_as) == (0, Trips.NOTHING)
    # Without the credential there is no gate.
    guard.check("data", 0.0, credential=False)


def test_an_answer_of_any_kind_shows_that_the_platform_is_there() -> None:
    guard = Guard(NoJitter())
    for _ in range(5):
        fail(guard, PlatformServerError(status=500))
    with pytest.raises(PlatformCircuitOpenError) as caught:
        guard.permit("data", 0.0, credential=True)
    assert (caught.value.retry_after, caught.value.attempts) == (27.0, 0)
    fail(guard, PlatformNotFoundError(status=404), 30.0)
    assert guard.circuits(30.0) == {"data": BreakerState.CLOSED}


def test_what_got_no_answer_and_counts_for_nothing_shows_nothing() -> None:
    guard = Guard(NoJitter())
    for _ in range(5):
        fail(guard, PlatformServerError(status=500))
    fail(guard, PlatformTimeoutError(trips=Trips.NOTHING), 30.0)
    assert guard.circuits(30.0) == {"data": BreakerState.HALF_OPEN}
    guard.permit("data", 30.0, credential=True).succeeded(30.0)
    assert guard.circuits(30.0) == {"data": BreakerState.CLOSED}


def test_two_refusals_in_one_call_are_two() -> None:
    guard = Guard(NoJitter())
    permit = guard.permit("data", 0.0, credential=True)
    assert permit.failed(PlatformAuthError(status=401), 0.0, refusals=2)


def test_a_login_that_fails_counts_against_the_credential() -> None:
    guard = Guard(NoJitter())
    guard.credential_failed(0.0)
    guard.permit("data", 0.0, credential=True).succeeded(0.0)
    guard.credential_failed(0.0)
    guard.check("data", 0.0, credential=True)
    guard.credential_failed(0.0)
    with pytest.raises(PlatformAuthError):
        guard.check("data", 0.0, credential=True)
    # Further failures of those who were under way do not make it longer.
    guard.credential_failed(30.0)
    guard.check("data", 60.0, credential=True)


# ---------------------------------------------------------------------------------------- model


@dataclass(slots=True)
class Model:
    """The rules in words: all outcomes since the last change of state, by time."""

    outcomes: list[tuple[float, bool]] = field(default_factory=list)

    def is_too_much(self, now: float) -> bool:
        row = 0
        for _, failed in reversed(self.outcomes):
            if not failed:
                break
            row += 1
        window = [failed for at, failed in self.outcomes if at >= now - CIRCUIT.window]
        often = len(window) >= 20 and sum(window) * 2 >= len(window)
        return row >= 5 or often


class BreakerMachine(RuleBasedStateMachine):
    """Drives a breaker by calls that overlap, fail, succeed and vanish."""

    @initialize(seed=st.integers(0, 2**16))
    def start(self, seed: int) -> None:
        self.breaker = Breaker(CIRCUIT, Random(seed))
        self.now = 0.0
        self.model = Model()
        self.under_way: list[int] = []
        self.openings = 0
        self.probes: set[int] = set()

    @rule(seconds=st.floats(0.0, 15.0))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def much_time_passes(self) -> None:
        self.now += 400.0

    @rule()
    def a_call_begins(self) -> None:
        before = self.breaker.state(self.now)
        found = self.breaker.permit(self.now)
        if before is BreakerState.CLOSED:
            assert found is not None
        if before is BreakerState.OPEN:
            assert found is None
        if found is None:
            return
        if before is BreakerState.HALF_OPEN:
            assert self.breaker.ticket not in self.probes
            self.probes.add(found)
        self.under_way.append(found)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), outcome=st.sampled_from(["ok", "ok", "failed", "failed", "gone"]))
    def a_call_ends(self, data: st.DataObject, outcome: str) -> None:
        index = data.draw(st.integers(0, len(self.under_way) - 1))
        one = self.under_way.pop(index)
        before, current = self.breaker.state(self.now), one == self.breaker.ticket
        if outcome == "gone":
            self.breaker.released(one)
            expected = before
        elif outcome == "ok":
            self.breaker.succeeded(one, self.now)
            expected = self._expected(before, current=current, failed=False)
        else:
            opened = self.breaker.failed(one, self.now)
            expected = self._expected(before, current=current, failed=True)
            assert opened == (expected is BreakerState.OPEN and before is not BreakerState.OPEN)
        assert self.breaker.state(self.now) is expected

    def _expected(self, before: BreakerState, *, current: bool, failed: bool) -> BreakerState:
        if not current or before is BreakerState.OPEN:
            return before
        if before is BreakerState.HALF_OPEN:
            self.model = Model()
            self.openings = self.openings + 1 if failed else 0
            return BreakerState.OPEN if failed else BreakerState.CLOSED
        self.model.outcomes.append((self.now, failed))
        if failed and self.model.is_too_much(self.now):
            self.model = Model()
            self.openings += 1
            return BreakerState.OPEN
        return BreakerState.CLOSED

    @invariant()
    def it_never_shuts_for_longer_than_the_cap(self) -> None:
        refuses = self.breaker.refuses_for(self.now)
        assert 0.0 <= refuses <= max(1.0, min(33.0 * self.openings, 300.0))
        if self.breaker.state(self.now) is BreakerState.CLOSED:
            assert refuses == 0.0


TestBreakerMachine = BreakerMachine.TestCase
