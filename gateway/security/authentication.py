"""Who asks: one key, in whatever place the caller's tool can send it, or a signed token."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any, ClassVar, NamedTuple, Protocol
from urllib.parse import unquote_plus

import msgspec
from starlette.datastructures import Headers

from gateway.security.keys import hash_of
from gateway.security.names import ANONYMOUS
from resolvers.context import Principal, Scope
from vendors.errors import BadInputError, CallerError

__all__ = [
    "ApiKey",
    "Authenticator",
    "SeveralKeysError",
    "Tokens",
    "UnauthenticatedError",
    "take_query_key",
]

_QUERY_KEY = "api_key"


class UnauthenticatedError(CallerError):
    """There is no key, or it is not one of ours."""

    code: ClassVar[str] = "UNAUTHENTICATED"
    challenge: ClassVar[str] = 'Basic realm="Switchboard", charset="UTF-8", Bearer'
    """For `WWW-Authenticate`. Basic comes first: spreadsheets ask for a password only then."""


class SeveralKeysError(BadInputError):
    """Two keys were sent that are not the same: which is meant, nobody guesses (RFC 6750, 3.1)."""

    def __init__(self) -> None:
        """Say what to do; the keys themselves are told to nobody."""
        super().__init__("Two different keys were sent; send one, in one place.")


class Tokens(Protocol):
    """Reads tokens that somebody else has signed."""

    def is_one(self, text: str) -> bool:
        """Return whether the text is such a token, good or bad, rather than a key."""
        ...

    async def bearer(self, token: str) -> Principal:
        """Return whom the token speaks for; raise UnauthenticatedError, or another CallerError."""
        ...

    async def aclose(self) -> None:
        """End what is under way."""
        ...


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the gateway knows it: by its hash alone."""

    name: str
    hash: str
    scopes: frozenset[Scope]
    platforms: frozenset[str] | None = None
    not_after: datetime | None = None
    """The moment from which it is refused."""


class _Sent(NamedTuple):
    key: str
    is_bearer: bool


class _Known(NamedTuple):
    digest: bytes
    principal: Principal
    not_after: datetime | None


class Authenticator:
    """Tells who asks by `Authorization: Bearer`, `Authorization: Basic` or `X-API-Key`.

    With Basic the key is the password, and the user name is anything. The same key may be sent in
    several places, two keys may not. A key that is not ours is
    refused even where none is required: a mistake should be noticed.
    """

    def __init__(
        self,
        keys: Iterable[ApiKey],
        *,
        required: bool,
        anonymous: frozenset[Scope],
        tokens: Tokens | None = None,
        query_keys: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Know these keys; without `required`, whoever sends none is anonymous, and may that.

        `tokens` reads what else may come as `Authorization: Bearer`. Without `query_keys` no door
        takes a key from the address.
        """
        self.query_keys = query_keys
        self._required = required
        self._anonymous = Principal(ANONYMOUS, anonymous)
        self._tokens = tokens
        self._now = now
        self._keys: tuple[_Known, ...] = ()
        self.know(keys)

    def know(self, keys: Iterable[ApiKey]) -> None:
        """Know these keys, and from the next request on no others."""
        self._keys = tuple(
            _Known(key.hash.encode(), Principal(key.name, key.scopes, key.platforms), key.not_after)
            for key in keys
        )

    async def aclose(self) -> None:
        """End what is under way."""
        if self._tokens is not None:
            await self._tokens.aclose()

    async def authenticate(
        self, headers: Mapping[str, str], query_key: str | None = None
    ) -> Principal:
        """Return who sent these headers, or that key in the address; raise UnauthenticatedError.

        Raises SeveralKeysError where two keys were sent that are not the same, and a CallerError
        of another kind where it cannot be told at the moment.
        """
        sent = _sent(headers, query_key)
        if sent is not None:
            if sent.is_bearer and self._tokens is not None and self._tokens.is_one(sent.key):
                return await self._tokens.bearer(sent.key)
            return self._owner(hash_of(sent.key).encode())
        if self._required:
            raise UnauthenticatedError(
                "Send your key as `Authorization: Bearer`, as `X-API-Key`, "
                "or as the password of Basic authentication."
            )
        return self._anonymous

    def _owner(self, digest: bytes) -> Principal:
        """Return whose key it is. Every key is compared, so that time tells nothing."""
        owner = None
        for known in self._keys:
            if compare_digest(known.digest, digest):
                owner = known
        if owner is None:
            raise UnauthenticatedError("This key is not known here.")
        if owner.not_after is not None and self._now() >= owner.not_after:
            raise UnauthenticatedError("This key has ended.")
        return owner.principal


def take_query_key(scope: MutableMapping[str, Any]) -> str | None:
    """Return the key that stands in the address as `api_key`, and take it out of there.

    Whatever then reads the address, for a link, a log or the key of a cache, finds none. Raises
    SeveralKeysError where there are two.
    """
    taken, left = [], []
    for part in scope["query_string"].split(b"&"):
        name, _, value = part.decode("latin-1").partition("=")
        if unquote_plus(name) == _QUERY_KEY:
            taken.append(unquote_plus(value))
        else:
            left.append(part)
    if taken:
        scope["query_string"] = b"&".join(left)
    return _only(taken)


def _sent(headers: Mapping[str, str], query_key: str | None) -> _Sent | None:
    """Return the key that was sent, however often, or None if there is none."""
    credentials = [_authorization(text) for text in _values(headers, "authorization")]
    keys = [_SCHEMES[scheme](text) for scheme, text in credentials if scheme in _SCHEMES]
    keys += filter(None, (*_values(headers, "x-api-key"), query_key))
    if not keys and any(scheme for scheme, _ in credentials):
        # Shown in a way that is none of ours: no key, and not nothing.
        keys.append("")
    key = _only(keys)
    return None if key is None else _Sent(key, any(scheme == _BEARER for scheme, _ in credentials))


def _only(keys: Sequence[str]) -> str | None:
    """Return the key, None where there is none; raise SeveralKeysError where there are two."""
    if len(set(keys)) > 1:
        raise SeveralKeysError
    return keys[0] if keys else None


def _values(headers: Mapping[str, str], name: str) -> Sequence[str]:
    """Return every value of a header, which may stand in a request more than once."""
    if isinstance(headers, Headers):
        return headers.getlist(name)
    return [headers[name]] if name in headers else []


def _authorization(text: str) -> tuple[str, str]:
    """Return the scheme, in lower case, and the credentials of an `Authorization`."""
    scheme, _, credentials = text.strip().partition(" ")
    return scheme.lower(), credentials.strip()


def _password(credentials: str) -> str:
    """Return the password of Basic credentials (RFC 7617); what cannot be read is no key."""
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return ""
    return decoded.partition(":")[2]


_BEARER = "bearer"
_SCHEMES: Mapping[str, Callable[[str], str]] = {_BEARER: str, "basic": _password}
