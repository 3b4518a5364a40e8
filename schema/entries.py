"""What all records have that come from one platform: a global id, and the platform."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import strawberry
from strawberry import Parent

from resolvers.node_ids import NodeKind, node_id
from schema.context import Info
from schema.platforms import Platform, platform_named

__all__ = ["agent_of", "entries_of", "entry_of", "id_of", "platform_of"]


class _Entry(Protocol):
    @property
    def platform(self) -> str: ...

    @property
    def record_id(self) -> str: ...


def id_of(kind: NodeKind) -> Callable[[Parent[_Entry], Info], strawberry.ID]:
    """Return what resolves the global id of records of that kind."""

    def resolve(root: Parent[_Entry], info: Info) -> strawberry.ID:
        sealer = info.context.services.sealer
        return strawberry.ID(node_id(sealer, kind, root.platform, root.record_id))

    return resolve


def platform_of(root: Parent[_Entry], info: Info) -> Platform:
    """Return the platform of a record."""
    return platform_named(info, root.platform)  # type: ignore[return-value]  # the type reads the record


async def entry_of(info: Info, kind: type[Any], root: _Entry, native_id: str | None) -> Any:  # noqa: ANN401 (the type reads the record)
    """Return the entry of a short list that a record names, or None."""
    return await info.context.loaders.links.entry(kind, root.platform, native_id)


async def entries_of(
    info: Info, kind: type[Any], root: _Entry, native_ids: Iterable[str] | None
) -> Any:  # noqa: ANN401 (the type reads the records)
    """Return the entries of a short list that a record names, or None where none can be had."""
    ids = None if native_ids is None else tuple(native_ids)
    return await info.context.loaders.links.entries(kind, root.platform, ids)


async def agent_of(info: Info, root: _Entry, agent_id: str | None) -> Any:  # noqa: ANN401 (the type reads the record)
    """Return the agent whom a record names, or None."""
    if agent_id is None:
        return None
    return await info.context.loaders.agent_by_key.load((root.platform, agent_id))
