"""What is handed down with every question to a platform: how long it may take, and who counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec

__all__ = ["Call", "CallLog", "CallRecord"]


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request that was sent to a platform. It holds no address and no credential."""

    platform: str
    endpoint: str
    status: int | None
    """The HTTP status, or None where no answer came."""
    seconds: float
    attempt: int = 1
    credential: bool = False
    """Whether it fetched a token rather than data."""


@dataclass(slots=True)
class CallLog:
    """The calls that one operation (or a part of one) cost, in the order in which they ended."""

    whole: CallLog | None = None
    """The log of the operation that this one is a part of."""
    records: list[CallRecord] = field(default_factory=list)

    def add(self, record: CallRecord) -> None:
        """Note one request that was sent."""
        self.records.append(record)
        if self.whole is not None:
            self.whole.add(record)

    def count(self, platform: str) -> int:
        """Return how many requests for data (not for tokens) went to that platform."""
        return sum(1 for one in self.records if one.platform == platform and not one.credential)


@dataclass(frozen=True, slots=True)
class Call:
    """The budget of one operation, handed down to every call that it makes.

    `deadline` is on the running event loop's clock (`loop.time()`); a platform that is not done
    by then has failed with PLATFORM_TIMEOUT.
    """

    deadline: float
    log: CallLog = field(default_factory=CallLog)
    request_id: str = ""

    @classmethod
    def within(cls, seconds: float, *, request_id: str = "") -> Call:
        """Return a budget of that many seconds from now, with an empty log."""
        return cls(asyncio.get_running_loop().time() + seconds, CallLog(), request_id)

    @property
    def remaining(self) -> float:
        """Return the seconds that are left, never below zero."""
        return max(0.0, self.deadline - asyncio.get_running_loop().time())
