"""What a platform tells of one agent beside the list: profile and lifetime, a call for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vendors.records import Record

if TYPE_CHECKING:
    from vendors.calls import Call

__all__ = ["AgentLifetime", "AgentProfile", "LifetimesPort", "ProfilesPort"]


class AgentProfile(Record, frozen=True, kw_only=True):
    """What an agent shows of themselves to customers."""

    platform: str
    agent_id: str
    status: str | None = None
    description: str | None = None
    city: str | None = None
    country: str | None = None
    facebook: str | None = None
    twitter: str | None = None


class AgentLifetime(Record, frozen=True, kw_only=True):
    """What an agent has done since the account began: it belongs to no period."""

    platform: str
    agent_id: str
    conversations: int | None = None
    satisfaction_rate: float | None = None
    """A fraction from 0 to 1."""
    experience: int | None = None
    """A score of the platform's own."""


class ProfilesPort(Protocol):
    """Tells what agents show of themselves."""

    async def profile(self, native_id: str, call: Call) -> AgentProfile | None:
        """Return the profile of the agent, or None without one; raise PlatformError."""
        ...


class LifetimesPort(Protocol):
    """Tells what agents have ever done."""

    async def lifetime(self, native_id: str, call: Call) -> AgentLifetime | None:
        """Return the figures of the agent, or None without them; raise PlatformError."""
        ...
