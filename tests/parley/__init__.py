"""Parley, a vendor that does not exist: its one folder is all that Switchboard needs to know it."""

from __future__ import annotations

from tests.parley.client import ParleyClient, ParleySettings
from tests.parley.sandbox import simulator

from vendors.port import Platform, VendorSpec, Wiring

__all__ = ["SPEC"]


def _build(settings: ParleySettings, wiring: Wiring) -> Platform:
    client = ParleyClient(settings, wiring)
    return Platform(
        key=settings.key,
        title=settings.title,
        vendor=SPEC.name,
        vendor_title=SPEC.title,
        time_zone=settings.time_zone,
        credential=settings.fingerprint,
        probe=client.probe,
        close=client.aclose,
        conversations=client,
        agents=client,
        measures=client,
        directories=client,
    )


SPEC = VendorSpec(
    name="parley",
    title="Parley",
    settings=ParleySettings,
    build=_build,
    simulator=simulator,
)
