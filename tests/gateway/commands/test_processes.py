"""The command line as it is used: real processes, real signals."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.gateway.commands.test_sandbox import children

from gateway.security.keys import hash_of, new_api_key
from gateway.server import bind
from vendors.registry import specs
from vendors.world import World, utc_now

ROOT = Path(__file__).parents[3]
QUERY = "{platforms{key title vendorTitle}}"

pytestmark = pytest.mark.timeout(120)


def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """Run `serve` on a free port; yield the process and the line with which it began."""
    command = [sys.executable, "-m", "gateway", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process, next_line(process)
        finally:
            process.kill()


def next_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stderr is not None
    line: dict[str, Any] = orjson.loads(process.stderr.readline())
    return line


def ask(address: str, query: str, **headers: str) -> tuple[int, Any]:
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    body = orjson.dumps({"query": query})
    connection.request("POST", "/graphql", body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    answer = orjson.loads(response.read())
    connection.close()
    return response.status, answer


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_over_the_sandbox_and_leaves_nothing_behind(way: signal.Signals) -> None:
    with serving() as (process, line):
        assert line["event"] == "listening"
        assert line["sandbox"] is True
        assert len(line["platforms"]) == len(specs())
        status, answer = ask(line["address"], QUERY)
        assert status == 200
        assert [each["key"] for each in answer["data"]["platforms"]] == line["platforms"]
        (sandbox,) = children(process.pid)
        process.send_signal(way)
        assert process.wait(60) == 0
        assert not Path(f"/proc/{sandbox}").exists()
        assert process.stdout is not None
        assert process.stdout.read() == b""


def test_a_gateway_that_is_killed_takes_its_sandbox_with_it() -> None:
    with serving() as (process, _):
        (sandbox,) = children(process.pid)
        handle = os.pidfd_open(sandbox)
        process.kill()
        process.wait()
        # Only a parent can wait for it, but its handle becomes readable at its end.
        assert select.select([handle], [], [], 60)[0]
        os.close(handle)


def test_the_demo_shows_a_first_answer_and_where_to_go_on() -> None:
    with serving("--demo") as (process, line):
        assert process.stdout is not None
        shown = []
        for text in iter(process.stdout.readline, b""):
            shown.append(text.decode())
            if text.startswith(b"GraphiQL"):
                break
        process.terminate()
        assert process.wait(60) == 0
    whole = "".join(shown)
    for spec in specs().values():
        assert spec.title in whole
    assert f"calls to {len(specs())} platforms" in whole
    # None but for the newest conversations, if their turn to be fetched anew came in between.
    assert re.search(r"The same again: [0-3] calls", whole)
    assert shown[-1].startswith(f"GraphiQL: {line['address']}/graphql ")


CONFIG = """
id_key = "{id_key}"
deadline_seconds = 2

[[api_keys]]
name = "tests"
hash = "{hash}"

[[platforms]]
key = "gone"
vendor = "{vendor}"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of one platform that nobody listens for, and its key in `KEY`."""
    with bind("127.0.0.1", 0) as soon_closed:
        port = soon_closed.getsockname()[1]
    name, table = a_table(f"http://127.0.0.1:{port}")
    text = CONFIG.format(id_key="k" * 43, hash=hash_of(KEY), vendor=name)
    path = tmp_path / "switchboard.toml"
    lines = [f"{field} = {orjson.dumps(value).decode()}" for field, value in table.items()]
    path.write_text(text + "\n".join(lines))
    return path


KEY = new_api_key()


def a_table(origin: str) -> tuple[str, dict[str, Any]]:
    """Return the name of some vendor, and the plain settings that reach that origin."""
    world = World(seed=1, clock=utc_now)
    for name, spec in specs().items():
        table = dict(spec.simulator(world).settings(origin))
        if not any(isinstance(value, dict | list | tuple) for value in table.values()):
            return name, table
    raise AssertionError("every vendor needs tables")


def test_real_platforms_need_keys_and_no_sandbox(config: Path) -> None:
    with serving("--config", str(config)) as (process, line):
        assert line["sandbox"] is False
        assert children(process.pid) == []
        assert ask(line["address"], QUERY)[0] == 401
        status, answer = ask(line["address"], QUERY, Authorization=f"Bearer {KEY}")
        assert (status, [each["key"] for each in answer["data"]["platforms"]]) == (200, ["gone"])
        assert next_line(process)["status"] == 401
        logged = next_line(process)
        assert (logged["status"], logged["key"]) == (200, "tests")
        process.terminate()
        assert process.wait(60) == 0


class TestCheck:
    def test_the_sandbox_is_well(self) -> None:
        done = run("check", "--sandbox", "--json")
        found = orjson.loads(done.stdout)
        assert [each["problem"] for each in found] == [None] * len(specs())
        assert {each["credentials"] for each in found} == {"accepted"}
        assert done.returncode == 0

    def test_a_platform_that_is_not_there_is_told(self, config: Path) -> None:
        done = run("check", "--config", str(config))
        (found,) = orjson.loads(done.stdout)
        assert (found["platform"], found["reachable"]) == ("gone", False)
        assert found["code"] == "PLATFORM_UNREACHABLE"
        assert done.returncode == 1
        assert "Traceback" not in done.stderr


def test_a_query_needs_no_server() -> None:
    query = "query Q($only:[String!]){platforms(only:$only){key}}"
    (key, *_) = [spec.title.lower() for spec in specs().values()]
    variables = orjson.dumps({"only": [key]}).decode()
    done = run("query", "-", "--variables", variables, stdin=query)
    answer = orjson.loads(done.stdout)
    assert answer["data"] == {"platforms": [{"key": key}]}
    assert answer["extensions"]["switchboard"]["calls"] == []
    assert done.returncode == 0


def test_a_taken_port() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr
