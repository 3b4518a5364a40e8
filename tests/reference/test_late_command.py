"""`switchboard sandbox --late`: figures of the last hours that still move."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from tests.e2e.running import ROOT
from tests.fakes import FakeCache, FakeClock, context_of
from tests.reference.serving import Tables, platforms

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest

_A_WEEK = str(7 * 24 * 60)


@contextmanager
def sandbox(*options: str) -> Iterator[Tables]:
    """Run the command and yield the settings that reach each vendor's simulator."""
    command = [sys.executable, "-m", "gateway", "sandbox", *options]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, b"\n")
            yield {table["vendor"]: table for table in map(_decoded, lines)}
        finally:
            process.stdin.close()
            process.wait(20)


def _decoded(line: bytes) -> dict[str, Any]:
    table = msgspec.json.decode(line, type=dict[str, Any])
    return {name: table[name] for name in table if name not in {"key", "title"}}


async def started(now: datetime, *options: str) -> dict[str, float]:
    """Return how many conversations each vendor knows to have begun in the last two days."""
    clock = FakeClock(now)
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED",), start=now - timedelta(days=2), end=now, zone="UTC"
    )
    with sandbox(*options) as tables:
        async with platforms(tables, clock) as opened:
            context = context_of(*opened.values(), clock=clock, cache=FakeCache(clock))
            answer = await measure(context, request, list(opened.values()))
    return {str(one.platform): one.value or 0.0 for one in answer.series}


async def test_a_late_sandbox_knows_less_of_the_last_days() -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)

    late, whole = await started(now, "--late", _A_WEEK), await started(now)

    assert late.keys() == whole.keys()
    assert all(0 < late[vendor] < whole[vendor] for vendor in whole)


def test_nothing_can_be_known_too_early() -> None:
    command = [sys.executable, "-m", "gateway", "sandbox", "--late", "-1"]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "--late" in ended.stderr
