"""How a request proves who asks: an OAuth access token, or a Personal Access Token."""

from __future__ import annotations

from collections.abc import Generator
from hashlib import sha256

import httpx

from vendors.livechat.settings import LiveChatSettings

__all__ = ["BearerAuth", "auth_of", "fingerprint"]


class BearerAuth(httpx.Auth):
    """Sends an OAuth access token. It is not renewed: a refusal is final."""

    def __init__(self, token: str) -> None:
        """Keep the token as it was issued."""
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header and send once."""
        request.headers["Authorization"] = self._header
        yield request


def auth_of(settings: LiveChatSettings) -> httpx.Auth:
    """Return the way that the settings give: a PAT goes as Basic, an access token as Bearer.

    LiveChat refuses either token in the other's header.
    """
    if settings.access_token is not None:
        return BearerAuth(settings.access_token.get_secret_value())
    account, token = settings.secret_parts()
    return httpx.BasicAuth(account, token)


def fingerprint(settings: LiveChatSettings) -> str:
    """Return 16 hexadecimal digits that differ between credentials and reveal none."""
    return sha256("\0".join(settings.secret_parts()).encode()).hexdigest()[:16]
