"""Makes the secrets of a gateway: keys for callers, and the key of its ids."""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["hash_of", "new_api_key", "new_id_key"]

_PREFIX = "swb_"
"""Tells people, and programs that look for leaked secrets, what the text is."""
_BYTES = 32


def new_api_key() -> str:
    """Return a fresh key for a caller: 256 random bits as text."""
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def new_id_key() -> str:
    """Return a fresh secret for the setting `id_key`: 256 random bits as text."""
    return secrets.token_urlsafe(_BYTES)


def hash_of(key: str) -> str:
    """Return what is kept of a key: the SHA-256 of its text, in hexadecimal.

    A key is random and long, so a plain hash cannot be turned around; a slow one would only cost
    time on every request.
    """
    return hashlib.sha256(key.encode()).hexdigest()
