"""The origins of queries, of which no list tells, from what operators are said to serve."""

from __future__ import annotations

from collections.abc import Mapping

from vendors import records
from vendors.chattonic import wire
from vendors.chattonic.mapping import serves_all

__all__ = ["skills"]

_BETWEEN_NAMES = ", "


def skills(stats: wire.OperatorStats, platform: str) -> tuple[records.Skill, ...]:
    """Return the origins that operators serve as skills, each with those who serve it."""
    names = _names(stats)
    return tuple(
        records.Skill(
            platform=platform,
            native_id=origin,
            name=name,
            agent_ids=tuple(
                one.id for one in stats.operators if origin in one.origins or serves_all(one)
            ),
        )
        for origin, name in names.items()
    )


def _names(stats: wire.OperatorStats) -> Mapping[str, str | None]:
    """Return the name of each origin, or None where it does not follow from what is told.

    An operator's text names all origins together, in an order that is not documented. What is in
    the texts of all who serve an origin is its name, where that is one name alone.
    """
    likely: dict[str, frozenset[str] | None] = {}
    for one in stats.operators:
        told = _told(one)
        for origin in one.origins:
            before = likely.setdefault(origin, told)
            if told is not None and before is not None:
                likely[origin] = before & told
            elif before is None:
                likely[origin] = told
    return {
        origin: next(iter(names)) if names is not None and len(names) == 1 else None
        for origin, names in likely.items()
    }


def _told(operator: wire.Operator) -> frozenset[str] | None:
    """Return the names in an operator's text, or None where they are not one for each origin."""
    text = operator.originsName
    if not text:
        return None
    names = [text] if len(operator.origins) == 1 else text.split(_BETWEEN_NAMES)
    return frozenset(names) if len(names) == len(operator.origins) else None
