"""The vendors' simulators of one world on real sockets, and the platforms that ask them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from tests.simulators import patient, serving

from vendors.clock import Clock
from vendors.port import Platform, Wiring
from vendors.registry import specs
from vendors.world import World

__all__ = ["Tables", "platforms", "served"]

Tables = Mapping[str, Mapping[str, Any]]
"""The settings that reach each vendor's simulator."""


@contextmanager
def served(world: World, *vendors: str) -> Iterator[Tables]:
    """Serve these vendors, or all, each of them that world; yield the settings that reach them."""
    known = specs()
    with ExitStack() as stack:
        yield {
            vendor: stack.enter_context(
                serving(vendor, {vendor: replace(known[vendor], simulator=_told(vendor, world))})
            )
            for vendor in vendors or sorted(known)
        }


def _told(vendor: str, world: World) -> Any:  # noqa: ANN401 - as the spec has it
    return lambda _: specs()[vendor].simulator(world)


@asynccontextmanager
async def platforms(tables: Tables, clock: Clock) -> AsyncIterator[dict[str, Platform]]:
    """Open a platform of each vendor, and close them at the end."""
    opened = {vendor: _platform(vendor, table, clock) for vendor, table in tables.items()}
    try:
        yield opened
    finally:
        for platform in opened.values():
            await platform.close()


def _platform(vendor: str, table: Mapping[str, Any], clock: Clock) -> Platform:
    spec = specs()[vendor]
    named = {"key": vendor, "vendor": vendor, "title": spec.title}
    settings = spec.settings(**{**named, **table})
    return spec.build(patient(settings), Wiring(clock=clock))
