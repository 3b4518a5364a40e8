"""Who gets in touch on a day, when, from where and about what, before anybody answers."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from random import Random
from typing import TYPE_CHECKING, TypeVar

from vendors.world.calendar import HOUR, bounds, is_open, poisson, share, volume
from vendors.world.channels import pace
from vendors.world.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from vendors.world.profile import AccountProfile

_T = TypeVar("_T")
_PAGES = ("home", "product", "product", "product", "category", "cart", "cart", "account")
_REGULARS = 400
_IDS_PER_DAY = 10_000
_FIRST_DAY = 735_000
_AGAIN_TODAY = 0.08
_TRY_WHEN_CLOSED = 0.2


def first_id(day: date) -> int:
    """Return the id of the first contact of a day; ids grow with time and never change."""
    return (day.toordinal() - _FIRST_DAY) * _IDS_PER_DAY


def day_of(contact_id: int) -> int:
    """Return the ordinal of the local day on which a contact began."""
    return contact_id // _IDS_PER_DAY + _FIRST_DAY


class Arrivals:
    """The contacts of one day, drawn in order of time."""

    def __init__(self, profile: AccountProfile, seed: int, day: date, rng: Random) -> None:
        self._profile = profile
        self._seed = seed
        self._day = day
        self._rng = rng
        self._weights = _cumulative(profile.channels, profile.channel_weights)
        self._letters = [name for name in profile.channels if not pace(name).live]

    def drafts(self) -> list[Draft]:
        """Return the contacts that begin on the day."""
        made: list[Draft] = []
        for moment in self._moments()[:_IDS_PER_DAY]:
            channel = self._channel(moment)
            if channel is not None:
                made.append(self._draft(first_id(self._day) + len(made), moment, channel, made))
        return made

    def _moments(self) -> list[int]:
        """Draw the moments hour by hour of real time, so that days of 23 and 25 hours fit."""
        rng, zone = self._rng, self._profile.time_zone
        start, end = bounds(self._day, zone)
        mean = volume(self._profile, self._day) * (0.88 + 0.24 * rng.random())
        found: list[int] = []
        for hour in range(start, end, HOUR):
            width = min(HOUR, end - hour)
            count = poisson(rng, mean * share(hour, zone) * width / HOUR)
            found += [hour + int(rng.random() * width) for _ in range(count)]
        return sorted(found)

    def _channel(self, moment: int) -> str | None:
        """Choose a channel; where it is closed most people write a letter, or go away."""
        rng, weights = self._rng, self._weights
        channel = self._profile.channels[bisect_right(weights, rng.random() * weights[-1])]
        if not pace(channel).live or is_open(self._profile, moment):
            return channel
        for_the_bot = self._profile.bot and not pace(channel).voice
        if for_the_bot or rng.random() < _TRY_WHEN_CLOSED:
            return channel
        return _pick(rng, self._letters) if self._letters else None

    def _draft(self, number: int, moment: int, channel: str, before: Sequence[Draft]) -> Draft:
        rng, profile = self._rng, self._profile
        site = _pick(rng, profile.sites)
        invites = pace(channel).invites and bool(profile.rules)
        invited = invites and rng.random() < profile.rule_share
        language, customer = self._customer(number, moment, site.language, before)
        return Draft(
            id=number,
            stamp=rng.getrandbits(64),
            started=moment,
            pace=pace(channel),
            channel=channel,
            site=site,
            queue=_pick(rng, profile.queues),
            language=language,
            customer=customer,
            page_type=_pick(rng, _PAGES),
            rule_id=_pick(rng, profile.rules).id if invited else None,
        )

    def _customer(
        self, number: int, moment: int, language: str, before: Sequence[Draft]
    ) -> tuple[str, tuple[int, int, int]]:
        """Return a language and (id, stamp, first seen): a regular, one of today, or a new one."""
        chance, returning = self._rng.random(), self._profile.returning_share
        if chance < returning:
            return self._regular(int(self._rng.random() * _REGULARS) + 1)
        if before and chance < returning + _AGAIN_TODAY:
            known = _pick(self._rng, before)
            return known.language, known.customer
        return language, (number, self._rng.getrandbits(64), moment)

    def _regular(self, number: int) -> tuple[str, tuple[int, int, int]]:
        """Return a customer who has been there from the account's first day."""
        profile = self._profile
        stamp = Random(f"{self._seed}/{profile.name}/regular/{number}").getrandbits(64)
        since = bounds(profile.opened, profile.time_zone)[0]
        return profile.sites[number % len(profile.sites)].language, (number, stamp, since)


def _cumulative(channels: Sequence[str], weights: Sequence[float]) -> list[float]:
    return list(itertools.accumulate(weights or (1.0,) * len(channels)))


def _pick(rng: Random, choices: Sequence[_T]) -> _T:
    return choices[int(rng.random() * len(choices))]
