"""Chat-Tonic: bots, and the queries that they hand over to operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.chattonic.auth import fingerprint
from vendors.chattonic.client import ChatTonicClient
from vendors.chattonic.lists import ChatTonicLists
from vendors.chattonic.measuring import ChatTonicMeasures
from vendors.chattonic.operations import OPERATIONS
from vendors.chattonic.settings import ChatTonicSettings
from vendors.chattonic.writes import ChatTonicWrites
from vendors.port import Platform, Simulator, VendorSpec, Wiring

if TYPE_CHECKING:
    from vendors.world import World

__all__ = ["SPEC"]


def _build(settings: ChatTonicSettings, wiring: Wiring) -> Platform:
    client = ChatTonicClient(settings, wiring)
    lists = ChatTonicLists(client, settings)
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
        agents=client,
        presence=client,
        directories=lists,
        histories=lists,
        measures=ChatTonicMeasures(client, settings, wiring.clock),
        writes=ChatTonicWrites(client),
    )


def _simulator(world: World) -> Simulator:
    # Imported when one is started: a gateway of real platforms needs no simulator.
    from vendors.chattonic.sandbox import simulator  # noqa: PLC0415

    return simulator(world)


SPEC = VendorSpec(
    name="chattonic",
    title="Chat-Tonic",
    settings=ChatTonicSettings,
    build=_build,
    simulator=_simulator,
    operations=OPERATIONS,
)
