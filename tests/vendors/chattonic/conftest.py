from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import pytest
from tests.vendors.chattonic.upstream import Upstream, settings_of

from vendors.calls import Call
from vendors.chattonic import SPEC
from vendors.port import Platform

Open: TypeAlias = Callable[..., Platform]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """A function that opens the platform behind an upstream: `opened(upstream, setting=value)`."""
    built: list[Platform] = []

    def open_platform(upstream: Upstream, **changes: object) -> Platform:
        platform = SPEC.build(settings_of(**changes), upstream.wiring())
        built.append(platform)
        return platform

    yield open_platform
    for platform in built:
        await platform.close()


@pytest.fixture
async def call() -> Call:
    return Call.within(5.0)
