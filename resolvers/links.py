"""What records refer to, loaded for all of an operation at once: never one call for each twice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader

from resolvers.agents import directory
from resolvers.batching import Key, by_platform
from resolvers.cached import Held
from resolvers.conversations import conversation_by_id
from resolvers.directories import MEMBERSHIP, directory_of, keeps
from resolvers.histories import fetched
from resolvers.keys import cache_key
from resolvers.together import together
from vendors.calls import Call
from vendors.port import HistoryQuery, Platform
from vendors.records import Agent, Conversation, Customer, Listed, Skill, Team, Transaction

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["Links"]

L = TypeVar("L", bound=Listed)


class Links:
    """The loaders between records of one operation, made when first used."""

    def __init__(self, context: RequestContext) -> None:
        """Load for that operation."""
        self._context = context
        self._directories: dict[type[Listed], DataLoader[Key[str], Any]] = {}
        self._ones: dict[type[Listed], DataLoader[Key[str], Any]] = {}
        self._asked: dict[Key[str], Conversation] = {}

    async def entry(self, kind: type[L], platform: str, native_id: str | None) -> L | None:
        """Return the entry of a short list: one list per platform, whatever the number of ids."""
        if native_id is None:
            return None
        entry: L | None = await self._listed(kind).load((platform, native_id))
        return entry

    async def one(self, kind: type[L], platform: str, native_id: str) -> L | None:
        """Return the entry of a short list, by a call for it alone where that is less to ask.

        That is where it is the only one of its kind that is wanted so, and no list is kept.
        """
        entry: L | None = await self._alone(kind).load((platform, native_id))
        return entry

    async def entries(
        self, kind: type[L], platform: str, native_ids: Sequence[str] | None
    ) -> list[L] | None:
        """Return those entries that the platform lists; None where it lists none at all."""
        if native_ids is None or not self._context.platforms[platform].lists(kind):
            return None
        loader = self._listed(kind)
        found = await loader.load_many([(platform, one) for one in native_ids])
        return [one for one in found if one is not None]

    async def agents_of(self, entry: Team | Skill) -> list[Agent] | None:
        """Return the agents of a team or with a skill: whom it names, or else who name it.

        One list of agents per platform; None where none of the two is told.
        """
        named, membership = entry.agent_ids, MEMBERSHIP[type(entry)]
        if self._context.platforms[entry.platform].agents is None:
            return None
        staff: tuple[Agent, ...] = await self._staff.load((entry.platform, None))
        if named is not None:
            return [one for one in staff if one.native_id in named]
        if all(getattr(one, membership) is None for one in staff):
            return None
        return [one for one in staff if entry.native_id in (getattr(one, membership) or ())]

    @cached_property
    def _staff(self) -> DataLoader[Key[None], Any]:
        async def load(platform: Platform, _: Sequence[None]) -> dict[None, tuple[Agent, ...]]:
            return {None: (await directory(self._context, platform, self._context.call)).value}

        return DataLoader(load_fn=lambda keys: by_platform(self._context, keys, load))

    @cached_property
    def customer(self) -> DataLoader[Key[str], Customer | None]:
        """Return customers by the id that others name them by: a call for each where need be."""
        return DataLoader(load_fn=self._customers)

    @cached_property
    def conversation(self) -> DataLoader[Key[str], Conversation | None]:
        """Return conversations by their ids: a call for each."""
        return DataLoader(load_fn=self._conversations)

    async def sales_of(self, conversation: Conversation) -> list[Transaction] | None:
        """Return what a conversation led to, with those of all others that are asked for.

        None where the platform does not tell.
        """
        if self._context.platforms[conversation.platform].sales is None:
            return None
        key = conversation.platform, conversation.native_id
        self._asked[key] = conversation
        return await self._sales_by_key.load(key)

    @cached_property
    def _sales_by_key(self) -> DataLoader[Key[str], list[Transaction] | None]:
        return DataLoader(load_fn=self._sales)

    def _listed(self, kind: type[Listed]) -> DataLoader[Key[str], Any]:
        if kind not in self._directories:
            self._directories[kind] = DataLoader(load_fn=partial(self._entries, kind))
        return self._directories[kind]

    def _alone(self, kind: type[Listed]) -> DataLoader[Key[str], Any]:
        if kind not in self._ones:
            self._ones[kind] = DataLoader(load_fn=partial(self._few, kind))
        return self._ones[kind]

    async def _few(self, kind: type[L], keys: list[Key[str]]) -> Sequence[L | BaseException | None]:
        async def load(platform: Platform, ids: Sequence[str]) -> dict[str, L | None]:
            context, (first, *more) = self._context, ids
            if more or not platform.fetches_one(kind) or await keeps(context, platform, kind):
                found = await self._listed(kind).load_many([(platform.key, one) for one in ids])
                return dict(zip(ids, found, strict=True))
            return {first: await fetched(context, platform, kind, first)}

        return await by_platform(self._context, keys, load)

    async def _entries(
        self, kind: type[L], keys: list[Key[str]]
    ) -> Sequence[L | BaseException | None]:
        async def load(platform: Platform, _ids: Sequence[str]) -> dict[str, L]:
            held = await directory_of(self._context, platform, kind, self._context.call)
            return {entry.native_id: entry for entry in held.value}

        return await by_platform(self._context, keys, load)

    async def _customers(self, keys: list[Key[str]]) -> Sequence[Customer | BaseException | None]:
        async def load(platform: Platform, ids: Sequence[str]) -> dict[str, Customer]:
            port = platform.histories
            if port is None or "customer_ids" not in port.history_filters.get(Customer, ()):
                return {}
            self._context.spending.plan({platform.key: len(ids)})
            found = await together(self._customer(platform, one) for one in ids)
            return {one: held.value for one, held in zip(ids, found, strict=True) if held.value}

        return await by_platform(self._context, keys, load)

    async def _customer(self, platform: Platform, native_id: str) -> Held[Customer | None]:
        port = platform.histories

        async def fetch(budget: Call) -> Customer | None:
            if port is None:
                return None
            query = HistoryQuery(limit=1, customer_ids=(native_id,))
            page = await port.history(Customer, query, budget)
            return next(iter(page.items), None)

        key = cache_key("record", platform, "customer named", native_id)
        shape: Any = Customer | None
        lifetime = self._context.services.lifetimes.conversation
        return await self._context.entities.read(
            key, shape, lifetime, self._context.call, fetch, planned=True
        )

    async def _conversations(
        self, keys: list[Key[str]]
    ) -> Sequence[Conversation | BaseException | None]:
        async def load(platform: Platform, ids: Sequence[str]) -> dict[str, Conversation]:
            if platform.conversation_by_id is None:
                return {}
            self._context.spending.plan({platform.key: len(ids)})
            found = await together(
                conversation_by_id(self._context, platform, one, planned=True) for one in ids
            )
            return {one: item for one, item in zip(ids, found, strict=True) if item}

        return await by_platform(self._context, keys, load)

    async def _sales(
        self, keys: list[Key[str]]
    ) -> Sequence[list[Transaction] | BaseException | None]:
        async def load(platform: Platform, ids: Sequence[str]) -> dict[str, list[Transaction]]:
            sales: dict[str, list[Transaction]] = {one: [] for one in ids}
            asked = [self._asked[platform.key, one] for one in ids]
            for sale in (await self._sold(platform, asked)).value:
                sales.setdefault(sale.conversation_id or "", []).append(sale)
            return sales

        return await by_platform(self._context, keys, load)

    async def _sold(
        self, platform: Platform, asked: Sequence[Conversation]
    ) -> Held[tuple[Transaction, ...]]:
        port = platform.sales

        async def fetch(budget: Call) -> tuple[Transaction, ...]:
            return () if port is None else await port.sales_of(asked, budget)

        key = cache_key("history", platform, "sales", sorted(one.native_id for one in asked))
        lifetime = self._context.services.lifetimes.conversations
        return await self._context.entities.read(
            key, tuple[Transaction, ...], lifetime, self._context.call, fetch
        )
