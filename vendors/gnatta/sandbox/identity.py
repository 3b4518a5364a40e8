"""The identity server: its discovery document, its token endpoint, and the tokens it issued.

It grants client credentials alone (RFC 6749, section 4.4), by form or by HTTP Basic, to the
sandbox's one client application; a token lives for 15 minutes.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from http import HTTPStatus
from secrets import compare_digest, token_urlsafe
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from starlette.responses import JSONResponse
from starlette.routing import Route

from vendors.gnatta.sandbox.profile import CLIENTS, DOMAIN_ID, SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

_LIFETIME = timedelta(minutes=15)
_FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_METHODS = ("client_secret_basic", "client_secret_post")


class OAuthError(Exception):
    """A request for a token that is refused, by its code of RFC 6749, section 5.2."""

    def __init__(self, code: str, description: str, *, challenge: bool = False) -> None:
        super().__init__(description)
        self.code = code
        self.challenge = challenge

    @property
    def response(self) -> JSONResponse:
        """The answer; a client that does not exist is 401, anything else 400."""
        unauthorized = self.code == "invalid_client"
        return JSONResponse(
            {"error": self.code, "error_description": str(self)},
            status_code=HTTPStatus.UNAUTHORIZED if unauthorized else HTTPStatus.BAD_REQUEST,
            headers=_NOT_STORED
            | ({"WWW-Authenticate": f'Basic realm="{DOMAIN_ID}"'} if self.challenge else {}),
        )


class Credentials(NamedTuple):
    """Who asks, and whether by HTTP Basic."""

    client_id: str
    secret: str
    basic: bool


class Identity:
    """Issues tokens and knows which of them are still good."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._ends: dict[str, datetime] = {}

    def is_good(self, token: str) -> bool:
        """Tell whether a token was issued here and has not expired."""
        end = self._ends.get(token)
        return end is not None and self._clock() < end

    def routes(self) -> list[Route]:
        """Return the routes of the tenant's domain."""
        base = f"/{DOMAIN_ID}"
        return [
            Route(f"{base}/.well-known/openid-configuration", _discovery, methods=["GET"]),
            Route(f"{base}/connect/token", self._token, methods=["POST"]),
        ]

    async def _token(self, request: Request) -> Response:
        try:
            form = _form(request.headers.get("Content-Type", ""), await request.body())
            _authenticate(_credentials(request.headers.get("Authorization"), form))
            _check_grant(form)
        except OAuthError as error:
            return error.response
        return JSONResponse(self._issue(), headers=_NOT_STORED)

    def _issue(self) -> Mapping[str, str | int]:
        now = self._clock()
        self._ends = {token: end for token, end in self._ends.items() if now < end}
        token = f"sandbox-{token_urlsafe(32)}"
        self._ends[token] = now + _LIFETIME
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(_LIFETIME.total_seconds()),
            "scope": " ".join(SCOPES),
        }


async def _discovery(request: Request) -> Response:
    issuer = f"{request.base_url}{DOMAIN_ID}"
    return JSONResponse(
        {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/connect/token",
            "grant_types_supported": [_GRANT],
            "scopes_supported": list(SCOPES),
            "token_endpoint_auth_methods_supported": list(_METHODS),
        }
    )


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise OAuthError("invalid_request", f"The content type must be {_FORM}.")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("invalid_request", "A parameter is repeated.")
    return form


def _credentials(authorization: str | None, form: Mapping[str, str]) -> Credentials:
    if authorization is None:
        return Credentials(form.get("client_id", ""), form.get("client_secret", ""), basic=False)
    if "client_secret" in form:
        raise OAuthError("invalid_request", "The client authenticates in two ways.")
    scheme, _, packed = authorization.partition(" ")
    try:
        plain = b64decode(packed.strip(), validate=True).decode()
    except ValueError:
        plain = ""
    client_id, colon, secret = plain.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "The client is unknown.", challenge=True)
    return Credentials(unquote_plus(client_id), unquote_plus(secret), basic=True)


def _authenticate(given: Credentials) -> None:
    expected = CLIENTS.get(given.client_id, "")
    right = compare_digest(expected.encode(), given.secret.encode())
    if not expected or not right:
        raise OAuthError("invalid_client", "The client is unknown.", challenge=given.basic)


def _check_grant(form: Mapping[str, str]) -> None:
    if not form.get("grant_type"):
        raise OAuthError("invalid_request", "The grant_type is missing.")
    if form["grant_type"] != _GRANT:
        raise OAuthError("unsupported_grant_type", f"The grant_type must be {_GRANT}.")
    if not set(form.get("scope", "").split()) <= set(SCOPES):
        raise OAuthError("invalid_scope", "The scope is unknown.")
