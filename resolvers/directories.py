"""Short lists that an account makes for itself: teams, skills, tags, sites, clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from resolvers.agents import directory
from resolvers.cached import Held
from resolvers.fanout import ask_each
from resolvers.keys import cache_key
from resolvers.label_pages import label_page, shares
from resolvers.outcomes import Freshness
from resolvers.paging import Connection, Cursor, fingerprint, resumed
from vendors.calls import Call
from vendors.port import Platform
from vendors.records import Listed, Skill, Team

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["MEMBERSHIP", "DirectoryFilter", "directory_of", "keeps", "listed"]

L = TypeVar("L", bound=Listed)

MEMBERSHIP: Mapping[type[Listed], str] = {Team: "team_ids", Skill: "skill_ids"}
"""What agents belong to, and where they say so."""


class DirectoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; empty means all. Members that a kind does not have are not set."""

    native_ids: tuple[str, ...] = ()
    name: str | None = None
    """A part of the name, in whatever case; `*` stands for anything, and then for the whole."""
    parent_ids: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    site_ids: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()


async def listed(
    context: RequestContext,
    kind: type[L],
    wanted: DirectoryFilter,
    platforms: tuple[Platform, ...],
    *,
    first: int,
    after: str | None,
) -> Connection[L]:
    """Return one page of the entries of a kind, platform by platform, by name.

    Raises BadInputError for a cursor that is not of this question.
    """
    keys = tuple(platform.key for platform in platforms)
    question = fingerprint("directory", kind.__name__, wanted, keys)
    sealer = context.services.sealer
    begun = resumed(sealer, after, Cursor(question))

    async def ask(platform: Platform, call: Call) -> Held[tuple[L, ...]]:
        every = await directory_of(context, platform, kind, call)
        theirs = await _of_agents(context, platform, kind, wanted.agent_ids, call)
        matching = tuple(one for one in every.value if _matches(one, wanted, theirs.value))
        return Held.made_of(matching, every, theirs)

    def unsupported(platform: Platform) -> str | None:
        return None if platform.lists(kind) else "The platform does not list them."

    answers = await ask_each(platforms, context.call, ask, unsupported)
    return label_page(answers, begun, first, sealer)


async def directory_of(
    context: RequestContext, platform: Platform, kind: type[L], call: Call
) -> Held[tuple[L, ...]]:
    """Return every entry of a kind: one list, shared by all who ask within minutes.

    Nothing is asked of a platform that has no such list.
    """
    port = platform.directories
    if port is None or not platform.lists(kind):
        return Held((), context.clock.now(), Freshness.LIVE)

    async def fetch(budget: Call) -> tuple[L, ...]:
        return await port.directory(kind, budget)

    key, shape = _kept_as(platform, kind)
    return await context.entities.read(key, shape, context.services.lifetimes.agents, call, fetch)


async def keeps(context: RequestContext, platform: Platform, kind: type[Listed]) -> bool:
    """Return whether the list of a kind is known already; nothing is asked of the platform."""
    key, shape = _kept_as(platform, kind)
    return await context.entities.keeps(key, shape, context.services.lifetimes.agents)


def _kept_as(platform: Platform, kind: type[L]) -> tuple[str, type[tuple[L, ...]]]:
    """Return under which key a list is kept, and what it is."""
    shape = cast(type[tuple[L, ...]], tuple[kind, ...])  # type: ignore[valid-type]  # made here
    return cache_key("directory", platform, kind.__name__), shape


async def _of_agents(
    context: RequestContext,
    platform: Platform,
    kind: type[Listed],
    agent_ids: Sequence[str],
    call: Call,
) -> Held[frozenset[str]]:
    """Return the ids of the entries that these agents say they belong to."""
    if not agent_ids or kind not in MEMBERSHIP:
        return Held(frozenset(), context.clock.now(), Freshness.LIVE)
    staff = await directory(context, platform, call)
    found = frozenset(
        entry
        for agent in staff.value
        if agent.native_id in agent_ids
        for entry in getattr(agent, MEMBERSHIP[kind]) or ()
    )
    return Held.made_of(found, staff)


def _matches(entry: Listed, wanted: DirectoryFilter, theirs: frozenset[str]) -> bool:
    """Return whether the entry is wanted; `theirs` are those to which the wanted agents belong."""
    return (
        (not wanted.native_ids or entry.native_id in wanted.native_ids)
        and (wanted.name is None or _named(entry, wanted.name.casefold()))
        and shares(wanted.parent_ids, _of(entry, "parent_id"))
        and shares(wanted.client_ids, _of(entry, "client_id"))
        and (entry.native_id in theirs or shares(wanted.agent_ids, _of_all(entry, "agent_ids")))
        and shares(wanted.site_ids, _of_all(entry, "site_ids"))
    )


def _named(entry: Listed, part: str) -> bool:
    """Return whether the pieces between the stars stand in the name, in their order."""
    name = entry.label.casefold()
    if "*" not in part:
        return part in name
    head, *middle, tail = part.split("*")
    place = len(head)
    if not name.startswith(head) or len(name) < place + len(tail) or not name.endswith(tail):
        return False
    until = len(name) - len(tail)
    for piece in middle:
        found = name.find(piece, place, until)
        if found < 0:
            return False
        place = found + len(piece)
    return place <= until


def _of(entry: Listed, name: str) -> Sequence[Any]:
    value = getattr(entry, name, None)
    return () if value is None else (value,)


def _of_all(entry: Listed, name: str) -> Sequence[str] | None:
    found: Sequence[str] | None = getattr(entry, name, None)
    return found
