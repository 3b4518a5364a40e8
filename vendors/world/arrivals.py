"""Who gets in touch on a day, when, from where and about what, before anybody answers."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from random import Random
from typing import TYPE_CHECKING, TypeVar

from vendors.world.calendar import HOUR, bounds, poisson, share, volume
from vendors.world.channels import pace
from vendors.world.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from vendors.world.profile import AccountProfile

_T = TypeVar("_T")
_PAGES = ("home", "product", "product", "product", "category", "cart", "cart", "account")
_REGULARS = 400
_MOST_PER_DAY = 9_999
_FIRST_DAY = 735_000
_SAME_DAY_SHARE = 0.08


def day_of(contact_id: int) -> int:
    """Return the ordinal of the local day on which a contact began."""
    return contact_id // (_MOST_PER_DAY + 1) + _FIRST_DAY


def drafts(profile: AccountProfile, seed: int, day: date, rng: Random) -> list[Draft]:
    """Return the contacts that begin on a day, in order of time."""
    moments = _moments(profile, day, rng)[:_MOST_PER_DAY]
    first = (day.toordinal() - _FIRST_DAY) * (_MOST_PER_DAY + 1)
    weights = _cumulative(profile)
    made: list[Draft] = []
    for index, moment in enumerate(moments):
        made.append(_draft(profile, seed, first + index, moment, weights, made, rng))
    return made


def _moments(profile: AccountProfile, day: date, rng: Random) -> list[int]:
    """Draw the moments hour by hour of real time, so that days of 23 and 25 hours fit."""
    zone = profile.time_zone
    start, end = bounds(day, zone)
    mean = volume(profile, day) * (0.88 + 0.24 * rng.random())
    found: list[int] = []
    for hour in range(start, end, HOUR):
        width = min(HOUR, end - hour)
        count = poisson(rng, mean * share(hour, zone) * width / HOUR)
        found += [hour + int(rng.random() * width) for _ in range(count)]
    return sorted(found)


def _draft(
    profile: AccountProfile,
    seed: int,
    number: int,
    moment: int,
    weights: Sequence[float],
    before: Sequence[Draft],
    rng: Random,
) -> Draft:
    channel = profile.channels[bisect_right(weights, rng.random() * weights[-1])]
    tempo = pace(channel)
    site = _pick(rng, profile.sites)
    invited = tempo.invites and bool(profile.rules) and rng.random() < profile.rule_share
    stamp = rng.getrandbits(64)
    language, customer = _customer(profile, seed, number, moment, site.language, before, rng)
    return Draft(
        id=number,
        stamp=stamp,
        started=moment,
        pace=tempo,
        channel=channel,
        site=site,
        queue=_pick(rng, profile.queues),
        language=language,
        customer=customer,
        page_type=_pick(rng, _PAGES),
        rule_id=_pick(rng, profile.rules).id if invited else None,
    )


def _customer(
    profile: AccountProfile,
    seed: int,
    number: int,
    moment: int,
    language: str,
    before: Sequence[Draft],
    rng: Random,
) -> tuple[str, tuple[int, int, int]]:
    """Return a language and (id, stamp, first seen): somebody new, a regular, or one of today."""
    chance = rng.random()
    if chance < profile.returning_share:
        return _regular(profile, seed, int(rng.random() * _REGULARS) + 1)
    if before and chance < profile.returning_share + _SAME_DAY_SHARE:
        known = before[int(rng.random() * len(before))]
        return known.language, known.customer
    return language, (number, rng.getrandbits(64), moment)


def _regular(profile: AccountProfile, seed: int, number: int) -> tuple[str, tuple[int, int, int]]:
    """Return a customer who has been there from the account's first day."""
    rng = Random(seed * 1_000_003 + number)
    site = profile.sites[number % len(profile.sites)]
    since = bounds(profile.opened, profile.time_zone)[0]
    return site.language, (number, rng.getrandbits(64), since)


def _cumulative(profile: AccountProfile) -> list[float]:
    weights = profile.channel_weights or (1.0,) * len(profile.channels)
    return list(itertools.accumulate(weights))


def _pick(rng: Random, choices: Sequence[_T]) -> _T:
    return choices[int(rng.random() * len(choices))]
