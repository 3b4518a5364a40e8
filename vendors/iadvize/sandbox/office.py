"""The account as the vendor knows it: operators with groups and skills, websites, one clock.

What is written is kept here, on top of the world, for as long as the simulator runs. What happened
is counted by how things were when the account was opened: the past does not change with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from vendors.iadvize.sandbox.availability import Availability
from vendors.iadvize.sandbox.calls import Calls, Numbers
from vendors.iadvize.sandbox.desk_book import Entry, Shelf
from vendors.iadvize.sandbox.labels import Labels
from vendors.iadvize.sandbox.refusals import unknown
from vendors.iadvize.sandbox.roster import Roster
from vendors.iadvize.sandbox.visitor_book import VisitorBook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from vendors.iadvize.sandbox.roster import Operator
    from vendors.world import Account, Contact, Skill, Team


class Office:
    """What every resource reads from."""

    def __init__(self, account: Account) -> None:
        self.account: Account = account
        self.roster: Roster = Roster(account.staff)
        self.availability = Availability(account.profile.zone)
        self.sites = {site.id: site for site in account.profile.sites}
        self.groups = Shelf("group", ("name", "parent_id"), self._founded(account.profile.teams))
        skills = self._founded(account.profile.skills)
        self.skills = Shelf("skill", ("name", "parent_id", "order"), skills)
        self.labels = Labels()
        self.visitors = VisitorBook()
        self.numbers = Numbers(account.profile.zone)
        self.calls = Calls()

    @property
    def now(self) -> datetime:
        """The present, to the second, in UTC."""
        return self.account.now

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Everybody who can log in."""
        return self.roster.all()

    def operator(self, number: int | None) -> Operator | None:
        """Return the operator of that id."""
        return self.roster.get(number)

    def group_of(self, operator: Operator) -> int | None:
        """Return the group that an operator is in, unless it has been deleted."""
        return operator.group_id if operator.group_id in self.groups else None

    def skills_of(self, operator: Operator) -> list[int]:
        """Return the skills that an operator has, without those that have been deleted."""
        return [number for number in operator.skill_ids if number in self.skills]

    def contacts(self, start: datetime, end: datetime) -> list[Contact]:
        """Return the conversations that began within a window, in order of time."""
        calls = self.calls.between(start, end)
        found = self.account.contacts(start, end)
        return (
            sorted([*found, *calls], key=lambda one: (one.started_at, one.id)) if calls else found
        )

    def contact(self, number: int) -> Contact | None:
        """Return the conversation of that id."""
        return self.calls.get(number) or self.account.contact(number)

    def check_sites(self, site_ids: Iterable[int]) -> None:
        """Refuse a website that is not there."""
        for number in site_ids:
            if number not in self.sites:
                raise unknown("website", str(number))

    def zone(self, site_ids: Collection[int]) -> ZoneInfo:
        """Return the zone of these websites, or the account's if they do not share one."""
        names = {self.sites[number].time_zone for number in site_ids if number in self.sites}
        return ZoneInfo(names.pop()) if len(names) == 1 else self.account.profile.zone

    def _founded(self, named: Iterable[Team | Skill]) -> list[Entry]:
        opened = f"{self.account.profile.opened} 00:00:00"
        return [Entry(one.id, one.name, opened, order=at) for at, one in enumerate(named, 1)]
