"""Asks each platform one harmless question: is it there, and does it take the credential?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gateway.configuration.settings import Settings
from gateway.services import open_platforms
from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformForbiddenError,
    PlatformTimeoutError,
    PlatformUnreachableError,
)
from vendors.port import Platform, VendorSpec, Wiring

__all__ = ["Checked", "check_platforms"]

Credentials = Literal["accepted", "refused", "unknown"]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of one platform found; `problem` is None where all is well."""

    platform: str
    vendor: str
    reachable: bool
    credentials: Credentials
    seconds: float | None = None
    clock_skew_seconds: float | None = None
    detail: str | None = None
    code: str | None = None
    problem: str | None = None


async def check_platforms(
    settings: Settings, specs: Mapping[str, VendorSpec[Any]], wiring: Wiring
) -> list[Checked]:
    """Return what was found of each platform, in the order of the settings."""
    async with open_platforms(settings, specs, wiring) as platforms:
        checks = (_check(each, settings.deadline_seconds) for each in platforms.values())
        return [*await asyncio.gather(*checks)]


async def _check(platform: Platform, seconds: float) -> Checked:
    call = Call.within(seconds, request_id="check")
    try:
        async with asyncio.timeout_at(call.deadline):
            probe = await platform.probe(call)
    except TimeoutError:
        return _failed(platform, PlatformTimeoutError(f"no answer in {seconds:g} seconds"))
    except PlatformError as error:
        return _failed(platform, error)
    return Checked(
        platform=platform.key,
        vendor=platform.vendor_title,
        reachable=True,
        credentials="accepted",
        seconds=probe.seconds,
        clock_skew_seconds=probe.clock_skew_seconds,
        detail=probe.detail,
    )


def _failed(platform: Platform, error: PlatformError) -> Checked:
    reachable, credentials = next(
        (found for kind, found in _FOUND if isinstance(error, kind)), _UNCLEAR
    )
    return Checked(
        platform=platform.key,
        vendor=platform.vendor_title,
        reachable=reachable,
        credentials=credentials,
        code=error.code,
        problem=str(error),
    )


_UNCLEAR: tuple[bool, Credentials] = (True, "unknown")
_FOUND: tuple[tuple[type[PlatformError], tuple[bool, Credentials]], ...] = (
    (PlatformUnreachableError, (False, "unknown")),
    (PlatformTimeoutError, (False, "unknown")),
    (PlatformCircuitOpenError, (False, "unknown")),
    (PlatformAuthError, (True, "refused")),
    (PlatformForbiddenError, (True, "accepted")),
)
"""What a failure tells, the first that fits."""
