"""What a figure has to be by the raw world alone: contacts and presence, counted in plain loops.

Each vendor's definitions stand beside its other tests, in `raw_world.py`; they are read from its
documents, and share no code with its simulator.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from vendors.records import Channel
from vendors.world import Account, AccountProfile, Contact, StaffMember

__all__ = ["Definition", "Definitions", "Sum", "definitions", "mean", "present", "total"]


class Sum(NamedTuple):
    """What adds up of a figure: the value itself, or what is divided and by how much."""

    above: float
    below: float | None = None


Definition = Callable[[Account, datetime, datetime, StaffMember | None], Sum]
"""Counts a figure over `start` <= t < `end`, of one member of staff or of all."""


@dataclass(frozen=True)
class Definitions:
    """How one vendor defines the core figures, and what its account looks like."""

    profile: AccountProfile
    figures: Mapping[str, Definition]
    agent_id: Callable[[StaffMember], str]
    channels: tuple[Channel, ...] = ()
    """To which channels the figures are restricted, where the vendor tells them apart."""
    not_by_agent: frozenset[str] = field(default_factory=frozenset)
    """What is not known of a member of staff."""


def definitions(vendor: str) -> Definitions:
    """Return the definitions of a vendor."""
    found = importlib.import_module(f"tests.vendors.{vendor}.raw_world").DEFINITIONS
    assert isinstance(found, Definitions)
    return found


def total(moments: Callable[[Contact], Iterable[tuple[datetime, float]]]) -> Definition:
    """Return a definition that adds up what falls into the window, whenever it began."""

    def count(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
        found = 0.0
        for contact in account.contacts(start - account.reach, end):
            if member is None or contact.staff_id == member.id:
                for at, number in moments(contact):
                    if start <= at < end:
                        found += number
        return Sum(found)

    return count


def mean(moments: Callable[[Contact], Iterable[tuple[datetime, float]]]) -> Definition:
    """Return a definition that takes the mean of what falls into the window."""

    def count(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
        found, number = 0.0, 0
        for contact in account.contacts(start - account.reach, end):
            if member is None or contact.staff_id == member.id:
                for at, value in moments(contact):
                    if start <= at < end:
                        found += value
                        number += 1
        return Sum(found, number)

    return count


def present(*states: str) -> Definition:
    """Return a definition that adds up how long people were in one of the states."""

    def count(account: Account, start: datetime, end: datetime, member: StaffMember | None) -> Sum:
        found = 0.0
        for one in account.people:
            if member is None or one.id == member.id:
                for interval in account.presence(one.id, start, end):
                    if interval.state in states:
                        found += (interval.end - interval.start).total_seconds()
        return Sum(found)

    return count
