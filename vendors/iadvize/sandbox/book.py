"""One local day of the account as facts, each kind made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from vendors.iadvize.sandbox.contacts import contact_fact
from vendors.iadvize.sandbox.desks import stretches
from vendors.iadvize.sandbox.invitations import Visits
from vendors.iadvize.sandbox.sales import sale_fact, shop_fact
from vendors.iadvize.sandbox.window import day_window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from vendors.iadvize.sandbox.desks import Stretch
    from vendors.iadvize.sandbox.facts import Fact
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.sales import ShopFact


class Book:
    """What happened on a day, as it stands at `now`."""

    def __init__(self, office: Office, day: date, now: datetime) -> None:
        self._office = office
        self._account = office.account
        self._day = day_window(day, self._account.profile.zone)
        self._now = now

    @property
    def contacts(self) -> tuple[Fact, ...]:
        """The conversations that began on the day, with the calls that were told of meanwhile."""
        calls = self._office.calls.between(*self._day)
        return (*self._contacts, *(contact_fact(one, self._office, self._now) for one in calls))

    @cached_property
    def _contacts(self) -> tuple[Fact, ...]:
        known = self._account.contacts(*self._day)
        return tuple(contact_fact(contact, self._office, self._now) for contact in known)

    @cached_property
    def sales(self) -> tuple[Fact, ...]:
        """The sales of the day that a conversation led to."""
        found = self._account.events(*self._day, lambda contact: ((s.at, s) for s in contact.sales))
        return tuple(sale_fact(contact, sale, self._office) for _, contact, sale in found)

    @cached_property
    def shop(self) -> tuple[ShopFact, ...]:
        """The sales of the day on the websites."""
        return tuple(map(shop_fact, self._account.sales(*self._day)))

    @cached_property
    def visits(self) -> Visits:
        """What the websites showed on the day."""
        return Visits(self._account, self._day)

    @cached_property
    def desks(self) -> Mapping[int, tuple[Stretch, ...]]:
        """The day of everybody who is of the staff."""
        account, (start, end) = self._account, self._day
        return {
            member.id: stretches(
                account.presence(member.id, start, min(end, self._now)),
                account.occupied(member.id, start, min(end, self._now)),
                member.max_slots,
            )
            for member in account.people
        }
