"""A table in a DuckDB database where the disk does not take it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

FILLING = """
import asyncio, resource, sys
from pathlib import Path
from gateway.commands.export.database import Database, DatabaseError
from resolvers.rows.columns import RowColumn, RowType

folder, at = Path(sys.argv[1]), sys.argv[2]
column = RowColumn(name="word", title="Word", type=RowType.TEXT, description="A word.")

async def fill():
    end = await Database(folder / "x.duckdb", folder).filled("words", [column], folder / "lines")
    if at == "commit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    end()

if at == "fill":
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    asyncio.run(fill())
except DatabaseError as error:
    print("told:", error)
"""


@pytest.mark.parametrize("at", ["fill", "commit"])
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "old"])
def test_what_finds_no_room_has_not_happened(tmp_path: Path, at: str, is_new: bool) -> None:
    words = "".join(
        f'{{"word": "{one * 7919 % 100_003:x} and {one:b}"}}\n' for one in range(30_000)
    )
    (tmp_path / "lines").write_text(words, encoding="utf-8")
    if not is_new:
        with duckdb.connect(str(tmp_path / "x.duckdb")) as database:
            database.execute("create table words as select 'old' as word")
    command = [sys.executable, "-c", FILLING, str(tmp_path), at]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("told:")
    assert (tmp_path / "x.duckdb").exists() != is_new
    if not is_new:
        with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as database:
            assert database.execute("from words").fetchall() == [("old",)]
