"""`switchboard tables`: of the settings, and of a gateway that runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from tests.gateway.commands.test_processes import run, serving

from resolvers.rows.registry import STANDARD

pytestmark = pytest.mark.timeout(120)


def test_the_settings_tell_the_tables() -> None:
    found = run("tables", "--sandbox")
    assert found.returncode == 0, found.stderr
    every = {one["name"]: one for one in orjson.loads(found.stdout)}
    assert [*every][: len(STANDARD)] == [*STANDARD]
    assert len(every) > len(STANDARD)
    assert every["conversations"]["incremental"] == "started_at"
    assert "bucket" in {one["name"] for one in every["indicators"]["parameters"]}


def test_one_table_is_told_with_its_columns() -> None:
    found = run("tables", "indicators", "--sandbox")
    assert found.returncode == 0, found.stderr
    told = orjson.loads(found.stdout)
    types = {one["name"]: one["type"] for one in told["columns"]}
    assert [*types] == [*STANDARD["indicators"].names]
    assert types["bucket_start"] == "instant"
    shown = run("tables", "indicators", "--sandbox", "--table").stdout
    assert "bucket_start" in shown
    assert "A row is told from every other by platform, indicator" in shown


def test_there_is_no_such_table() -> None:
    found = run("tables", "conversation", "--sandbox")
    assert found.returncode == 2
    assert "did you mean" in found.stderr


def test_a_gateway_that_runs_tells_the_same() -> None:
    with serving() as (_process, line):
        every = run("tables", "--url", line["address"])
        one = run("tables", "agents", "--url", line["address"])
        none = run("tables", "nobody", "--url", line["address"])
    assert orjson.loads(every.stdout) == orjson.loads(run("tables", "--sandbox").stdout)
    assert orjson.loads(one.stdout) == orjson.loads(run("tables", "agents", "--sandbox").stdout)
    assert none.returncode == 2


class _Closed(BaseHTTPRequestHandler):
    """Wants a key, whatever is asked; with one, it is no gateway."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Bearer right"
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def closed() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Closed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_wrong_with_a_gateway_is_told(closed: str) -> None:
    wrong = run("tables", "--url", closed, "--key", "wrong")
    assert wrong.returncode == 1
    assert "another key" in wrong.stderr
    right = run("tables", "--url", closed, SWITCHBOARD_KEY="right")
    assert right.returncode == 1
    assert "does not answer as a gateway does" in right.stderr
    nobody = run("tables", "--url", "http://127.0.0.1:1")
    assert nobody.returncode == 1
    assert "cannot be reached" in nobody.stderr
