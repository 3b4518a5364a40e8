"""Opens and closes what lives as long as the process: platforms, cache, background work."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import msgspec
from pydantic import SecretStr

from gateway.background import BackgroundTasks
from gateway.cache.opening import open_cache
from gateway.configuration.settings import (
    LifetimeSettings,
    LifetimesSettings,
    LimitSettings,
    Settings,
)
from gateway.security.sealing import SivSealer
from resolvers.cached import Lifetime
from resolvers.context import Lifetimes, Limits, Services
from resolvers.hub import Hub
from resolvers.planner.store import SeriesLifetimes
from vendors.port import Platform, VendorSpec, Wiring
from vendors.settings import PlatformSettings

__all__ = ["fingerprint", "open_platforms", "open_services"]

_LOG = logging.getLogger("switchboard.services")

Specs = Mapping[str, VendorSpec[Any]]


@asynccontextmanager
async def open_platforms(
    settings: Settings, specs: Specs, wiring: Wiring
) -> AsyncIterator[Mapping[str, Platform]]:
    """Build every configured platform, and close each at the end, whatever the others do."""
    async with AsyncExitStack() as stack:
        platforms: dict[str, Platform] = {}
        for account in settings.platforms:
            platform = specs[account.vendor].build(account, wiring)
            stack.push_async_callback(_close, platform)
            told_apart = fingerprint(account, platform.credential, settings.sealing_secret)
            platforms[platform.key] = replace(platform, credential=told_apart)
        yield platforms


@asynccontextmanager
async def open_services(
    settings: Settings, specs: Specs, wiring: Wiring
) -> AsyncIterator[Services]:
    """Open all that the resolvers need of the process, and close it at the end."""
    async with (
        open_cache(settings) as kept,
        open_platforms(settings, specs, wiring) as platforms,
    ):
        background = BackgroundTasks()
        hub = Hub(max(settings.subscriptions.every, settings.lifetimes.presence.fresh))
        try:
            yield Services(
                platforms=platforms,
                clock=wiring.clock,
                cache=kept.cache,
                latest=kept.latest,
                leases=kept.leases,
                purge=kept.purge,
                background=background,
                hub=hub,
                sealer=SivSealer(settings.sealing_secret),
                limits=_limits(settings.limits),
                lifetimes=_lifetimes(settings.lifetimes),
                time_zone=settings.time_zone,
            )
        finally:
            # Before the platforms: they may be asking them.
            await hub.close()
            await background.close()


def fingerprint(account: PlatformSettings, credential: str, secret: str) -> str:
    """Return what tells apart the values of accounts that may not share them.

    All settings that say whom to ask, as whom, and what answers mean are in it, so that values
    that outlive the process are not read by one that is set up otherwise. It gives none away.
    """
    said = account.model_dump(exclude=_SAYS_NOTHING_OF_VALUES)
    key = blake2b(secret.encode()).digest()
    content = _ENCODER.encode((credential, said))
    return blake2b(content, key=key, digest_size=16).hexdigest()


_SAYS_NOTHING_OF_VALUES = {"title", "pacing", "ca_file"}


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic")


async def _close(platform: Platform) -> None:
    try:
        await platform.close()
    except Exception:  # noqa: BLE001 (the others are still to be closed)
        _LOG.exception("a platform could not be closed", extra={"platform": platform.key})


def _limits(settings: LimitSettings) -> Limits:
    names = [field.name for field in msgspec.structs.fields(Limits)]
    return Limits(**{name: getattr(settings, name) for name in names})


def _lifetimes(settings: LifetimesSettings) -> Lifetimes:
    series = settings.series
    return Lifetimes(
        agents=_lifetime(settings.agents),
        conversations=_lifetime(settings.conversations),
        conversation=_lifetime(settings.conversation),
        presence=_lifetime(settings.presence),
        series=SeriesLifetimes(
            refreshing=series.refreshing, on_failure=series.on_failure, final=series.final
        ),
    )


def _lifetime(settings: LifetimeSettings) -> Lifetime:
    return Lifetime(settings.fresh, settings.refreshing, settings.on_failure)
