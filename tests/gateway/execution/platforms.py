"""Platforms with a little of everything: one that answers, and one that fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.fakes import NOW, PlainSealer, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.node_ids import NodeKind, node_id
from vendors.calls import Call
from vendors.errors import PlatformServerError
from vendors.port import ConversationQuery, Page, Platform
from vendors.records import (
    Agent,
    AgentPresence,
    Channel,
    Conversation,
    Message,
    MessageAuthor,
    MessageKind,
    PresenceStatus,
)

__all__ = ["VALUES", "platforms"]

_EVENTS = [
    Event(NOW - timedelta(hours=hours), "chat", agent, 60 * hours, answered=hours % 2 == 0)
    for hours, agent in enumerate(("ann", "bob", "ann", "cem"), 1)
]


class House:
    """What a platform knows."""

    conversation_filters = frozenset({"agent_ids", "channels"})

    def __init__(self, key: str) -> None:
        self.key = key

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        return tuple(
            Agent(platform=self.key, native_id=one, name=one.title(), channels=(Channel.CHAT,))
            for one in ("ann", "bob")
        )

    async def presence(self, asked: Sequence[Agent], _call: Call) -> tuple[AgentPresence, ...]:
        status = PresenceStatus.AVAILABLE
        return tuple(
            AgentPresence(platform=self.key, agent_id=one.native_id, status=status, as_of=NOW)
            for one in asked[:1]
        )

    async def conversations(self, query: ConversationQuery, _call: Call) -> Page[Conversation]:
        found = tuple(self._conversation(number) for number in range(min(3, query.limit)))
        return Page(found, tuple(one.native_id for one in found), has_more=False)

    async def conversation(self, native_id: str, _call: Call) -> Conversation | None:
        return self._conversation(int(native_id)) if native_id.isdigit() else None

    def _conversation(self, number: int) -> Conversation:
        began = NOW - timedelta(minutes=10 * number + 1)
        said = Message(
            sent_at=began, author=MessageAuthor.AGENT, kind=MessageKind.TEXT, text="hello"
        )
        return Conversation(
            platform=self.key,
            native_id=str(number),
            channel=Channel.CHAT,
            started_at=began,
            ended_at=None if number == 1 else NOW,
            agent_id=("ann", "gone", None)[number % 3],
            messages=(said,) * number,
        )


def platforms() -> tuple[Platform, ...]:
    """Return the platforms, which have been asked nothing."""
    house = House("one")
    ports: dict[str, Any] = {
        "agents": house,
        "presence": house,
        "conversations": house,
        "conversation_by_id": house,
        "measures": Measuring(_EVENTS, source_of()),
    }
    broken = Measuring(_EVENTS, source_of(), key="two")
    broken.fails = PlatformServerError()
    return platform_of("one", **ports), platform_of("two", measures=broken)


_IDS = [
    node_id(PlainSealer(), NodeKind.AGENT, "one", "ann"),
    node_id(PlainSealer(), NodeKind.CONVERSATION, "one", "2"),
    node_id(PlainSealer(), NodeKind.PLATFORM, "two", ""),
    "nonsense",
]

VALUES: dict[str, list[Any]] = {
    "ID": _IDS,
    "[ID!]": [_IDS, _IDS[:1], []],
    "[String!]": [["one"], ["one", "two"], ["three"], None],
    "Int": [1, 2, 50, 1000, None],
    "String": ["agents", "overview", "Europe/Paris", "nowhere", None],
    "Boolean": [True, False],
    "Granularity": ["TOTAL", "DAY", "HOUR"],
    "[IndicatorKey!]": [["CONVERSATIONS_STARTED"], ["HANDLE_TIME", "SATISFACTION_RATE"], [], None],
    "[Dimension!]": [["AGENT"], ["CHANNEL"], [], None],
    "PeriodInput": [
        {"last": {"count": 1, "unit": "DAY"}},
        {"calendar": "TODAY"},
        {"between": {"from": "2026-03-17T00:00:00Z", "to": "2026-03-18T00:00:00Z"}},
        {"between": {"from": "2026-03-17", "to": "2026-03-16"}},
        None,
    ],
    "AgentFilter": [{"name": "an"}, {"statuses": ["AVAILABLE"]}, {}, None],
    "ConversationFilter": [{"channels": ["CHAT"]}, {"agentIds": []}, None],
}
"""What is given to arguments, by the name of their type."""
