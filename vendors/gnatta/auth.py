"""How a request proves who asks: a token, granted to a client application (RFC 6749, 4.4)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from json import dumps
from urllib.parse import quote_plus, urlsplit

import msgspec

from vendors.calls import Call
from vendors.errors import PlatformAuthError
from vendors.gnatta.settings import GnattaSettings
from vendors.http import VendorHttp
from vendors.http.message import Ask
from vendors.http.tokens import Token

__all__ = ["ClientCredentials", "fingerprint"]

_GROUP = "login"


class _Discovery(msgspec.Struct, frozen=True):
    """What is wanted of an OpenID discovery document."""

    token_endpoint: str


class _Granted(msgspec.Struct, frozen=True):
    """What a token endpoint answers (RFC 6749, 5.1)."""

    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None


class ClientCredentials:
    """Gets tokens for the client application, from the endpoint that is set or discovered."""

    def __init__(self, settings: GnattaSettings, http: Callable[[], VendorHttp]) -> None:
        """Ask through the client that `http` returns when the first token is needed."""
        self._settings = settings
        self._http = http
        self._discovered: str | None = None

    async def obtain(self, call: Call) -> Token:
        """Return a new token; raise PlatformError."""
        address = self._settings.token_url or self._discovered or await self._discover(call)
        try:
            granted = await self._http().fetch_unauthenticated(self._grant(address), _Granted, call)
        except PlatformAuthError:
            # The endpoint may have moved: look it up again next time.
            self._discovered = None
            raise
        return Token(granted.access_token, granted.expires_in)

    async def _discover(self, call: Call) -> str:
        document = str(self._settings.discovery_url)
        ask = Ask(endpoint="discovery", path=document, group=_GROUP)
        found = await self._http().fetch_unauthenticated(ask, _Discovery, call)
        safe = urlsplit(document).scheme == "http"
        if urlsplit(found.token_endpoint).scheme != "https" and not safe:
            raise PlatformAuthError("the discovered token endpoint is not https: no secret for it")
        self._discovered = found.token_endpoint
        return found.token_endpoint

    def _grant(self, address: str) -> Ask:
        settings = self._settings
        secret = settings.client_secret.get_secret_value()
        form = [("grant_type", "client_credentials")]
        headers: tuple[tuple[str, str], ...] = ()
        if settings.client_authentication == "client_secret_basic":
            headers = (("Authorization", _basic(settings.client_id, secret)),)
        else:
            form += [("client_id", settings.client_id), ("client_secret", secret)]
        if settings.scope:
            form.append(("scope", settings.scope))
        return Ask(
            endpoint="token",
            method="POST",
            path=address,
            form=tuple(form),
            headers=headers,
            group=_GROUP,
        )


def _basic(client: str, secret: str) -> str:
    """Return the header of RFC 6749, 2.3.1: both parts are form-encoded before they are joined."""
    return f"Basic {b64encode(f'{quote_plus(client)}:{quote_plus(secret)}'.encode()).decode()}"


def fingerprint(settings: GnattaSettings) -> str:
    """Return 16 hexadecimal digits that tell apart what answers of two settings may not share.

    Besides the credential these are the settings that decide what a figure means.
    """
    parts = (
        settings.client_id,
        settings.client_secret.get_secret_value(),
        settings.token_url or settings.discovery_url,
        settings.scope,
        settings.base_url,
        settings.duration_unit,
        sorted(settings.paths.items()),
        settings.group_by.model_dump(),
    )
    return sha256(dumps(parts).encode()).hexdigest()[:16]
