"""Serves the gateway: the socket first, then the sandbox if there is to be one, then the rest."""

from __future__ import annotations

import gc
import logging
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from gateway.app import create_app
from gateway.demo import show_first_look
from gateway.sandbox import with_sandbox
from gateway.server import Server, address_of, bind
from gateway.settings import Settings
from gateway.telemetry import configure_logging
from vendors.port import VendorSpec

__all__ = ["serve_gateway"]

_LOG = logging.getLogger("switchboard.server")
_THRESHOLDS = (50_000, 20, 10)
"""Objects, and collections of the younger generations, between two collections of each."""


def serve_gateway(
    settings: Settings, specs: Mapping[str, VendorSpec[Any]], *, demo: bool = False
) -> None:
    """Answer requests until a signal comes; raise StartError where that cannot begin."""
    configure_logging(settings.log.level, settings.log.format)
    with bind(settings.host, settings.port) as listening, with_sandbox(settings, specs) as whole:
        origin = address_of(listening)

        def started() -> None:
            keys = [platform.key for platform in whole.platforms]
            about = {"address": origin, "platforms": keys, "sandbox": whole.sandboxed}
            _LOG.info("listening", extra=about)
            if demo:
                show_first_look(Console(), origin)

        app = create_app(whole, specs=specs)
        server = Server(
            app,
            shutdown_seconds=whole.shutdown_seconds,
            started=started,
            stopping=app.state.streams.stop,
            message_bytes=whole.limits.body_bytes,
        )
        _spare_the_collector()
        server.run([listening])


def _spare_the_collector() -> None:
    """Keep the garbage collector from what lives as long as the process, and from haste.

    An answer of thousands of points makes as many objects, nearly none of which are garbage: with
    the thresholds that Python begins with, half of its time went into looking for some.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
