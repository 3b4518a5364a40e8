"""What every resolver is given: the platforms that the caller may see, and the budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial

import msgspec

from resolvers.aged import AgedSeries
from resolvers.cached import Lifetime, ReadThrough
from resolvers.catalogue import Catalogue
from resolvers.changes import Changes
from resolvers.flights import Alone, Flights
from resolvers.generations import InGeneration
from resolvers.hub import Hub
from resolvers.keys import scope_of
from resolvers.loaders import Loaders
from resolvers.planner.store import SeriesLifetimes, SeriesStore
from resolvers.planner.turns import Turns
from resolvers.planner.under_way import UnderWay
from resolvers.ports import Background, Cache, Leases, Sealer
from resolvers.spending import Spending
from vendors.buckets import zone
from vendors.calls import Call
from vendors.clock import Clock
from vendors.errors import BadInputError, ForbiddenError, TooComplexError
from vendors.port import Platform
from vendors.words import Word

__all__ = ["Lifetimes", "Limits", "Principal", "RequestContext", "Scope", "Services"]


class Scope(Word):
    """What a key allows."""

    READ = "read", "Reading everything but personal data."
    WRITE = "write", "Changing things on platforms."
    PERSONAL = "personal", "Reading personal data of customers, such as messages."
    METRICS = "metrics", "Reading how the gateway itself fares, and nothing of platforms."


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one operation may ask for."""

    page_size: int = 20
    most_per_page: int = 200
    most_items: int = 10_000
    """Over all pages of one operation."""
    most_calls: int = 200
    most_points: int = 200_000
    rows_per_page: int = 1_000
    most_rows_per_page: int = 10_000
    most_rows: int = 50_000
    """Over all pages of flat rows of one operation."""


class Lifetimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long what was fetched is used. What holds personal data lives 15 minutes at most."""

    agents: Lifetime = Lifetime(timedelta(minutes=5), timedelta(minutes=5), timedelta(minutes=10))
    conversations: Lifetime = Lifetime(timedelta(seconds=20), timedelta(0), timedelta(minutes=14))
    conversation: Lifetime = Lifetime(timedelta(seconds=20), timedelta(0), timedelta(minutes=14))
    presence: Lifetime = Lifetime(timedelta(seconds=10), timedelta(0), timedelta(minutes=2))
    series: SeriesLifetimes = SeriesLifetimes()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the name of the key, its scopes, and the platforms that it sees (None: all)."""

    name: str
    scopes: frozenset[Scope]
    platforms: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What lives as long as the process."""

    platforms: Mapping[str, Platform]
    clock: Clock
    cache: Cache
    background: Background
    sealer: Sealer
    latest: Cache | None = None
    """The cache as other processes have left it, where the process holds a part of it itself."""
    purge: Callable[[str], Awaitable[int]] | None = None
    """Forgets what the cache holds in a scope of keys, and tells how many entries went."""
    flights: Flights = field(default_factory=Flights)
    leases: Leases = field(default_factory=Alone)
    turns: Turns = field(default_factory=Turns)
    """Who may change which entry of the series tier."""
    changes: Changes = field(default_factory=Changes)
    """What has been changed on platforms, for reads that began before."""
    under_way: UnderWay = field(default_factory=UnderWay)
    """What operations are fetching at the moment, for others to wait for."""
    hub: Hub = field(default_factory=Hub)
    """What subscribers follow, asked once for all of them."""
    limits: Limits = field(default_factory=Limits)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    time_zone: str = "UTC"
    """The zone that is meant where a query names none."""


class RequestContext:
    """One operation: its caller, its budget, and what it has fetched so far."""

    def __init__(
        self,
        services: Services,
        principal: Principal,
        call: Call,
        *,
        ahead: timedelta = timedelta(0),
    ) -> None:
        """Begin an operation of that caller with that budget.

        With `ahead`, what is kept is fetched anew where it will not be fresh for that long.
        """
        self.services = services
        self.principal = principal
        self.call = call
        self.ahead = ahead
        self.withheld: dict[str, None] = {}
        """The fields that were left out because the caller's key may not read them, in turn."""
        self.given_up: dict[str, frozenset[str]] = {}
        """By the cursors of this operation: whom it does not ask again behind them."""
        self._room = services.limits.most_items
        """How many items pages may still hold."""
        self.spending = Spending(services.limits.most_calls)
        """The calls that are planned so far, and how many there may be."""
        self._row_room = services.limits.most_rows
        self.platforms: dict[str, Platform] = {
            key: platform
            for key, platform in services.platforms.items()
            if principal.platforms is None or key in principal.platforms
        }

    def renew(self, seconds: float) -> None:
        """Begin the next of several answers: with a budget, and loaders, of its own."""
        self.call = Call.within(seconds, request_id=self.call.request_id)
        self.withheld = {}
        self.spending = Spending(self.spending.most_calls)
        self._room = self.services.limits.most_items
        self._row_room = self.services.limits.most_rows
        self._forget()

    def _forget(self) -> None:
        """Forget what this operation has read."""
        for name in ("loaders", "series", "latest_series"):
            self.__dict__.pop(name, None)

    @property
    def clock(self) -> Clock:
        """Return the clock that tells the present."""
        return self.services.clock

    @cached_property
    def loaders(self) -> Loaders:
        """Return the loaders of this operation."""
        return Loaders(self)

    async def note_change(self, platform: Platform, tiers: Iterable[str]) -> None:
        """Let nothing be found any more that was read of a platform into these tiers.

        Nor what is being read, nor what this operation has read.
        """
        self._forget()
        places = [f"{tier}:{scope_of(platform.key)}" for tier in tiers]
        await self.services.changes.note(places, self.services.cache, self.clock.now())

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return what can be measured on the platforms that the caller sees."""
        return Catalogue(tuple(self.platforms.values()))

    @cached_property
    def entities(self) -> ReadThrough:
        """Return the entity and page tier of the cache."""
        services = self.services
        return ReadThrough(
            services.cache,
            services.flights,
            services.clock,
            services.background,
            leases=services.leases,
            latest=services.latest,
            ahead=self.ahead,
            changes=services.changes,
        ).counted_by(self._plan_read, self._charge_read)

    def _plan_read(self, key: str) -> None:
        """Count the call that fetches what is kept under a key; raise TooComplexError."""
        self.spending.plan({self._platform_of(key): 1})

    def _charge_read(self, key: str, calls: int) -> None:
        """Count the calls that this has taken beyond the first."""
        self.spending.charge(self._platform_of(key), calls)

    def _platform_of(self, key: str) -> str:
        names = {scope_of(name): name for name in self.services.platforms}
        scope = key.split(":", 2)[1]
        return names.get(scope, scope)

    @cached_property
    def series(self) -> SeriesStore:
        """Return the series tier of the cache."""
        return self._series_in(self.services.cache)

    @cached_property
    def latest_series(self) -> SeriesStore:
        """Return the series tier as other processes have left it."""
        return self._series_in(self.services.latest or self.services.cache)

    def _series_in(self, cache: Cache) -> SeriesStore:
        services = self.services
        store = SeriesStore if not self.ahead else partial(AgedSeries, by=self.ahead)
        lifetimes = services.lifetimes.series
        shared = services.latest
        pinned = partial(
            InGeneration, changes=services.changes, shared=shared, clock=services.clock
        )
        latest = None if shared is None else pinned(shared)
        return store(
            pinned(cache),
            lifetimes,
            services.sealer,
            services.turns,
            latest=latest,
            leases=services.leases,
        )

    def choose(
        self, keys: Sequence[str] | None, argument: str = "platforms"
    ) -> tuple[Platform, ...]:
        """Return the named platforms, or all that the caller sees; raise BadInputError."""
        if keys is None:
            return tuple(self.platforms.values())
        for key in keys:
            if key not in self.platforms:
                message = f"There is no platform {key!r}."
                raise BadInputError(message, argument=argument, accepted=list(self.platforms))
        return tuple(self.platforms[key] for key in dict.fromkeys(keys))

    def zone_name(self, asked: str | None) -> str:
        """Return the asked zone, or the default one; raise BadInputError if there is no such."""
        return zone(self.services.time_zone if asked is None else asked).key

    def require(self, scope: Scope) -> None:
        """Raise ForbiddenError unless the caller's key has the scope."""
        if scope not in self.principal.scopes:
            message = f"This needs a key with the scope `{scope.value}`."
            raise ForbiddenError(message, extensions={"scope": scope.value})

    def sees(self, scope: Scope, field: str) -> bool:
        """Return whether the caller's key has the scope; note that the field is left out if not."""
        if scope in self.principal.scopes:
            return True
        self.withheld[field] = None
        return False

    def page_size(self, first: int | None) -> int:
        """Return how many items a page holds; raise BadInputError where that is not allowed."""
        limits = self.services.limits
        size = limits.page_size if first is None else first
        if not 1 <= size <= limits.most_per_page:
            message = f"Cannot give {size} items at once."
            accepted = f"1 to {limits.most_per_page}"
            raise BadInputError(message, argument="first", accepted=accepted)
        self._room -= size
        if self._room < 0:
            message = (
                f"This query would list more than {limits.most_items} items, pages within pages "
                "counted for each item. Ask for smaller pages, or for less within them."
            )
            raise TooComplexError(message, extensions={"itemLimit": limits.most_items})
        return size

    def take_rows(self, size: int) -> None:
        """Count that many flat rows; raise TooComplexError where the operation lists too many."""
        self._row_room -= size
        if self._row_room < 0:
            most = self.services.limits.most_rows
            message = f"This query would list more than {most} rows. Ask for smaller pages."
            raise TooComplexError(message, extensions={"rowLimit": most})
