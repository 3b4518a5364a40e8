"""Finds what a change has created whose answer was lost: what is new, and is what was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from vendors.calls import Call
from vendors.port import HistoryQuery, Platform
from vendors.records import Agent, Customer, Dated, Listed, Record, Site, Skill, Tag, Team
from vendors.writes import Change, Create, CreateCustomer

__all__ = ["Known", "found_by", "search_of"]

_MANY = 100
"""More customers than ever had one id of the company's own."""

Known: TypeAlias = Agent | Listed | Dated
"""A record that has an id."""
Search: TypeAlias = Callable[[Call], Awaitable[Sequence[Known]]]


def search_of(platform: Platform, change: Change) -> tuple[object, Search] | None:
    """Return how what a change creates can be looked for, and what tells that search apart.

    None: it cannot be found, or not by a few calls.
    """
    if not isinstance(change, Create) or change.kind is None:
        return None
    finder = _SEARCHES.get(change.kind)
    return None if finder is None else finder(platform, change)


def found_by(change: Change, now: Sequence[Known], before: Sequence[str]) -> list[Known]:
    """Return which of the records that are there now the change can have made."""
    if not isinstance(change, Create):
        return []
    return [one for one in now if one.record_id not in before and change.made(one)]


def _in_directory(platform: Platform, change: Create) -> tuple[object, Search] | None:
    port, kind = platform.directories, change.kind
    if port is None or kind is None or not issubclass(kind, Listed):
        return None
    if kind not in port.directory_kinds:
        return None

    async def search(call: Call) -> Sequence[Known]:
        return await port.directory(kind, call)

    return kind, search


def _among_agents(platform: Platform, _change: Create) -> tuple[object, Search] | None:
    port = platform.agents
    return None if port is None else (Agent, port.agents)


def _by_external_id(platform: Platform, change: Create) -> tuple[object, Search] | None:
    port = platform.histories
    external_id = change.members.external_id if isinstance(change, CreateCustomer) else None
    if port is None or not isinstance(external_id, str):
        return None
    if "external_ids" not in port.history_filters.get(Customer, ()):
        return None

    async def search(call: Call) -> Sequence[Known]:
        query = HistoryQuery(limit=_MANY, external_ids=(external_id,))
        return (await port.history(Customer, query, call)).items

    return (Customer, external_id), search


_SEARCHES: Mapping[type[Record], Callable[[Platform, Create], tuple[object, Search] | None]] = {
    Team: _in_directory,
    Skill: _in_directory,
    Tag: _in_directory,
    Site: _in_directory,
    Agent: _among_agents,
    Customer: _by_external_id,
}
