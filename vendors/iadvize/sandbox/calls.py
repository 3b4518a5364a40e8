"""Calls that a telephone system told of: conversations of the channel `call`, from then on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vendors.world import Contact, Customer
from vendors.world.arrivals import first_id

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

_FIRST_OF_A_DAY = 2_000
"""Above the numbers of those who came by themselves."""


class Numbers:
    """Gives out numbers for new visitors and conversations, which share one row of them."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._given: Counter[date] = Counter()

    def next(self, now: datetime) -> int:
        """Return the next number of the day."""
        today = now.astimezone(self._zone).date()
        self._given[today] += 1
        return first_id(today) + _FIRST_OF_A_DAY + self._given[today]


@dataclass(frozen=True, slots=True)
class Call(Contact):
    """A call, and whoever is on the line."""

    caller: Customer

    @property
    def customer(self) -> Customer:
        """Who made contact."""
        return self.caller


class Calls:
    """The calls of one account."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}

    def get(self, number: int) -> Call | None:
        """Return the call of that number."""
        return self._calls.get(number)

    def between(self, start: datetime, end: datetime) -> list[Call]:
        """Return the calls that began in `start` <= t < `end`, in order of time."""
        return [one for one in self._calls.values() if start <= one.started_at < end]

    def held_by(self, staff_id: int) -> list[Call]:
        """Return the calls that somebody has in hand."""
        return [one for one in self._open() if one.staff_id == staff_id]

    def add(self, call: Call) -> None:
        """Keep a call."""
        self._calls[call.id] = call

    def find(self, staff_id: int, site_id: int, phone: str) -> Call | None:
        """Return the latest call that still goes on between these."""
        about = (staff_id, site_id, phone)
        found = [
            one for one in self._open() if (one.staff_id, one.site_id, one.caller.phone) == about
        ]
        return found[-1] if found else None

    def end(self, call: Call, now: datetime) -> None:
        """End a call."""
        self._calls[call.id] = replace(call, ended_at=now, ended_by="agent", closings=(now,))

    def _open(self) -> list[Call]:
        return [one for one in self._calls.values() if one.ended_at is None]
