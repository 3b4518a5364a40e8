"""Gives a file out: whole, in ranges, packed, or not at all where the caller has it already.

A range is always one of the plain bytes, and HEAD tells their number: a reader that asks for the
length first, and for parts after it, must not be told that of something else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.refusals import RefusedError
from gateway.rows.forms import Ending
from gateway.rows.settings import FileSettings
from gateway.rows.snapshots import Snapshot
from gateway.rows.spool import PIECE, Spool

__all__ = ["FileAnswer", "sources_told"]

_STALL_SECONDS = 60.0
"""How long a caller may take nothing."""
_LEAST_PACKED = 1024
"""Fewer bytes are not worth while to pack."""
_RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)
_OK, _PART, _UNCHANGED, _BEHIND = 200, 206, 304, 416


def sources_told(ending: Ending, now: datetime) -> str:
    """Return what became of each platform: its freshness, and the age of its rows in seconds."""
    told = []
    for one in ending.sources:
        age = "" if one.as_of is None else f";age={max(0, int((now - one.as_of).total_seconds()))}"
        more = ";truncated" if one.platform in ending.truncated else ""
        told.append(f"{one.platform}={one.freshness.value}{age}{more}")
    return ", ".join(told)


class FileAnswer:
    """An ASGI answer."""

    def __init__(
        self, snapshot: Snapshot, headers: Mapping[str, str], settings: FileSettings
    ) -> None:
        """Answer with that file and these headers."""
        self._snapshot = snapshot
        self._settings = settings
        self._headers = {
            "accept-ranges": "bytes",
            # What is kept must be asked for again, which costs nothing where it has not changed.
            "cache-control": "private, no-cache",
            "vary": "accept-encoding, authorization, x-api-key",
            **headers,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        asked = request.headers
        head = request.method == "HEAD"
        part = None if head else _part(asked, self._snapshot.spool)
        spool, encoding = self._snapshot.spool, {}
        if not head and part is None and self._packs(asked):
            spool, encoding = await self._snapshot.packed(self._settings), _PACKED
        headers = {**self._headers, **encoding, "etag": spool.etag}
        if _known(asked.get("if-none-match"), spool.etag, self._snapshot.spool.etag):
            await _begin(send, _UNCHANGED, headers)
            await send({"type": "http.response.body", "body": b""})
            return
        first, behind = part or (0, spool.size)
        headers["content-type"] = self._snapshot.form.media_type
        headers["content-length"] = str(behind - first)
        if part is not None:
            headers["content-range"] = f"bytes {first}-{behind - 1}/{spool.size}"
        await _begin(send, _OK if part is None else _PART, headers)
        await _pour(send, spool, range(first, first if head else behind))

    def _packs(self, asked: Headers) -> bool:
        worth = self._snapshot.form.text and self._snapshot.spool.size >= _LEAST_PACKED
        return worth and _takes_gzip(asked.get("accept-encoding", ""))


_PACKED = {"content-encoding": "gzip"}


async def _begin(send: Send, status: int, headers: Mapping[str, str]) -> None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _pour(send: Send, spool: Spool, wanted: range) -> None:
    """Send these bytes; raise TimeoutError where the caller takes nothing for too long."""
    for number, piece in _pieces(wanted):
        data = await asyncio.to_thread(spool.piece, number)
        async with asyncio.timeout(_STALL_SECONDS):
            await send({"type": "http.response.body", "body": data[piece], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _pieces(wanted: range) -> Iterator[tuple[int, slice]]:
    """Yield the pieces that hold the wanted bytes, and which of theirs these are."""
    at = wanted.start
    while at < wanted.stop:
        number, skipped = divmod(at, PIECE)
        count = min(PIECE - skipped, wanted.stop - at)
        yield number, slice(skipped, skipped + count)
        at += count


def _known(told: str | None, *etags: str) -> bool:
    """Return whether the caller has one of these already (RFC 9110, 13.1.2)."""
    if told is None:
        return False
    names = {one.strip().removeprefix("W/") for one in told.split(",")}
    return "*" in names or not names.isdisjoint(etags)


def _part(asked: Headers, spool: Spool) -> tuple[int, int] | None:
    """Return the bounds of the one range that is asked for, None where it is all of it.

    Several ranges, and what cannot be read, are no range (RFC 9110, 14.2). Raises RefusedError for
    one that lies behind the end.
    """
    found = _RANGE.fullmatch(asked.get("range", "").lower())
    if found is None or not any(found.groups()):
        return None
    if asked.get("if-range", spool.etag) != spool.etag:
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    begin = int(first) if first else max(0, spool.size - int(last))
    behind = min(int(last) + 1, spool.size) if first and last else spool.size
    if begin >= behind:
        message = f"The file has {spool.size} bytes."
        headers = {"content-range": f"bytes */{spool.size}"}
        raise RefusedError(_BEHIND, "RANGE_NOT_SATISFIABLE", message, headers=headers)
    return begin, behind


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False
