"""The file of the store on disk: SQLite with a write-ahead log. Everything here blocks.

Several processes may share the file, and one that is killed in the middle of writing spoils
nothing. The file stays below its bound: what would end first goes first.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.cache.store import StoreContents, TierContents, in_batches

__all__ = ["DiskFile"]

_BATCH = 500
_STEP = 64
"""How many entries are looked at together when room is made."""
_PAGE_BYTES = 4096
_ENTRY_BYTES = 64
"""What an entry costs beside its key, which is in the table and in its order, and its value."""
_FULL = 0.75
"""The share of the bound that entries may take by our count: pages are never quite full."""
_LOG_PAGES = 256
"""After how many pages the log is written into the file: it lies beside the bound."""
_NEVER = 2**62
_AGAIN_SECONDS = 0.005

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_end ON entries (expires);
CREATE TABLE IF NOT EXISTS usage (only INTEGER PRIMARY KEY CHECK (only = 1), size INTEGER NOT NULL);
INSERT OR IGNORE INTO usage VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entries BEGIN
    UPDATE usage SET size = size + new.size;
END;
CREATE TRIGGER IF NOT EXISTS entry_changed AFTER UPDATE OF size ON entries BEGIN
    UPDATE usage SET size = size + new.size - old.size;
END;
CREATE TRIGGER IF NOT EXISTS entry_dropped AFTER DELETE ON entries BEGIN
    UPDATE usage SET size = size - old.size;
END;
CREATE TABLE IF NOT EXISTS purges (
    space TEXT, scope TEXT, mark INTEGER NOT NULL, PRIMARY KEY (space, scope)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counts (
    space TEXT, name TEXT, number INTEGER NOT NULL, PRIMARY KEY (space, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (
    name TEXT PRIMARY KEY, token TEXT NOT NULL, expires INTEGER NOT NULL
) WITHOUT ROWID;
"""
_KEEP = (
    "INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
    "value = excluded.value, expires = excluded.expires, size = excluded.size"
)
_ENDING_FIRST = "SELECT key, size FROM entries ORDER BY expires, key LIMIT ?"
_DROP = "DELETE FROM entries WHERE key = ?"
_COUNT = (
    "INSERT INTO counts VALUES (?, ?, ?) "
    "ON CONFLICT (space, name) DO UPDATE SET number = number + excluded.number"
)
# Never behind an earlier mark, whatever the clocks say.
_MARK = (
    "INSERT INTO purges VALUES (:space, :scope, "
    "max(:now, (SELECT coalesce(max(mark), 0) + 1 FROM purges WHERE space = :space))) "
    "ON CONFLICT (space, scope) DO UPDATE SET mark = excluded.mark"
)
_ACQUIRE = (
    "INSERT INTO leases VALUES (:name, :token, :until) ON CONFLICT (name) DO UPDATE SET "
    "token = excluded.token, expires = excluded.expires WHERE expires <= :now"
)
_TIERS = (
    "SELECT substr(key, :skip, instr(substr(key, :skip), ':') - 1) AS tier, "
    "count(*), sum(length(value)) FROM entries "
    "WHERE key GLOB :pattern AND expires > :now GROUP BY tier ORDER BY tier"
)


_Row = tuple[str, bytes, int, int]
"""An entry: key, value, end and size."""


class DiskFile:
    """Entries, marks, counts and leases in one file. Moments are milliseconds of Unix time.

    Everything raises sqlite3.Error or OSError where the file cannot be used.
    """

    def __init__(
        self, path: Path, *, max_bytes: int, seconds: float, now: Callable[[], int]
    ) -> None:
        """Open the file when first used; wait so long for other processes' writing."""
        self._path = path
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._now = now
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file; it is opened again when next used."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the value of each key, in order, None where there is none or it has ended."""
        found: dict[str, bytes] = {}
        now = self._now()
        for batch in in_batches(keys, _BATCH):
            places = ", ".join("?" * len(batch))
            query = f"SELECT key, value FROM entries WHERE expires > ? AND key IN ({places})"  # noqa: S608 (question marks)
            found.update(self._database.execute(query, (now, *batch)))
        return [found.get(key) for key in keys]

    def write(self, pairs: Sequence[tuple[str, bytes]], ttl: float | None) -> None:
        """Keep the entries, in place of others if need be; what is larger than all is not kept."""
        expires = _NEVER if ttl is None else self._now() + int(ttl * 1000)
        rows = [
            (key, value, expires, 2 * len(key) + len(value) + _ENTRY_BYTES) for key, value in pairs
        ]
        for batch in _portions([row for row in rows if row[3] <= self._most], self._most // 4):
            more = sum(row[3] for row in batch)
            try:
                self._keep(batch, more)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                    raise
                # Pages were emptier than was thought.
                self._keep(batch, more + self._most // 4)

    def delete(self, keys: Sequence[str]) -> int:
        """Forget the keys; return how many were there."""
        with self._changing() as database:
            rows = [(key,) for key in keys]
            return database.executemany(_DROP, rows).rowcount

    def exchange(self, space: str, counts: Mapping[str, int]) -> dict[str, int]:
        """Add to the counts of that namespace; return its marks."""
        if counts:
            # Where nothing can be written now, what was purged can still be told.
            with suppress(sqlite3.OperationalError), self._changing() as database:
                rows = [(space, name, more) for name, more in counts.items()]
                database.executemany(_COUNT, rows)
        query = "SELECT scope, mark FROM purges WHERE space = ?"
        return dict(self._database.execute(query, (space,)))

    def purge(self, space: str, scope: str, pattern: str) -> int:
        """Mark the scope; drop the entries of that pattern and return how many they were."""
        with self._changing() as database:
            database.execute(_MARK, {"space": space, "scope": scope, "now": self._now()})
            return database.execute("DELETE FROM entries WHERE key GLOB ?", (pattern,)).rowcount

    def contents(self, space: str, pattern: str) -> StoreContents:
        """Return what is held of the entries of that pattern, by the tier behind the namespace."""
        about = {"skip": len(space) + 2, "pattern": pattern, "now": self._now()}
        tiers = tuple(
            TierContents(tier=tier, entries=entries, size=size)
            for tier, entries, size in self._database.execute(_TIERS, about)
        )
        counts = self._database.execute("SELECT name, number FROM counts WHERE space = ?", (space,))
        return StoreContents(tiers=tiers, counts=dict(counts))

    def acquire(self, name: str, token: str, seconds: float) -> bool:
        """Take the lease for so long, unless somebody has it."""
        now = self._now()
        until = now + int(seconds * 1000)
        with self._changing() as database:
            about = {"name": name, "token": token, "until": until, "now": now}
            return database.execute(_ACQUIRE, about).rowcount > 0

    def renew(self, name: str, token: str, seconds: float) -> bool:
        """Hold the lease for so long from now; return False where it is no longer held."""
        renewing = "UPDATE leases SET expires = ? WHERE name = ? AND token = ?"
        with self._changing() as database:
            until = self._now() + int(seconds * 1000)
            return database.execute(renewing, (until, name, token)).rowcount > 0

    def release(self, name: str, token: str) -> None:
        """Give the lease back, if it is still held by that token."""
        with self._changing() as database:
            database.execute("DELETE FROM leases WHERE name = ? AND token = ?", (name, token))

    @property
    def _most(self) -> int:
        return int(self._max_bytes * _FULL)

    @property
    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        """Open the file, and again for as long as others are at it."""
        until = time.monotonic() + self._seconds
        while True:
            try:
                return self._opened()
            except sqlite3.OperationalError as error:
                # To make it a file with a log SQLite wants it alone, and does not wait for that:
                # of processes that begin together over a new file all but one were without it.
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            time.sleep(_AGAIN_SECONDS)

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Made by us, so that nobody else may read it; its log gets the same rights.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        # One thread at a time uses it, but closing may be another's.
        database = sqlite3.connect(
            self._path, timeout=self._seconds, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in (
                "journal_mode = WAL",
                # A crash of the machine may cost the last entries, but never the file.
                "synchronous = NORMAL",
                f"wal_autocheckpoint = {_LOG_PAGES}",
                f"journal_size_limit = {_LOG_PAGES * _PAGE_BYTES}",
                f"max_page_count = {self._max_bytes // _PAGE_BYTES}",
            ):
                database.execute(f"PRAGMA {pragma}")
            database.executescript(_TABLES)
        except sqlite3.Error:
            database.close()
            raise
        return database

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Change all that is within, or nothing of it."""
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            # On some errors, such as a full disk, SQLite has done it already.
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")
            raise

    def _keep(self, rows: Sequence[_Row], more: int) -> None:
        """Write the rows after so many bytes of room have been made for them."""
        with self._changing() as database:
            self._make_room(database, more)
            database.executemany(_KEEP, rows)

    def _make_room(self, database: sqlite3.Connection, more: int) -> None:
        """Drop what ends first until so many bytes more fit, or nothing is left."""
        (used,) = database.execute("SELECT size FROM usage").fetchone()
        excess = used + more - self._most
        while excess > 0 and (ending := database.execute(_ENDING_FIRST, (_STEP,)).fetchall()):
            for key, size in ending:
                if excess > 0:
                    database.execute(_DROP, (key,))
                    excess -= size


def _portions(rows: Sequence[_Row], most: int) -> Iterator[list[_Row]]:
    """Yield the rows in lists that are small enough to be written at once."""
    portion: list[_Row] = []
    size = 0
    for row in rows:
        if portion and (size + row[3] > most or len(portion) >= _BATCH):
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += row[3]
    if portion:
        yield portion
