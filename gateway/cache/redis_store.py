"""Redis or Valkey as a store that several processes share, behind aiocache's Redis backend.

The server may be shared with others: nothing here runs FLUSHDB or KEYS, and every key begins with
the namespace. What is purged is marked, which takes one step, and then dropped bit by bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from aiocache.backends.redis import RedisBackend
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from gateway.cache.bounded import BytesSerializer
from gateway.cache.store import ALL, StoreContents, TierContents, in_batches, purge_scope
from resolvers.keys import tier_of

__all__ = ["RedisStore"]

_BATCH = 500
_MILLISECONDS = 1000

_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
# By the server's clock, and never behind an earlier mark: should the marks be lost, the next one
# is still behind whatever was kept before.
_MARK = """
local now = redis.call('TIME')
local mark = now[1] * 1000 + math.floor(now[2] / 1000)
for _, other in ipairs(redis.call('HVALS', KEYS[1])) do mark = math.max(mark, other + 1) end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', mark))
return 1
"""


class RedisStore(RedisBackend):
    """Fulfils `SharedStore`; as an aiocache backend it takes and gives bytes.

    It works on one server, or on one that others follow; not on a cluster, which has no requests
    for keys of several nodes.
    """

    NAME = "redis"

    def __init__(self, url: str, namespace: str, *, seconds: float, connections: int) -> None:
        """Connect when first asked, by at most that many connections; wait for one so long."""

        def pool(**_aiocache: object) -> BlockingConnectionPool:
            return BlockingConnectionPool.from_url(
                url,
                max_connections=connections,
                timeout=seconds,
                socket_timeout=seconds,
                socket_connect_timeout=seconds,
                # A connection that the server has closed meanwhile is no failure.
                retry=Retry(NoBackoff(), 1),
                decode_responses=False,
            )

        super().__init__(
            serializer=BytesSerializer(),
            namespace=namespace,
            key_builder=_build_key,
            timeout=0,
            connection_pool_class=pool,
        )
        # Typed for clients that decode, which this one does not.
        self._redis: Any = self.client
        self._space = namespace

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        found: list[bytes | None] = await self.multi_get(keys)
        return found

    async def write(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        await self.multi_set(list(entries.items()), ttl=ttl)

    async def drop(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        if keys:
            await self._redis.unlink(*(_build_key(key, self._space) for key in keys))

    async def exchange(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Add to the counts; return the mark of each purged scope."""
        async with self._redis.pipeline(transaction=False) as together:
            for name, more in counts.items():
                together.hincrby(self._own("counts"), name, more)
            together.hgetall(self._own("purges"))
            # A server that is full refuses to count, and still tells what was purged.
            *_, marks = await together.execute(raise_on_error=False)
        if isinstance(marks, Exception):
            raise marks
        return _numbers(marks)

    async def purge(self, tier: str, scope: str) -> int:
        """Mark that scope as purged and drop what is in it; return how many entries went."""
        await self._redis.eval(_MARK, 1, self._own("purges"), purge_scope(tier, scope))
        dropped = 0
        async for keys in self._scan(f"{tier}:{scope}:*"):
            dropped += await self._redis.unlink(*keys)
        return dropped

    async def contents(self) -> StoreContents:
        """Return what it holds; it looks at every key of the server once, a few at a time."""
        entries: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        async for keys in self._scan(f"{ALL}:{ALL}:*"):
            async with self._redis.pipeline(transaction=False) as together:
                for key in keys:
                    together.strlen(key)
                lengths = await together.execute()
            for key, length in zip(keys, lengths, strict=True):
                tier = tier_of(key.decode().removeprefix(_build_key("", self._space)))
                entries[tier] += 1
                sizes[tier] += length
        counts = await self._redis.hgetall(self._own("counts"))
        return StoreContents(
            tiers=tuple(
                TierContents(tier=tier, entries=entries[tier], size=sizes[tier])
                for tier in sorted(entries)
            ),
            counts=_numbers(counts),
        )

    async def acquire(self, name: str, token: str, seconds: float) -> bool:
        """Take the lease of that name for so long, unless somebody has it."""
        life = _milliseconds(seconds)
        return bool(await self._redis.set(self._lease(name), token, nx=True, px=life))

    async def renew(self, name: str, token: str, seconds: float) -> bool:
        """Hold the lease for so long from now; return False where it is no longer held."""
        life = str(_milliseconds(seconds))
        return bool(await self._redis.eval(_RENEW, 1, self._lease(name), token, life))

    async def release(self, name: str, token: str) -> None:
        """Give the lease back, if it is still held by that token."""
        await self._redis.eval(_RELEASE, 1, self._lease(name), token)

    async def _scan(self, pattern: str) -> AsyncIterator[list[bytes]]:
        """Yield the keys of entries, a batch at a time, without ever stopping the server."""
        match = _build_key(pattern, _escaped(self._space))
        cursor = 0
        while True:
            cursor, keys = await self._redis.scan(cursor, match=match, count=_BATCH)
            if keys:
                yield keys
            if not cursor:
                return

    def _own(self, name: str) -> str:
        return f"{self._space}:{name}"

    def _lease(self, name: str) -> str:
        return f"{self._space}:lease:{name}"

    async def _multi_get(self, keys: Sequence[str], **_options: object) -> list[bytes | None]:
        found: list[bytes | None] = []
        for batch in in_batches(keys, _BATCH):
            found += await self._redis.mget(batch)
        return found

    async def _multi_set(
        self, pairs: Iterable[tuple[str, bytes]], ttl: float | None = None, **_options: object
    ) -> bool:
        # Each with its end in one step: none can stay for ever because what sets its end is lost.
        life = None if ttl is None else _milliseconds(ttl)
        for batch in in_batches(pairs, _BATCH):
            async with self._redis.pipeline(transaction=False) as together:
                for key, value in batch:
                    together.set(key, value, px=life)
                await together.execute()
        return True

    async def _set(self, key: str, value: bytes, ttl: float | None = None, **more: Any) -> Any:  # noqa: ANN401 (as in the base)
        if more.get("_cas_token") is not None:
            return await super()._set(key, value, ttl=None if ttl is None else float(ttl), **more)
        return await self._multi_set([(key, value)], ttl)

    async def _expire(self, key: str, ttl: float, **_options: object) -> bool:
        if ttl == 0:
            return bool(await self._redis.persist(key))
        return bool(await self._redis.pexpire(key, _milliseconds(ttl)))

    async def _clear(self, namespace: str | None = None, **_options: object) -> bool:
        """Purge everything of ours; another namespace is somebody else's."""
        if namespace not in {None, self._space}:
            raise ValueError("only its own namespace can be cleared")
        await self.purge(ALL, ALL)
        return True

    async def _close(self, **_options: object) -> None:
        await self._redis.aclose()


def _build_key(key: str, namespace: str | None = None) -> str:
    return f"{namespace or ''}:entry:{key}"


def _escaped(text: str) -> str:
    """Return the text without meaning as a pattern."""
    return "".join(f"\\{sign}" if sign in "*?[]\\" else sign for sign in text)


def _milliseconds(seconds: float) -> int:
    """Return whole milliseconds, one at least: Redis refuses none."""
    return max(1, int(seconds * _MILLISECONDS))


def _numbers(told: Mapping[bytes, bytes]) -> dict[str, int]:
    return {name.decode(): int(number) for name, number in told.items()}
