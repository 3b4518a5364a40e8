"""Tables by OData over real sockets: by clients that know nothing of us, and by plain requests."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest
from tests.e2e.asked import day_before
from tests.e2e.running import Gateway

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
DAY = {"from": f"{day_before(3)}", "to": f"{day_before(2)}", "tz": "Europe/Paris"}
KINDS: dict[str, Any] = {
    "Edm.String": lambda value: isinstance(value, str),
    "Edm.Int32": lambda value: type(value) is int and abs(value) < 2**31,
    "Edm.Double": lambda value: type(value) in {int, float},
    "Edm.Boolean": lambda value: type(value) is bool,
    "Edm.DateTimeOffset": lambda value: (
        value.endswith("Z") and datetime.fromisoformat(value).tzinfo is not None
    ),
    "Edm.Date": date.fromisoformat,
}


def get(gateway: Gateway, path: str, **asked: str) -> httpx.Response:
    address = path if path.startswith("http") else f"{gateway.origin}/odata/{path}"
    answer = httpx.get(address, params=asked or None, timeout=75, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer


def run(program: str, *arguments: str) -> Any:  # noqa: ANN401 (what the program prints)
    """Run a program of another library in a process of its own; return the JSON it prints."""
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.timeout(180)
def test_every_entity_set_has_rows_of_its_type(gateway: Gateway) -> None:
    schema = ET.fromstring(get(gateway, "$metadata").content)  # noqa: S314 (our own)
    types = {
        one.get("Name"): {each.get("Name"): each for each in one.findall(f"{EDM}Property")}
        for one in schema.iter(f"{EDM}EntityType")
    }
    sets = {
        one.get("Name", ""): types[one.get("EntityType", "").rpartition(".")[2]]
        for one in schema.iter(f"{EDM}EntitySet")
    }
    assert len(sets) > 40
    full = 0
    for name, properties in sets.items():
        rows = get(gateway, name, **{"$top": "3"}).json()["value"]
        full += bool(rows)
        for row in rows:
            assert list(row) == list(properties), name
            for column, value in row.items():
                told = properties[column]
                if value is None:
                    assert told.get("Nullable") != "false", f"{name}.{column}"
                else:
                    assert KINDS[told.get("Type", "")](value), f"{name}.{column}: {value!r}"
    assert full > 30


def test_pages_together_are_the_one_page(gateway: Gateway) -> None:
    asked = {**DAY, "$select": "platform,conversation_id,event_id"}
    whole = get(gateway, "conversations", **asked).json()
    assert "@odata.nextLink" not in whole
    headers = {"prefer": "odata.maxpagesize=37"}
    link = str(httpx.URL(f"{gateway.origin}/odata/conversations", params=asked))
    rows: list[dict[str, str]] = []
    pages = 0
    while link:
        answer = httpx.get(link, headers=headers, timeout=75, trust_env=False)
        assert answer.headers["preference-applied"] == "odata.maxpagesize=37"
        rows += answer.json()["value"]
        pages += 1
        link = answer.json().get("@odata.nextLink", "")
        assert not link or link.startswith(f"{gateway.origin}/odata/conversations?")
    assert pages == -(-len(whole["value"]) // 37) > 2
    assert sorted(map(str, rows)) == sorted(map(str, whole["value"]))


def test_links_have_the_scheme_and_host_of_a_proxy(gateway: Gateway) -> None:
    headers = {
        "prefer": "odata.maxpagesize=2",
        "host": "bi.example",
        "x-forwarded-proto": "https",
        # Anybody may say this: a proxy hands on the host itself.
        "x-forwarded-host": "elsewhere.example",
    }
    answer = httpx.get(
        f"{gateway.origin}/odata/agents", headers=headers, timeout=75, trust_env=False
    )
    body = answer.json()
    assert body["@odata.context"] == "https://bi.example/odata/$metadata#agents"
    assert body["@odata.nextLink"].startswith("https://bi.example/odata/agents?$skiptoken=")


def test_a_filter_finds_what_filtering_all_finds(gateway: Gateway) -> None:
    every = get(gateway, "conversations", **DAY).json()["value"]
    start = datetime.fromisoformat(every[len(every) // 2]["started_at"])
    stop = start + timedelta(hours=3)
    first, last = (one.isoformat().replace("+00:00", "Z") for one in (start, stop))
    text = f"started_at ge {first} and started_at lt {last} and answered"
    window = {"$filter": text, "tz": DAY["tz"]}
    found = get(gateway, "conversations", **window).json()["value"]
    kept = [one for one in every if first <= one["started_at"] < last and one["answered"]]
    ids = [(one["platform"], one["conversation_id"], one["event_id"]) for one in found]
    day_end = max(one["started_at"] for one in every)
    within = [one for one in found if one["started_at"] <= day_end]
    assert sorted(map(str, within)) == sorted(map(str, kept))
    assert len(set(ids)) == len(ids) > 0
    assert get(gateway, "conversations/$count", **window).text == str(len(ids))


def test_figures_are_those_of_graphql(gateway: Gateway) -> None:
    query = """query Figures($from: String, $to: String) {
      indicatorRows(from: $from, to: $to, tz: "Europe/Paris", keys: "CONVERSATIONS_STARTED") {
        nodes { platform value } } }"""
    asked = {name: DAY[name] for name in ("from", "to")}
    nodes = gateway.ask(query, asked).data["indicatorRows"]["nodes"]
    parts = [
        "indicator eq 'CONVERSATIONS_STARTED'",
        f"local_date ge {DAY['from']}",
        f"local_date lt {DAY['to']}",
    ]
    rows = get(
        gateway,
        "indicators",
        **{"$filter": " and ".join(parts), "tz": DAY["tz"], "$select": "platform,value"},
    ).json()["value"]
    assert sorted(map(str, rows)) == sorted(map(str, nodes))
    assert len(rows) == 4


PYTHON_ODATA = """
import datetime, json, sys
from odata import ODataService
service = ODataService(sys.argv[1], reflect_entities=True)
agents = service.entities["agents"]
rows = service.query(agents).order_by(agents.agent_id.asc()).limit(4).all()
first = rows[0].platform
own = service.query(agents).filter(agents.platform == first).all()
conversations = service.entities["conversations"]
since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
young = service.query(conversations).filter(conversations.started_at >= since).all()
print(json.dumps({
    "sets": sorted(service.entities),
    "ids": [one.agent_id for one in rows],
    "own": sorted({one.platform for one in own}) == [first],
    "young": len(young),
    "all_young": all(one.started_at >= since for one in young),
}))
"""


def test_a_client_that_knows_odata_alone_reads_tables(gateway: Gateway) -> None:
    told = run(PYTHON_ODATA, f"{gateway.origin}/odata/")
    every = get(gateway, "agents", **{"$orderby": "agent_id", "$select": "agent_id"}).json()
    assert told["ids"] == [one["agent_id"] for one in every["value"]][:4]
    assert {"agents", "conversations", "indicators"} <= set(told["sets"])
    assert told["own"]
    assert told["all_young"]
    assert told["young"] > 10


SQL = """
import json, sys
from sqlalchemy import create_engine, inspect, text
engine = create_engine(f"odata://{sys.argv[1]}/odata")
inspector = inspect(engine)
with engine.connect() as connection:
    counts = connection.execute(text(
        "SELECT platform, count(*) FROM agents GROUP BY platform ORDER BY platform")).fetchall()
    sums = connection.execute(text(
        "SELECT local_date, sum(conversations_started) FROM report_volume GROUP BY local_date"
    )).fetchall()
print(json.dumps({
    "tables": inspector.get_table_names(),
    "columns": {one["name"]: str(one["type"]) for one in inspector.get_columns("report_volume")},
    "counts": dict(map(tuple, counts)),
    "sums": dict(map(tuple, sums)),
}))
"""


def test_sql_over_odata_adds_up_figures_as_superset_does(gateway: Gateway) -> None:
    told = run(SQL, urlsplit(gateway.origin).netloc)
    agents = get(gateway, "agents", **{"$select": "platform"}).json()["value"]
    counts: dict[str, int] = {}
    for one in agents:
        counts[one["platform"]] = counts.get(one["platform"], 0) + 1
    assert told["counts"] == counts
    assert {"agents", "report_volume"} <= set(told["tables"])
    columns = told["columns"]
    assert (columns["conversations_started"], columns["bucket_start"]) == ("FLOAT", "DATETIME")
    assert len(told["sums"]) == 7
    assert sum(told["sums"].values()) > 0


def test_a_post_that_waits_to_go_on_is_answered(gateway: Gateway) -> None:
    where = urlsplit(gateway.origin)
    head = "POST /odata/$batch HTTP/1.1\r\nHost: g.test\r\nContent-Length: 2\r\n"
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(f"{head}Expect: 100-continue\r\nConnection: close\r\n\r\n".encode())
        answer = connection.recv(65536)
        if answer.startswith(b"HTTP/1.1 100"):
            connection.sendall(b"{}")
        while piece := connection.recv(65536):
            answer += piece
    assert b"HTTP/1.1 501 Not Implemented" in answer
    assert b'"NOT_IMPLEMENTED"' in answer


@pytest.mark.parametrize("path", ["", "$metadata", "platforms"])
def test_a_head_is_answered_without_a_body(gateway: Gateway, path: str) -> None:
    answer = httpx.head(f"{gateway.origin}/odata/{path}", timeout=75, trust_env=False)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 100
