"""Forgets what is kept of platforms, so that what is read next is asked of them anew."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from resolvers.context import RequestContext, Scope
from resolvers.keys import TIERS, scope_of
from vendors.port import Platform

__all__ = ["Purged", "purge"]

_AUDIT = logging.getLogger("switchboard.audit")
_STAYING = frozenset({"documents", "outcome", "changed"})
"""What callers registered, and what says what was changed, so that nothing is changed twice."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many entries of one platform were forgotten, as far as the store tells."""

    platform: str
    entries: int


async def purge(context: RequestContext, platforms: Sequence[Platform]) -> list[Purged]:
    """Forget all that is kept of these platforms; raise ForbiddenError where that is not allowed.

    What is being read meanwhile is not kept where it would be found afterwards.
    """
    context.require(Scope.WRITE)
    purged = []
    for platform in platforms:
        drop, scope = context.services.purge, scope_of(platform.key)
        entries = 0 if drop is None else await drop(scope)
        await context.note_change(platform, [one for one in TIERS if one not in _STAYING])
        context.services.flights.part(partial(_is_of, scope))
        purged.append(Purged(platform.key, entries))
        about = {"key": context.principal.name, "platform": platform.key, "entries": entries}
        _AUDIT.info("purge", extra=about)
    return purged


def _is_of(scope: str, key: str) -> bool:
    return key.partition(":")[2].startswith(f"{scope}:")
