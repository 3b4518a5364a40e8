"""A platform in memory that takes every kind of change, and can be told to lose its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from tests.fakes import platform_of

from resolvers.context import RequestContext
from resolvers.writes import write_each
from vendors.calls import Call
from vendors.capabilities import CHANGES
from vendors.errors import PlatformError
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import Agent, Customer, Dated, Listed, Tag
from vendors.writes import (
    Change,
    CreateAgent,
    CreateCustomer,
    CreateTag,
    CustomerMembers,
    Made,
    PickUpCallback,
    Refusal,
    RefusalCode,
    WriteRefusedError,
)

__all__ = ["Changeable", "agent", "customer", "platform_with", "tag", "written"]


def agent(email: str, native_id: str) -> Agent:
    """Return an agent of that address."""
    return Agent(platform="a", native_id=native_id, email=email)


def tag(name: str, native_id: str, site_id: str = "1") -> Tag:
    """Return a tag of a site."""
    return Tag(platform="a", native_id=native_id, name=name, site_ids=(site_id,))


def customer(members: CustomerMembers, number: str) -> Customer:
    """Return a customer whom conversations name by another id than the platform fetches them by."""
    return Customer(
        platform="a",
        native_id=f"uid-{number}",
        entry_id=number,
        external_id=members.external_id or None,
        city=members.city or None,
    )


class Changeable:
    """What is there, what was sent, and the fault that comes after or before it is done."""

    def __init__(self) -> None:
        self.agents_there: list[Agent] = []
        self.tags: list[Tag] = []
        self.customers: list[Customer] = []
        self.sent: list[tuple[Change, ...]] = []
        self.searches = 0
        self.fault: PlatformError | None = None
        self.refuses: Refusal | None = None
        self.loses = True
        self.holds = asyncio.Event()
        self.holds.set()
        self.reached = asyncio.Event()

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        return frozenset({Tag})

    async def directory(self, kind: type[Listed], _call: Call) -> tuple[Listed, ...]:
        assert kind is Tag
        self.searches += 1
        return tuple(self.tags)

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self.searches += 1
        return tuple(self.agents_there)

    @property
    def history_filters(self) -> Mapping[type[Dated], frozenset[str]]:
        return {Customer: frozenset({"external_ids"})}

    async def history(self, kind: type[Dated], query: HistoryQuery, _call: Call) -> Page[Dated]:
        assert kind is Customer
        self.searches += 1
        found = tuple(one for one in self.customers if one.external_id in query.external_ids)
        return Page(found, tuple(map(str, range(len(found)))), has_more=False)

    @property
    def changes(self) -> frozenset[type[Change]]:
        return frozenset(CHANGES)

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        bad = isinstance(change, CreateTag) and not change.name
        return (Refusal(RefusalCode.MISSING, "name"),) if bad else ()

    async def make(self, change: Change, _call: Call) -> Made:
        (made,) = await self._sent((change,))
        return made

    async def make_together(self, changes: Sequence[Change], _call: Call) -> tuple[Made, ...]:
        return await self._sent(tuple(changes))

    async def _sent(self, changes: tuple[Change, ...]) -> tuple[Made, ...]:
        self.sent.append(changes)
        self.reached.set()
        await self.holds.wait()
        if self.refuses is not None:
            raise WriteRefusedError(self.refuses)
        if self.fault is not None and not self.loses:
            raise self.fault
        made = tuple(map(self._done, changes))
        if self.fault is not None:
            raise self.fault
        return made

    def _done(self, change: Change) -> Made:
        there = len(self.agents_there) + len(self.tags) + len(self.customers)
        number = str(100 + there)
        if isinstance(change, CreateTag):
            self.tags.append(tag(change.name, number, change.site_id))
        elif isinstance(change, CreateAgent):
            self.agents_there.append(agent(str(change.members.email), number))
        elif isinstance(change, CreateCustomer):
            self.customers.append(customer(change.members, number))
            return Made(number, {"customer_id": f"uid-{number}"})
        elif isinstance(change, PickUpCallback):
            return Made("conversation-7", {"customer_id": "uid-7", "site_id": change.site_id})
        return Made(getattr(change, "native_id", None) or number)


def platform_with(vendor: Changeable) -> Platform:
    """Return a platform of which all that can be changed can be read, too."""
    return platform_of("a", directories=vendor, agents=vendor, histories=vendor, writes=vendor)


async def written(
    context: RequestContext, *changes: Change, key: str | None = None, dry_run: bool = False
) -> list[object]:
    """Make the changes on the only platform of a context."""
    (platform,) = context.platforms.values()
    pairs = [(platform, change) for change in changes]
    return list(await write_each(context, pairs, key=key, dry_run=dry_run))
