"""Signed tokens of an OpenID Connect provider, as bearers beside keys (RFC 7519, RFC 9068).

A token is checked against the provider's own public keys: signature, issuer, audience, times. Of
what it claims, scopes and platforms are read; whom it names becomes a pseudonym, so that no log
holds a person.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from hashlib import blake2b, sha256
from typing import Any, ClassVar, NamedTuple

import orjson
from cachebox import LRUCache
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError

from gateway.security.authentication import UnauthenticatedError
from gateway.security.jwt_keys import ProviderKeys
from gateway.security.names import TOKEN_PREFIX
from gateway.security.settings import OidcSettings
from resolvers.context import Principal, Scope
from vendors.errors import CallerError

__all__ = ["InvalidTokenError", "ProviderAwayError", "SignedTokens"]

_PARTS = 3
_REMEMBERED = 1000
_REMEMBERED_SECONDS = 60
"""How long a token that was good is not checked again."""
_SEPARATORS = re.compile(r"[\s,]+")
_SCOPES: Mapping[str, Scope] = {one.value: one for one in Scope}


class InvalidTokenError(UnauthenticatedError):
    """The token is not, or no longer, one that is taken here (RFC 6750, section 3.1)."""

    challenge: ClassVar[str] = f'{UnauthenticatedError.challenge} error="invalid_token"'


class ProviderAwayError(CallerError):
    """The provider's keys could not be fetched yet, so that no token can be checked."""

    code: ClassVar[str] = "AUTHENTICATION_UNAVAILABLE"


class _Checked(NamedTuple):
    principal: Principal
    until: float


class SignedTokens:
    """Fulfils `gateway.security.authentication.Tokens`."""

    def __init__(
        self,
        settings: OidcSettings,
        secret: str,
        keys: ProviderKeys,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take tokens as the settings say; `secret` makes the pseudonyms."""
        self._settings = settings
        self._secret = blake2b(secret.encode()).digest()
        self._keys = keys
        self._now = now
        self._rules = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=settings.clock_skew_seconds,
            iss={"essential": True, "value": settings.issuer or ""},
            aud={"essential": True, "values": list(settings.audience)},
            exp={"essential": True},
        )
        self._checked: LRUCache[bytes, _Checked] = LRUCache(_REMEMBERED)

    def is_one(self, text: str) -> bool:
        """Return whether it has a token's form: three parts, the first an object that names alg."""
        return _header(text) is not None

    async def bearer(self, token: str) -> Principal:
        """Return whom a token speaks for.

        Raises:
            InvalidTokenError: It is not, or no longer, good here.
            ProviderAwayError: There are no keys to check it with.
        """
        print_ = sha256(token.encode()).digest()
        checked: _Checked | None = self._checked.get(print_)
        if checked is None or self._now() >= checked.until:
            checked = self._read(await self._claims(token))
            self._checked[print_] = checked
        return checked.principal

    async def aclose(self) -> None:
        """End what is under way."""
        await self._keys.aclose()

    async def _claims(self, token: str) -> Mapping[str, Any]:
        """Return what a token claims, once its signature and its times have been checked."""
        header = _header(token) or {}
        algorithm, name = header.get("alg"), header.get("kid")
        if algorithm not in self._settings.algorithms:
            raise InvalidTokenError("The token is signed in a way that is not taken here.")
        key = await self._keys.find(name if isinstance(name, str) else None, algorithm)
        if key is None:
            if not self._keys.known:
                raise ProviderAwayError("Tokens cannot be checked at the moment.")
            raise InvalidTokenError("The token is signed with a key that is not known here.")
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
            self._rules.validate(claims)
        except ExpiredTokenError:
            raise InvalidTokenError("The token has ended; get a new one.") from None
        except ClaimError as error:
            raise InvalidTokenError(
                f"The token's claim `{error.claim}` is not what it must be here."
            ) from None
        except (JoseError, ValueError, TypeError):
            raise InvalidTokenError("The token's signature is not right.") from None
        return claims

    def _read(self, claims: Mapping[str, Any]) -> _Checked:
        settings = self._settings
        named = claims.get(settings.name_claim)
        if not isinstance(named, str) or not named:
            raise InvalidTokenError(f"The token's claim `{settings.name_claim}` names nobody.")
        seen = None
        if settings.platform_claim is not None:
            seen = frozenset(_words(claims.get(settings.platform_claim)))
        principal = Principal(self._pseudonym(named), self._scopes(claims), seen)
        ends = claims["exp"] + settings.clock_skew_seconds
        return _Checked(principal, min(ends, self._now() + _REMEMBERED_SECONDS))

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope]:
        """Return the scopes of ours that the token has; it may have others for other services."""
        prefix = self._settings.scope_prefix or ""
        told = _words(claims.get(self._settings.scope_claim))
        ours = {one.removeprefix(prefix) for one in told if one.startswith(prefix)}
        return frozenset(_SCOPES[one] for one in ours & _SCOPES.keys())

    def _pseudonym(self, name: str) -> str:
        content = f"{self._settings.issuer}\n{name}".encode()
        return TOKEN_PREFIX + blake2b(content, key=self._secret, digest_size=8).hexdigest()


def _words(value: object) -> frozenset[str]:
    """Return the words of a claim, which is a list or one text; none, where it is neither."""
    if isinstance(value, str):
        return frozenset(_SEPARATORS.split(value.strip())) - {""}
    if isinstance(value, list):
        return frozenset(one for one in value if isinstance(one, str))
    return frozenset()


def _header(text: str) -> Mapping[str, Any] | None:
    """Return what the first part of a token says of its signature, None for other texts."""
    parts = text.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        found = orjson.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) and "alg" in found else None
