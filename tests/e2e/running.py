"""The product's own processes as a caller meets them: a sandbox, a gateway, and a way to ask it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import httpx
import msgspec
import orjson

__all__ = ["ROOT", "Answer", "Gateway", "Table", "running_gateway", "running_sandbox"]

ROOT = Path(__file__).parents[2]

Table = dict[str, Any]
"""A `[[platforms]]` table."""

_START_SECONDS = 50.0
_STOP_SECONDS = 20.0
_GENEROUS = {"x-request-timeout": "60", "x-switchboard-trace": "1"}
"""A sandbox invents its past as it is asked about; no test here is about time."""
_STEP = timedelta(days=6)


@dataclass(frozen=True)
class Answer:
    """What the gateway said to one question."""

    status: int
    text: str
    headers: httpx.Headers

    @property
    def body(self) -> Table:
        """Return the whole of it."""
        found: Table = orjson.loads(self.text)
        return found

    @property
    def errors(self) -> list[Table]:
        """Return the GraphQL errors."""
        errors: list[Table] = self.body.get("errors", [])
        return errors

    @property
    def data(self) -> Table:
        """Return the data of an answer that is without errors."""
        assert (self.status, self.errors) == (200, []), self.text
        data: Table = self.body["data"]
        return data

    @property
    def codes(self) -> list[str]:
        """Return the codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def trace(self) -> Table:
        """Return what the answer cost."""
        found: Table = self.body["extensions"]["switchboard"]
        return found

    @property
    def calls(self) -> list[Table]:
        """Return the calls for data, not those for tokens."""
        return [call for call in self.trace["calls"] if not call["credential"]]

    def calls_to(self, platform: str, endpoint: str = "") -> int:
        """Return how many calls for data went to that platform (and endpoint)."""
        return sum(
            call["platform"] == platform and endpoint in {"", call["endpoint"]}
            for call in self.calls
        )


class Gateway:
    """A gateway that runs."""

    def __init__(self, origin: str, client: httpx.Client, log: Path) -> None:
        self.origin = origin
        self._client = client
        self._log = log

    @property
    def log(self) -> str:
        """Return all that it has logged so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask one operation by POST."""
        content = orjson.dumps({"query": query, "variables": dict(variables or {})})
        given = {"content-type": "application/json", **_GENEROUS, **(headers or {})}
        return self.answered(self._client.post("/graphql", content=content, headers=given))

    def post(self, content: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Send any body to the GraphQL endpoint."""
        given = {"content-type": "application/json", **(headers or {})}
        return self.answered(self._client.post("/graphql", content=content, headers=given))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Get a page."""
        return self.answered(self._client.get(path, headers=headers))

    @staticmethod
    def answered(response: httpx.Response) -> Answer:
        """Return what a response says."""
        return Answer(response.status_code, response.text, response.headers)

    def lived_through(self, start: datetime, end: datetime) -> None:
        """Let the sandbox invent that time, a few days at a time.

        Else a first question about months would wait for all of them at once.
        """
        while start < end:
            stop = min(start + _STEP, end)
            between = {"from": start.isoformat(), "to": stop.isoformat()}
            assert self.ask(_STARTED, {"period": {"between": between}}).data
            start = stop


_STARTED = """
query Started($period: PeriodInput!) {
  indicators(keys: [CONVERSATIONS_STARTED], period: $period) { series { value } }
}
"""


@contextmanager
def running_gateway(folder: Path, *options: str) -> Iterator[Gateway]:
    """Run `serve` with these options on a free port; fail with its own words if it does not come.

    `folder` is where it runs: there is no `.env` in it.
    """
    log = folder / "gateway.log"
    command = [sys.executable, "-m", "gateway", "serve", "--port", "0", *options]
    with ExitStack() as stack:
        stderr = stack.enter_context(log.open("wb"))
        process = _started(command, folder, stderr=stderr)
        stack.callback(_terminated, process, log)
        origin = _listening(process, log)
        client = stack.enter_context(httpx.Client(base_url=origin, timeout=75.0, trust_env=False))
        yield Gateway(origin, client, log)


@contextmanager
def running_sandbox(folder: Path) -> Iterator[list[Table]]:
    """Run the vendors' simulators alone and yield the tables that reach them."""
    command = [sys.executable, "-m", "gateway", "sandbox"]
    with (folder / "sandbox.log").open("wb") as stderr:
        process = _started(
            command, folder, stderr=stderr, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, b"\n")
            yield [msgspec.json.decode(line, type=Table) for line in _until_end(lines)]
        finally:
            # Its input closes: that is how whoever started it ends it.
            process.stdin.close()
            process.stdout.close()
            assert process.wait(_STOP_SECONDS) == 0, Path(stderr.name).read_text(encoding="utf-8")


def _until_end(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        assert line, "the sandbox ended before it had begun"
        yield line


def _started(
    command: list[str],
    folder: Path,
    *,
    stderr: IO[bytes],
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")
    }
    environment = {**inherited, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdin=stdin, stdout=stdout, stderr=stderr
    )


def _listening(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return where the gateway listens, as it logs it."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_bytes().splitlines():
            event = _event(line)
            if event.get("event") == "listening":
                return str(event["address"])
        time.sleep(0.05)
    message = f"the gateway did not come up; it said:\n{log.read_text(encoding='utf-8')}"
    raise AssertionError(message)


def _event(line: bytes) -> Table:
    try:
        return msgspec.json.decode(line, type=Table)
    except msgspec.MsgspecError:
        return {}


def _terminated(process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask the process to end and see that it does so in order."""
    process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    assert status == 0, f"the gateway ended with {status}:\n{log.read_text(encoding='utf-8')}"
