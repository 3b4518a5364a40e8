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
_MOST_DIGITS = 18
"""Of a number of bytes; one with more lies behind the end of every file."""
_OK, _PART, _UNCHANGED, _CHANGED, _BEHIND = 200, 206, 304, 412, 416


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
        """Answer one request; what it depends on is looked at in the order of RFC 9110, 13.2.2.

        Raises RefusedError where it wants bytes that are no longer, or were never, there.
        """
        request = Request(scope, receive)
        asked, head, plain = request.headers, request.method == "HEAD", self._snapshot.spool
        _refuse_changed(asked.get("if-match"), plain)
        if _known(asked.get("if-none-match"), plain):
            await self._unchanged(send, plain)
            return
        part = None if head else _part(asked, plain)
        packed = None
        if not head and part is None and self._packs(asked):
            packed = await self._snapshot.packed(self._settings)
        if packed is not None and _known(asked.get("if-none-match"), packed):
            await self._unchanged(send, packed)
            return
        headers = self._headers if packed is None else {**self._headers, **_PACKED}
        await self._give(send, headers, packed or plain, part, head=head)

    async def _unchanged(self, send: Send, spool: Spool) -> None:
        """Say that the caller has it, by the name by which it has it."""
        await _begin(send, _UNCHANGED, {**self._headers, "etag": spool.etag})
        await send({"type": "http.response.body", "body": b""})

    async def _give(
        self,
        send: Send,
        headers: Mapping[str, str],
        spool: Spool,
        part: tuple[int, int] | None,
        *,
        head: bool,
    ) -> None:
        first, behind = part or (0, spool.size)
        told = {
            **headers,
            "etag": spool.etag,
            "content-type": self._snapshot.form.media_type,
            "content-length": str(behind - first),
        }
        if part is not None:
            told["content-range"] = f"bytes {first}-{behind - 1}/{spool.size}"
        await _begin(send, _OK if part is None else _PART, told)
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


def _known(told: str | None, spool: Spool) -> bool:
    """Return whether the caller has these bytes already (RFC 9110, 13.1.2)."""
    if told is None:
        return False
    names = {one.strip().removeprefix("W/") for one in told.split(",")}
    return "*" in names or spool.etag in names


def _refuse_changed(told: str | None, spool: Spool) -> None:
    """Raise RefusedError where the caller wants these bytes and there are others (13.1.1)."""
    names = {"*"} if told is None else {one.strip() for one in told.split(",")}
    if names.isdisjoint({"*", spool.etag}):
        message = "The file is not the one that you have begun to read; begin anew."
        raise RefusedError(_CHANGED, "CHANGED", message, headers={"etag": spool.etag})


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
    first, last = map(_number, found.groups())
    if first is not None and last is not None and last < first:
        return None
    begin = max(0, spool.size - (last or 0)) if first is None else first
    behind = spool.size if first is None or last is None else min(last + 1, spool.size)
    if begin >= behind:
        message = f"The file has {spool.size} bytes."
        headers = {"content-range": f"bytes */{spool.size}"}
        raise RefusedError(_BEHIND, "RANGE_NOT_SATISFIABLE", message, headers=headers)
    return begin, behind


def _number(digits: str) -> int | None:
    """Return it, None where there is none; nobody has to read thousands of digits."""
    told = digits.lstrip("0")[: _MOST_DIGITS + 1]
    return int(told or "0") if digits else None


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False
