"""The identity server: its discovery document, its token endpoint, and the tokens it issued.

It grants tokens to the sandbox's one client application, which shows itself by form or by HTTP
Basic: by its own credentials (RFC 6749, section 4.4), by a user's name and password (4.3) or by a
user's refresh token (6). A token lives for 15 minutes. A refresh token is good once: each use gives
the next, and one that comes again ends all others of that user.
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

from vendors.gnatta.sandbox.profile import ANALYTICS, CLIENTS, DOMAIN_ID, LOGINS, SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

_LIFETIME = timedelta(minutes=15)
_FORM = "application/x-www-form-urlencoded"
_GRANTS = ("client_credentials", "password", "refresh_token")
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


class Issued(NamedTuple):
    """What a token stands for: when it ends, and whose it is (None: the client's own)."""

    end: datetime
    login: str | None


class Identity:
    """Issues tokens and knows which of them are still good."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._issued: dict[str, Issued] = {}
        self._refresh = {login.refresh_token: name for name, login in LOGINS.items()}
        self._used: dict[str, str] = {}

    def is_good(self, token: str) -> bool:
        """Tell whether a token was issued here and has not expired."""
        issued = self._issued.get(token)
        return issued is not None and self._clock() < issued.end

    def roles(self, token: str) -> tuple[str, ...]:
        """Return the roles of a token's owner: a client application holds all that there are."""
        login = self._issued[token].login
        return (ANALYTICS,) if login is None else LOGINS[login].roles

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
            answer = self._granted(form)
        except OAuthError as error:
            return error.response
        return JSONResponse(answer, headers=_NOT_STORED)

    def _granted(self, form: Mapping[str, str]) -> Mapping[str, str | int]:
        """Answer a request of a client that is known."""
        grant = form.get("grant_type", "")
        if not grant:
            raise OAuthError("invalid_request", "The grant_type is missing.")
        if grant not in _GRANTS:
            known = ", ".join(_GRANTS)
            raise OAuthError("unsupported_grant_type", f"The grant_type must be one of {known}.")
        if not set(form.get("scope", "").split()) <= set(SCOPES):
            raise OAuthError("invalid_scope", "The scope is unknown.")
        if grant == "client_credentials":
            return self._issue(None)
        login = self._by_password(form) if grant == "password" else self._by_refresh_token(form)
        refresh_token = f"sandbox-{token_urlsafe(32)}"
        self._refresh[refresh_token] = login
        return {**self._issue(login), "refresh_token": refresh_token}

    def _by_password(self, form: Mapping[str, str]) -> str:
        name = _needed(form, "username")
        expected = LOGINS[name].password if name in LOGINS else ""
        right = compare_digest(expected.encode(), _needed(form, "password").encode())
        if not expected or not right:
            raise OAuthError("invalid_grant", "The name or the password is wrong.")
        return name

    def _by_refresh_token(self, form: Mapping[str, str]) -> str:
        """Take a refresh token out of use; one that was used before ends its owner's others."""
        token = _needed(form, "refresh_token")
        login = self._refresh.pop(token, None)
        if login is None:
            owner = self._used.get(token)
            self._refresh = {one: name for one, name in self._refresh.items() if name != owner}
            raise OAuthError("invalid_grant", "The refresh token is not good any more.")
        self._used[token] = login
        return login

    def _issue(self, login: str | None) -> Mapping[str, str | int]:
        now = self._clock()
        self._issued = {token: one for token, one in self._issued.items() if now < one.end}
        token = f"sandbox-{token_urlsafe(32)}"
        self._issued[token] = Issued(now + _LIFETIME, login)
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
            "grant_types_supported": list(_GRANTS),
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


def _needed(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise OAuthError("invalid_request", f"The {name} is missing.")
    return form[name]
