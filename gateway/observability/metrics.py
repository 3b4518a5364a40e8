"""What the process counts, for Prometheus. No label has more values than the configuration.

Labels are platforms, ports, endpoints, codes, statuses, doors and tiers: nothing that a caller
sends, and nobody's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from platform import python_version
from typing import Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway import __version__
from gateway.cache.memory import MemoryCache
from gateway.cache.tiered import TieredCache
from resolvers.context import Services
from vendors.calls import CallRecord
from vendors.http.circuit import BreakerState
from vendors.http.health import Health
from vendors.waits import Wait

__all__ = ["Metrics", "Process"]

_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_PLATFORM_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
_TOO_MANY = 429
_NO_ANSWER = "none"
_DOORS: Mapping[str, str] = {
    "": "pages",
    "exports": "exports",
    "graphql": "graphql",
    "healthz": "health",
    "metrics": "metrics",
    "odata": "odata",
    "q": "queries",
    "readyz": "health",
    "static": "pages",
    "status": "status",
    "status.json": "status",
    "v1": "rows",
}
_OTHER = "other"
_CIRCUIT: Mapping[BreakerState, float] = {
    BreakerState.CLOSED: 0,
    BreakerState.HALF_OPEN: 1,
    BreakerState.OPEN: 2,
}


M = TypeVar("M", Counter, Gauge, Histogram)


class _Held(Generic[M]):
    """The children of a metric, held: finding one costs more than counting."""

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._children: dict[tuple[str, ...], M] = {}

    def of(self, *values: str) -> M:
        """Return the child of these values."""
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = self._metric.labels(*values)
        return child


@dataclass(frozen=True, slots=True)
class Process:
    """What is looked at when the metrics are read."""

    services: Services
    """As they were opened, unobserved."""
    streams: Callable[[], int]


class Metrics:
    """Counts what it is told; fulfils `observing.Observer` and `vendors.waits.WaitObserver`."""

    def __init__(self) -> None:
        """Begin at zero."""
        # Twice the lines, for what the build and the process tell already.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._watch_requests(self.registry)
        self._watch_platforms(self.registry)
        self._watch_cache(self.registry)
        build = {"version": __version__, "python": python_version()}
        Gauge(
            "switchboard_build_info",
            "Which release runs; the value is 1.",
            [*build],
            registry=self.registry,
        ).labels(**build).set(1)
        ProcessCollector(registry=self.registry)
        self._live = _Live()
        self.registry.register(self._live)

    def _watch_requests(self, registry: CollectorRegistry) -> None:
        self._requests = _Held(
            Counter(
                "switchboard_requests",
                "HTTP requests that have been answered; 499: the caller had gone.",
                ["door", "status"],
                registry=registry,
            )
        )
        self._seconds = _Held(
            Histogram(
                "switchboard_request_seconds",
                "From a request to the end of its answer; streams of events are not in it.",
                ["door"],
                buckets=_REQUEST_SECONDS,
                registry=registry,
            )
        )
        self._open = _Held(
            Gauge(
                "switchboard_requests_in_progress",
                "HTTP requests that are being answered; of the door `exports`: downloads.",
                ["door"],
                registry=registry,
            )
        )

    def _watch_platforms(self, registry: CollectorRegistry) -> None:
        self._calls = _Held(
            Counter(
                "switchboard_platform_calls",
                "Requests sent to platforms, by status class; none: no answer came.",
                ["platform", "endpoint", "status"],
                registry=registry,
            )
        )
        self._call_seconds = _Held(
            Histogram(
                "switchboard_platform_call_seconds",
                "One request to a platform, to the end of its answer.",
                ["platform"],
                buckets=_PLATFORM_SECONDS,
                registry=registry,
            )
        )
        self._retries = _Held(
            Counter(
                "switchboard_platform_retries",
                "Requests to platforms that were repetitions of one that had failed.",
                ["platform"],
                registry=registry,
            )
        )
        self._waited = _Held(
            Counter(
                "switchboard_platform_wait_seconds",
                "Seconds that calls to platforms waited, by what they waited for.",
                ["platform", "reason"],
                registry=registry,
            )
        )
        self._outcomes = _Held(
            Counter(
                "switchboard_platform_questions",
                "Questions to a platform, each of one or more calls, by what came of them.",
                ["platform", "port", "outcome"],
                registry=registry,
            )
        )
        self._question_seconds = _Held(
            Histogram(
                "switchboard_platform_question_seconds",
                "One question to a platform, with waits for a turn, for its rate limit and "
                "between tries.",
                ["platform"],
                buckets=_PLATFORM_SECONDS,
                registry=registry,
            )
        )

    def _watch_cache(self, registry: CollectorRegistry) -> None:
        self._lookups = _Held(
            Counter(
                "switchboard_cache_lookups",
                "Keys that a tier of the cache was asked for.",
                ["tier", "outcome"],
                registry=registry,
            )
        )
        self._written = _Held(
            Counter(
                "switchboard_cache_written",
                "Entries written into a tier of the cache.",
                ["tier"],
                registry=registry,
            )
        )

    def attach(self, process: Process | None) -> None:
        """Look at this process when the metrics are read; None: it has stopped."""
        self._live.process = process

    @staticmethod
    def door(path: str) -> str:
        """Return through which door a path leads."""
        return _DOORS.get(path.lstrip("/").partition("/")[0], _OTHER)

    def begun(self, door: str) -> None:
        """Note that a request has come."""
        self._open.of(door).inc()

    def answered(self, door: str, status: int, seconds: float, *, streamed: bool) -> None:
        """Note that a request has been answered, by events for as long as the caller wished."""
        self._open.of(door).dec()
        self._requests.of(door, str(status)).inc()
        if not streamed:
            self._seconds.of(door).observe(seconds)

    def called(self, record: CallRecord) -> None:
        """Note one request that was sent to a platform."""
        self._calls.of(record.platform, record.endpoint, _status_class(record.status)).inc()
        self._call_seconds.of(record.platform).observe(record.seconds)
        if record.attempt > 1:
            self._retries.of(record.platform).inc()

    def waiting(self, wait: Wait) -> None:
        """Note nothing: a wait is counted when it is over."""

    def waited(self, wait: Wait, seconds: float) -> None:
        """Note that a call to a platform has waited."""
        self._waited.of(wait.platform, wait.reason.value).inc(seconds)

    def asked(self, platform: str, port: str, outcome: str, seconds: float) -> None:
        """Note that a port of a platform was asked."""
        self._outcomes.of(platform, port, outcome).inc()
        self._question_seconds.of(platform).observe(seconds)

    def looked_up(self, tier: str, hits: int, misses: int) -> None:
        """Note what a tier of the cache was asked for."""
        if hits:
            self._lookups.of(tier, "hit").inc(hits)
        if misses:
            self._lookups.of(tier, "miss").inc(misses)

    def kept(self, tier: str, entries: int) -> None:
        """Note what was written into a tier of the cache."""
        self._written.of(tier).inc(entries)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the form that `Accept` prefers, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type


def _status_class(status: int | None) -> str:
    if status is None:
        return _NO_ANSWER
    # Asked to slow down is not the same as having asked wrongly.
    return "429" if status == _TOO_MANY else f"{status // 100}xx"


class _Live(Collector):
    """What is read off the process when somebody wants to know."""

    def __init__(self) -> None:
        self.process: Process | None = None

    def describe(self) -> Iterable[Metric]:
        """Return nothing: there are no names to be told before anything has begun."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Give what holds now."""
        if self.process is None:
            return
        services = self.process.services
        yield GaugeMetricFamily(
            "switchboard_streams_open",
            "Subscriptions, and sockets, that are open.",
            self.process.streams(),
        )
        yield GaugeMetricFamily(
            "switchboard_fetches_in_progress",
            "What is being fetched, whoever waits for it.",
            len(services.flights),
        )
        yield from _of_cache(services.cache)
        healths = {
            key: one.health() for key, one in services.platforms.items() if one.health is not None
        }
        yield from _of_platforms(healths)


def _of_cache(cache: object) -> Iterator[Metric]:
    if not isinstance(cache, MemoryCache | TieredCache):
        return
    counts = cache.counts
    yield GaugeMetricFamily(
        "switchboard_cache_entries", "Entries in the process's memory.", counts.entries
    )
    yield GaugeMetricFamily(
        "switchboard_cache_bytes", "Bytes that they take, by the cache's own count.", counts.size
    )
    if isinstance(cache, TieredCache):
        yield CounterMetricFamily(
            "switchboard_cache_store_failures",
            "Requests to the store behind the memory that failed or were late.",
            cache.counts.store_failures,
        )


def _of_platforms(healths: Mapping[str, Health]) -> Iterator[Metric]:
    circuit = GaugeMetricFamily(
        "switchboard_platform_circuit",
        "Whether calls go through, by group of endpoints: 0 yes, 1 one at a time, 2 no.",
        labels=["platform", "group"],
    )
    flying = GaugeMetricFamily(
        "switchboard_platform_calls_in_progress",
        "Requests to the platform that hold a place.",
        labels=["platform"],
    )
    left = GaugeMetricFamily(
        "switchboard_platform_quota_remaining",
        "What the platform last said is left of its rate limit; absent where it says nothing.",
        labels=["platform"],
    )
    succeeded = GaugeMetricFamily(
        "switchboard_platform_last_success_timestamp_seconds",
        "When a call last succeeded.",
        labels=["platform"],
    )
    for key, health in healths.items():
        states = {**health.circuits, "credential gate": health.credential}
        for group, state in states.items():
            circuit.add_metric([key, group], _CIRCUIT[state])
        flying.add_metric([key], health.in_flight)
        remaining = _number(health.rate_limit.remaining if health.rate_limit else None)
        if remaining is not None:
            left.add_metric([key], remaining)
        if health.last_success_at is not None:
            succeeded.add_metric([key], health.last_success_at.timestamp())
    yield from (circuit, flying, left, succeeded)


def _number(said: str | None) -> float | None:
    """Return a platform's text as a whole number, None where it says something else."""
    return float(said) if said is not None and said.isascii() and said.isdigit() else None
