"""Files are kept for a while, and no longer, whether anybody asks for them or not."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import timedelta

import pytest
from pydantic import ValidationError
from tests.fakes import NOW

from gateway.rows.csv_form import CSV
from gateway.rows.forms import Ending
from gateway.rows.settings import FileSettings
from gateway.rows.snapshots import Progress, Snapshot, Snapshots
from gateway.rows.spool import Spool

ENDING = Ending(rows=0, next_cursor="", sources=(), failed=(), truncated=())


async def made(_progress: Progress | None = None) -> Snapshot:
    spool = Spool(None, 100)
    spool.write(b"a,b\r\n")
    spool.end()
    return Snapshot(spool, CSV, ENDING)


async def test_nothing_is_kept_beyond_its_time() -> None:
    snapshots = Snapshots(FileSettings(lifetime=timedelta(milliseconds=20)))
    await snapshots.make("a", lambda: NOW, made)
    assert snapshots.find("a", NOW) is not None

    while len(snapshots):  # noqa: ASYNC110 (nobody tells when)
        await asyncio.sleep(0.005)
    assert snapshots.find("a", NOW) is None


async def test_nothing_is_kept_when_the_process_ends() -> None:
    snapshots = Snapshots(FileSettings())
    kept = await snapshots.make("a", lambda: NOW, made)
    closed = kept.spool.close
    snapshots.clear()
    assert len(snapshots) == 0
    assert closed.alive, "whoever reads it reads it to its end"

    del kept
    await asyncio.sleep(0)
    assert not closed.alive


@pytest.mark.parametrize(("minutes", "good"), [(15, True), (16, False), (0, False)])
def test_nothing_may_be_kept_for_longer_than_a_quarter_of_an_hour(
    minutes: int, *, good: bool
) -> None:
    with nullcontext() if good else pytest.raises(ValidationError):
        FileSettings(lifetime=timedelta(minutes=minutes))


async def test_a_clock_that_was_set_back_keeps_nothing_for_ever() -> None:
    snapshots = Snapshots(FileSettings())
    await snapshots.make("a", lambda: NOW, made)

    assert snapshots.find("a", NOW - timedelta(hours=1)) is None
    snapshots.clear()
