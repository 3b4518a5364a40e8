"""iAdvize, by its REST API 2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.iadvize.auth import fingerprint
from vendors.iadvize.client import IadvizeClient
from vendors.iadvize.lists import IadvizeLists
from vendors.iadvize.measuring import IadvizeMeasures
from vendors.iadvize.operations import OPERATIONS
from vendors.iadvize.profiles import IadvizeProfiles
from vendors.iadvize.settings import IadvizeSettings
from vendors.iadvize.writes import IadvizeWrites
from vendors.port import Platform, Simulator, VendorSpec, Wiring

if TYPE_CHECKING:
    from vendors.world import World

__all__ = ["SPEC"]


def _build(settings: IadvizeSettings, wiring: Wiring) -> Platform:
    client = IadvizeClient(settings, wiring)
    lists = IadvizeLists(client, settings)
    profiles = IadvizeProfiles(client, settings)
    return Platform(
        key=settings.key,
        title=settings.title or settings.key,
        vendor=SPEC.name,
        vendor_title=SPEC.title,
        time_zone=settings.time_zone,
        credential=fingerprint(settings),
        probe=client.probe,
        close=client.aclose,
        health=client.health,
        conversations=client,
        conversation_by_id=client,
        agents=client,
        presence=client,
        profiles=profiles,
        lifetimes=profiles,
        directories=lists,
        histories=lists,
        fetches=lists,
        sales=lists,
        writes=IadvizeWrites(client, settings),
        measures=IadvizeMeasures(client, settings, wiring.clock),
    )


def _simulator(world: World) -> Simulator:
    # Imported when it is asked for: a gateway without a sandbox starts without it.
    from vendors.iadvize.sandbox import simulator  # noqa: PLC0415

    return simulator(world)


SPEC = VendorSpec(
    name="iadvize",
    title="iAdvize",
    settings=IadvizeSettings,
    build=_build,
    simulator=_simulator,
    operations=OPERATIONS,
)
