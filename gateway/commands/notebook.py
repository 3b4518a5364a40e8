"""Ports that note what they are asked for and answer nothing, for queries that are only planned."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from gateway.commands.plan import PlanLine, PlanNote
from vendors.calls import Call
from vendors.drill_through import (
    DrillThroughPort,
    FigureEvent,
    FigureEventQuery,
    FigureEvents,
)
from vendors.errors import PlatformError
from vendors.exports import Export, ExportsPort
from vendors.measures import Dimension, Measurables, MeasureCall, Member, Reading
from vendors.port import (
    ConversationQuery,
    ConversationsPort,
    DirectoriesPort,
    FetchesPort,
    HistoriesPort,
    HistoryQuery,
    MeasuresPort,
    Page,
    Platform,
)
from vendors.records import Agent, AgentPresence, Conversation, Dated, Listed, Transaction
from vendors.staff import AgentLifetime, AgentProfile

__all__ = ["Notebook"]

L = TypeVar("L", bound=Listed)
D = TypeVar("D", bound=Dated)
E = TypeVar("E", bound=Listed | Dated)


@dataclass(slots=True)
class Notebook:
    """What was asked of the platforms' ports, but for measuring, which plans tell of."""

    lines: list[PlanLine] = field(default_factory=list)
    notes: dict[PlanNote, None] = field(default_factory=dict)

    def beside(self, platform: Platform) -> Platform:
        """Return the platform with ports that note what they are asked for."""
        ports = {
            name: stand_in(platform.key, port, self)
            for name, stand_in in _STAND_INS.items()
            if (port := getattr(platform, name)) is not None
        }
        # A plan changes nothing.
        return replace(platform, writes=None, **ports)  # type: ignore[arg-type]  # each is the port of its name

    def add(self, platform: str, call: str, why: str) -> None:
        """Note one call."""
        self.lines.append(PlanLine(platform=platform, call=call, why=why))

    def depends(self, platform: str, what: str) -> None:
        """Note that what follows from an answer is not known before it is there."""
        self.notes[PlanNote(platform, what)] = None


@dataclass(frozen=True, slots=True)
class _Conversations:
    """Lists nothing."""

    platform: str
    port: ConversationsPort
    notebook: Notebook

    @property
    def conversation_filters(self) -> frozenset[str]:
        return self.port.conversation_filters

    async def conversations(self, query: ConversationQuery, _call: Call) -> Page[Conversation]:
        line = PlanLine(
            platform=self.platform,
            call="list of conversations",
            start=query.start,
            end=query.end,
            why=f"A page of {query.limit}, newest first.",
        )
        self.notebook.lines.append(line)
        self.notebook.depends(self.platform, "What its conversations hold may cost further calls.")
        return Page(items=(), positions=(), has_more=False)


@dataclass(frozen=True, slots=True)
class _Listed:
    """Knows no conversation, no agent and no sale."""

    platform: str
    port: object
    notebook: Notebook

    async def conversation(self, _native_id: str, _call: Call) -> Conversation | None:
        self.notebook.add(self.platform, "one conversation", "It is asked for by its id.")
        return None

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self.notebook.add(self.platform, "list of agents", "Agents, or their names, are selected.")
        self.notebook.depends(self.platform, "What its agents are asked for may cost more.")
        return ()

    async def presence(self, _agents: Sequence[Agent], _call: Call) -> tuple[AgentPresence, ...]:
        self.notebook.add(self.platform, "presence of agents", "Their state now is selected.")
        return ()

    async def profile(self, _native_id: str, _call: Call) -> AgentProfile | None:
        self.notebook.add(
            self.platform, "profile of an agent", "It is asked for by the agent's id."
        )
        return None

    async def lifetime(self, _native_id: str, _call: Call) -> AgentLifetime | None:
        why = "They are asked for by the agent's id."
        self.notebook.add(self.platform, "lifetime figures of an agent", why)
        return None

    async def sales_of(
        self, _conversations: Sequence[Conversation], _call: Call
    ) -> tuple[Transaction, ...]:
        self.notebook.add(self.platform, "list of sales", "What conversations led to is selected.")
        return ()


@dataclass(frozen=True, slots=True)
class _Directories:
    """Knows no entry of any list."""

    platform: str
    port: DirectoriesPort
    notebook: Notebook

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        return self.port.directory_kinds

    async def directory(self, kind: type[L], _call: Call) -> tuple[L, ...]:
        name = _worded(kind)
        why = f"Each {name}, or what it is called, is selected."
        self.notebook.add(self.platform, f"list of {name}s", why)
        return ()


@dataclass(frozen=True, slots=True)
class _Histories:
    """Lists nothing of what happened."""

    platform: str
    port: HistoriesPort
    notebook: Notebook

    @property
    def history_filters(self) -> Mapping[type[Dated], frozenset[str]]:
        return self.port.history_filters

    async def history(self, kind: type[D], query: HistoryQuery, _call: Call) -> Page[D]:
        line = PlanLine(
            platform=self.platform,
            call=f"list of {_worded(kind)}s",
            start=query.start,
            end=query.end,
            why=f"A page of {query.limit}, newest first.",
        )
        self.notebook.lines.append(line)
        self.notebook.depends(self.platform, f"What each {_worded(kind)} holds may cost more.")
        return Page(items=(), positions=(), has_more=False)


@dataclass(frozen=True, slots=True)
class _DrillThrough:
    """Lists no event."""

    platform: str
    port: DrillThroughPort
    notebook: Notebook

    @property
    def drillable(self) -> Mapping[str, FigureEvents]:
        return self.port.drillable

    async def events(self, query: FigureEventQuery, _call: Call) -> Page[FigureEvent]:
        line = PlanLine(
            platform=self.platform,
            call="list of events",
            figures=(query.figure,),
            start=query.start,
            end=query.end,
            why=f"A page of {query.limit} of what the figure counts.",
        )
        self.notebook.lines.append(line)
        return Page(items=(), positions=(), has_more=False)


@dataclass(frozen=True, slots=True)
class _Exports:
    """Tells which files there are, and gives none: no query can ask for one."""

    platform: str
    port: ExportsPort
    notebook: Notebook

    @property
    def exports(self) -> Mapping[str, Export]:
        return self.port.exports


@dataclass(frozen=True, slots=True)
class _Fetches:
    """Knows no single record."""

    platform: str
    port: FetchesPort
    notebook: Notebook

    @property
    def fetched_kinds(self) -> frozenset[type[Listed | Dated]]:
        return self.port.fetched_kinds

    async def fetch(self, kind: type[E], _native_id: str, _call: Call) -> E | None:
        self.notebook.add(self.platform, f"one {_worded(kind)}", "It is asked for by its id.")
        return None


@dataclass(frozen=True, slots=True)
class _Measures:
    """Measures nothing; names the members that it knows without asking."""

    platform: str
    port: MeasuresPort
    notebook: Notebook

    @property
    def measurables(self) -> Measurables:
        return self.port.measurables

    async def measure(self, _measure: MeasureCall, _call: Call) -> tuple[Reading, ...]:
        return ()

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:
        try:
            return await self.port.members(dimension, call)
        except PlatformError:
            name = dimension.name
            self.notebook.add(
                self.platform, f"list of the members of {name}", f"Calls must name each {name}."
            )
            self.notebook.depends(self.platform, f"Calls for each {name} follow.")
            raise


def _worded(kind: type[Any]) -> str:
    """Return what records of that kind are called."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


_STAND_INS: Mapping[str, Callable[[str, Any, Notebook], object]] = {
    "conversations": _Conversations,
    "conversation_by_id": _Listed,
    "agents": _Listed,
    "presence": _Listed,
    "measures": _Measures,
    "directories": _Directories,
    "histories": _Histories,
    "fetches": _Fetches,
    "sales": _Listed,
    "profiles": _Listed,
    "lifetimes": _Listed,
    "drill_through": _DrillThrough,
    "exports": _Exports,
}
"""The ports of a platform, and what stands in for each."""
