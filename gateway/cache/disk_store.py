"""A file on disk as a store that survives restarts and crashes, behind aiocache's interface.

All work is done by a thread of its own, never by the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from aiocache.base import BaseCache

from gateway.cache.bounded import BytesSerializer
from gateway.cache.disk_file import DiskFile
from gateway.cache.store import ALL, StoreContents, purge_scope

__all__ = ["DiskStore"]

T = TypeVar("T")


class DiskStore(BaseCache):
    """Fulfils `SharedStore`; as an aiocache backend it takes and gives bytes.

    Expiry can be set again only by writing again, and what is there is found out by reading it.
    """

    NAME = "disk"

    def __init__(
        self,
        path: Path,
        namespace: str,
        *,
        max_bytes: int,
        seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Keep at most so many bytes in that file; wait so long for other processes' writing."""
        super().__init__(
            serializer=BytesSerializer(), namespace=namespace, key_builder=_build_key, timeout=0
        )
        self._space = namespace
        self._file = DiskFile(
            path, max_bytes=max_bytes, seconds=seconds, now=lambda: int(now() * 1000)
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cache")

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none."""
        found: list[bytes | None] = await self.multi_get(keys)
        return found

    async def write(self, entries: Mapping[str, bytes], ttl: float) -> None:
        """Keep the entries for at most that many seconds."""
        await self.multi_set(list(entries.items()), ttl=ttl)

    async def drop(self, keys: Sequence[str]) -> None:
        """Forget the keys."""
        await self._run(partial(self._file.delete, [_build_key(key, self._space) for key in keys]))

    async def exchange(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Add to the counts; return the mark of each purged scope."""
        return await self._run(partial(self._file.exchange, self._space, dict(counts)))

    async def purge(self, tier: str, scope: str) -> int:
        """Mark that scope as purged and drop what is in it; return how many entries went."""
        pattern = _build_key(f"{tier}:{scope}:*", _escaped(self._space))
        return await self._run(
            partial(self._file.purge, self._space, purge_scope(tier, scope), pattern)
        )

    async def contents(self) -> StoreContents:
        """Return what it holds."""
        pattern = _build_key("*", _escaped(self._space))
        return await self._run(partial(self._file.contents, self._space, pattern))

    async def acquire(self, name: str, token: str, seconds: float) -> bool:
        """Take the lease of that name for so long, unless somebody has it."""
        lease = _build_key(name, self._space)
        return await self._run(partial(self._file.acquire, lease, token, seconds))

    async def renew(self, name: str, token: str, seconds: float) -> bool:
        """Hold the lease for so long from now; return False where it is no longer held."""
        lease = _build_key(name, self._space)
        return await self._run(partial(self._file.renew, lease, token, seconds))

    async def release(self, name: str, token: str) -> None:
        """Give the lease back, if it is still held by that token."""
        await self._run(partial(self._file.release, _build_key(name, self._space), token))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, work)

    def _do(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error:
            # Whatever it was, the next one begins with a fresh look at the file.
            self._file.close()
            raise

    async def _get(self, key: str, **_options: object) -> bytes | None:
        return (await self._multi_get([key]))[0]

    _gets = _get

    async def _multi_get(self, keys: Sequence[str], **_options: object) -> list[bytes | None]:
        return await self._run(partial(self._file.read, keys))

    async def _set(
        self, key: str, value: bytes, ttl: float | None = None, **_options: object
    ) -> bool:
        return await self._multi_set([(key, value)], ttl)

    async def _multi_set(
        self, pairs: Iterable[tuple[str, bytes]], ttl: float | None = None, **_options: object
    ) -> bool:
        await self._run(partial(self._file.write, list(pairs), ttl))
        return True

    async def _exists(self, key: str, **_options: object) -> bool:
        return await self._get(key) is not None

    async def _delete(self, key: str, **_options: object) -> int:
        return await self._run(partial(self._file.delete, [key]))

    async def _clear(self, namespace: str | None = None, **_options: object) -> bool:
        """Purge everything of ours; another namespace is somebody else's."""
        if namespace not in {None, self._space}:
            raise ValueError("only its own namespace can be cleared")
        await self.purge(ALL, ALL)
        return True

    async def _close(self, **_options: object) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._file.close()


def _build_key(key: str, namespace: str | None = None) -> str:
    return f"{namespace or ''}:{key}"


def _escaped(text: str) -> str:
    """Return the text without meaning as a pattern."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)
