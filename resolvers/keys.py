"""Cache keys: hashed, so that no name, e-mail or search text can be read from them."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from vendors.port import Platform

__all__ = ["cache_key"]

_VERSION = "2"
"""Raised whenever the form of a cached value changes, so that old entries are never read."""

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def cache_key(tier: str, platform: Platform, *parts: object) -> str:
    """Return the key of a value of one platform, as its credential sees it.

    `parts` are hashed in a canonical encoding in which every part keeps its own length, so that
    two different lists of parts never make one key.
    """
    encoded = _ENCODER.encode((_VERSION, tier, platform.key, platform.credential, parts))
    return f"{tier}:{blake2b(encoded, digest_size=20).hexdigest()}"
