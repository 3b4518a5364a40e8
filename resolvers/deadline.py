"""The time that an operation has: a platform that is not done by its end has failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vendors.calls import Call
from vendors.errors import PlatformError, PlatformTimeoutError
from vendors.port import Platform

__all__ = ["in_time", "spare"]

_SPARE_SECONDS = 30.0
"""How long a fetch may take for which nobody waits."""


@asynccontextmanager
async def in_time(platform: Platform, call: Call) -> AsyncIterator[None]:
    """Give up what is within at the operation's deadline; whatever fails names the platform.

    Raises PlatformTimeoutError at the deadline.
    """
    try:
        async with asyncio.timeout_at(call.deadline):
            yield
    except TimeoutError:
        raise PlatformTimeoutError("the operation's deadline", platform=platform.key) from None
    except PlatformError as error:
        error.platform = error.platform or platform.key
        raise


def spare(call: Call) -> Call:
    """Return a budget for work behind the answer, which is not over when the operation is.

    What it costs is not the operation's cost.
    """
    return Call.within(_SPARE_SECONDS, request_id=call.request_id)
