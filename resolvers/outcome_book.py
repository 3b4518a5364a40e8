"""What became of changes that callers gave a key: the same key never makes a change twice.

An entry holds no values: digests, ids of the platform and codes. It is kept in the cache for a
day, so that a cache that several processes share lets all of them know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from resolvers.keys import cache_key
from vendors.errors import BadInputError
from vendors.port import Platform
from vendors.writes import Change, Refusal

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["Begun", "Outcome", "OutcomeBook"]

_DAY = 86_400.0
_KEY_BYTES = 64
"""The longest key of a digest."""


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What became of a change: the ids of what it is about, or why it was refused."""

    native_id: str | None = None
    refusals: tuple[Refusal, ...] = ()
    ids: Mapping[str, str] = {}


class Begun(msgspec.Struct, frozen=True, array_like=True):
    """A change that was sent, and what became of it if that is known."""

    digest: str
    before: tuple[str, ...] | None = None
    """The ids that were there before something was to be created."""
    outcome: Outcome | None = None


_DECODER = msgspec.msgpack.Decoder(Begun)


class OutcomeBook:
    """The changes of one caller on one platform under one key."""

    def __init__(
        self, context: RequestContext, platform: Platform, change: Change, key: str, place: int
    ) -> None:
        """Look under the caller's key, at a change's place among those sent together."""
        services = context.services
        self._cache = services.latest or services.cache
        self._kept = services.cache
        meant = context.principal.name, key, type(change).__name__
        self.turn = cache_key("outcome", platform, *meant)
        """What is taken in turn by all who send the same."""
        self.name = cache_key("outcome", platform, *meant, place)
        # Keyed: a telephone number would soon be found by trying all of them.
        secret = services.sealer.seal("outcome", b"").encode()[-_KEY_BYTES:]
        encoded = msgspec.msgpack.encode(change)
        self._digest = blake2b(encoded, digest_size=20, key=secret).hexdigest()

    async def read(self) -> Begun | None:
        """Return what was begun under the key; raise BadInputError if that was something else."""
        (entry,) = await self._cache.get_many([self.name])
        if entry is None:
            return None
        try:
            found = _DECODER.decode(entry)
        except (msgspec.MsgspecError, UnicodeError):
            return None
        if found.digest != self._digest:
            message = "This key was used for another input. Take a new key for a new change."
            raise BadInputError(message, argument="idempotencyKey")
        return found

    async def begin(self, before: tuple[str, ...] | None) -> None:
        """Note that the change is about to be sent."""
        await self._write(Begun(self._digest, before))

    async def end(self, outcome: Outcome) -> None:
        """Note what became of it."""
        await self._write(Begun(self._digest, None, outcome))

    async def forget(self) -> None:
        """Note that it was not sent after all."""
        await self._kept.delete_many([self.name])

    async def _write(self, entry: Begun) -> None:
        await self._kept.set_many({self.name: msgspec.msgpack.encode(entry)}, _DAY)
