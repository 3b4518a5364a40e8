"""Cache keys: hashed, so that no name, e-mail or search text can be read from them.

A key is `tier:scope:digest`, where the scope stands for the platform: that is how a store can tell
what may be kept where, and drop what belongs to one platform, without knowing anything else.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import msgspec

from vendors.port import Platform

__all__ = ["TIERS", "cache_key", "mark_key", "place_of", "scope_in", "scope_of", "tier_of"]

_VERSION = "4"
"""Raised whenever the form of a cached value changes, so that old entries are never read."""

TIERS = (
    "series",
    "agents",
    "conversations",
    "conversation",
    "members",
    "presence",
    "directory",
    "history",
    "record",
    "documents",
    "outcome",
    "changed",
)
"""What is kept, by kind; all but the first and the last two may hold names, addresses or texts."""

_APART = frozenset({"outcome"})
"""What is not dropped with the values of its platform: no change is made twice for it."""

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def cache_key(tier: str, platform: Platform, *parts: object) -> str:
    """Return the key of a value of one platform, as its credential sees it.

    `parts` are hashed in a canonical encoding in which every part keeps its own length, so that
    two different lists of parts never make one key.
    """
    encoded = _ENCODER.encode((_VERSION, tier, platform.key, platform.credential, parts))
    whose = f"{tier} of {platform.key}" if tier in _APART else platform.key
    return f"{tier}:{scope_of(whose)}:{blake2b(encoded, digest_size=20).hexdigest()}"


def place_of(key: str) -> str:
    """Return the tier and scope of a key: what a change touches as a whole."""
    return ":".join(key.split(":", 2)[:2])


def mark_key(place: str) -> str:
    """Return the key under which it is kept that something was changed in a `tier:scope`."""
    tier, _, scope = place.partition(":")
    return f"changed:{scope}:{tier}"


@lru_cache(maxsize=1024)
def scope_of(platform: str) -> str:
    """Return what stands in keys for the platform of that key."""
    return blake2b(platform.encode(), digest_size=8).hexdigest()


def scope_in(key: str) -> str:
    """Return what stands for the platform in a key."""
    return key.split(":", 2)[1]


def tier_of(key: str) -> str:
    """Return the tier that a key belongs to."""
    return key.partition(":")[0]
