"""The account as the vendor knows it: operators with groups and skills, websites, one clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from vendors.iadvize.sandbox.desk_book import Entry, Shelf
from vendors.iadvize.sandbox.profile import WITHOUT_GROUP, WITHOUT_SKILLS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from vendors.world import Account, Skill, StaffMember, Team


@dataclass(frozen=True, slots=True)
class Operator:
    """A member of staff, or the bot, which belongs to no group and has no skills."""

    member: StaffMember
    group_id: int | None
    skill_ids: tuple[int, ...]

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.member.id

    @property
    def external_id(self) -> str:
        """The identifier in the company's own books."""
        return f"RH-{self.member.id:05d}"


class Office:
    """What every resource reads from."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.operators = tuple(_operator(member) for member in account.staff)
        self.sites = {site.id: site for site in account.profile.sites}
        self._operators = {operator.id: operator for operator in self.operators}
        self.groups = Shelf("group", ("name", "parent_id"), self._founded(account.profile.teams))
        skills = self._founded(account.profile.skills)
        self.skills = Shelf("skill", ("name", "parent_id", "order"), skills)

    @property
    def now(self) -> datetime:
        """The present, to the second, in UTC."""
        return self.account.now

    def operator(self, number: int | None) -> Operator | None:
        """Return the operator of that id."""
        return None if number is None else self._operators.get(number)

    def group_of(self, operator: Operator) -> int | None:
        """Return the group that an operator is in, unless it has been deleted."""
        return operator.group_id if operator.group_id in self.groups else None

    def skills_of(self, operator: Operator) -> list[int]:
        """Return the skills that an operator has, without those that have been deleted."""
        return [number for number in operator.skill_ids if number in self.skills]

    def _founded(self, named: Iterable[Team | Skill]) -> list[Entry]:
        opened = f"{self.account.profile.opened} 00:00:00"
        return [Entry(one.id, one.name, opened, order=at) for at, one in enumerate(named, 1)]

    def zone(self, site_ids: Collection[int]) -> ZoneInfo:
        """Return the zone of these websites, or the account's if they do not share one."""
        names = {self.sites[number].time_zone for number in site_ids if number in self.sites}
        return ZoneInfo(names.pop()) if len(names) == 1 else self.account.profile.zone


def _operator(member: StaffMember) -> Operator:
    free = member.bot or member.email in WITHOUT_GROUP
    untrained = member.bot or member.email in WITHOUT_SKILLS
    return Operator(
        member=member,
        group_id=None if free else member.team_id,
        skill_ids=() if untrained else member.skill_ids,
    )
