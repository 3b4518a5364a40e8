"""The gateway over its sandbox, started as its users start it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["gateway"]

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
STOP_SECONDS = 20

_LISTENING = re.compile(r'"event":"listening".*"address":"([^"]+)"')


@contextmanager
def gateway(*options: str) -> Iterator[str]:
    """Run a gateway on a free port, with further options, and yield its address."""
    command = [sys.executable, "-m", "gateway", "serve", "--sandbox", "--port", "0", *options]
    # Started elsewhere and without them, so that nobody's own settings count.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("SWITCHBOARD_")}
    environment = {**inherited, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with (
            log.open("wb") as stderr,
            subprocess.Popen(command, cwd=folder, env=environment, stderr=stderr) as process,
        ):
            try:
                yield _address(process, log)
            finally:
                process.terminate()
                process.wait(STOP_SECONDS)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := _LISTENING.search(log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"the gateway did not start: {log.read_text(encoding='utf-8')}")
