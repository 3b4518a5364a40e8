"""The files that were made lately: the same question finds the same bytes for a while."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.places import Places
from gateway.rows.forms import Ending, Form
from gateway.rows.settings import FileSettings
from gateway.rows.spool import PIECE, Spool, SpoolFullError
from resolvers.flights import Flights
from vendors.calls import Call

__all__ = ["Progress", "Snapshot", "Snapshots"]

_LOG = logging.getLogger("switchboard.files")

_LONGEST = timedelta(minutes=15)
"""How long a load that is under way finds the same bytes at most."""
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
        self.read_at: datetime | None = None
        self._packed: Spool | None = None
        self._packing: asyncio.Task[Spool | None] | None = None

    @property
    def size(self) -> int:
        """Return how many bytes it takes."""
        return self.spool.size + (self._packed.size if self._packed else 0)

    async def packed(self, settings: FileSettings) -> Spool | None:
        """Return the same as gzip, None where there is no room for it.

        It is made once, when it is first asked for, and whoever goes leaves it to the others.
        """
        if self._packing is None:
            self._packing = asyncio.get_running_loop().create_task(self._pack(settings))
        return await asyncio.shield(self._packing)

    async def _pack(self, settings: FileSettings) -> Spool | None:
        self._packed = await asyncio.to_thread(_packed, self.spool, settings)
        return self._packed


def _packed(spool: Spool, settings: FileSettings) -> Spool | None:
    try:
        packed = Spool(settings.folder, settings.most_bytes)
        packing = zlib.compressobj(_FAST, wbits=_GZIP)
        for number in range(-(-spool.size // PIECE)):
            packed.write(packing.compress(spool.piece(number)))
        packed.write(packing.flush())
        packed.end()
    except (OSError, SpoolFullError):
        _LOG.warning("a file could not be packed", exc_info=True)
        return None
    return packed


class Snapshots:
    """Keeps files for as long, and as many, as the settings say."""

    def __init__(self, settings: FileSettings) -> None:
        """Start with none."""
        self._settings = settings
        self._kept: OrderedDict[str, tuple[Snapshot, asyncio.TimerHandle]] = OrderedDict()
        self._flights = Flights()
        self._under_way: dict[str, Progress] = {}
        full = f"The gateway makes {settings.at_a_time} files at a time"
        self._places = Places(settings.at_a_time, full)

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def find(self, key: str, now: datetime, *, going_on: bool = False) -> Snapshot | None:
        """Return the file that is kept under the key and not too old.

        A load that is `going_on`, part by part, finds it beyond its time as long as it is read.
        """
        snapshot, _ = self._kept.get(key, (None, None))
        if snapshot is None or snapshot.made_at is None or snapshot.read_at is None:
            return None
        lifetime = self._settings.lifetime
        age, idle = now - snapshot.made_at, now - snapshot.read_at
        if not timedelta(0) <= age < _LONGEST or not timedelta(0) <= idle < lifetime:
            self._drop(key)
            return None
        if age >= lifetime and not going_on:
            return None
        snapshot.read_at = now
        self._arm(key, snapshot, min(lifetime, _LONGEST - age))
        self._kept.move_to_end(key)
        return snapshot

    def progress(self, key: str) -> Progress | None:
        """Return how far the file has come that is being made under the key."""
        return self._under_way.get(key)

    async def make(
        self,
        key: str,
        now: Callable[[], datetime],
        fill: Callable[[Progress], Awaitable[Snapshot]],
        seconds: float | None = None,
    ) -> Snapshot:
        """Return the file that `fill` makes, or that is being made under the key already.

        Raises RefusedError where too many are being made, and TimeoutError where it takes too long.
        """
        within = seconds or self._settings.seconds

        async def made(_call: Call) -> Snapshot:
            began = now()
            with self._place(key) as progress:
                snapshot = await fill(progress)
            snapshot.made_at = snapshot.read_at = began
            self._keep(key, snapshot)
            return snapshot

        # Each waits for as long as it may: the last one who leaves ends what is made.
        async with asyncio.timeout(within):
            return await self._flights.join(key, Call.within(within), made)

    def clear(self) -> None:
        """Keep none of them any longer; whoever reads one reads it to its end."""
        for key in [*self._kept]:
            self._drop(key)

    @contextmanager
    def _place(self, key: str) -> Iterator[Progress]:
        """Take a place among those that are made; raise RefusedError where there is none."""
        with self._places.taken():
            progress = self._under_way[key] = Progress()
            try:
                yield progress
            finally:
                # One that was given up may end after another has begun.
                if self._under_way[key] is progress:
                    del self._under_way[key]

    def _keep(self, key: str, snapshot: Snapshot) -> None:
        self._drop(key)
        self._arm(key, snapshot, self._settings.lifetime)
        while len(self._kept) > 1 and self._too_much():
            self._drop(next(iter(self._kept)))

    def _too_much(self) -> bool:
        size = sum(snapshot.size for snapshot, _ in self._kept.values())
        return size > self._settings.kept_bytes or len(self._kept) > self._settings.kept

    def _arm(self, key: str, snapshot: Snapshot, span: timedelta) -> None:
        """Keep it for so long from now."""
        _, timer = self._kept.get(key, (None, None))
        if timer is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._kept[key] = (
            snapshot,
            loop.call_later(span.total_seconds(), self._end, key, snapshot),
        )

    def _end(self, key: str, snapshot: Snapshot) -> None:
        if key in self._kept and self._kept[key][0] is snapshot:
            self._drop(key)

    def _drop(self, key: str) -> None:
        """Forget it: the last that reads it closes it."""
        _, timer = self._kept.pop(key, (None, None))
        if timer is not None:
            timer.cancel()
