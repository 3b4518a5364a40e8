"""Files on a disk that has no room, and files that were closed while somebody still wrote them."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.gateway.rows.test_forms import COLUMNS, FULL

from gateway.rows.arrow_form import PARQUET
from gateway.rows.csv_form import CSV
from gateway.rows.filling import in_thread
from gateway.rows.forms import Ending
from gateway.rows.settings import FileSettings
from gateway.rows.snapshots import Snapshot
from gateway.rows.spool import PIECE, Spool

MOST = 2**24


@contextmanager
def no_room_behind(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond that size: the disk is as good as full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_takes_a_part_of_it_is_noticed() -> None:
    spool = Spool(None, MOST)
    # A system call that finds room for some bytes writes these, and says how many.
    with no_room_behind(PIECE + 100), pytest.raises(OSError, match="too large"):
        spool.write(bytes(2 * PIECE))
    spool.close()


@pytest.mark.parametrize("count", [1, PIECE])
def test_nothing_is_written_where_a_closed_file_was(count: int) -> None:
    spool = Spool(None, MOST)
    spool.write(b"some")
    number = spool._fd  # noqa: SLF001 (another file takes its place)
    spool.close()
    with tempfile.TemporaryFile() as other:
        os.dup2(other.fileno(), number)
        try:
            spool.write(bytes(count))
            spool.end()
            assert os.fstat(number).st_size == 0
        finally:
            os.close(number)


def test_a_writer_that_is_given_up_writes_no_end() -> None:
    spool = Spool(None, MOST)
    writer = PARQUET.open(spool, COLUMNS, {})
    writer.add([FULL] * 60_000)
    written = spool.size
    assert written
    spool.close()

    del writer
    gc.collect()
    assert spool.size == written


async def test_a_thread_is_over_before_its_end_is_told_however_often_it_is_cancelled() -> None:
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        go_on.wait(30)
        ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(began.wait)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()

    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def snapshot_of(content: bytes) -> Snapshot:
    spool = Spool(None, MOST)
    spool.write(content)
    spool.end()
    ending = Ending(rows=0, next_cursor="", sources=(), failed=(), truncated=())
    return Snapshot(spool, CSV, ending)


async def test_what_finds_no_room_packed_is_not_packed() -> None:
    snapshot = await snapshot_of(os.urandom(2 * PIECE))

    assert await snapshot.packed(FileSettings(most_bytes=2 * PIECE)) is None
    with no_room_behind(PIECE):
        assert await snapshot.packed(FileSettings()) is None


async def test_it_is_packed_once_for_all_who_take_that_at_once() -> None:
    snapshot = await snapshot_of(b"a,b\r\n" * PIECE)

    asking = [asyncio.create_task(snapshot.packed(FileSettings())) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    first, *others = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert len({id(one) for one in others}) == 1
    assert isinstance(others[0], Spool)
