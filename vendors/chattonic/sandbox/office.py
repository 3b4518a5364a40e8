"""The account as the vendor knows it: its operators, and what all figures are read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vendors.chattonic.sandbox.attendance import Attendance
from vendors.chattonic.sandbox.ledger import DAY, Ledger, midnight
from vendors.chattonic.sandbox.profile import OPENED, ORIGINS, UNUSED_OPERATOR, Origin, opaque
from vendors.chattonic.sandbox.request import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vendors.chattonic.sandbox.mail import Outbox
    from vendors.world import Account, Contact, StaffMember

EVER = Window(OPENED, datetime.max.replace(tzinfo=UTC))
_SERVE_EVERYTHING = frozenset({"admin", "manager"})


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may answer; without origins they serve all, without `staff_id` they never do."""

    id: str
    given: str
    family: str
    origins: tuple[Origin, ...] = ()
    staff_id: int | None = None


class Office:
    """What every resource reads from."""

    def __init__(self, account: Account, outbox: Outbox) -> None:
        self.account = account
        self.outbox = outbox
        self.ledger = Ledger(account)
        self.attendance = Attendance(account)
        self.operators = (*map(_operator, account.people), _unused_operator())

    @property
    def now(self) -> datetime:
        """The present, to the second, in UTC."""
        return self.account.now

    @property
    def unsettled(self) -> Window:
        """The stretch outside of which every case is resolved."""
        return Window(self.now - self.account.reach, EVER.end)

    def contacts(self, window: Window, *, newest_first: bool) -> Iterator[Contact]:
        """Yield the contacts that began within a window, making days only as they are needed."""
        first, last = max(window.start, OPENED), min(window.end, self.now + DAY)
        days = range((last - midnight(first.date())) // DAY + 1)
        for number in reversed(days) if newest_first else days:
            start = midnight(first.date()) + number * DAY
            found = self.account.contacts(max(start, first), min(start + DAY, last))
            yield from reversed(found) if newest_first else found


def iso(at: datetime) -> str:
    """Return a moment as the vendor writes it: in UTC, with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1_000:03d}Z"


def _operator(member: StaffMember) -> Operator:
    served = (origin for origin in ORIGINS.values() if origin.skill_id in member.skill_ids)
    return Operator(
        id=member.key,
        given=member.given,
        family=member.family,
        origins=() if member.role in _SERVE_EVERYTHING else tuple(served),
        staff_id=member.id,
    )


def _unused_operator() -> Operator:
    given, family = UNUSED_OPERATOR
    return Operator(opaque(f"operator/{given} {family}"), given, family)
