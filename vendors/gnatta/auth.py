"""How a request proves who asks: a token, granted to a client application or a user (RFC 6749)."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from json import dumps
from typing import Final
from urllib.parse import quote_plus, urlsplit

import msgspec
from pydantic import SecretStr

from vendors.calls import Call
from vendors.errors import PlatformAuthError
from vendors.gnatta.settings import GnattaSettings
from vendors.http import VendorHttp
from vendors.http.message import Ask
from vendors.http.tokens import Token

__all__ = ["SignIn", "fingerprint"]

_GROUP = "login"


class _Discovery(msgspec.Struct, frozen=True):
    """What is wanted of an OpenID discovery document."""

    token_endpoint: str


class _Granted(msgspec.Struct, frozen=True):
    """What a token endpoint answers (RFC 6749, 5.1)."""

    access_token: str
    expires_in: float | None = None
    refresh_token: str | None = None


class SignIn:
    """Gets tokens in the way that is set, from the endpoint that is set or discovered.

    A refresh token that is answered takes the place of the one before, as long as the process
    lives. An exchange that has begun is finished even when nobody waits for it any more: what it
    brings may be the only refresh token that is still good.
    """

    def __init__(self, settings: GnattaSettings, http: Callable[[], VendorHttp]) -> None:
        """Ask through the client that `http` returns when the first token is needed."""
        self._settings = settings
        self._http = http
        self._discovered: str | None = None
        self._refresh = _plain(settings.refresh_token)
        self._exchange: asyncio.Task[Token] | None = None

    async def obtain(self, call: Call) -> Token:
        """Return a new token; raise PlatformError."""
        if self._exchange is None:
            self._exchange = asyncio.create_task(self._exchanged(call))
            self._exchange.add_done_callback(self._over)
        return await asyncio.shield(self._exchange)

    def _over(self, exchange: asyncio.Task[Token]) -> None:
        self._exchange = None
        if not exchange.cancelled():
            # Noticed here, too, in case that nobody waits for it.
            exchange.exception()

    async def _exchanged(self, call: Call) -> Token:
        address = self._settings.token_url or self._discovered or await self._discover(call)
        try:
            granted = await self._http().fetch_unauthenticated(self._ask(address), _Granted, call)
        except PlatformAuthError as error:
            # The endpoint may have moved: look it up again next time.
            self._discovered = None
            if hint := _HINTS.get(self._settings.sign_in):
                raise _with_hint(error, hint) from error
            raise
        if self._settings.sign_in == "refresh_token" and granted.refresh_token:
            self._refresh = granted.refresh_token
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

    def _ask(self, address: str) -> Ask:
        settings = self._settings
        form, secret = self._grant(), _plain(settings.client_secret)
        headers: tuple[tuple[str, str], ...] = ()
        if settings.client_authentication == "client_secret_basic" and secret:
            headers = (("Authorization", _basic(settings.client_id, secret)),)
        else:
            form.append(("client_id", settings.client_id))
            form += [("client_secret", secret)] if secret else []
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

    def _grant(self) -> list[tuple[str, str]]:
        """Return what the way to sign in says of itself (RFC 6749, 4.3, 4.4 and 6)."""
        settings = self._settings
        if settings.sign_in == "refresh_token":
            return [("grant_type", "refresh_token"), ("refresh_token", self._refresh)]
        if settings.sign_in == "password":
            name, password = settings.username or "", _plain(settings.password)
            return [("grant_type", "password"), ("username", name), ("password", password)]
        return [("grant_type", "client_credentials")]


_HINTS: Final = {
    "refresh_token": "if the refresh token was used up or withdrawn, sign in anew and set it",
    "password": "check username and password, and whether the client may use them",
}
"""What a user whose sign-in was refused can do."""


def _with_hint(error: PlatformAuthError, hint: str) -> PlatformAuthError:
    return PlatformAuthError(
        f"{error}; {hint}",
        platform=error.platform,
        operation=error.operation,
        retry_after=error.retry_after,
        attempts=error.attempts,
    )


def _plain(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def _basic(client: str, secret: str) -> str:
    """Return the header of RFC 6749, 2.3.1: both parts are form-encoded before they are joined."""
    return f"Basic {b64encode(f'{quote_plus(client)}:{quote_plus(secret)}'.encode()).decode()}"


def fingerprint(settings: GnattaSettings) -> str:
    """Return 16 hexadecimal digits that tell apart what answers of two settings may not share.

    Besides the credential these are the settings that decide what a figure means.
    """
    secrets = (settings.client_secret, settings.refresh_token, settings.password)
    parts = (
        settings.sign_in,
        settings.client_id,
        settings.username,
        *map(_plain, secrets),
        settings.token_url or settings.discovery_url,
        settings.scope,
        settings.base_url,
        settings.duration_unit,
        sorted(settings.paths.items()),
        settings.group_by.model_dump(),
        settings.directory.tag_type,
        # The first of them is meant where nobody names one.
        tuple(settings.directory.string_types),
    )
    return sha256(dumps(parts).encode()).hexdigest()[:16]
