"""What happens on the websites of an account without becoming a contact, hour by hour of UTC."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from vendors.world.arrivals import first_id
from vendors.world.calendar import HOUR, instant, is_open, poisson, share, spread, volume
from vendors.world.contact import Sale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vendors.world.contact import Contact
    from vendors.world.profile import AccountProfile, Rule, Site

_SHOWN_PER_CONTACT = 11.0
_TRIGGERED_PER_SHOWN = 0.35
_MISSED_SHARE = 0.12
_SALES_PER_CONTACT = 0.8
# Of seven invitations that come to nothing two are waved away, the others are let be.
_CANCELED = {2, 5}


@dataclass(frozen=True, slots=True)
class Traffic:
    """A site's invitations on one channel, and the site's sales whatever the channel.

    `displays` counts every invitation shown, `accepted` those that led to a contact, `triggers`
    every time a rule fired, `missed_busy` and `missed_absent` the visitors whom nobody could take.
    `sales_amount` is in the site's currency and includes what contacts led to.
    """

    displays: int
    accepted: int
    triggers: int
    missed_busy: int
    missed_absent: int
    sales_count: int
    sales_amount: float


@dataclass(frozen=True, slots=True)
class Greeting:
    """An invitation rule over a period, on all sites: `goals` are sales after it was accepted."""

    rule_id: int
    displayed: int
    accepted: int
    canceled: int
    goals: int


class Counts(NamedTuple):
    """How often something happened in an hour without a contact."""

    ignored: int
    untold: int
    missed_busy: int
    missed_absent: int


class Websites:
    """The visitors of an account: a function of the seed and the hour.

    The events of an hour are spread evenly over it, so that any two windows that meet add up.
    """

    def __init__(self, profile: AccountProfile, seed: int) -> None:
        self._profile = profile
        self._seed = f"{seed}/{profile.name}/websites"
        self._counts = lru_cache(maxsize=8_192)(self._make_counts)
        self._sales = lru_cache(maxsize=4_096)(self._make_sales)

    def counts(self, site: Site, channel: str, start: datetime, end: datetime) -> Counts:
        """Add up what happened within `start` <= t < `end`."""
        total = [0, 0, 0, 0]
        for day, hour in _hours(start, end):
            row = self._counts(site.id, channel, day)[hour.hour]
            for column, number in enumerate(row):
                total[column] += _between(number, hour, start, end)
        return Counts(*total)

    def ignored(self, site: Site, channel: str, start: datetime, end: datetime) -> list[int]:
        """Return the running numbers, within their hour, of invitations that were not accepted."""
        found: list[int] = []
        for day, hour in _hours(start, end):
            number = self._counts(site.id, channel, day)[hour.hour].ignored
            found += range(_until(number, hour, start), _until(number, hour, end))
        return found

    def sales(self, site: Site, start: datetime, end: datetime) -> list[Sale]:
        """Return the sales that no contact led to, in order of time."""
        days = dict.fromkeys(day for day, _ in _hours(start, end))
        return [sale for day in days for sale in self._sales(site, day) if start <= sale.at < end]

    def _make_counts(self, site_id: int, channel: str, day: date) -> tuple[Counts, ...]:
        rng = Random(f"{self._seed}/{site_id}/{channel}/{day}")
        mean = volume(self._profile, day) / len(self._profile.sites) / len(self._profile.channels)
        return tuple(self._hour(rng, mean, start) for start in _starts(day))

    def _hour(self, rng: Random, mean: float, start: int) -> Counts:
        shown = mean * share(start, self._profile.time_zone) * _SHOWN_PER_CONTACT
        ignored = poisson(rng, shown)
        untold = poisson(rng, shown * _TRIGGERED_PER_SHOWN)
        missed = poisson(rng, shown / _SHOWN_PER_CONTACT * _MISSED_SHARE)
        absent = 0 if is_open(self._profile, start) else missed
        return Counts(ignored, untold, missed - absent, absent)

    def _make_sales(self, site: Site, day: date) -> tuple[Sale, ...]:
        rng = Random(f"{self._seed}/{site.id}/sales/{day}")
        mean = volume(self._profile, day) / len(self._profile.sites) * _SALES_PER_CONTACT
        moments = sorted(
            start + int(rng.random() * HOUR)
            for start in _starts(day)
            for _ in range(poisson(rng, mean * share(start, self._profile.time_zone)))
        )
        sites = self._profile.sites
        base = first_id(day) + sites.index(site)
        return tuple(
            Sale(
                id=(base + number * len(sites)) * 10 + 5,
                at=instant(moment),
                site_id=site.id,
                amount=round(max(4.9, spread(rng, 58.0, 0.8)), 2),
                currency=site.currency,
                external_id=f"WEB-{(base + number * len(sites)) * 10 + 5}",
            )
            for number, moment in enumerate(moments)
        )


def greetings(
    rules: Sequence[Rule], accepted: Sequence[Contact], ignored: Sequence[int]
) -> dict[int, Greeting]:
    """Share invitations out over the rules: the accepted by their own, the others in turn."""
    taken = Counter(contact.rule_id for contact in accepted)
    goals = Counter(contact.rule_id for contact in accepted for _ in contact.sales)
    shown = Counter(number % len(rules) for number in ignored)
    canceled = Counter(number % len(rules) for number in ignored if number % 7 in _CANCELED)
    return {
        rule.id: Greeting(
            rule_id=rule.id,
            displayed=taken[rule.id] + shown[index],
            accepted=taken[rule.id],
            canceled=canceled[index],
            goals=goals[rule.id],
        )
        for index, rule in enumerate(rules)
    }


def _starts(day: date) -> range:
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return range(midnight, midnight + 24 * HOUR, HOUR)


def _hours(start: datetime, end: datetime) -> Iterator[tuple[date, datetime]]:
    """Yield every hour of UTC that shares a moment with `start` <= t < `end`, with its date."""
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour.date(), hour
        hour += timedelta(hours=1)


def _between(number: int, hour: datetime, start: datetime, end: datetime) -> int:
    return _until(number, hour, end) - _until(number, hour, start)


def _until(number: int, hour: datetime, moment: datetime) -> int:
    """Return how many of the hour's events, evenly spread, lie before a moment."""
    passed = (moment - hour) / timedelta(hours=1)
    return max(0, min(number, math.ceil(passed * number - 0.5)))
