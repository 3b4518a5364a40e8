"""The vendors' simulators, counted and slowed down at will, and `switchboard export` over them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.e2e.accounts import written
from tests.e2e.running import ROOT
from tests.simulators import VENDORS, serving

from vendors.port import Simulator, VendorSpec
from vendors.registry import specs
from vendors.world import World

__all__ = ["Company", "lines", "run", "running_company"]

_SECONDS = 120.0


@dataclass
class Company:
    """What was asked of the simulators, and how they behave."""

    config: Path
    keys: tuple[str, ...]
    asked: Counter[str] = field(default_factory=Counter)
    """Requests, by platform."""
    hold_after: int | None = None
    """After how many further requests nothing is answered any more."""
    holding: threading.Event = field(default_factory=threading.Event)
    """Set when a request is not answered."""
    broken: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    """The status and headers that a platform answers with instead."""
    limited: Counter[str] = field(default_factory=Counter)
    """To how many further requests a platform answers that there were too many."""
    spared: Counter[str] = field(default_factory=Counter)
    """How many requests are answered before that, such as the login."""

    @property
    def calls(self) -> int:
        """Return how many requests came."""
        return self.asked.total()

    def heal(self) -> None:
        """Let everybody answer."""
        self.hold_after = None
        for one in (self.holding, self.broken, self.limited, self.spared):
            one.clear()

    def takes(self) -> bool:
        """Return whether one more request is answered."""
        if self.hold_after is None:
            return True
        self.hold_after -= 1
        return self.hold_after >= 0


class _Counting:
    """A simulator whose requests are counted, and go on as the company says."""

    def __init__(self, key: str, app: ASGIApp, company: Company) -> None:
        self._key = key
        self._app = app
        self._company = company

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        company, key = self._company, self._key
        company.asked[key] += 1
        if not company.takes():
            company.holding.set()
            await asyncio.sleep(_SECONDS)
        status, headers = company.broken.get(key, (0, {}))
        if company.spared[key]:
            company.spared[key] -= 1
        elif company.limited[key]:
            company.limited[key] -= 1
            status, headers = 429, {"retry-after": "12"}
        app = JSONResponse({}, status, dict(headers)) if status else self._app
        await app(scope, receive, send)


def _counted(key: str, spec: VendorSpec[Any], company: Company) -> VendorSpec[Any]:
    def simulator(world: World) -> Simulator:
        own = spec.simulator(world)
        return replace(own, app=_Counting(key, own.app, company))

    return replace(spec, simulator=simulator)


@contextmanager
def running_company(folder: Path) -> Iterator[Company]:
    """Serve a simulator of each vendor, under the vendor's name, and settings that reach them."""
    company = Company(folder / "switchboard.toml", tuple(VENDORS))
    with ExitStack() as stack:
        tables = []
        for name, spec in specs().items():
            among = {name: _counted(name, spec, company)}
            table = stack.enter_context(serving(name, among))
            tables.append({"key": name, "vendor": name, "title": name.title(), **table})
        written(tables, company.config)
        yield company


def _started(
    company: Company, folder: Path, *arguments: str, blocks: int | None = None
) -> subprocess.Popen[str]:
    """Start the command in that folder; no file may get longer than so many blocks of the shell."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")
    }
    command = [sys.executable, "-m", "gateway", "export", *arguments]
    limited = () if blocks is None else ("sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh")
    return subprocess.Popen(
        [*limited, *command, "--config", str(company.config)],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(
    company: Company,
    folder: Path,
    *arguments: str,
    end: signal.Signals | None = None,
    blocks: int | None = None,
) -> tuple[int, str]:
    """Return the status of the command, and what it said; end it when a request is held."""
    process = _started(company, folder, *arguments, blocks=blocks)
    if end is not None:
        assert company.holding.wait(_SECONDS)
        process.send_signal(end)
    out, told = process.communicate(timeout=_SECONDS)
    assert out == ""
    return process.returncode, told


def lines(table: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return rows as texts, in an order of their own."""
    return sorted(repr(sorted(one.items())) for one in table)
