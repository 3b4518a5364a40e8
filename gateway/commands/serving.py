"""Serves the gateway: the socket first, then the sandbox if there is to be one, then the rest."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from gateway.app import create_app
from gateway.callers import keys_of
from gateway.commands.demo import show_first_look
from gateway.commands.sandbox import with_sandbox
from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.settings import Settings
from gateway.observability.telemetry import configure_logging
from gateway.security.authentication import Authenticator
from gateway.server import Server, address_of, bind
from vendors.port import VendorSpec

__all__ = ["serve_gateway"]

_LOG = logging.getLogger("switchboard.server")
_THRESHOLDS = (50_000, 20, 10)
"""Objects, and collections of the younger generations, between two collections of each."""


def serve_gateway(
    settings: Settings,
    specs: Mapping[str, VendorSpec[Any]],
    *,
    demo: bool = False,
    again: Callable[[], Settings] | None = None,
) -> None:
    """Answer requests until a signal comes; raise StartError where that cannot begin.

    Where there is no terminal, a hangup (SIGHUP) reads the keys of callers by `again`.
    """
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
        with _heeding_hangups(app.state.authenticator, again):
            server.run([listening])


@contextmanager
def _heeding_hangups(
    authenticator: Authenticator, again: Callable[[], Settings] | None
) -> Iterator[None]:
    """Know the keys that the settings hold after each hangup, and no others."""

    def read(_signal: int, _frame: object) -> None:
        assert again is not None  # noqa: S101 (else nobody listens)
        try:
            settings = again()
        except ConfigurationError as error:
            about = {"problems": [*error.problems]}
            _LOG.error("the keys stay as they were", extra=about)
            return
        authenticator.know(keys_of(settings))
        _LOG.info("keys were read", extra={"keys": [key.name for key in settings.api_keys]})

    # A terminal that is closed hangs up, too, and means the end.
    if again is None or sys.stdin.isatty():
        yield
        return
    before = signal.signal(signal.SIGHUP, read)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _spare_the_collector() -> None:
    """Keep the garbage collector from what lives as long as the process, and from haste.

    An answer of thousands of points makes as many objects, nearly none of which are garbage: with
    the thresholds that Python begins with, half of its time went into looking for some.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
