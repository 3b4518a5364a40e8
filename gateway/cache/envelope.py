"""Values as they leave the process: sealed, bound to their key, and with their own end in them.

Whoever can read the store learns no name, text or figure; whoever can write to it can neither make
a value nor move one to another key. Nothing is ever unpickled.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["Entry", "Envelope"]

_KEY_BYTES = 64
"""AES-SIV with 256 bits takes two keys of 256 bits."""
_NAME_BYTES = 4
_DERIVATION = b"switchboard cache 1"
_FORM = b"\x01"
"""The first byte: raised with the form, so that an older one counts as absent."""
_HEAD = struct.Struct(">QQ")


class Entry(NamedTuple):
    """A value, when it ends (milliseconds of Unix time), and the last purge that it knows of."""

    value: bytes
    expires: int
    mark: int


class Envelope:
    """Seals entries by AES-SIV (RFC 5297) with a key of its own, derived from the secret."""

    def __init__(self, secret: str) -> None:
        """Derive the key, and a name for it, from the secret by HKDF (RFC 5869)."""
        derivation = HKDF(SHA256(), length=_KEY_BYTES + _NAME_BYTES, salt=None, info=_DERIVATION)
        derived = derivation.derive(secret.encode())
        self._cipher = AESSIV(derived[:_KEY_BYTES])
        self.name = derived[_KEY_BYTES:].hex()
        """Tells secrets apart: what another has sealed is looked for in vain."""

    def sealed(self, key: str, entry: Entry) -> bytes:
        """Return what is kept under the key."""
        head = _HEAD.pack(entry.expires, entry.mark)
        return _FORM + self._cipher.encrypt(head + entry.value, [key.encode()])

    def opened(self, key: str, content: bytes) -> Entry | None:
        """Return the entry, or None where the content was not sealed by us for that key."""
        if content[:1] != _FORM:
            return None
        try:
            whole = self._cipher.decrypt(content[1:], [key.encode()])
        except (InvalidTag, ValueError):
            return None
        if len(whole) < _HEAD.size:
            return None
        return Entry(whole[_HEAD.size :], *_HEAD.unpack_from(whole))
