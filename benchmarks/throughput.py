"""Times every example operation against a gateway over its own sandbox.

Each example runs once cold, then many times warm. The processor time that the gateway's process
spent on a warm request is the figure to compare between two commits; the others move with
whatever else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
START_SECONDS = 30


@dataclass(frozen=True)
class Timing:
    """What one example cost, in milliseconds and bytes."""

    name: str
    size: int
    cold: float
    middle: float
    slow: float
    cpu: float


def main() -> None:
    """Print one line for each example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="warm requests per example")
    parser.add_argument("--concurrency", type=int, default=8, help="requests in flight")
    parser.add_argument("names", nargs="*", help="examples, all by default")
    asyncio.run(_bench(parser.parse_args()))


async def _bench(options: argparse.Namespace) -> None:
    paths = [EXAMPLES / f"{name}.graphql" for name in options.names]
    paths = paths or sorted(EXAMPLES.glob("*.graphql"))
    print(f"{'example':<32}{'bytes':>10}{'cold ms':>10}{'p50 ms':>10}{'p95 ms':>10}{'cpu ms':>10}")
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    with _gateway() as (pid, address):
        async with aiohttp.ClientSession(address, headers=headers) as session:
            for path in paths:
                timing = await _time(session, path, pid, options)
                print(
                    f"{timing.name:<32}{timing.size:>10}{timing.cold:>10.1f}"
                    f"{timing.middle:>10.2f}{timing.slow:>10.2f}{timing.cpu:>10.2f}"
                )


async def _time(
    session: aiohttp.ClientSession, path: Path, pid: int, options: argparse.Namespace
) -> Timing:
    body = _body(path)
    cold, size = await _ask(session, body)
    before = _cpu(pid)
    waiting = iter(range(options.requests))

    async def worker() -> list[float]:
        return [(await _ask(session, body))[0] for _ in waiting]

    found = await asyncio.gather(*(worker() for _ in range(options.concurrency)))
    laps = [lap for each in found for lap in each]
    cpu = (_cpu(pid) - before) / len(laps)
    return Timing(path.stem, size, cold, median(laps), quantiles(laps, n=20)[-1], cpu)


async def _ask(session: aiohttp.ClientSession, body: bytes) -> tuple[float, int]:
    started = time.perf_counter()
    async with session.post("/graphql", data=body) as response:
        answer = await response.read()
    elapsed = (time.perf_counter() - started) * 1000
    if not response.ok or json.loads(answer).get("errors"):
        sys.exit(f"{response.status} {answer[:500].decode()}")
    return elapsed, len(answer)


def _body(path: Path) -> bytes:
    """The request for an example; its variables are in a JSON file of the same name, if any."""
    variables = path.with_suffix(".json")
    request = {"query": path.read_text()}
    if variables.exists():
        request["variables"] = json.loads(variables.read_text())
    return json.dumps(request).encode()


def _cpu(pid: int) -> float:
    """Milliseconds of processor time that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


@contextmanager
def _gateway() -> Iterator[tuple[int, str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gateway", "serve", "--sandbox", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            _await_start(process, port)
            yield process.pid, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _await_start(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the gateway did not start")


if __name__ == "__main__":
    main()
