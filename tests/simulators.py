"""The vendors' simulators on real loopback sockets, one thread each, for as long as a test runs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn

from vendors.port import Platform, VendorSpec, Wiring
from vendors.registry import specs
from vendors.settings import PlatformSettings
from vendors.world import World

__all__ = ["VENDORS", "opened", "patient", "serving"]

VENDORS = sorted(specs())
_PATIENCE = {"connect_seconds": 30.0, "read_seconds": 120.0}

S = TypeVar("S", bound=PlatformSettings)


@contextmanager
def serving(
    vendor: str, among: Mapping[str, VendorSpec[Any]] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Serve the vendor's simulator and yield the settings that reach it."""
    simulator = (among or specs())[vendor].simulator(World())
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(simulator.app, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield simulator.settings(origin)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def opened(vendor: str, table: Mapping[str, Any], **changes: object) -> Platform:
    """Return a platform of the vendor that is reached by these settings."""
    spec = specs()[vendor]
    settings = spec.settings(key=vendor, vendor=vendor, title=spec.title, **{**table, **changes})
    return spec.build(patient(settings), Wiring())


def patient(settings: S) -> S:
    """Return the settings with long waits: how fast the platform is is not what is tested.

    Simulators share the process and the machine with all that asks them, whose loop may stand
    still for seconds while they invent their past.
    """
    return settings.model_copy(update={"pacing": settings.pacing.model_copy(update=_PATIENCE)})
