"""The files that were made lately: the same question finds the same bytes for a while."""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.refusals import RefusedError
from gateway.rows.forms import Ending, Form
from gateway.rows.settings import FileSettings
from gateway.rows.spool import PIECE, Spool
from resolvers.flights import Flights
from vendors.calls import Call

__all__ = ["Progress", "Snapshot", "Snapshots"]

_BUSY_SECONDS = "5"
_FAST = 1
"""The level of compression: the lowest takes most of the size, and a fraction of the time."""
_GZIP = 31
"""zlib's number for the form of gzip."""


@dataclass
class Progress:
    """How far a file has come."""

    rows: int = 0
    limit: int | None = None
    """How many rows it has at most, where that is known."""

    @property
    def percent(self) -> int | None:
        """Return the share that is there; None where nobody knows how many rows there will be."""
        return None if self.limit is None else 100 * self.rows // self.limit


class Snapshot:
    """One file, and what is known of it."""

    def __init__(self, spool: Spool, form: Form, ending: Ending) -> None:
        """Hold a spool that is written to its end."""
        self.spool = spool
        self.form = form
        self.ending = ending
        self.made_at: datetime | None = None
        self._packed: Spool | None = None
        self._packing = asyncio.Lock()

    @property
    def size(self) -> int:
        """Return how many bytes it takes."""
        return self.spool.size + (self._packed.size if self._packed else 0)

    async def packed(self, settings: FileSettings) -> Spool:
        """Return the same as gzip; it is made when it is first asked for."""
        async with self._packing:
            if self._packed is None:
                self._packed = await asyncio.to_thread(_packed, self.spool, settings)
            return self._packed


def _packed(spool: Spool, settings: FileSettings) -> Spool:
    packed = Spool(settings.folder, settings.most_bytes)
    packing = zlib.compressobj(_FAST, wbits=_GZIP)
    for number in range(-(-spool.size // PIECE)):
        packed.write(packing.compress(spool.piece(number)))
    packed.write(packing.flush())
    packed.end()
    return packed


class Snapshots:
    """Keeps files for as long, and as many, as the settings say."""

    def __init__(self, settings: FileSettings) -> None:
        """Start with none."""
        self._settings = settings
        self._kept: OrderedDict[str, tuple[Snapshot, asyncio.TimerHandle]] = OrderedDict()
        self._flights = Flights()
        self._making = 0

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def find(self, key: str, now: datetime) -> Snapshot | None:
        """Return the file that is kept under the key and not too old."""
        snapshot, _ = self._kept.get(key, (None, None))
        if snapshot is None or snapshot.made_at is None:
            return None
        if not timedelta(0) <= now - snapshot.made_at < self._settings.lifetime:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return snapshot

    async def make(
        self,
        key: str,
        now: Callable[[], datetime],
        fill: Callable[[], Awaitable[Snapshot]],
        seconds: float | None = None,
    ) -> Snapshot:
        """Return the file that `fill` makes, or that is being made under the key already.

        Raises RefusedError where too many are being made, and TimeoutError where it takes too long.
        """
        within = seconds or self._settings.seconds

        async def made(_call: Call) -> Snapshot:
            began = now()
            with _Place(self):
                async with asyncio.timeout(within):
                    snapshot = await fill()
            snapshot.made_at = began
            self._keep(key, snapshot)
            return snapshot

        return await self._flights.join(key, Call.within(within), made)

    def clear(self) -> None:
        """Keep none of them any longer; whoever reads one reads it to its end."""
        for key in [*self._kept]:
            self._drop(key)

    def take(self) -> None:
        """Take a place among those that are made; raise RefusedError where there is none."""
        most = self._settings.at_a_time
        if self._making >= most:
            message = f"The gateway makes {most} files at a time; ask again later."
            headers = {"retry-after": _BUSY_SECONDS}
            raise RefusedError(503, "OVERLOADED", message, headers=headers)
        self._making += 1

    def leave(self) -> None:
        """Give the place back."""
        self._making -= 1

    def _keep(self, key: str, snapshot: Snapshot) -> None:
        self._drop(key)
        seconds = self._settings.lifetime.total_seconds()
        timer = asyncio.get_running_loop().call_later(seconds, self._end, key, snapshot)
        self._kept[key] = (snapshot, timer)
        while len(self._kept) > 1 and self._too_much():
            self._drop(next(iter(self._kept)))

    def _too_much(self) -> bool:
        size = sum(snapshot.size for snapshot, _ in self._kept.values())
        return size > self._settings.kept_bytes or len(self._kept) > self._settings.kept

    def _end(self, key: str, snapshot: Snapshot) -> None:
        if key in self._kept and self._kept[key][0] is snapshot:
            self._drop(key)

    def _drop(self, key: str) -> None:
        """Forget it: the last that reads it closes it."""
        _, timer = self._kept.pop(key, (None, None))
        if timer is not None:
            timer.cancel()


class _Place:
    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    def __enter__(self) -> None:
        self._snapshots.take()

    def __exit__(self, *_error: object) -> None:
        self._snapshots.leave()
