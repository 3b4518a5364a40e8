"""A gateway that wants a key, and what its page shows for tools: as it is, nothing filled in.

The key that stands for one on the page is one of this gateway, so that all runs to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.serving import gateway
from tests.gateway.pages.running import shown_at

from gateway.pages.connecting import KEY
from gateway.security.keys import hash_of


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = tmp_path_factory.mktemp("locked") / "switchboard.toml"
    settings.write_text(
        f'require_api_key = true\n[[api_keys]]\nname = "a"\nhash = "{hash_of(KEY)}"\n'
    )
    with gateway("--config", str(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def snippets(origin: str) -> dict[str, str]:
    """What is shown, by the file that it was made of."""
    return shown_at(origin)
