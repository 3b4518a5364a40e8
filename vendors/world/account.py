"""The world and its accounts: what a simulator asks."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from vendors.world import arrivals, calendar, people
from vendors.world import presence as attendance
from vendors.world import traffic as websites
from vendors.world.channels import pace
from vendors.world.contact import as_of
from vendors.world.day import Day, DayMaker
from vendors.world.lateness import Lateness
from vendors.world.rota import Rota

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vendors.world.contact import Contact, Sale
    from vendors.world.people import Customer, StaffMember
    from vendors.world.presence import Interval, Live, Load
    from vendors.world.profile import AccountProfile, Site
    from vendors.world.traffic import Greeting, Traffic

    _Attendance: TypeAlias = tuple[dict[int, tuple[Interval, ...]], dict[int, tuple[Load, ...]]]

_T = TypeVar("_T")
_DAYS_KEPT = 800
_INSTANT = timedelta(microseconds=1)
_AT_ONCE = timedelta()
_REACH_LIVE = timedelta(hours=40)
_REACH_LETTERS = timedelta(days=6)
_CARRY_DAYS = 4
_STAYED = ("available", "busy")


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


class World:
    """A company that exists only by its seed: the same seed tells the same story."""

    def __init__(
        self,
        seed: int = 7,
        clock: Callable[[], datetime] = utc_now,
        late: timedelta = _AT_ONCE,
    ) -> None:
        """Tell what happened at once, or up to `late` afterwards."""
        self.seed = seed
        self.clock = clock
        self.late = late

    def account(self, profile: AccountProfile) -> Account:
        """Return the company's account of that profile."""
        return Account(profile, self.seed, self.clock, self.late)


class Account:
    """One account up to now: all windows are `start` <= t < `end`, all times aware and in UTC.

    `reach` is how long after its beginning what is told of a contact may still change (letters
    over closed days, late sales): a question about events looks that far back. `late` is how long
    after it happened anything becomes known at the latest.
    """

    def __init__(
        self,
        profile: AccountProfile,
        seed: int,
        clock: Callable[[], datetime],
        late: timedelta = _AT_ONCE,
    ) -> None:
        self.profile = profile
        self.bot = people.bot(profile, seed)
        self.people = people.staff(profile, seed)
        self.staff = self.people if self.bot is None else (*self.people, self.bot)
        self.late = late
        self.reach = (_REACH_LETTERS if profile.has_deferred_channel() else _REACH_LIVE) + late
        self._clock = clock
        self._lateness = Lateness(seed, late)
        self._opened = calendar.instant(calendar.bounds(profile.opened, profile.time_zone)[0])
        self._rota = Rota(profile, seed, self.people)
        self._websites = websites.Websites(profile, seed)
        self._maker = DayMaker(profile, seed, self.people, self.bot, self._rota)
        self._day = lru_cache(maxsize=_DAYS_KEPT)(self._maker.make)
        self._attendance = lru_cache(maxsize=_DAYS_KEPT)(self._make_attendance)
        self._members = {member.id: member for member in self.staff}

    @property
    def now(self) -> datetime:
        """The present, to the second: nothing later is ever told."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def contacts(self, start: datetime, end: datetime) -> list[Contact]:
        """Return the contacts that began within the window, in order of `started_at` and `id`."""
        now = self.now
        start, end = max(start, self._opened), min(end, now + _INSTANT)
        found: list[Contact] = []
        for date_ in calendar.days(start, end, self.profile.time_zone):
            day = self._day(date_)
            lower, upper = bisect_left(day.starts, start), bisect_left(day.starts, end)
            found += _told(day, lower, upper, now, self._lateness)
        return found

    def contact(self, number: int) -> Contact | None:
        """Return the contact of that id, or None if there is none yet."""
        try:
            date_ = date.fromordinal(arrivals.day_of(number))
        except (ValueError, OverflowError):
            return None
        day_start, day_end = calendar.bounds(date_, self.profile.time_zone)
        found = self.contacts(calendar.instant(day_start), calendar.instant(day_end))
        return next((contact for contact in found if contact.id == number), None)

    def contact_by_key(self, key: str) -> Contact | None:
        """Return the contact of that key, or None if there is none yet."""
        try:
            start = calendar.instant(int(key[:8], 16))
        except ValueError:
            return None
        found = self.contacts(start, start + timedelta(seconds=1))
        return next((contact for contact in found if contact.key == key), None)

    def events(
        self,
        start: datetime,
        end: datetime,
        of: Callable[[Contact], Iterable[tuple[datetime, _T]]],
    ) -> list[tuple[datetime, Contact, _T]]:
        """Return what `of` finds in contacts at moments within the window, in order of time.

        It looks at every contact that began up to `reach` before, so that late events count on
        the day on which they happen: `events(a, b, lambda c: ((at, None) for at in c.closings))`.
        """
        found = [
            (at, contact, what)
            for contact in self.contacts(start - self.reach, end)
            for at, what in of(contact)
            if start <= at < end
        ]
        found.sort(key=itemgetter(0))
        return found

    def sales(self, start: datetime, end: datetime, *, contacts_only: bool = False) -> list[Sale]:
        """Return the sales of all sites in order of time; each knows its site and contact."""
        after = self.events(start, end, lambda contact: ((s.at, s) for s in contact.sales))
        found = [sale for _, _, sale in after]
        if not contacts_only:
            lower, upper = max(start, self._opened), min(end, self.now + _INSTANT)
            for site in self.profile.sites:
                found += self._sold(site, lower, upper)
        return sorted(found, key=lambda sale: (sale.at, sale.id))

    def customers(self, start: datetime, end: datetime) -> list[Customer]:
        """Return the customers whose first contact fell into the window, in order of time."""
        known = self.contacts(start, end)
        return [contact.customer for contact in known if contact.customer_id == contact.id]

    def member(self, number: int | None) -> StaffMember | None:
        """Return the member of staff (or the bot) of that id."""
        return None if number is None else self._members.get(number)

    def presence(self, staff_id: int, start: datetime, end: datetime) -> list[Interval]:
        """Return when somebody was logged in, by state, in order of time; gaps are offline."""
        return [
            interval
            for day, until in self._shifts(staff_id, start, end)
            for interval in attendance.clip_intervals(
                self._attendance(day)[0].get(staff_id, ()), start, until
            )
        ]

    def occupied(self, staff_id: int, start: datetime, end: datetime) -> list[Load]:
        """Return when somebody had contacts in hand, and how many at once, in order of time."""
        return [
            load
            for day, until in self._shifts(staff_id, start, end)
            for load in attendance.clip_loads(
                self._attendance(day)[1].get(staff_id, ()), start, until
            )
        ]

    def seconds(
        self, staff_id: int, start: datetime, end: datetime, states: Sequence[str]
    ) -> float:
        """Return how long somebody was in any of the states."""
        found = self.presence(staff_id, start, end)
        return sum(interval.seconds for interval in found if interval.state in states)

    def coverage(
        self,
        staff_ids: Iterable[int],
        start: datetime,
        end: datetime,
        states: Sequence[str] = _STAYED,
    ) -> float:
        """Return how many seconds at least one of these people was in one of the states."""
        return attendance.union_seconds(
            (interval.start, interval.end)
            for number in staff_ids
            for interval in self.presence(number, start, end)
            if interval.state in states
        )

    def live(self, at: datetime | None = None) -> list[Live]:
        """Return everybody (not the bot) as they are at a moment, by default now."""
        moment = self.now if at is None else min(at, self.now)
        held: dict[int, list[int]] = {}
        for contact in self.contacts(moment - self.reach, moment + _INSTANT):
            for start, end in contact.stints:
                if contact.staff_id is not None and start <= moment and not _over(end, moment):
                    held.setdefault(contact.staff_id, []).append(contact.id)
        return [self._live(member, moment, held.get(member.id, [])) for member in self.people]

    def queued(self, at: datetime | None = None) -> list[Contact]:
        """Return the contacts that wait for somebody at a moment, by default now."""
        moment = self.now if at is None else min(at, self.now)
        return [
            known
            for contact in self.contacts(moment - self.reach, moment + _INSTANT)
            if (known := as_of(contact, moment)).queued_at is not None
            and known.assigned_at is None
            and known.ended_at is None
        ]

    def traffic(self, site_id: int, channel: str, start: datetime, end: datetime) -> Traffic:
        """Return the figures of one site and channel; sales are the site's, on any channel."""
        start, end = max(start, self._opened), max(self._opened, min(end, self.now))
        site = self._site(site_id)
        counts = self._websites.counts(site, channel, start, end)
        accepted = sum(
            contact.rule_id is not None and contact.site_id == site_id
            for contact in self.contacts(start, end)
            if contact.channel == channel
        )
        sold = [sale for sale in self.sales(start, end) if sale.site_id == site_id]
        displays = counts.ignored + accepted
        return websites.Traffic(
            displays=displays,
            accepted=accepted,
            triggers=displays + counts.untold,
            missed_busy=counts.missed_busy,
            missed_absent=counts.missed_absent,
            sales_count=len(sold),
            sales_amount=sum(round(sale.amount * 100) for sale in sold) / 100,
        )

    def greetings(self, start: datetime, end: datetime) -> dict[int, Greeting]:
        """Return the invitations of every rule over the window, on all sites and channels."""
        start, end = max(start, self._opened), max(self._opened, min(end, self.now))
        accepted = [c for c in self.contacts(start, end) if c.rule_id is not None]
        ignored = [
            number
            for site in self.profile.sites
            for channel in self.profile.channels
            if pace(channel).invites
            for number in self._websites.ignored(site, channel, start, end)
        ]
        return websites.greetings(self.profile.rules, accepted, ignored)

    def _site(self, site_id: int) -> Site:
        return next(site for site in self.profile.sites if site.id == site_id)

    def _live(self, member: StaffMember, moment: datetime, held: list[int]) -> Live:
        day = moment.astimezone(self.profile.zone).date()
        states, _ = self._attendance(day)
        state = next(
            (
                interval.state
                for interval in states.get(member.id, ())
                if interval.start <= moment < interval.end
            ),
            None,
        )
        return attendance.Live(member, state, len(held), tuple(held))

    def _sold(self, site: Site, start: datetime, end: datetime) -> list[Sale]:
        """Return the sales of a site that no contact led to, as far as they are known."""
        found, now = self._websites.sales(site, start, end), self.now
        if not self.late or end + self.late <= now:
            return found
        return [sale for sale in found if sale.at + self._lateness.of_sale(sale) <= now]

    def _shifts(self, staff_id: int, start: datetime, end: datetime) -> list[tuple[date, datetime]]:
        """Return the days of a window, each with the moment up to which somebody's is known."""
        now = self.now
        end = min(end, now)
        days = calendar.days(max(start, self._opened), end, self.profile.time_zone)
        if not self.late or end + self.late <= now:
            return [(day, end) for day in days]
        known = ((day, now - self._lateness.of_shift(staff_id, day)) for day in days)
        return [(day, min(end, until)) for day, until in known if until > start]

    def _make_attendance(self, day: date) -> _Attendance:
        loads = {number: attendance.loads(stints) for number, stints in self._stints(day).items()}
        states = {
            number: attendance.intervals(blocks, self._full(number, loads.get(number, ())))
            for number, blocks in self._rota.plan(day).items()
        }
        return states, loads

    def _stints(self, day: date) -> dict[int, list[tuple[int, int]]]:
        """Return what everybody had in hand on a day, letters of the days before included."""
        found = {number: list(stints) for number, stints in self._day(day).stints.items()}
        if self.profile.has_deferred_channel():
            for lag in range(1, _CARRY_DAYS + 1):
                earlier = self._day(day - timedelta(days=lag)).later.get(day, {})
                for number, stints in earlier.items():
                    found.setdefault(number, []).extend(stints)
        return found

    def _full(self, number: int, loads: Sequence[Load]) -> list[tuple[datetime, datetime]]:
        slots = self._members[number].max_slots
        return [(load.start, load.end) for load in loads if load.load >= slots]


def _told(day: Day, lower: int, upper: int, now: datetime, lateness: Lateness) -> Iterable[Contact]:
    """Return part of a day as it is known at `now`; what no longer changes is told as it is."""
    longest = lateness.longest
    seconds = int((now - longest).timestamp())
    if day.all_settled <= seconds:
        return day.contacts[lower:upper]
    part = zip(day.contacts[lower:upper], day.settled[lower:upper], strict=True)
    if longest:
        return _known(part, now, seconds, lateness)
    return (contact if settled <= seconds else as_of(contact, now) for contact, settled in part)


def _known(
    part: Iterable[tuple[Contact, int]], now: datetime, seconds: int, lateness: Lateness
) -> Iterable[Contact]:
    """Yield each contact as it stood a while ago, if it had begun; what is older is settled."""
    for contact, settled in part:
        if settled <= seconds:
            yield contact
            continue
        moment = now - lateness.of_contact(contact)
        if contact.started_at <= moment:
            yield as_of(contact, moment)


def _over(end: datetime | None, moment: datetime) -> bool:
    return end is not None and end <= moment
