"""Tables as files in the tools that people have: none of their loads loses a row or a type."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import httpx
import pandas as pd
import polars as pl
import pytest
from tests.e2e.asked import calls_made, day_before
from tests.e2e.running import Gateway

DAY = f"from={day_before(3)}&to={day_before(3) + timedelta(days=1)}&tz=Europe/Paris"
NEVER = "from=2020-01-01&to=2020-01-02"
FORMS = ("csv", "parquet")


@pytest.fixture(scope="module")
def address(gateway: Gateway) -> str:
    return f"{gateway.origin}/v1/conversations"


@pytest.fixture(scope="module")
def expected(address: str) -> tuple[int, float]:
    """How many conversations there are, and how long all of them took."""
    rows = httpx.get(f"{address}.json?{DAY}", timeout=60.0, trust_env=False).json()
    assert len(rows) > 100
    return len(rows), sum(row["duration_seconds"] or 0.0 for row in rows)


@pytest.mark.parametrize("form", FORMS)
def test_polars_scans_it(address: str, expected: tuple[int, float], form: str) -> None:
    source = f"{address}.{form}?{DAY}"
    for _ in range(2):
        table = (pl.scan_csv(source) if form == "csv" else pl.scan_parquet(source)).collect()
        assert table.schema["duration_seconds"] == pl.Float64
        assert (table.height, table["duration_seconds"].sum()) == expected


@pytest.mark.parametrize("form", FORMS)
def test_pandas_reads_it(address: str, expected: tuple[int, float], form: str) -> None:
    for _ in range(2):
        if form == "csv":
            table = pd.read_csv(f"{address}.csv?{DAY}", parse_dates=["started_at"])
        else:
            table = pd.read_parquet(f"{address}.parquet?{DAY}")
        assert str(table["started_at"].dtype) == "datetime64[us, UTC]"
        assert (len(table), table["duration_seconds"].sum()) == expected


@pytest.mark.parametrize("form", FORMS)
def test_duckdb_reads_it(
    database: duckdb.DuckDBPyConnection, address: str, expected: tuple[int, float], form: str
) -> None:
    source = f"read_{form}('{address}.{form}?{DAY}')"
    for _ in range(2):
        found = database.execute(f"select count(*), sum(duration_seconds) from {source}")  # noqa: S608 (ours)
        assert found.fetchone() == expected
    columns = database.execute(f"describe select * from {source}").fetchall()  # noqa: S608 (ours)
    types = {name: kind for name, kind, *_ in columns}
    assert types["conversation_id"] == "VARCHAR"
    assert types["started_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["started_at_date"] == "DATE"
    assert types["duration_seconds"] == "DOUBLE"


@pytest.mark.parametrize("form", FORMS)
def test_a_second_read_of_duckdb_asks_no_platform(
    gateway: Gateway, database: duckdb.DuckDBPyConnection, address: str, form: str
) -> None:
    day = f"from={day_before(34)}&to={day_before(33)}&tz=UTC"
    read = f"select conversation_id from read_{form}('{address}.{form}?{day}')"  # noqa: S608 (ours)
    before = calls_made(gateway)
    first = database.execute(read).fetchall()
    after = calls_made(gateway)
    # Nothing that DuckDB has kept answers for the gateway.
    with database.cursor() as other:
        other.execute("set enable_external_file_cache = false")
        again = other.execute(read).fetchall()

    assert len(first) > 20
    assert sorted(again) == sorted(first)
    assert calls_made(gateway) == after
    # The first form asked; the other is made of what is kept of that.
    assert after > before or form != FORMS[0]


def test_an_empty_file_has_its_types(database: duckdb.DuckDBPyConnection, address: str) -> None:
    source = f"{address}.parquet?{NEVER}"
    table = pl.read_parquet(source)

    assert table.height == 0
    assert table.schema["started_at"] == pl.Datetime("us", "UTC")
    assert table.schema["started_at_date"] == pl.Date
    assert table.schema["answered"] == pl.Boolean
    assert table.schema["agent_id"] == pl.String
    assert database.execute(f"select count(*) from read_parquet('{source}')").fetchone() == (0,)  # noqa: S608 (ours)
    assert len(pd.read_csv(f"{address}.csv?{NEVER}").columns) == table.width
