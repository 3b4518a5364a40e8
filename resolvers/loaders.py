"""Request-scoped batching: one operation never asks a platform the same thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from strawberry.dataloader import DataLoader

from resolvers.agents import directory, presences
from resolvers.batching import Key, by_platform
from resolvers.links import Links
from resolvers.planner.fetch import Fetcher, Sharing
from resolvers.planner.members import MemberLists
from resolvers.planner.planner import Asked, Planner
from resolvers.planner.series import MeasureAnswer
from resolvers.staff import Staff
from vendors.port import Platform
from vendors.records import Agent, AgentPresence

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["AgentKey", "Loaders"]

AgentKey: TypeAlias = Key[str]


class Loaders:
    """The loaders of one operation, made when first used."""

    def __init__(self, context: RequestContext) -> None:
        """Load for that operation."""
        self._context = context
        self.answered: list[MeasureAnswer] = []
        """What was measured so far, of which a plan is read."""

    @cached_property
    def agent_by_key(self) -> DataLoader[AgentKey, Agent | None]:
        """Return agents by platform and id: one list per platform, whatever the number of keys."""
        return DataLoader(load_fn=self._agents)

    @cached_property
    def links(self) -> Links:
        """Return the loaders of what records refer to."""
        return Links(self._context)

    @cached_property
    def presence_by_agent(self) -> DataLoader[AgentKey, AgentPresence | None]:
        """Return the present state by platform and agent."""
        return DataLoader(load_fn=self._presences)

    @cached_property
    def staff(self) -> Staff:
        """Return the loaders of what is told of one agent at a time."""
        return Staff(self._context)

    @cached_property
    def measures(self) -> DataLoader[Asked, MeasureAnswer]:
        """Return answers by measuring request: all that are asked at once are planned together."""
        return DataLoader(load_fn=self._measures)

    @cached_property
    def _planner(self) -> Planner:
        context = self._context
        services = context.services
        fetchers = {
            key: Fetcher(
                platform,
                platform.measures,
                store=context.series,
                sharing=Sharing(services.flights, services.leases, services.under_way),
                clock=services.clock,
                background=services.background,
                latest=context.latest_series,
            )
            for key, platform in context.platforms.items()
            if platform.measures is not None
        }
        members = MemberLists(context.entities, services.lifetimes.agents)
        return Planner(context.platforms, fetchers, members, services.clock, context.spending)

    async def _measures(self, batch: list[Asked]) -> Sequence[MeasureAnswer | BaseException]:
        answers = await self._planner.measure(batch, self._context.call)
        self.answered += answers
        return answers

    async def _agents(self, keys: list[AgentKey]) -> Sequence[Agent | BaseException | None]:
        async def load(platform: Platform, _ids: Sequence[str]) -> dict[str, Agent]:
            held = await directory(self._context, platform, self._context.call)
            return {agent.native_id: agent for agent in held.value}

        return await by_platform(self._context, keys, load)

    async def _presences(
        self, keys: list[AgentKey]
    ) -> Sequence[AgentPresence | BaseException | None]:
        async def load(platform: Platform, ids: Sequence[str]) -> dict[str, AgentPresence]:
            call = self._context.call
            listed = await directory(self._context, platform, call)
            wanted = frozenset(ids)
            asked = [agent for agent in listed.value if agent.native_id in wanted]
            return (await presences(self._context, platform, listed, asked, call)).value

        return await by_platform(self._context, keys, load)
