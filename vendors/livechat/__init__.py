"""LiveChat, by its Reports API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.livechat.auth import fingerprint
from vendors.livechat.client import LiveChatClient
from vendors.livechat.measuring import LiveChatMeasures
from vendors.livechat.operations import OPERATIONS
from vendors.livechat.settings import LiveChatSettings
from vendors.port import Platform, Simulator, VendorSpec, Wiring

if TYPE_CHECKING:
    from vendors.world import World

__all__ = ["SPEC"]


def _build(settings: LiveChatSettings, wiring: Wiring) -> Platform:
    client = LiveChatClient(settings, wiring)
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
        agents=client,
        measures=LiveChatMeasures(client, settings),
    )


def _simulator(world: World) -> Simulator:
    # Imported when it is asked for: a gateway without a sandbox starts without it.
    from vendors.livechat.sandbox import simulator  # noqa: PLC0415

    return simulator(world)


SPEC = VendorSpec(
    name="livechat",
    title="LiveChat",
    settings=LiveChatSettings,
    build=_build,
    simulator=_simulator,
    operations=OPERATIONS,
)
