"""What platforms tell of one agent at a time, by a call for each: profile, and lifetime."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

from strawberry.dataloader import DataLoader

from resolvers.batching import Key
from resolvers.cached import Lifetime
from resolvers.deadline import in_time
from resolvers.keys import cache_key
from resolvers.together import together
from vendors.calls import Call
from vendors.errors import PlatformError
from vendors.port import Platform
from vendors.staff import AgentLifetime, AgentProfile

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["Staff"]

T = TypeVar("T")
_Ask: TypeAlias = Callable[[str, Call], Awaitable[T | None]]


class _Kind(NamedTuple, Generic[T]):
    """One thing that is told of an agent, how long it is used, and whom to ask for it."""

    name: str
    shape: Any
    lifetime: Lifetime
    ask_of: Callable[[Platform], _Ask[T] | None]


class Staff:
    """The loaders of what is told of one agent at a time, made when first used."""

    def __init__(self, context: RequestContext) -> None:
        """Load for that operation."""
        self._context = context

    @cached_property
    def profile(self) -> DataLoader[Key[str], AgentProfile | None]:
        """Return what agents show of themselves, by platform and agent: a call for each."""
        lifetime = self._context.services.lifetimes.agents
        return self._loader(_Kind("profile", AgentProfile | None, lifetime, _profile))

    @cached_property
    def lifetime(self) -> DataLoader[Key[str], AgentLifetime | None]:
        """Return what agents have ever done, by platform and agent: a call for each."""
        lifetime = self._context.services.lifetimes.conversation
        return self._loader(_Kind("lifetime", AgentLifetime | None, lifetime, _lifetime))

    def _loader(self, kind: _Kind[T]) -> DataLoader[Key[str], T | None]:
        return DataLoader(load_fn=partial(self._each, kind))

    async def _each(
        self, kind: _Kind[T], keys: list[Key[str]]
    ) -> Sequence[T | BaseException | None]:
        """Return what is told of each agent, or why it is not: the others have theirs."""
        platforms = self._context.platforms
        asked = Counter(key for key, _ in keys if kind.ask_of(platforms[key]))
        self._context.spending.plan(asked)
        told = partial(self._told, kind)
        return await together(told(platforms[key], native_id) for key, native_id in keys)

    async def _told(
        self, kind: _Kind[T], platform: Platform, native_id: str
    ) -> T | BaseException | None:
        ask = kind.ask_of(platform)
        if ask is None:
            return None

        async def fetch(budget: Call) -> T | None:
            return await ask(native_id, budget)

        key, call = cache_key("record", platform, kind.name, native_id), self._context.call
        try:
            async with in_time(platform, call):
                entities = self._context.entities
                held = await entities.read(
                    key, kind.shape, kind.lifetime, call, fetch, planned=True
                )
        except PlatformError as error:
            return error
        told: T | None = held.value
        return told


def _profile(platform: Platform) -> _Ask[AgentProfile] | None:
    return None if platform.profiles is None else platform.profiles.profile


def _lifetime(platform: Platform) -> _Ask[AgentLifetime] | None:
    return None if platform.lifetimes is None else platform.lifetimes.lifetime
