from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from tests.vendors.gnatta.upstream import Opened, Upstream, settings_of

from vendors.calls import Call
from vendors.gnatta import SPEC
from vendors.gnatta.client import GnattaClient

Open = Callable[..., Opened]


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
