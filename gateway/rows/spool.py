"""A file without a name, encrypted by a key that is nowhere but in memory.

Nothing of it can be found, or read, by others, and nothing is left of it when the process ends,
however it ends.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import weakref
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["PIECE", "Spool", "SpoolFullError"]

PIECE = 256 * 1024
"""How many bytes are encrypted, and read, at once."""
_TAG, _NONCE, _KEY_BITS = 16, 12, 256
_ETAG = 32


class SpoolFullError(Exception):
    """More was written than may be."""


class Spool:
    """Is written once from its beginning to its end, and then read wherever one likes."""

    def __init__(self, folder: Path | None, most: int) -> None:
        """Open it in that folder for so many bytes at most."""
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            self._fd = os.dup(file.fileno())
        # Whoever still reads it holds it: it is closed when nobody does any more.
        self.close = weakref.finalize(self, os.close, self._fd)
        # A key is used for one file, so a piece's number is a nonce.
        self._cipher = AESGCM(AESGCM.generate_key(_KEY_BITS))
        self._digest = hashlib.sha256()
        self._pending = bytearray()
        self._pieces = 0
        self._most = most
        self.size = 0

    @property
    def closed(self) -> bool:
        """Return whether nothing can be written or read any more."""
        return not self.close.alive

    @property
    def etag(self) -> str:
        """Return what stands for the bytes, and for no others."""
        return f'"{self._digest.hexdigest()[:_ETAG]}"'

    def write(self, data: bytes) -> int:
        """Write behind what there is; raise SpoolFullError where that is too much.

        What is written after it was closed goes nowhere: a writer that is given up may still end.
        """
        count = len(data)
        if self.closed:
            return count
        if self.size + count > self._most:
            raise SpoolFullError
        self.size += count
        self._digest.update(data)
        self._pending += data
        while len(self._pending) >= PIECE:
            self._put(PIECE)
        return count

    def tell(self) -> int:
        """Return how much has been written."""
        return self.size

    def flush(self) -> None:
        """Do nothing: a part of a piece cannot be written."""

    def end(self) -> None:
        """Write what is left; nothing may be written behind it."""
        if self._pending and not self.closed:
            self._put(len(self._pending))

    def piece(self, number: int) -> bytes:
        """Return one of the pieces, each of `PIECE` bytes but the last."""
        sealed = os.pread(self._fd, PIECE + _TAG, number * (PIECE + _TAG))
        return self._cipher.decrypt(_nonce(number), sealed, None)

    def _put(self, count: int) -> None:
        sealed = self._cipher.encrypt(_nonce(self._pieces), bytes(self._pending[:count]), None)
        # Where room is short, a part of it is written, and only the next part is an error.
        done, at = 0, self._pieces * (PIECE + _TAG)
        while done < len(sealed):
            done += os.pwrite(self._fd, sealed[done:], at + done)
        del self._pending[:count]
        self._pieces += 1


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE, "big")
