"""Opens and closes what lives as long as the process: platforms, cache, background work."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec

from gateway.background import BackgroundTasks
from gateway.cache import BoundedBackend, MemoryCache
from gateway.security.sealing import SivSealer
from gateway.settings import LifetimeSettings, LifetimesSettings, LimitSettings, Settings
from resolvers.cached import Lifetime
from resolvers.context import Lifetimes, Limits, Services
from resolvers.planner.store import SeriesLifetimes
from vendors.port import Platform, VendorSpec, Wiring

__all__ = ["open_platforms", "open_services"]

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
            platforms[platform.key] = platform
        yield platforms


@asynccontextmanager
async def open_services(
    settings: Settings, specs: Specs, wiring: Wiring
) -> AsyncIterator[Services]:
    """Open all that the resolvers need of the process, and close it at the end."""
    async with open_platforms(settings, specs, wiring) as platforms:
        background = BackgroundTasks()
        try:
            yield Services(
                platforms=platforms,
                clock=wiring.clock,
                cache=MemoryCache(BoundedBackend(settings.cache.max_bytes)),
                background=background,
                sealer=SivSealer(settings.sealing_secret),
                limits=_limits(settings.limits),
                lifetimes=_lifetimes(settings.lifetimes),
                time_zone=settings.time_zone,
            )
        finally:
            # Before the platforms: it may be asking them.
            await background.close()


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
