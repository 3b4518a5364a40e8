"""What the account knows about a stretch of time: chats, presence of the agents, greetings."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from vendors.livechat.sandbox.chats import Agent, Chat, chat
from vendors.livechat.sandbox.profile import GROUPS, PROFILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from zoneinfo import ZoneInfo

    from vendors.livechat.sandbox.stretches import Stretch
    from vendors.world import Greeting, World

ACCEPTING = frozenset({"available", "busy"})
NOT_ACCEPTING = frozenset({"away", "in_meeting"})
_DAYS_KEPT = 1_200


class Archive:
    """The account up to now; windows are `start` <= t < `end`, in UTC."""

    def __init__(self, world: World) -> None:
        self._account = world.account(PROFILE)
        self._kept = lru_cache(maxsize=_DAYS_KEPT)(self._made)
        self.agents = tuple(
            Agent(
                email=member.email,
                number=member.id,
                groups=tuple(group.id for group in GROUPS if group.skill_id in member.skill_ids),
            )
            for member in self._account.people
        )
        self._agents = {agent.number: agent for agent in self.agents}

    @property
    def now(self) -> datetime:
        """The present."""
        return self._account.now

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the agent to whom the credentials belong."""
        return PROFILE.zone

    @property
    def reach(self) -> timedelta:
        """How long after its beginning something may still happen to a chat."""
        return self._account.reach

    def chats(self, start: datetime, end: datetime) -> list[Chat]:
        """Return the chats that began within the window, in order of time."""
        end = min(end, self.now + timedelta(microseconds=1))
        start = max(start, _midnight(PROFILE.opened, self.zone))
        found: list[Chat] = []
        for day in _dates(start, end, self.zone):
            chats = self._day(day)
            whole = start <= _midnight(day, self.zone) and _midnight(_after(day), self.zone) <= end
            found += chats if whole else [one for one in chats if start <= one.started < end]
        return found

    def greetings(self, start: datetime, end: datetime) -> dict[int, Greeting]:
        """Return what became of the invitations of every greeting."""
        return self._account.greetings(start, end)

    def present(
        self, agent: Agent, start: datetime, end: datetime, states: frozenset[str]
    ) -> list[Stretch]:
        """Return when somebody was in one of the states, in order of time."""
        found = self._account.presence(agent.number, start, end)
        return [(one.start, one.end) for one in found if one.state in states]

    def chatting(self, agent: Agent, start: datetime, end: datetime) -> list[Stretch]:
        """Return when somebody had at least one chat in hand, in order of time."""
        return [(one.start, one.end) for one in self._account.occupied(agent.number, start, end)]

    def _day(self, day: date) -> list[Chat]:
        """Return the chats of a local day; a day on which nothing changes any more is kept."""
        settled = _midnight(_after(day), self.zone) + self.reach <= self.now
        return self._kept(day) if settled else self._made(day)

    def _made(self, day: date) -> list[Chat]:
        now = self.now
        start, end = _midnight(day, self.zone), _midnight(_after(day), self.zone)
        return [chat(one, self._agents, now) for one in self._account.contacts(start, end)]


def _dates(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[date]:
    if start >= end:
        return
    day = start.astimezone(zone).date()
    last = (end - timedelta(microseconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day = _after(day)


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
