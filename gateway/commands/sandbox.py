"""The sandbox: every vendor's simulator, each on its own loopback port, in a process of its own.

The process announces each simulator on its standard output as one JSON line, which is the
`[[platforms]]` table that reaches it, and an empty line at the end. It ends by signals and when
its standard input closes, so that it never outlives whoever started it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from socket import socket
from typing import Any, BinaryIO

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.server import Server, StartError, address_of, bind
from vendors.port import Simulator, VendorSpec
from vendors.world import World, utc_now

__all__ = ["SEED", "serve_sandbox", "with_sandbox"]

SEED = 7
_AT_ONCE = timedelta()
_HOST = "127.0.0.1"
_STOP_SECONDS = 5


def serve_sandbox(
    specs: Mapping[str, VendorSpec[Any]],
    *,
    port_base: int | None = None,
    seed: int = SEED,
    late: timedelta = _AT_ONCE,
    stdin: BinaryIO = sys.stdin.buffer,
    stdout: BinaryIO = sys.stdout.buffer,
) -> None:
    """Serve the simulators until a signal comes or `stdin` closes; raise StartError.

    They know of what happened at once, or up to `late` afterwards: figures then still move.
    """
    world = World(seed=seed, clock=utc_now, late=late)
    with ExitStack() as stack:
        ports = _Ports()
        announcements = []
        for number, spec in enumerate(specs.values()):
            port = 0 if port_base is None else port_base + number
            listening = stack.enter_context(bind(_HOST, port))
            simulator = spec.simulator(world)
            ports.add(listening, simulator)
            announcements.append(_announcement(spec, simulator, address_of(listening)))

        def announce() -> None:
            stdout.write(b"".join([*announcements, b"\n"]))
            stdout.flush()

        server = Server(ports, shutdown_seconds=1, lifespan=False, started=announce)
        _watch(stdin, server)
        server.run(ports.sockets)


class _Ports:
    """One application for several sockets: each port has its own simulator."""

    def __init__(self) -> None:
        self.sockets: list[socket] = []
        self._apps: dict[int, ASGIApp] = {}

    def add(self, listening: socket, simulator: Simulator) -> None:
        self.sockets.append(listening)
        self._apps[listening.getsockname()[1]] = simulator.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._apps[scope["server"][1]](scope, receive, send)


def _announcement(spec: VendorSpec[Any], simulator: Simulator, origin: str) -> bytes:
    table = {
        "key": re.sub(r"[^a-z0-9]+", "-", spec.title.lower()).strip("-"),
        "vendor": spec.name,
        "title": spec.title,
        **simulator.settings(origin),
    }
    return msgspec.json.encode(table) + b"\n"


def _watch(stdin: BinaryIO, server: Server) -> None:
    """End the server when the input closes. A thread, because any kind of file may be the input."""

    def wait() -> None:
        # Not through the file itself: its lock, held here for ever, would spoil our end.
        while os.read(stdin.fileno(), 4096):
            pass
        server.should_exit = True

    threading.Thread(target=wait, name="stdin", daemon=True).start()


@contextmanager
def with_sandbox(settings: Settings, specs: Mapping[str, VendorSpec[Any]]) -> Iterator[Settings]:
    """Yield the settings; where they want a sandbox, with the platforms of one that runs."""
    if not settings.sandboxed:
        yield settings
        return
    with _running_sandbox() as tables:
        platforms = platform_settings(specs, tables)
        yield settings.model_copy(update={"platforms": platforms, "sandbox": True})


@contextmanager
def _running_sandbox() -> Iterator[list[dict[str, Any]]]:
    """Run a sandbox beside this process; yield the tables of its platforms. Raise StartError."""
    command = [sys.executable, "-m", "gateway", "sandbox"]
    with subprocess.Popen(  # noqa: S603 (our own command)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C is meant for us: it ends when its input closes, after our last answers.
        start_new_session=True,
    ) as process:
        try:
            yield _announced(process)
        finally:
            _stop(process)


def _announced(process: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = []
    for line in process.stdout or ():
        if not line.strip():
            return tables
        tables.append(msgspec.json.decode(line, type=dict[str, Any]))
    raise StartError("the sandbox did not start; its own message stands above")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Close the sandbox's input and wait for its end, however unwilling it is."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
