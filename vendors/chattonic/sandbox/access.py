"""Who may ask: a login with user name and password, then a token of the shape of a JWT.

The token says that it is signed with ES512, as the vendor's are; what stands where the signature
would be only this simulator can make. It ends by the machine's clock, since that is the clock by
which a client judges `exp`; the clock of a world may stand still.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import shake_256
from typing import TYPE_CHECKING

from vendors.chattonic.sandbox.profile import CODENAME, PASSWORD, USER_ID, USERNAME
from vendors.chattonic.sandbox.refusals import Refusal, missing, unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIFETIME_SECONDS = 15 * 60
_HEADER = {"alg": "ES512", "typ": "JWT"}
_SIGNATURE_BYTES = 132


class Gate:
    """Gives out tokens and knows them again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)

    def login(self, body: bytes) -> Mapping[str, str]:
        """Return the user with a token.

        Raises:
            Refusal: The body is no object with both properties, or they are wrong.
        """
        username, password = _credentials(body)
        known = hmac.compare_digest(_bytes(username), USERNAME.encode())
        if not (hmac.compare_digest(_bytes(password), PASSWORD.encode()) and known):
            raise unauthorized("Incorrect username or password")
        return {
            "id": USER_ID,
            "username": USERNAME,
            "appCodename": CODENAME,
            "token": self._issue(),
        }

    def check(self, authorization: str) -> None:
        """Let who has a token pass.

        Raises:
            Refusal: There is no token, it is not one of ours, or its time is over.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorized("No authorization token was found")
        text, _, signature = token.strip().rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            raise unauthorized("invalid token")
        if _expiry(text) <= self._clock():
            raise unauthorized("jwt expired")

    def _issue(self) -> str:
        issued = int(self._clock())
        payload = {
            "_id": USER_ID,
            "username": USERNAME,
            "appCodename": CODENAME,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
        }
        text = ".".join(_encode(json.dumps(part).encode()) for part in (_HEADER, payload))
        return f"{text}.{self._signature(text)}"

    def _signature(self, text: str) -> str:
        return _encode(shake_256(self._secret + text.encode()).digest(_SIGNATURE_BYTES))


def _credentials(body: bytes) -> tuple[str, str]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("The body is not JSON") from None
    if not isinstance(given, dict):
        raise Refusal("The body is not an object")
    return _text(given, "username"), _text(given, "password")


def _text(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise missing(name)
    return value


def _bytes(text: str) -> bytes:
    """Encode a text that may hold half of a surrogate pair: JSON can spell one."""
    return text.encode(errors="replace")


def _expiry(text: str) -> float:
    """Read when a token ends; only what carries our signature comes here."""
    _, _, payload = text.partition(".")
    expiry: int = json.loads(_decode(payload))["exp"]
    return expiry


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
