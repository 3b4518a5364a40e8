"""What a store outside this process offers, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol, TypeVar

import msgspec

__all__ = [
    "ALL",
    "SharedStore",
    "StoreContents",
    "TierContents",
    "in_batches",
    "purge_scope",
    "purge_scopes_of",
]

T = TypeVar("T")

ALL = "*"


class TierContents(msgspec.Struct, frozen=True, kw_only=True):
    """What a store holds of one tier."""

    tier: str
    entries: int
    size: int
    """Bytes of the values, as they are kept."""


class StoreContents(msgspec.Struct, frozen=True, kw_only=True):
    """What a store holds, and what all processes that share it have asked of it."""

    tiers: tuple[TierContents, ...]
    counts: Mapping[str, int]
    """How often, by `tier.outcome`: found in the process, found in the store, or missed."""


class SharedStore(Protocol):
    """Keeps bytes for several processes, or for one that is started again.

    Everything may raise and may take long: whoever asks must be able to do without.
    """

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        ...

    async def write(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        ...

    async def drop(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        ...

    async def exchange(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Add to the counts; return the marks: for each scope the moment of its last purge."""
        ...

    async def purge(self, tier: str, scope: str) -> int:
        """Mark that scope as purged and drop what is in it; return how many entries went."""
        ...

    async def contents(self) -> StoreContents:
        """Return what it holds."""
        ...

    async def acquire(self, name: str, token: str, seconds: float) -> bool:
        """Take the lease of that name for so long, unless somebody has it."""
        ...

    async def renew(self, name: str, token: str, seconds: float) -> bool:
        """Hold the lease for so long from now; return False where it is no longer held."""
        ...

    async def release(self, name: str, token: str) -> None:
        """Give the lease back, if it is still held by that token."""
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...


def purge_scope(tier: str | None, scope: str | None) -> str:
    """Return the name of what a purge of that tier and platform drops; None: all of them."""
    return f"{tier or ALL}:{scope or ALL}"


def purge_scopes_of(key: str) -> tuple[str, str, str, str]:
    """Return the scopes that a key of `resolvers.keys` is dropped with."""
    tier, scope, _ = key.split(":", 2)
    return (
        purge_scope(None, None),
        purge_scope(tier, None),
        purge_scope(None, scope),
        purge_scope(tier, scope),
    )


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most that many."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
