"""Documents that callers register by sending them once (automatic persisted queries)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from gateway.persisted.trusted import digest_of
from resolvers.context import Principal
from resolvers.keys import scope_of
from resolvers.ports import Cache

__all__ = ["RegisteredDocuments"]

_TIER = "documents"
_MOST_FOR_A_KEY = 10_000
"""Documents: what is noted of a tiny one takes more room than its text, which alone is counted."""
_MOST_OF_ALL = 100_000
_MOST_KEYS = 1000
"""Each person with a signed token is one, and there may be any number of them."""


class RegisteredDocuments:
    """Keeps them in the cache, in a tier of their own: each key's apart, and of so many bytes.

    What a key registers is found by that key alone. Where it registers more than it may, what it
    has not used for longest goes; where all keys have, all of the key that asked least lately.
    """

    def __init__(self, cache: Callable[[], Cache], lifetime: timedelta, most_bytes: int) -> None:
        """Keep documents for that long, of at most so many bytes in UTF-8 for each key."""
        self._cache = cache
        self._seconds = lifetime.total_seconds()
        self._most_bytes = most_bytes
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()
        self._count = 0

    async def read(self, principal: Principal, digest: str) -> str | None:
        """Return the document that this caller's key has registered under that digest."""
        (kept,) = await self._cache().get_many([_key(principal.name, digest)])
        text = None if kept is None else kept.decode()
        if text is None or digest_of(text) != digest:
            return None
        await self._note(principal, digest, len(kept or b""))
        return text

    async def keep(self, principal: Principal, digest: str, text: str) -> None:
        """Keep a document that has been found good, whose digest this is."""
        content = text.encode()
        if len(content) > self._most_bytes:
            return
        await self._cache().set_many({_key(principal.name, digest): content}, self._seconds)
        await self._note(principal, digest, len(content))

    async def _note(self, principal: Principal, digest: str, size: int) -> None:
        """Note that a document was used, and forget those for which no room is left."""
        shelf = self._shelves.setdefault(principal.name, _Shelf())
        self._shelves.move_to_end(principal.name)
        before = len(shelf)
        shelf.put(digest, size)
        gone = [_key(principal.name, one) for one in shelf.over(self._most_bytes)]
        self._count += len(shelf) - before
        gone += self._over()
        if gone:
            await self._cache().delete_many(gone)

    def _over(self) -> Iterable[str]:
        """Take away whole shelves while there are too many, and give the keys of what was there."""
        while len(self._shelves) > _MOST_KEYS or self._count > _MOST_OF_ALL:
            name, shelf = self._shelves.popitem(last=False)
            self._count -= len(shelf)
            yield from (_key(name, digest) for digest in shelf)


class _Shelf:
    """What one key has registered, by how lately it was used."""

    def __init__(self) -> None:
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0

    def __len__(self) -> int:
        return len(self._sizes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def put(self, digest: str, size: int) -> None:
        self._total += size - self._sizes.pop(digest, 0)
        self._sizes[digest] = size

    def over(self, most_bytes: int) -> list[str]:
        """Take away what is above so many bytes, or too many documents, and return it."""
        gone = []
        while self._total > most_bytes or len(self._sizes) > _MOST_FOR_A_KEY:
            digest, size = self._sizes.popitem(last=False)
            self._total -= size
            gone.append(digest)
        return gone


def _key(name: str, digest: str) -> str:
    # A platform of the same name has a scope of its own, and is purged without these.
    return f"{_TIER}:{scope_of(f'{_TIER} of {name}')}:{digest}"
