"""What the resolvers need of the process that runs them, as protocols."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from vendors.calls import Call

__all__ = ["Background", "Cache", "Leases", "Sealer"]


class Cache(Protocol):
    """Keeps bytes by key for a while. It never fails: a store that is down holds nothing."""

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        ...

    async def set_many(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        ...

    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        ...


class Background(Protocol):
    """Runs work that nobody waits for, until the process stops."""

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run it; a failure is logged and goes no further."""
        ...


class Leases(Protocol):
    """Keeps processes that share a store from doing the same work at the same time.

    It never fails: where leases cannot be had, everybody works as if alone.
    """

    def hold(self, name: str, call: Call) -> AbstractAsyncContextManager[bool]:
        """Wait while another process holds that lease, within the call's time; then hold it.

        Yields whether the work may have been done by another process meanwhile, so that its
        result should be looked for before it is done. A holder that dies, or takes too long to
        say that it lives, loses the lease.
        """
        ...

    async def claim(self, name: str, seconds: float) -> bool:
        """Return whether a piece of work is this process's for so long, rather than another's."""
        ...


class Sealer(Protocol):
    """Makes opaque tokens that only this process (or one with the same key) can read."""

    def seal(self, purpose: str, content: bytes) -> str:
        """Return a URL-safe token; equal contents make equal tokens, and it leaks nothing."""
        ...

    def unseal(self, purpose: str, token: str) -> bytes | None:
        """Return the content, or None where the token was not sealed for that purpose."""
        ...
