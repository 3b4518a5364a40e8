"""What a vendor offers to the rest of the house: a `VendorSpec`, which builds `Platform`s.

A platform is a bundle of narrow ports. A port that is None is a capability that the platform does
not have: it is reported as UNSUPPORTED and never called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from vendors.capabilities import CHANGES, FETCHES, LISTS, PORTS, Capability
from vendors.clock import Clock, SystemClock
from vendors.drill_through import DrillThroughPort
from vendors.exports import ExportsPort
from vendors.measures import Dimension, Measurables, MeasureCall, Member, Reading
from vendors.operations import Operation
from vendors.records import (
    Agent,
    AgentPresence,
    Channel,
    Conversation,
    ConversationState,
    Dated,
    Listed,
    Record,
    Transaction,
)
from vendors.settings import PlatformSettings
from vendors.staff import LifetimesPort, ProfilesPort
from vendors.waits import UNWATCHED, WaitObserver
from vendors.writes import Change, WritesPort

if TYPE_CHECKING:
    import httpx
    from starlette.types import ASGIApp

    from vendors.calls import Call
    from vendors.http.health import Health
    from vendors.world import World

__all__ = [
    "AgentsPort",
    "ConversationByIdPort",
    "ConversationQuery",
    "ConversationsPort",
    "DirectoriesPort",
    "FetchesPort",
    "HistoriesPort",
    "HistoryQuery",
    "MeasuresPort",
    "Page",
    "Platform",
    "PresencePort",
    "Probe",
    "SalesPort",
    "Simulator",
    "VendorSpec",
    "Wiring",
]

T = TypeVar("T")
L = TypeVar("L", bound=Listed)
D = TypeVar("D", bound=Dated)
E = TypeVar("E", bound=Record)
S = TypeVar("S", bound=PlatformSettings)


class ConversationQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversations are wanted: newest first, started in `[start, end)`, at most `limit`.

    `after` is a position that the platform itself gave out with an item; the page begins behind
    it. Empty filters mean all; only filters that the port names in `conversation_filters` are set.
    """

    start: datetime
    end: datetime
    limit: int
    after: str | None = None
    agent_ids: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    states: tuple[ConversationState, ...] = ()
    site_ids: tuple[str, ...] = ()
    queue_ids: tuple[str, ...] = ()
    skill_ids: tuple[str, ...] = ()
    tag_ids: tuple[str, ...] = ()
    rule_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items, newest first, each with the position from which reading goes on behind it."""

    items: tuple[T, ...]
    positions: tuple[str, ...]
    has_more: bool
    truncated: bool = False
    """Whether the platform holds more in the window than it can be made to give."""


class ConversationsPort(Protocol):
    """Lists conversations."""

    @property
    def conversation_filters(self) -> frozenset[str]:
        """Return the names of the `ConversationQuery` filters that it can apply."""
        ...

    async def conversations(self, query: ConversationQuery, call: Call) -> Page[Conversation]:
        """Return one page, by as few calls as the vendor allows; raise PlatformError."""
        ...


class ConversationByIdPort(Protocol):
    """Fetches one conversation."""

    async def conversation(self, native_id: str, call: Call) -> Conversation | None:
        """Return it, or None where the platform knows none of that id; raise PlatformError."""
        ...


class AgentsPort(Protocol):
    """Lists agents."""

    async def agents(self, call: Call) -> tuple[Agent, ...]:
        """Return every agent that the platform lists, in its order; raise PlatformError."""
        ...


class PresencePort(Protocol):
    """Tells who is there now."""

    async def presence(self, agents: Sequence[Agent], call: Call) -> tuple[AgentPresence, ...]:
        """Return the state of each of these agents that the platform tells; raise PlatformError."""
        ...


class MeasuresPort(Protocol):
    """Measures."""

    @property
    def measurables(self) -> Measurables:
        """Return what can be measured, as tables."""
        ...

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Make exactly the one call that is described; raise PlatformError."""
        ...

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:
        """Return the members of a LISTED or EACH dimension that are known now."""
        ...


class DirectoriesPort(Protocol):
    """Gives short lists whole: teams, skills, tags, sites, clients."""

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        """Return the kinds of records of which it has a list."""
        ...

    async def directory(self, kind: type[L], call: Call) -> tuple[L, ...]:
        """Return every record of a kind that it has, in its order; raise PlatformError."""
        ...


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which records of a kind are wanted: newest first, in `[start, end)`, at most `limit`.

    Without `start` and `end`, all there are: customers are asked for so. `after` is a position as
    in `ConversationQuery`. Empty filters mean all; only those that the port names are set.
    """

    limit: int
    start: datetime | None = None
    end: datetime | None = None
    after: str | None = None
    site_ids: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    conversation_ids: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    linked: bool | None = None
    """Whether they belong to a conversation."""


class HistoriesPort(Protocol):
    """Gives long lists by pages: customers, transactions, survey responses, call meetings."""

    @property
    def history_filters(self) -> Mapping[type[Dated], frozenset[str]]:
        """Return the kinds of records that it lists, and the filters that it applies to each."""
        ...

    async def history(self, kind: type[D], query: HistoryQuery, call: Call) -> Page[D]:
        """Return one page, by as few calls as the vendor allows; raise PlatformError."""
        ...


class FetchesPort(Protocol):
    """Fetches one record of whatever kind."""

    @property
    def fetched_kinds(self) -> frozenset[type[Any]]:
        """Return the kinds that it fetches."""
        ...

    async def fetch(self, kind: type[E], native_id: str, call: Call) -> E | None:
        """Return the record of that `record_id`, or None without one; raise PlatformError."""
        ...


class SalesPort(Protocol):
    """Tells what conversations led to."""

    async def sales_of(
        self, conversations: Sequence[Conversation], call: Call
    ) -> tuple[Transaction, ...]:
        """Return the sales of all of these, by as few calls as can be; raise PlatformError."""
        ...


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of a platform found. It reached the platform; a failure is a PlatformError."""

    seconds: float
    clock_skew_seconds: float | None = None
    """The platform's `Date` header less our clock; None where it sent none."""
    detail: str | None = None
    """Anything an operator should know, such as the end of life of the vendor's version."""


@dataclass(frozen=True, slots=True)
class Platform:
    """One configured account of a vendor, open for questions until it is closed."""

    key: str
    title: str
    vendor: str
    vendor_title: str
    time_zone: str
    credential: str
    """A fingerprint of the credential: part of every cache key, never the credential itself."""
    probe: Callable[[Call], Awaitable[Probe]]
    close: Callable[[], Awaitable[None]]
    health: Callable[[], Health] | None = None
    """How it has fared lately, without asking it."""
    conversations: ConversationsPort | None = None
    conversation_by_id: ConversationByIdPort | None = None
    agents: AgentsPort | None = None
    presence: PresencePort | None = None
    profiles: ProfilesPort | None = None
    lifetimes: LifetimesPort | None = None
    measures: MeasuresPort | None = None
    directories: DirectoriesPort | None = None
    histories: HistoriesPort | None = None
    fetches: FetchesPort | None = None
    sales: SalesPort | None = None
    writes: WritesPort | None = None
    exports: ExportsPort | None = None
    drill_through: DrillThroughPort | None = None

    def lists(self, kind: type[Listed | Dated]) -> bool:
        """Return whether it lists records of that kind."""
        return (self.directories is not None and kind in self.directories.directory_kinds) or (
            self.histories is not None and kind in self.histories.history_filters
        )

    def fetches_one(self, kind: type[Record]) -> bool:
        """Return whether it fetches single records of that kind."""
        return self.fetches is not None and kind in self.fetches.fetched_kinds

    def takes(self, change: type[Change]) -> bool:
        """Return whether it takes changes of that kind."""
        return self.writes is not None and change in self.writes.changes

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Return what this platform can do."""
        ports = {one for one in PORTS if getattr(self, one.value) is not None}
        listed = {one for kind, one in LISTS.items() if self.lists(kind)}
        fetched = {one for kind, one in FETCHES.items() if self.fetches_one(kind)}
        written = {one for change, one in CHANGES.items() if self.takes(change)}
        return frozenset(ports | listed | fetched | written)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process hands to a vendor when it builds a platform."""

    clock: Clock = field(default_factory=SystemClock)
    transport: httpx.AsyncBaseTransport | None = None
    """A transport to use instead of the pooled one (tests: canned answers)."""
    waits: WaitObserver = UNWATCHED
    """Who is told for what calls wait."""


@dataclass(frozen=True, slots=True)
class Simulator:
    """A strict stand-in for a vendor, made from its documents: an ASGI app and how to reach it.

    `settings` returns the `[[platforms]]` table (without `key`, `vendor` and `title`) for a
    simulator that listens at the given origin, such as `http://127.0.0.1:4001`.
    """

    app: ASGIApp
    settings: Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class VendorSpec(Generic[S]):
    """One vendor: its name, its settings, and how to build a platform and a simulator of it."""

    name: str
    title: str
    settings: type[S]
    build: Callable[[S, Wiring], Platform]
    simulator: Callable[[World], Simulator]
    operations: tuple[Operation, ...] = ()
    """What its documents offer, and how each is reached."""
