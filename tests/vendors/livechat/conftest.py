from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.vendors.livechat.upstream import Open, Opened, Upstream, settings_of

from vendors.calls import Call
from vendors.livechat import SPEC
from vendors.livechat.client import LiveChatClient


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """A function that opens an account: `opened(answer, ..., setting=value)`."""
    closing = []

    def open_account(*answers: httpx.Response, **changes: object) -> Opened:
        upstream = Upstream(list(answers))
        settings = settings_of(**changes)
        client = LiveChatClient(settings, upstream.wiring())
        platform = SPEC.build(settings, upstream.wiring())
        closing.extend([client.aclose, platform.close])
        return Opened(upstream, client, platform)

    yield open_account
    for close in closing:
        await close()


@pytest.fixture
async def call() -> Call:
    return Call.within(5.0)
