"""The file on disk: its bound, its rights, crashes in the middle, and several processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.gateway.cache.times import Times

from gateway.cache.disk_store import DiskStore

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024
LOG_BYTES = 2 * MIB
"""What the log may take beside the file, until it is written into it."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "on the way" / "cache.sqlite"


@pytest.fixture
async def store(path: Path, times: Times) -> AsyncIterator[DiskStore]:
    store = DiskStore(path, "tests", max_bytes=MIB, seconds=5, now=times.wall)
    yield store
    await store.close()


def taken(path: Path, names: str = "*") -> int:
    """Return the bytes that the files of these names take."""
    return sum(each.stat().st_size for each in path.parent.glob(names))


async def test_only_its_owner_may_read_the_file(store: DiskStore, path: Path) -> None:
    await store.write({"a:a:1": b"1"}, 60)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "cache.sqlite-wal" in modes


async def test_it_survives_being_closed(store: DiskStore, path: Path, times: Times) -> None:
    await store.write({"a:a:1": b"1"}, 60)
    await store.close()
    again = DiskStore(path, "tests", max_bytes=MIB, seconds=5, now=times.wall)
    assert await again.read(["a:a:1"]) == [b"1"]
    await again.close()


async def test_it_waits_for_whoever_makes_the_file_at_the_same_time(
    store: DiskStore, path: Path
) -> None:
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # For a writer, SQLite waits everywhere but where a file is made one with a log.
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.write({"a:a:1": b"1"}, 60))
    for _ in range(20):
        await asyncio.sleep(0.01)
        assert not writing.done()
    other.execute("COMMIT")
    await writing
    other.close()

    assert await store.read(["a:a:1"]) == [b"1"]


async def test_a_file_that_nobody_lets_go_of_is_not_waited_for_for_ever(
    path: Path, times: Times
) -> None:
    path.parent.mkdir(parents=True)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = DiskStore(path, "tests", max_bytes=MIB, seconds=0.1, now=times.wall)
    with pytest.raises(sqlite3.OperationalError):
        await store.write({"a:a:1": b"1"}, 60)
    other.close()
    await store.close()


@pytest.mark.parametrize("size", [10, 3000, 200_000], ids=["small", "pages", "large"])
async def test_it_stays_below_its_bound(
    store: DiskStore, path: Path, times: Times, size: int
) -> None:
    count = 6 * MIB // (size + 200)
    for first in range(0, count, 200):
        numbers = range(first, min(first + 200, count))
        await store.write({f"a:a:{number}": bytes(size) for number in numbers}, 60)
        times.pass_(0.01)
    assert taken(path) <= MIB + LOG_BYTES
    assert taken(path, "cache.sqlite") <= MIB
    found = await store.read([f"a:a:{number}" for number in range(count)])
    kept = [number for number, value in enumerate(found) if value is not None]
    # The last ones, which would end last; the first had to go.
    assert kept[-1] == count - 1
    assert kept[0] > 0
    assert len(kept) * (size + 200) > MIB / 4


async def test_what_ends_first_goes_first(store: DiskStore) -> None:
    await store.write({"a:a:long": b"1"}, 3600)
    await store.write({f"a:a:{number}": bytes(5000) for number in range(1000)}, 60)
    assert await store.read(["a:a:long"]) == [b"1"]


async def test_what_is_larger_than_all_is_not_kept(store: DiskStore) -> None:
    await store.write({"a:a:1": b"1"}, 60)
    await store.write({"a:a:2": bytes(2 * MIB)}, 60)
    assert await store.read(["a:a:1", "a:a:2"]) == [b"1", None]


async def test_a_lease_ends_by_itself(store: DiskStore, times: Times) -> None:
    assert await store.acquire("work", "a", 5)
    times.pass_(4)
    assert not await store.acquire("work", "b", 5)
    assert await store.renew("work", "a", 5)
    times.pass_(4)
    assert not await store.acquire("work", "b", 5)
    times.pass_(1)
    assert await store.acquire("work", "b", 5)
    assert not await store.renew("work", "a", 5)


async def test_the_loop_goes_on_while_the_file_is_locked(store: DiskStore, path: Path) -> None:
    await store.write({"a:a:1": b"1"}, 60)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.write({"a:a:2": b"2"}, 60))
    turns = 0
    while turns < 100:
        await asyncio.sleep(0)
        turns += 1
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    assert await store.read(["a:a:2"]) == [b"2"]


async def test_all_work_is_done_by_one_thread_of_its_own(store: DiskStore) -> None:
    await asyncio.gather(*(store.write({f"a:a:{n}": b"1"}, 60) for n in range(20)))
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("cache")]
    assert len(names) == 1


async def test_a_file_that_is_no_cache_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 500)
    store = DiskStore(path, "tests", max_bytes=MIB, seconds=5)
    with pytest.raises(sqlite3.DatabaseError):
        await store.read(["a:a:1"])
    await store.close()
    assert await asyncio.to_thread(path.read_text) == "Dear reader, " * 500


async def test_a_folder_that_cannot_be_had_is_an_error_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = DiskStore(tmp_path / "file" / "cache", "tests", max_bytes=MIB, seconds=5)
    for _ in range(2):
        with pytest.raises(OSError, match=r"file"):
            await store.write({"a:a:1": b"1"}, 60)
    await store.close()


WRITER = """
import asyncio, sys
from pathlib import Path
from gateway.cache.disk_store import DiskStore

async def main():
    store = DiskStore(Path(sys.argv[1]), "tests", max_bytes=1 << 20, seconds=30)
    value = sys.argv[2].encode() * 700
    print("ready", flush=True)
    for turn in range(int(sys.argv[3])):
        numbers = range(turn * 50, turn * 50 + 50)
        await store.write({f"a:{sys.argv[2]}:{number}": value for number in numbers}, 600)
    await store.close()

asyncio.run(main())
"""


def writer(path: Path, name: str, turns: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(turns)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )


def sound(path: Path) -> bool:
    database = sqlite3.connect(path)
    try:
        (told,) = database.execute("PRAGMA integrity_check").fetchone()
        (counted,) = database.execute("SELECT coalesce(sum(size), 0) FROM entries").fetchone()
        (noted,) = database.execute("SELECT size FROM usage").fetchone()
    finally:
        database.close()
    return bool(told == "ok" and counted == noted)


async def test_several_processes_write_to_one_file(path: Path) -> None:
    writers = [writer(path, name, 60) for name in "abc"]
    for each in writers:
        each.communicate(timeout=50)
    assert [each.returncode for each in writers] == [0, 0, 0]
    assert sound(path)
    assert taken(path, "cache.sqlite") <= MIB


def killed_while_it_writes(path: Path) -> None:
    with writer(path, "a", 100_000) as process:
        while taken(path, "cache.sqlite-wal") < 200_000:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)


async def test_one_that_is_killed_in_the_middle_spoils_nothing(path: Path) -> None:
    for _ in range(3):
        await asyncio.to_thread(killed_while_it_writes, path)
    assert sound(path)
    store = DiskStore(path, "tests", max_bytes=MIB, seconds=5)
    await store.write({"a:a:after": b"1"}, 60)
    assert await store.read(["a:a:after"]) == [b"1"]
    (tier,) = (await store.contents()).tiers
    assert tier.entries > 50
    await store.close()
