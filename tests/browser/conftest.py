"""A gateway and a browser for all tests of a run; the browser forgets between them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.browser.chromium import INSTALL, Browser, chromium, missing
from tests.browser.serving import gateway


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The address of a gateway over the sandbox."""
    with gateway() as address:
        yield address


@pytest.fixture(scope="session")
def one_browser() -> Iterator[Browser]:
    """A browser; where there can be none, its tests are skipped, but not in CI."""
    if programs := missing():
        message = f"not installed: {', '.join(programs)}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    with chromium() as one:
        yield one


@pytest.fixture
def browser(one_browser: Browser, origin: str) -> Browser:
    """A browser without a past."""
    one_browser.forget(origin)
    return one_browser
