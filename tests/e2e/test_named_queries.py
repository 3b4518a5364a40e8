"""Named queries over real sockets: those that are shipped, in all forms, and in people's tools."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import httpx
import orjson
import pandas as pd
import polars as pl
import pytest
from pyarrow import ipc, parquet
from tests.e2e.accounts import through, written
from tests.e2e.asked import calls_made, day_before
from tests.e2e.running import ROOT, Gateway, Table, running_gateway, running_sandbox

from gateway.security.keys import hash_of

pytestmark = pytest.mark.timeout(240)

SHIPPED = sorted(path.stem for path in (ROOT / "queries").glob("*.graphql"))
FORMS = ("csv", "json", "ndjson", "parquet", "arrow", "xlsx")
TALKS = """
# The conversations of a period, with who held them.
# rows: conversations.nodes
query Talks($from: DateTime!, $to: DateTime!, $timeZone: String) {
  conversations(period: { between: { from: $from, to: $to } }, timeZone: $timeZone) {
    nodes { platform { key } nativeId startedAt durationSeconds answered agent { label } }
  }
}
"""
WORDS = """
# What was said in the conversations of a period.
# rows: conversations.nodes.messages
query Words($from: DateTime!, $to: DateTime!) {
  conversations(period: { between: { from: $from, to: $to } }) {
    nodes { nativeId messages { sentAt text } }
  }
}
"""
PEOPLE = """
# Everybody who ever wrote.
# rows: customerRows
query People { customerRows { nodes { platform customerId email } } }
"""
DAY = f"from={day_before(3)}&to={day_before(3) + timedelta(days=1)}&timeZone=Europe/Paris"
SAME_DAY = DAY.replace("timeZone", "tz")
MORE = {"open-conversations": "states=WAITING,OPEN,CLOSED&days=2"}
"""What is asked for so that there is something at any time of a day."""
NEVER = "from=2020-01-01&to=2020-01-02"
TYPES: dict[str, str] = {
    "text": "string",
    "integer": "int32",
    "number": "double",
    "boolean": "bool",
    "instant": "timestamp[us, tz=UTC]",
    "date": "date32[day]",
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a folder of queries."""
    folder = tmp_path_factory.mktemp("queries")
    shutil.copytree(ROOT / "queries", folder / "queries")
    for name, text in {"talks": TALKS, "people": PEOPLE}.items():
        (folder / "queries" / f"{name}.graphql").write_text(text, encoding="utf-8")
    config = folder / "switchboard.toml"
    config.write_text('[queries]\nfolder = "queries"\n', encoding="utf-8")
    with running_gateway(folder, "--sandbox", "--config", str(config)) as running:
        yield running


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.origin, timeout=120.0, trust_env=False) as one:
        yield one


def rows_of(answer: httpx.Response) -> list[Table]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def _sheet(content: bytes) -> tuple[list[str], int]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (our own)
        strings = ET.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 (our own)
    texts = ["".join(one.itertext()) for one in strings]
    header, *rows = sheet.iter(f"{SHEETS}row")
    return [texts[int("".join(one.itertext()))] for one in header], len(rows)


SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _arrow(table: Any) -> tuple[list[str], int]:  # noqa: ANN401 (pyarrow has no types)
    return table.column_names, table.num_rows


def _objects(rows: list[Table]) -> tuple[list[str], int]:
    return [*rows[0]], len(rows)


READ: dict[str, Callable[[bytes], tuple[list[str], int]]] = {
    "csv": lambda content: _objects(list(csv.DictReader(io.StringIO(content.decode())))),
    "json": lambda content: _objects(orjson.loads(content)),
    "ndjson": lambda content: _objects([orjson.loads(line) for line in content.splitlines()]),
    "parquet": lambda content: _arrow(parquet.read_table(io.BytesIO(content))),
    "arrow": lambda content: _arrow(ipc.open_file(io.BytesIO(content)).read_all()),
    "xlsx": _sheet,
}
"""The names of the columns, and the number of rows, of a file of each form."""


def test_useful_ones_are_shipped() -> None:
    assert len(SHIPPED) >= 6


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_query_is_the_same_in_all_forms(client: httpx.Client, name: str) -> None:
    told = client.get(f"/q/{name}/schema").json()["columns"]
    found = {}
    for form in FORMS:
        answer = client.get(f"/q/{name}.{form}?{MORE.get(name, '')}")
        assert answer.status_code == 200, answer.text
        assert "failed" not in answer.headers["x-sources"]
        found[form] = READ[form](answer.content)

    columns = [one["name"] for one in told]
    assert {form: names for form, (names, _) in found.items()} == dict.fromkeys(FORMS, columns)
    counts = {count for _, count in found.values()}
    assert min(counts) > 0
    # Conversations begin while forms are asked for one by one.
    assert len(counts) == 1 or name in MORE


@pytest.mark.parametrize("name", [*SHIPPED, "talks"])
def test_types_are_those_that_are_told(client: httpx.Client, name: str) -> None:
    query = f"?{NEVER}" if name == "talks" else ""
    told = client.get(f"/q/{name}/schema").json()["columns"]
    content = client.get(f"/q/{name}.parquet{query}").content
    schema = parquet.read_schema(io.BytesIO(content))

    assert [(one.name, str(one.type)) for one in schema] == [
        (one["name"], TYPES[one["type"]]) for one in told
    ]


def test_shipped_queries_say_what_they_are_and_take(client: httpx.Client) -> None:
    told = {one["name"]: one for one in client.get("/q/").json()["queries"]}

    assert set(SHIPPED) <= set(told)
    for name in SHIPPED:
        assert len(told[name]["description"]) > 20
        assert all(len(one["description"]) > 5 for one in told[name]["parameters"])


def test_rows_are_those_of_the_same_document_at_graphql(
    gateway: Gateway, client: httpx.Client
) -> None:
    text = (ROOT / "queries" / "daily-volumes.graphql").read_text(encoding="utf-8")
    data = gateway.ask(text, {"days": 5, "timeZone": "Asia/Tokyo"}).data
    expected = [
        (series["platform"]["key"], series["indicator"], point["day"], point["value"])
        for series in data["indicators"]["series"]
        for point in series["points"]
        if point["final"]
    ]
    rows = client.get("/q/daily-volumes.json?days=5&timeZone=Asia/Tokyo").json()

    assert expected
    assert [
        (row["platform_key"], row["indicator"], row["day"], row["value"])
        for row in rows
        if row["final"]
    ] == expected


def test_all_pages_are_there(client: httpx.Client) -> None:
    rows = rows_of(client.get(f"/q/talks.csv?{DAY}"))
    table = rows_of(client.get(f"/v1/conversations.csv?{SAME_DAY}"))

    assert len(rows) > 200
    found = sorted((row["platform_key"], row["nativeId"]) for row in rows)
    assert found == sorted((row["platform"], row["conversation_id"]) for row in table)


def test_a_list_that_takes_many_calls_is_not_cut(client: httpx.Client) -> None:
    answer = client.get("/q/people.csv?limit=10000")

    assert len(rows_of(answer)) == 10_000
    assert "truncated" not in answer.headers["x-sources"]


def test_an_empty_period_has_the_same_header(client: httpx.Client) -> None:
    empty = client.get(f"/q/talks.csv?{NEVER}")
    full = client.get(f"/q/talks.csv?{DAY}&limit=1")

    assert empty.text == full.text.splitlines(keepends=True)[0]


@pytest.fixture(scope="module")
def expected(client: httpx.Client) -> tuple[int, float]:
    """How many conversations there are, and how long all of them took."""
    rows = client.get(f"/q/talks.json?{DAY}").json()
    assert len(rows) > 200
    return len(rows), sum(row["durationSeconds"] or 0.0 for row in rows)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pandas_reads_it(gateway: Gateway, expected: tuple[int, float], form: str) -> None:
    source = f"{gateway.origin}/q/talks.{form}?{DAY}"
    read = pd.read_parquet if form == "parquet" else _pandas_csv
    table, before = read(source), calls_made(gateway)
    again = read(source)

    assert calls_made(gateway) == before > 0
    for one in (table, again):
        assert str(one["startedAt"].dtype) == "datetime64[us, UTC]"
        assert (len(one), one["durationSeconds"].sum()) == pytest.approx(expected)


def _pandas_csv(source: str) -> Any:  # noqa: ANN401 (pandas has no types here)
    return pd.read_csv(source, parse_dates=["startedAt"])


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_polars_scans_it(gateway: Gateway, expected: tuple[int, float], form: str) -> None:
    source = f"{gateway.origin}/q/talks.{form}?{DAY}"
    scan = pl.scan_csv if form == "csv" else pl.scan_parquet
    table, before = scan(source).collect(), calls_made(gateway)
    again = scan(source).collect()

    assert calls_made(gateway) == before > 0
    for one in (table, again):
        assert one.schema["durationSeconds"] == pl.Float64
        assert (one.height, one["durationSeconds"].sum()) == pytest.approx(expected)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_duckdb_reads_it(
    gateway: Gateway,
    database: duckdb.DuckDBPyConnection,
    expected: tuple[int, float],
    form: str,
) -> None:
    source = f"read_{form}('{gateway.origin}/q/talks.{form}?{DAY}')"
    summed = f"select count(*), sum(durationSeconds) from {source}"  # noqa: S608 (ours)
    first, before = database.execute(summed).fetchone(), calls_made(gateway)
    again = database.execute(summed).fetchone()

    assert calls_made(gateway) == before > 0
    assert first == again == pytest.approx(expected)
    columns = database.execute(f"describe select * from {source}").fetchall()  # noqa: S608 (ours)
    types = {name: kind for name, kind, *_ in columns}
    assert types["nativeId"] == "VARCHAR"
    assert types["startedAt"] == "TIMESTAMP WITH TIME ZONE"
    assert types["durationSeconds"] == "DOUBLE"
    assert types["answered"] == "BOOLEAN"


def test_a_platform_that_is_lost_is_named(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as tables:
        lost = through(tables[0], "http://127.0.0.1:9", "lost", pacing={"attempts": 1})
        config = written([tables[1], lost], tmp_path / "settings.toml")
        with (
            running_gateway(tmp_path, "--config", str(config)) as gateway,
            httpx.Client(base_url=gateway.origin, timeout=120.0, trust_env=False) as client,
        ):
            refused = client.get("/q/daily-volumes.csv?days=3")
            allowed = client.get("/q/daily-volumes.csv?days=3&partial=allow")
            spared = client.get(f"/q/daily-volumes.csv?days=3&platforms={tables[1]['key']}")

    assert refused.status_code == 502
    assert refused.headers["content-type"] == "application/problem+json"
    assert [one["platform"] for one in refused.json()["platforms"]] == ["lost"]
    assert "lost=failed" in allowed.headers["x-sources"]
    values = {row["value"] for row in rows_of(allowed) if row["platform_key"] == "lost"}
    assert values <= {""}
    assert {row["platform_key"] for row in rows_of(spared)} == {tables[1]["key"]}


def test_rows_of_personal_data_are_for_keys_that_may_read_them(tmp_path: Path) -> None:
    scopes = {"reader": ["read"], "confidant": ["read", "personal"]}
    keys = [
        {"name": name, "hash": hash_of(f"the key of {name}"), "scopes": given}
        for name, given in scopes.items()
    ]
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "words.graphql").write_text(WORDS, encoding="utf-8")
    day = f"from={day_before(3)}T09:00:00Z&to={day_before(3)}T12:00:00Z"
    with running_sandbox(tmp_path) as tables:
        folder = str(tmp_path / "queries")
        told = {"require_api_key": True, "api_keys": keys, "queries": {"folder": folder}}
        config = written(tables, tmp_path / "settings.toml", **told)
        with running_gateway(tmp_path, "--config", str(config)) as gateway:
            answers = {
                name: httpx.get(
                    f"{gateway.origin}/q/words.csv?{day}",
                    headers={"x-api-key": f"the key of {name}"},
                    timeout=120.0,
                    trust_env=False,
                )
                for name in ("confidant", "reader")
            }

    assert any(row["text"] for row in rows_of(answers["confidant"]))
    assert answers["reader"].status_code == 403
    assert answers["reader"].json()["scope"] == "personal"
