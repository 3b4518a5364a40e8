"""Gnatta, by its Reporting API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.gnatta.auth import fingerprint
from vendors.gnatta.client import GnattaClient
from vendors.gnatta.drill_through import GnattaDrillThrough
from vendors.gnatta.exports import GnattaExports
from vendors.gnatta.measuring import GnattaMeasures
from vendors.gnatta.operations import OPERATIONS
from vendors.gnatta.settings import GnattaSettings
from vendors.port import Platform, Simulator, VendorSpec, Wiring

if TYPE_CHECKING:
    from vendors.world import World

__all__ = ["SPEC"]


def _build(settings: GnattaSettings, wiring: Wiring) -> Platform:
    client = GnattaClient(settings, wiring)
    measures = GnattaMeasures(client, settings)
    exports = GnattaExports(client, settings, wiring)

    async def close() -> None:
        try:
            await exports.aclose()
        finally:
            await client.aclose()

    return Platform(
        key=settings.key,
        title=settings.title or settings.key,
        vendor=SPEC.name,
        vendor_title=SPEC.title,
        time_zone=settings.time_zone,
        credential=fingerprint(settings),
        probe=client.probe,
        close=close,
        health=exports.health,
        conversations=client,
        agents=client,
        measures=measures,
        drill_through=GnattaDrillThrough(client, measures, settings),
        exports=exports if exports.exports else None,
    )


def _simulator(world: World) -> Simulator:
    # Imported when it is asked for: a gateway without a sandbox starts without it.
    from vendors.gnatta.sandbox import simulator  # noqa: PLC0415

    return simulator(world)


SPEC = VendorSpec(
    name="gnatta",
    title="Gnatta",
    settings=GnattaSettings,
    build=_build,
    simulator=_simulator,
    operations=OPERATIONS,
)
