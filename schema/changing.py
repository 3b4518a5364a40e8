"""How fields of Mutation are made: what became of changes, and what all fields of a kind take.

The types are made here, one pair for each kind of thing that is changed, since they differ in
nothing but what they show.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any, TypeVar

import msgspec
import strawberry
from strawberry import ID, Parent

from resolvers.node_ids import NodeId, NodeKind
from resolvers.nodes import Thing, fetch
from resolvers.writes import Result, write_each
from schema.context import Info
from schema.writes import DryRun, IdempotencyKey, PlatformKey, WriteResult, meant, named
from vendors.port import Platform
from vendors.records import Listed
from vendors.writes import Change

__all__ = [
    "Shown",
    "created",
    "deleted",
    "entry",
    "filled",
    "payload_of",
    "payload_type",
    "shown",
    "thing",
    "updated",
]

S = TypeVar("S", bound=msgspec.Struct)

_NEW = strawberry.argument(description="What is to be made, at most 100.")
_CHANGED = strawberry.argument(description="The changes, at most 100.")

Find = Callable[[Info, Result], Awaitable[Any]]
Shown = tuple[str, Any]
"""The name of a field of a result, and the field."""


def shown(name: str, kind: type[Any], find: Find, description: str) -> Shown:
    """Return a field of a result that shows what was changed, found when it is asked for."""

    async def resolve(root: Parent[Result], info: Info) -> object:
        return await find(info, root)

    _take(resolve, gives=kind | None)
    return name, strawberry.field(resolver=resolve, description=description)


def entry(kind: type[Listed]) -> Find:
    """Return what finds the entry of a short list that a result names."""

    async def find(info: Info, result: Result) -> Listed | None:
        return await info.context.loaders.links.entry(kind, result.platform, result.native_id)

    return find


def thing(kind: NodeKind) -> Find:
    """Return what finds the thing of a kind that a result names, as its global id would."""

    async def find(info: Info, result: Result) -> Thing | None:
        if result.native_id is None:
            return None
        return await fetch(info.context, NodeId(kind, result.platform, result.native_id))

    return find


def payload_type(name: str, about: str, *fields: Shown) -> type[Any]:
    """Return the type of what a field of Mutation answers: a result for each item."""
    result = strawberry.type(
        type(f"{name}Result", (WriteResult,), dict(fields)),
        description=f"What became of one change of {about}.",
    )
    results = strawberry.field(
        description="One for each item of the input, in its order; null where the platform failed, "
        "with an error that says how."
    )
    members = {"__annotations__": {"results": list[result | None]}, "results": results}  # type: ignore[valid-type]  # made here
    return strawberry.type(
        type(f"{name}Payload", (), members),
        description=f"What became of each change of {about} that was asked for.",
    )


async def payload_of(
    info: Info,
    payload: type[Any],
    changes: Iterable[tuple[Platform, Change]],
    key: str | None,
    *,
    dry_run: bool,
) -> object:
    """Make the changes and return what became of them."""
    made = await write_each(info.context, tuple(changes), key=key, dry_run=dry_run)
    return payload(results=made)


def created(
    payload: type[Any], given: type[Any], change: Callable[[Any], Change], description: str
) -> Any:  # noqa: ANN401 (a field)
    """Return a field that makes things on a platform."""

    async def resolve(
        info: Info,
        platform: PlatformKey,
        input: list[Any],
        idempotency_key: IdempotencyKey = None,
        dry_run: DryRun = False,
    ) -> object:
        on = named(info, platform)
        changes = [(on, change(one)) for one in input]
        return await payload_of(info, payload, changes, idempotency_key, dry_run=dry_run)

    _take(resolve, gives=payload | None, input=Annotated[list[given], _NEW])  # type: ignore[valid-type]  # made here
    return strawberry.mutation(resolver=resolve, description=description)


def updated(
    payload: type[Any],
    given: type[Any],
    kind: NodeKind,
    change: Callable[[Any, str], Change],
    description: str,
) -> Any:  # noqa: ANN401 (a field)
    """Return a field that changes things which have a global id."""

    async def resolve(
        info: Info,
        input: list[Any],
        idempotency_key: IdempotencyKey = None,
        dry_run: DryRun = False,
    ) -> object:
        asked = [(*meant(info, one.id, kind), one) for one in input]
        changes = [(on, change(one, native_id)) for on, native_id, one in asked]
        return await payload_of(info, payload, changes, idempotency_key, dry_run=dry_run)

    _take(resolve, gives=payload | None, input=Annotated[list[given], _CHANGED])  # type: ignore[valid-type]  # made here
    return strawberry.mutation(resolver=resolve, description=description)


def deleted(
    payload: type[Any], kind: NodeKind, change: Callable[[str], Change], description: str
) -> Any:  # noqa: ANN401 (a field)
    """Return a field that does something to things of which it takes no more than the ids."""

    async def resolve(
        info: Info,
        ids: Annotated[list[ID], strawberry.argument(description="The global ids, at most 100.")],
        idempotency_key: IdempotencyKey = None,
        dry_run: DryRun = False,
    ) -> object:
        asked = [meant(info, one, kind) for one in ids]
        changes = [(on, change(native_id)) for on, native_id in asked]
        return await payload_of(info, payload, changes, idempotency_key, dry_run=dry_run)

    _take(resolve, gives=payload | None)
    return strawberry.mutation(resolver=resolve, description=description)


def filled(kind: type[S], given: object, **more: object) -> S:
    """Return a record with the members that an input gives: what is null is left out of it."""
    found = {name: getattr(given, name, None) for name in kind.__struct_fields__}
    told = {name: value for name, value in found.items() if value is not None}
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
        | more
    )


def _take(resolver: Callable[..., object], *, gives: object, **types: object) -> None:
    """Say what a resolver takes and gives where that is known only when it is made."""
    resolver.__annotations__ |= {"return": gives, **types}
