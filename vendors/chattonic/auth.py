"""How a request proves who asks: a token, for which a user name and a password are given."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import datetime
from hashlib import sha256
from json import dumps

import msgspec

from vendors.chattonic import wire
from vendors.chattonic.settings import ChatTonicSettings
from vendors.http.message import Ask
from vendors.http.tokens import Token

__all__ = ["fingerprint", "login", "mismatch", "seconds_left", "token"]

# A token that seems to end sooner than this has ended by a clock that is wrong, ours or theirs.
_SHORTEST_LIFE = 120.0


def login(settings: ChatTonicSettings) -> Ask:
    """Return the request for a token; its path has no codename."""
    secret = settings.password.get_secret_value()
    return Ask(
        endpoint="login",
        method="POST",
        path="/api/v1/user/login",
        json={"username": settings.username, "password": secret},
        group="login",
    )


def token(answer: wire.Login, now: datetime) -> Token:
    """Return the token that a login answered."""
    return Token(answer.token, seconds_left(answer.token, now))


def mismatch(answer: wire.Login, settings: ChatTonicSettings) -> str | None:
    """Return what to tell an operator where the login belongs to another app, else None."""
    if answer.appCodename is None or answer.appCodename == settings.codename:
        return None
    return f"the login belongs to another app than the configured codename {settings.codename!r}"


class _Claims(msgspec.Struct, frozen=True):
    exp: float | None = None


def seconds_left(text: str, now: datetime) -> float | None:
    """Return how long a JWT lasts by its own `exp`, which is read and not verified.

    None stands for a token that does not say, or that would be over almost at once: it is used
    until it is refused, rather than fetched anew before each call because of a wrong clock.
    """
    try:
        payload = text.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        claims = msgspec.json.decode(urlsafe_b64decode(padded), type=_Claims)
    except (IndexError, ValueError, msgspec.MsgspecError):
        return None
    if claims.exp is None:
        return None
    seconds = claims.exp - now.timestamp()
    return seconds if seconds >= _SHORTEST_LIFE else None


def fingerprint(settings: ChatTonicSettings) -> str:
    """Return 16 hexadecimal digits that tell apart what answers of two settings may not share.

    That is the credential, the app, and the settings that decide what the vendor's figures mean:
    seconds that were kept as minutes would be wrong for good.
    """
    parts = (
        settings.username,
        settings.password.get_secret_value(),
        settings.base_url,
        settings.codename,
        settings.duration_unit,
        settings.bucket_time_zone,
        str(settings.end_inclusive),
    )
    return sha256(dumps(parts).encode()).hexdigest()[:16]
