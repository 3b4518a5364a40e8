"""Who asks: one key, in whatever place the caller's tool can send it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest
from typing import ClassVar

import msgspec

from gateway.security.keys import hash_of
from resolvers.context import Principal, Scope
from vendors.errors import CallerError

__all__ = ["ApiKey", "Authenticator", "UnauthenticatedError"]

_ANONYMOUS = "anonymous"


class UnauthenticatedError(CallerError):
    """There is no key, or it is not one of ours."""

    code: ClassVar[str] = "UNAUTHENTICATED"
    challenge: ClassVar[str] = 'Basic realm="Switchboard", charset="UTF-8", Bearer'
    """For `WWW-Authenticate`. Basic comes first: spreadsheets ask for a password only then."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the gateway knows it: by its hash alone."""

    name: str
    hash: str
    scopes: frozenset[Scope]
    platforms: frozenset[str] | None = None


class Authenticator:
    """Tells who asks by `Authorization: Bearer`, `Authorization: Basic` or `X-API-Key`.

    With Basic the key is the password, and the user name is anything. A key that is not ours is
    refused even where none is required: a mistake should be noticed.
    """

    def __init__(
        self, keys: Iterable[ApiKey], *, required: bool, anonymous: frozenset[Scope]
    ) -> None:
        """Know these keys; without `required`, whoever sends none is anonymous, and may that."""
        self._required = required
        self._anonymous = Principal(_ANONYMOUS, anonymous)
        self._keys = [
            (key.hash.encode(), Principal(key.name, key.scopes, key.platforms)) for key in keys
        ]

    def authenticate(self, headers: Mapping[str, str]) -> Principal:
        """Return who sent these headers; raise UnauthenticatedError."""
        presented = _presented(headers)
        if presented is None:
            if self._required:
                raise UnauthenticatedError(
                    "Send your key as `Authorization: Bearer`, as `X-API-Key`, "
                    "or as the password of Basic authentication."
                )
            return self._anonymous
        principal = self._owner(hash_of(presented).encode())
        if principal is None:
            raise UnauthenticatedError("This key is not known here.")
        return principal

    def _owner(self, digest: bytes) -> Principal | None:
        """Return whose key it is. Every key is compared, so that time tells nothing."""
        owner = None
        for known, principal in self._keys:
            if compare_digest(known, digest):
                owner = principal
        return owner


def _presented(headers: Mapping[str, str]) -> str | None:
    """Return the key that was sent, or None if there is none."""
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    read = _SCHEMES.get(scheme.lower())
    if read is not None:
        return read(credentials.strip())
    return headers.get("x-api-key") or ("" if scheme else None)


def _password(credentials: str) -> str:
    """Return the password of Basic credentials (RFC 7617); what cannot be read is no key."""
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return ""
    return decoded.partition(":")[2]


_SCHEMES: Mapping[str, Callable[[str], str]] = {"bearer": str, "basic": _password}
