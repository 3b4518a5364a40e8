from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from tests.simulators import opened as open_platform
from tests.simulators import serving
from tests.vendors.gnatta.upstream import Opened, Upstream, settings_of

from vendors.calls import Call
from vendors.gnatta import SPEC
from vendors.gnatta.client import GnattaClient
from vendors.port import Platform

Open = Callable[..., Opened]


@pytest.fixture(scope="package")
def table() -> Iterator[Mapping[str, Any]]:
    """The settings that reach a simulator which is served for all tests here."""
    with serving("gnatta") as told:
        yield told


@pytest.fixture
async def platform(table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    """The platform that those settings open."""
    one = open_platform("gnatta", table)
    yield one
    await one.close()


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """A function that opens a domain: `opened(answer, ..., setting=value)`."""
    closing = []

    def open_domain(*answers: httpx.Response, **changes: object) -> Opened:
        upstream = Upstream(answers)
        settings = settings_of(**changes)
        client = GnattaClient(settings, upstream.wiring())
        platform = SPEC.build(settings, upstream.wiring())
        closing.extend([client.aclose, platform.close])
        return Opened(upstream, client, platform)

    yield open_domain
    for close in closing:
        await close()


@pytest.fixture
async def call() -> Call:
    return Call.within(20.0)
