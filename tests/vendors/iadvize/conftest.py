from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import pytest
from tests.vendors.iadvize.upstream import Upstream, settings_of

from vendors.calls import Call
from vendors.iadvize import SPEC
from vendors.iadvize.client import IadvizeClient
from vendors.port import MeasuresPort, Platform

Open: TypeAlias = Callable[..., Platform]
Measuring: TypeAlias = Callable[..., MeasuresPort]
Connect: TypeAlias = Callable[..., IadvizeClient]


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
async def measuring(opened: Open) -> Measuring:
    """A function that opens what measures behind an upstream: `measuring(upstream, ...)`."""

    def measure(upstream: Upstream, **changes: object) -> MeasuresPort:
        port = opened(upstream, **changes).measures
        assert port is not None
        return port

    return measure


@pytest.fixture
async def connected() -> AsyncIterator[Connect]:
    """A function that makes the bare client: `connected(upstream, setting=value)`."""
    made: list[IadvizeClient] = []

    def connect(upstream: Upstream, **changes: object) -> IadvizeClient:
        client = IadvizeClient(settings_of(**changes), upstream.wiring())
        made.append(client)
        return client

    yield connect
    for client in made:
        await client.aclose()


@pytest.fixture
async def call() -> Call:
    return Call.within(30.0)
