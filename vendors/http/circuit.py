"""Leaves a platform alone that keeps failing, and a credential alone that keeps being refused.

A `Breaker` is a state machine over explicit times; a `Guard` holds those of one client: one per
group of endpoints, and one for the credential.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from random import Random
from types import MappingProxyType

from vendors.errors import PlatformAuthError, PlatformCircuitOpenError, PlatformError, Trips

__all__ = ["CIRCUIT", "CREDENTIAL", "Breaker", "BreakerRules", "BreakerState", "Guard", "Permit"]


class BreakerState(Enum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"
    """One call at a time goes through, to see."""


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When a breaker opens, and for how long."""

    in_a_row: int
    """Failures in a row that open it."""
    seconds: float
    """How long it stays open; times the openings since it was last closed."""
    longest: float
    jitter: float = 0.0
    """Share by which that time varies up or down, so that processes do not probe together."""
    share: float | None = None
    """Share of failures that opens it, too, among at least `least` calls in `window` seconds."""
    least: int = 0
    window: float = 0.0


CIRCUIT = BreakerRules(
    in_a_row=5, seconds=30.0, longest=300.0, jitter=0.1, share=0.5, least=20, window=10.0
)
CREDENTIAL = BreakerRules(in_a_row=2, seconds=60.0, longest=60.0)


class Breaker:
    """Closed, open and half-open. Times are seconds on one clock that never goes back.

    `permit` gives out a ticket, which comes back with the outcome. The ticket of a call that began
    before the last change of state counts for nothing.
    """

    def __init__(self, rules: BreakerRules, random: Random) -> None:
        self._rules = rules
        self._random = random
        self._state = BreakerState.CLOSED
        self._ticket = 0
        self._row = 0
        self._openings = 0
        self._open_until = 0.0
        self._probing = False
        self._outcomes: deque[tuple[float, bool]] = deque()
        self._failures = 0

    @property
    def ticket(self) -> int:
        """Return the ticket of a call that began just now, whether permitted or not."""
        return self._ticket

    def state(self, now: float) -> BreakerState:
        """Return the state; an open breaker is half-open once its time is over."""
        if self._state is BreakerState.OPEN and now >= self._open_until:
            return BreakerState.HALF_OPEN
        return self._state

    def refuses_for(self, now: float) -> float:
        """Return the seconds until a call has a chance; 0 if it would be let through now."""
        if self._state is BreakerState.CLOSED:
            return 0.0
        # A probe is under way: its outcome is near, but nobody knows when it comes.
        return max(self._open_until - now, 1.0 if self._probing else 0.0)

    def permit(self, now: float) -> int | None:
        """Return a ticket for one call, or None if it must not be made."""
        if self._state is BreakerState.CLOSED:
            return self._ticket
        if self.refuses_for(now) > 0.0:
            return None
        self._enter(BreakerState.HALF_OPEN)
        self._probing = True
        return self._ticket

    def succeeded(self, ticket: int, now: float) -> None:
        """Note that the platform did its part."""
        if ticket != self._ticket:
            return
        if self._state is BreakerState.HALF_OPEN:
            self._openings = 0
            self._enter(BreakerState.CLOSED)
            return
        self._row = 0
        self._note(now, failed=False)

    def failed(self, ticket: int, now: float, times: int = 1) -> bool:
        """Note that it did not, and return whether that opened it.

        `times` is how many failures it stands for.
        """
        if ticket != self._ticket or self._state is BreakerState.OPEN:
            return False
        self._row += times
        self._note(now, failed=True)
        if self._state is BreakerState.HALF_OPEN or self._is_too_much():
            self._open(now)
            return True
        return False

    def released(self, ticket: int) -> None:
        """Note that the call ended without telling anything, such as by being cancelled."""
        if ticket == self._ticket:
            self._probing = False

    def _note(self, now: float, *, failed: bool) -> None:
        self._outcomes.append((now, failed))
        self._failures += failed
        since = now - self._rules.window
        while self._outcomes[0][0] < since:
            self._failures -= self._outcomes.popleft()[1]

    def _is_too_much(self) -> bool:
        if self._row >= self._rules.in_a_row:
            return True
        if self._rules.share is None:
            return False
        calls = len(self._outcomes)
        return calls >= self._rules.least and self._failures >= self._rules.share * calls

    def _open(self, now: float) -> None:
        self._openings += 1
        longest = self._rules.longest
        spread = self._random.uniform(-self._rules.jitter, self._rules.jitter)
        seconds = min(self._rules.seconds * self._openings, longest) * (1.0 + spread)
        # Beyond the cap the spread goes the other way: all at the cap would probe together.
        self._open_until = now + (seconds if seconds <= longest else longest * (1.0 - spread))
        self._enter(BreakerState.OPEN)

    def _enter(self, state: BreakerState) -> None:
        self._state = state
        self._ticket += 1
        self._row = 0
        self._probing = False
        self._outcomes.clear()
        self._failures = 0


class Guard:
    """The breakers of one client."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._credential = Breaker(CREDENTIAL, random)
        self._circuits: dict[str, Breaker] = {}

    def check(self, group: str, now: float, *, credential: bool) -> None:
        """Raise if a call would not be let through; `credential`: the call uses the credential.

        Raises:
            PlatformAuthError: if the credential was refused too often.
            PlatformCircuitOpenError: if the group's circuit is open.
        """
        if credential and (seconds := self._credential.refuses_for(now)) > 0.0:
            raise _refused(seconds)
        if (seconds := self._circuit(group).refuses_for(now)) > 0.0:
            raise _open(seconds)

    def permit(self, group: str, now: float, *, credential: bool) -> Permit:
        """Let one call through, or raise as `check` does."""
        self.check(group, now, credential=credential)
        return Permit(self._circuit(group), self._credential if credential else None, now)

    def credential_failed(self, now: float) -> None:
        """Note that no token could be had."""
        self._credential.failed(self._credential.ticket, now)

    def circuits(self, now: float) -> Mapping[str, BreakerState]:
        """Return the state of each group's circuit."""
        return MappingProxyType({name: one.state(now) for name, one in self._circuits.items()})

    def credential(self, now: float) -> BreakerState:
        """Return the state of the credential's gate."""
        return self._credential.state(now)

    def _circuit(self, group: str) -> Breaker:
        found = self._circuits.get(group)
        if found is None:
            found = self._circuits[group] = Breaker(CIRCUIT, self._random)
        return found


class Permit:
    """The leave to make one call. Exactly one of its methods is called once the call has ended."""

    __slots__ = ("_circuit", "_circuit_ticket", "_gate", "_gate_ticket")

    def __init__(self, circuit: Breaker, gate: Breaker | None, now: float) -> None:
        self._circuit = circuit
        self._circuit_ticket = _ticket(circuit, now)
        self._gate = gate
        self._gate_ticket = _ticket(gate, now) if gate else 0

    def succeeded(self, now: float) -> None:
        """Note that the call brought what was asked for."""
        self._circuit.succeeded(self._circuit_ticket, now)
        if self._gate:
            self._gate.succeeded(self._gate_ticket, now)

    def failed(self, error: PlatformError, now: float, *, refusals: int = 1) -> bool:
        """Note a failure where it belongs, and return whether that opened a breaker.

        `refusals` is how often the credential was refused.
        """
        return self._tell_circuit(error, now) | self._tell_gate(error, now, refusals)

    def released(self) -> None:
        """Note that the call ended without telling anything, such as by being cancelled."""
        self._circuit.released(self._circuit_ticket)
        if self._gate:
            self._gate.released(self._gate_ticket)

    def _tell_circuit(self, error: PlatformError, now: float) -> bool:
        if error.trips_as is Trips.CIRCUIT:
            return self._circuit.failed(self._circuit_ticket, now)
        if error.status is not None:
            # It answered: it is there, whatever it said.
            self._circuit.succeeded(self._circuit_ticket, now)
        else:
            self._circuit.released(self._circuit_ticket)
        return False

    def _tell_gate(self, error: PlatformError, now: float, refusals: int) -> bool:
        if self._gate is None:
            return False
        if error.trips_as is Trips.CREDENTIAL:
            return self._gate.failed(self._gate_ticket, now, max(1, refusals))
        self._gate.released(self._gate_ticket)
        return False


def _ticket(breaker: Breaker, now: float) -> int:
    ticket = breaker.permit(now)
    if ticket is None:
        raise RuntimeError("asked for a ticket without checking first")
    return ticket


def _refused(seconds: float) -> PlatformError:
    return PlatformAuthError(
        "credential refused a moment ago", retry_after=seconds, trips=Trips.NOTHING, attempts=0
    )


def _open(seconds: float) -> PlatformError:
    return PlatformCircuitOpenError("circuit open", retry_after=seconds, attempts=0)
