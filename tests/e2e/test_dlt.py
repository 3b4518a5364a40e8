"""dlt lands tables in DuckDB, by cursors, links, OData and GraphQL, and adds nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import httpx
import pytest
from tests.e2e.asked import day_before
from tests.e2e.running import Gateway, Table

PROGRAM = """
import json, sys
import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import (
    HeaderCursorPaginator, HeaderLinkPaginator, JSONLinkPaginator, JSONResponseCursorPaginator,
)

origin, way, first, stop, size = sys.argv[1:]
QUERY = '''query Rows($from: String, $to: String, $since: String, $first: Int, $after: String) {
  page: conversationRows(
    from: $from, to: $to, updatedSince: $since, first: $first, after: $after, tz: "UTC"
  ) {
    nodes { platform conversationId eventId startedAt startedAtDate durationSeconds answered }
    pageInfo { endCursor }
    failures { platform code }
  }
}'''
PAGINATORS = {
    "cursor": lambda: JSONResponseCursorPaginator(cursor_path="next_cursor", cursor_param="cursor"),
    "header": lambda: HeaderCursorPaginator(cursor_key="X-Next-Cursor", cursor_param="cursor"),
    "link": HeaderLinkPaginator,
}


def pages(since):
    client = RESTClient(base_url=origin)
    if way == "graphql":
        variables = {"from": first, "to": stop, "since": since, "first": int(size)}
        return client.paginate(
            "/graphql",
            method="POST",
            json={"query": QUERY, "variables": variables},
            data_selector="data.page.nodes",
            paginator=JSONResponseCursorPaginator(
                cursor_path="data.page.pageInfo.endCursor", cursor_body_path="variables.after"
            ),
        )
    asked = {"from": first, "to": stop, "updated_since": since, "tz": "UTC"}
    if way == "odata":
        return client.paginate(
            "/odata/conversations",
            params=asked,
            headers={"Prefer": f"odata.maxpagesize={size}"},
            data_selector="value",
            paginator=JSONLinkPaginator(next_url_path="$.['@odata.nextLink']"),
        )
    return client.paginate(
        "/v1/conversations.json",
        params={**asked, "limit": size, "shape": "page"},
        data_selector="rows",
        paginator=PAGINATORS[way](),
    )


column = "startedAt" if way == "graphql" else "started_at"


@dlt.resource(write_disposition="append")
def conversations(since=dlt.sources.incremental(column, initial_value=first)):
    yield from pages(since.last_value)


pipeline = dlt.pipeline(
    "rows",
    pipelines_dir="state",
    destination=dlt.destinations.duckdb("landed.duckdb"),
    dataset_name="rows",
)
for _ in range(2):
    pipeline.run(conversations()).raise_on_failed_jobs()
    with pipeline.sql_client() as sql:
        (count,) = sql.execute_sql("select count(*) from conversations")[0]
    print(json.dumps(count), file=sys.stderr)
"""
TYPES = {
    "platform": "VARCHAR",
    "conversation_id": "VARCHAR",
    "started_at": "TIMESTAMP WITH TIME ZONE",
    "duration_seconds": "DOUBLE",
    "answered": "BOOLEAN",
}


@pytest.fixture(scope="module")
def rows(gateway: Gateway) -> list[Table]:
    """What there is."""
    asked = {"from": f"{day_before(4)}", "to": f"{day_before(2)}", "tz": "UTC"}
    path = f"{gateway.origin}/v1/conversations.json"
    found: list[Table] = httpx.get(path, params=asked, timeout=75, trust_env=False).json()
    assert len(found) > 200
    return found


@pytest.mark.timeout(150)
@pytest.mark.parametrize("way", ["cursor", "header", "link", "graphql", "odata"])
def test_a_table_is_loaded_once_however_often_it_is_read(
    gateway: Gateway, rows: list[Table], tmp_path: Path, way: str
) -> None:
    bounds = (f"{day_before(4)}", f"{day_before(4) + timedelta(days=2)}")
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, gateway.origin, way, *bounds, "57"]
    own = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(tmp_path / "home")}
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    counts = [json.loads(line) for line in done.stderr.splitlines() if line.isdecimal()]
    assert counts == [len(rows), len(rows)]
    with duckdb.connect(str(tmp_path / "landed.duckdb"), read_only=True) as one:
        found = one.execute(
            "select platform, conversation_id, event_id, duration_seconds from rows.conversations"
        ).fetchall()
        columns = one.execute("describe rows.conversations").fetchall()
        tables = {
            name for (name,) in one.execute("select table_name from duckdb_tables()").fetchall()
        }
    names = ("platform", "conversation_id", "event_id", "duration_seconds")
    assert sorted(map(str, found)) == sorted(
        str(tuple(row[name] for name in names)) for row in rows
    )
    types = {name: kind for name, kind, *_ in columns}
    assert {name: types[name] for name in TYPES} == TYPES
    # A row is flat: nothing of it went into a table of its own.
    assert {name for name in tables if not name.startswith("_dlt")} == {"conversations"}
