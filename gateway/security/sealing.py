"""Opaque tokens: the same content always makes the same token, and only our key reads it."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["SivSealer"]

_KEY_BYTES = 64
"""AES-SIV with 256 bits takes two keys of 256 bits."""
_DERIVATION = b"switchboard ids 1"
"""Raised with the form of the tokens, so that old ones are refused rather than misread."""
_LONGEST = 32_768
"""A cursor may name all that came at one instant, such as the customers of an import."""


class SivSealer:
    """Fulfils `resolvers.ports.Sealer` by AES-SIV (RFC 5297), deterministic and authenticated.

    The purpose is authenticated with the content: a token made for one purpose is none for
    another. A token tells nobody but the length of what it holds.
    """

    def __init__(self, secret: str) -> None:
        """Derive the cipher's key from the secret by HKDF (RFC 5869)."""
        derivation = HKDF(SHA256(), length=_KEY_BYTES, salt=None, info=_DERIVATION)
        self._cipher = AESSIV(derivation.derive(secret.encode()))

    def seal(self, purpose: str, content: bytes) -> str:
        """Return a URL-safe token for the content."""
        sealed = self._cipher.encrypt(content, [purpose.encode()])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def unseal(self, purpose: str, token: str) -> bytes | None:
        """Return the content, or None where the token was not sealed by this key for that."""
        sealed = _decoded(token)
        if sealed is None:
            return None
        try:
            return self._cipher.decrypt(sealed, [purpose.encode()])
        except (InvalidTag, ValueError):
            return None


def _decoded(token: str) -> bytes | None:
    """Return the bytes of a token as it was given out, or None: no other spelling is read."""
    if len(token) > _LONGEST:
        return None
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return sealed if base64.urlsafe_b64encode(sealed).rstrip(b"=").decode() == token else None
