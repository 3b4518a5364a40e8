"""Tables by OData, read by clients that know nothing of us: what they read is what files hold."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.e2e.asked import calls_made, day_before
from tests.e2e.running import Gateway

from resolvers.rows.columns import RowType
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowTable

TABLES = {name: one for name, one in STANDARD.items() if name != "customers"}
"""All but one that holds more than can be listed: `test_a_table_that_cannot_be_whole` is of it."""
LASTING = {"platforms": {"platform", "title", "vendor", "time_zone", "capabilities"}}
"""What of a table about the present stays as it is."""
PRESENT = "live_"
"""What begins so is of the moment at which it is read."""

PYTHON_ODATA = """
import json, sys
from odata import ODataService
tables, readings = json.loads(sys.argv[2]), []
for _ in range(2):
    service = ODataService(sys.argv[1] + "/odata/", reflect_entities=True)
    readings.append({
        name: [[getattr(one, column) for column in columns]
               for one in service.query(service.entities[name]).all()]
        for name, columns in tables.items()
    })
print(json.dumps(readings, default=str))
"""
SQL = """
import json, sys
from sqlalchemy import create_engine, text
tables, readings = json.loads(sys.argv[2]), []
for _ in range(2):
    engine = create_engine("odata://" + sys.argv[1].partition("//")[2] + "/odata")
    with engine.connect() as connection:
        readings.append({
            name: [list(row) for row in connection.execute(
                text(f"SELECT {', '.join(columns)} FROM {name}")).fetchall()]
            for name, columns in tables.items()
        })
print(json.dumps(readings, default=str))
"""

Rows = list[tuple[Any, ...]]


def columns_of(table: RowTable) -> list[str]:
    lasting = LASTING.get(table.name, table.names)
    return [one for one in table.names if one in lasting and not one.startswith(PRESENT)]


def settled(table: RowTable, columns: list[str], rows: list[list[Any]]) -> Rows:
    """Return the rows, alike for every reader, and of days that are over."""
    kinds = {one.name: one.type for one in table.columns}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for row in rows:
        cells = tuple(_cell(kinds[name], value) for name, value in zip(columns, row, strict=True))
        at = cells[columns.index(table.incremental)] if table.incremental else None
        if at is None or at < midnight:
            found.append(cells)
    return found


def _cell(kind: RowType, value: Any) -> Any:  # noqa: ANN401 (any cell)
    if kind is RowType.BOOLEAN:
        # One of the clients takes what is unknown for false.
        return bool(value)
    if value is None or value == "":
        return None
    if kind is RowType.INSTANT:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind is RowType.DATE:
        return str(value)[:10]
    return value


@pytest.fixture(scope="module")
def files(gateway: Gateway) -> Mapping[str, list[list[Any]]]:
    """What the files of all tables hold."""
    found = {}
    for name, table in TABLES.items():
        address = f"{gateway.origin}/v1/{name}.json"
        answer = httpx.get(address, timeout=100, trust_env=False)
        assert answer.status_code == 200, answer.text
        found[name] = [[row[one] for one in columns_of(table)] for row in answer.json()]
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize("program", [PYTHON_ODATA, SQL], ids=["python-odata", "sqlalchemy-odata"])
def test_clients_read_what_files_hold(
    gateway: Gateway, files: Mapping[str, list[list[Any]]], program: str
) -> None:
    asked = json.dumps({name: columns_of(one) for name, one in TABLES.items()})
    command = [sys.executable, "-W", "ignore", "-c", program, gateway.origin, asked]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    readings = json.loads(done.stdout.splitlines()[-1])
    assert len(readings) == 2
    full = 0
    for read in readings:
        for name, table in TABLES.items():
            columns = columns_of(table)
            expected = settled(table, columns, files[name])
            found = settled(table, columns, read[name])
            for place, column in enumerate(columns):
                ours = Counter(row[place] for row in expected)
                assert Counter(row[place] for row in found) == ours, f"{name}.{column}"
            assert Counter(found) == Counter(expected), name
            full += bool(expected)
    assert full > 40


def test_more_rows_than_a_page_of_superset_come_whole(gateway: Gateway) -> None:
    """Superset's reader asks for 500 rows at a time by `$top` and `$skip`."""
    whole = httpx.get(f"{gateway.origin}/odata/conversations", timeout=75, trust_env=False)
    expected = len(whole.json()["value"])
    assert expected > 1000
    read: list[tuple[str, ...]] = []
    while True:
        asked = {"$top": "500", "$skip": f"{len(read)}"}
        page = httpx.get(
            f"{gateway.origin}/odata/conversations", params=asked, timeout=75, trust_env=False
        ).json()
        assert "@odata.nextLink" not in page
        read += [
            (one["platform"], one["conversation_id"], one["event_id"]) for one in page["value"]
        ]
        if len(page["value"]) < 500:
            break
    assert len(read) == len(set(read)) >= expected


def test_a_table_that_takes_many_calls_is_not_cut(gateway: Gateway) -> None:
    address = f"{gateway.origin}/odata/customers"
    found = []
    for params in ({"$top": "500"}, {"platform": "iadvize"}, {}):
        answer = httpx.get(address, params=params, timeout=75, trust_env=False)
        assert answer.status_code == 200
        found.append(answer.json())
    some, all_of_one, first = found
    assert (len(some["value"]), "@odata.nextLink" in some) == (500, False)
    assert len({one["customer_id"] for one in all_of_one["value"]}) > 2_000
    assert "@odata.nextLink" not in all_of_one
    assert (len(first["value"]), "@odata.nextLink" in first) == (10_000, True)


@pytest.mark.parametrize(
    "path",
    [
        "conversations?$filter=started_at ge {0}T00:00:00Z and started_at lt {1}T00:00:00Z",
        "report_agent_performance?$filter=local_date ge {0} and local_date lt {1}",
        "indicators?from={0}&to={1}&group=channel&$orderby=bucket_start desc",
        "conversations/$count?from={0}&to={1}",
    ],
)
def test_a_second_evaluation_asks_no_platform(gateway: Gateway, path: str) -> None:
    """Power Query evaluates twice, and then once more for its types."""
    address = f"{gateway.origin}/odata/{path.format(day_before(47), day_before(45))}"
    first = httpx.get(address, timeout=75, trust_env=False)
    assert first.status_code == 200, first.text
    # Kept figures know people by tokens: their names are listed once, where nobody did so yet.
    httpx.get(f"{gateway.origin}/odata/agents?$select=agent_id", timeout=75, trust_env=False)
    before = calls_made(gateway)
    again = [httpx.get(address, timeout=75, trust_env=False) for _ in range(2)]
    head = httpx.head(address, timeout=75, trust_env=False)
    assert {one.content for one in again} == {first.content}
    assert head.headers["content-length"] == first.headers["content-length"]
    assert calls_made(gateway) == before > 0
