"""How far an export has come, for the person who waits for it: always on the standard error."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from gateway.commands.export.windows import Window
from vendors.calls import CallRecord
from vendors.waits import Wait, WaitReason

__all__ = ["Progress", "shown"]

_SLOW_SECONDS = 2.0
"""An answer that takes longer is worth a word."""
_TOLD_SECONDS = 1.0
"""A wait that lasts longer is worth a line."""
_WORDS: Mapping[WaitReason, str] = {
    WaitReason.QUEUE: "waits for a place among its calls",
    WaitReason.PACE: "waits for its turn within the calls a second",
    WaitReason.RATE_LIMIT: "rate limit",
    WaitReason.RETRY_AFTER: "asked to be asked again later",
    WaitReason.BACKOFF: "failed, and is tried again",
    WaitReason.ANSWER: "waits for the answer",
}
_FIRST = (
    WaitReason.RATE_LIMIT,
    WaitReason.RETRY_AFTER,
    WaitReason.BACKOFF,
    WaitReason.ANSWER,
    WaitReason.PACE,
    WaitReason.QUEUE,
)
"""Of several reasons at a time, which is told: the one that holds up the others."""


@dataclass
class _Tally:
    """What is known of one platform."""

    rows: int = 0
    calls: int = 0
    waits: dict[WaitReason, list[float]] = field(default_factory=dict)
    """By reason, when each of the waits that last began, on the process's clock."""
    until: dict[WaitReason, datetime] = field(default_factory=dict)
    waited: Counter[WaitReason] = field(default_factory=Counter)
    """Seconds, by reason."""


class Progress:
    """Adds up what it is told; fulfils `observing.Observer` and `vendors.waits.WaitObserver`."""

    def __init__(self, now: Callable[[], datetime], say: Callable[[str], None]) -> None:
        """Say each step by `say`, at the moments that `now` tells."""
        self._now = now
        self._say = say
        self._tallies: dict[str, _Tally] = {}
        self.windows = 0
        self.done = 0
        self.reused = 0

    def begin(self, platforms: Iterable[str], windows: int) -> None:
        """Note what there is to do."""
        self._tallies = {key: _Tally() for key in platforms} | self._tallies
        self.windows = windows

    def read(self, rows: Mapping[str, int]) -> None:
        """Note that rows were read."""
        for platform, count in rows.items():
            self._of(platform).rows += count

    def forget(self, rows: Mapping[str, int]) -> None:
        """Note that they are read again."""
        for platform, count in rows.items():
            self._of(platform).rows -= count

    def finished(self, window: Window, rows: int, *, reused: bool) -> None:
        """Note that a window is whole."""
        self.done += 1
        self.reused += reused
        before = ", read before" if reused else ""
        told = f"{window.start:%Y-%m-%dT%H:%MZ} to {window.end:%Y-%m-%dT%H:%MZ}"
        self._say(f"window {self.done} of {self.windows}: {told}, {rows:,} rows{before}")

    @property
    def calls(self) -> int:
        """Return how many calls were made."""
        return sum(one.calls for one in self._tallies.values())

    def _of(self, platform: str) -> _Tally:
        return self._tallies.setdefault(platform, _Tally())

    def called(self, record: CallRecord) -> None:
        """Note one request that was sent to a platform."""
        self._of(record.platform).calls += 1

    def asked(self, platform: str, port: str, outcome: str, seconds: float) -> None:
        """Note nothing."""

    def looked_up(self, tier: str, hits: int, misses: int) -> None:
        """Note nothing."""

    def kept(self, tier: str, entries: int) -> None:
        """Note nothing."""

    def waiting(self, wait: Wait) -> None:
        """Note that a call waits."""
        tally = self._of(wait.platform)
        tally.waits.setdefault(wait.reason, []).append(time.monotonic())
        if wait.seconds is None:
            return
        until = self._now() + timedelta(seconds=wait.seconds)
        before = tally.until.get(wait.reason)
        tally.until[wait.reason] = until if before is None else max(until, before)
        if wait.seconds >= _TOLD_SECONDS and (before is None or before < self._now()):
            self._say(f"{wait.platform}: {_WORDS[wait.reason]}, until {_clock(until)}")

    def waited(self, wait: Wait, seconds: float) -> None:
        """Note that it waits no more."""
        tally = self._of(wait.platform)
        tally.waited[wait.reason] += seconds  # type: ignore[assignment]  # seconds are no integers
        began = tally.waits[wait.reason]
        began.pop(0)
        if not began:
            del tally.waits[wait.reason]
            tally.until.pop(wait.reason, None)

    def reason(self, platform: str) -> str:
        """Return for what a platform's calls wait at the moment; empty for nothing."""
        tally = self._of(platform)
        for reason in _FIRST:
            began = tally.waits.get(reason)
            if began and (told := _told(reason, began[0], tally.until.get(reason))):
                return told
        return ""

    def table(self) -> Table:
        """Return what a person sees."""
        table = Table(title=f"windows: {self.done} of {self.windows}", title_justify="left")
        table.add_column("platform")
        table.add_column("rows", justify="right")
        table.add_column("calls", justify="right")
        table.add_column("now")
        for key, tally in [*self._tallies.items()]:
            table.add_row(key, f"{tally.rows:,}", f"{tally.calls:,}", self.reason(key))
        return table

    def summary(self) -> list[str]:
        """Return what is told at the end: a line for each platform."""
        return [f"  {key}: {_summed(tally)}" for key, tally in self._tallies.items()]


def _summed(tally: _Tally) -> str:
    waits = [
        f"{seconds:,.1f} s {reason.value.replace('_', ' ')}"
        for reason, seconds in tally.waited.most_common()
        if seconds >= _TOLD_SECONDS
    ]
    waited = f"; waited {', '.join(waits)}" if waits else ""
    return f"{tally.rows:,} rows, {tally.calls:,} calls{waited}"


def _told(reason: WaitReason, began: float, until: datetime | None) -> str:
    lasts = time.monotonic() - began
    if until is not None:
        return f"{_WORDS[reason]}, until {_clock(until)}"
    if reason is WaitReason.ANSWER and lasts < _SLOW_SECONDS:
        return ""
    return f"{_WORDS[reason]}, for {lasts:.0f} s"


def _clock(moment: datetime) -> str:
    """Return the time of day as the clock on the wall shows it."""
    return f"{moment.astimezone():%H:%M:%S}"


@contextmanager
def shown(wanted: bool | None, now: Callable[[], datetime]) -> Iterator[Progress]:
    """Give what adds up the progress, and show it: as a table on a terminal, else as lines.

    Without a terminal nothing is shown unless it is `wanted`.
    """
    console = Console(stderr=True, highlight=False)
    if wanted is False or (wanted is None and not console.is_terminal):
        yield Progress(now, lambda _line: None)
        return
    if not console.is_terminal:
        yield Progress(now, lambda line: console.print(line, soft_wrap=True, markup=False))
        return
    progress = Progress(now, lambda _line: None)
    live: dict[str, Any] = {"console": console, "transient": True, "refresh_per_second": 4}
    with Live(get_renderable=progress.table, **live):
        yield progress
