"""The members of an account's staff and its customers, made from numbers alone."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from vendors.world import texts
from vendors.world.channels import pace

if TYPE_CHECKING:
    from vendors.world.profile import AccountProfile, Person


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person (or the bot) as one account knows them: `role` is agent, manager, admin or bot."""

    id: int
    key: str
    email: str
    given: str
    family: str
    team_id: int
    skill_ids: tuple[int, ...]
    site_ids: tuple[int, ...]
    channels: tuple[str, ...]
    max_slots: int
    languages: tuple[str, ...]
    role: str
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who contacts the company; `since` is their first contact with the account."""

    id: int
    key: str
    given: str
    family: str
    email: str
    phone: str
    city: str
    country: str
    language: str
    since: datetime


@lru_cache(maxsize=8_192)
def customer(number: int, stamp: int, language: str, since: datetime) -> Customer:
    """Make the customer that these numbers stand for, always the same one."""
    spoken = language if language in texts.GIVEN else "en"
    given = texts.GIVEN[spoken][stamp % 8]
    family = texts.FAMILY[spoken][stamp // 8 % 8]
    country, prefix, cities = texts.PLACES[spoken]
    return Customer(
        id=number,
        key=f"{number & 0xFFFFFFFF:08x}{stamp:016x}",
        given=given,
        family=family,
        email=f"{_plain(given)}.{_plain(family)}.{number}@example.org",
        phone=f"{prefix}{stamp // 64 % 1_000:03d}",
        city=cities[stamp // 7 % len(cities)],
        country=country,
        language=language,
        since=since,
    )


def staff(profile: AccountProfile, seed: int) -> tuple[StaffMember, ...]:
    """Return the people of an account, in the order of its profile, without the bot."""
    return tuple(
        _member(profile, seed, index, person) for index, person in enumerate(profile.staff)
    )


def bot(profile: AccountProfile, seed: int) -> StaffMember | None:
    """Return the automatic member of an account that has one."""
    if not profile.bot:
        return None
    skill_ids = tuple(skill.id for skill in profile.skills)
    return StaffMember(
        id=900,
        key=_key(profile, seed, 900),
        email="assistant@example.com",
        given="Assistant",
        family="Bot",
        team_id=profile.teams[0].id,
        skill_ids=skill_ids,
        site_ids=tuple(site.id for site in profile.sites),
        channels=profile.channels,
        max_slots=1_000,
        languages=texts.LANGUAGES,
        role="bot",
        bot=True,
    )


def _member(profile: AccountProfile, seed: int, index: int, person: Person) -> StaffMember:
    least = 2 if profile.has_deferred_channel() else 1
    skills = profile.skills
    kept = {skills[index % len(skills)].id, skills[(index + 1) % len(skills)].id}
    number = 901 + index
    return StaffMember(
        id=number,
        key=_key(profile, seed, number),
        email=person.email,
        given=person.given,
        family=person.family,
        team_id=profile.teams[index % len(profile.teams)].id,
        skill_ids=tuple(sorted(kept)),
        site_ids=_sites(profile, index),
        channels=tuple(name for name in profile.channels if index % 4 or not pace(name).voice),
        max_slots=max(profile.max_slots + index % 2, least),
        languages=person.languages,
        role={0: "admin", 1: "manager"}.get(index, "agent"),
    )


def _sites(profile: AccountProfile, index: int) -> tuple[int, ...]:
    """Give everybody all sites but every third person, who serves two or fewer."""
    every = tuple(site.id for site in profile.sites)
    return every[:2] if index % 3 == 1 else every


def _key(profile: AccountProfile, seed: int, number: int) -> str:
    return sha256(f"{seed}/{profile.name}/staff/{number}".encode()).hexdigest()[:24]


def _plain(name: str) -> str:
    """Spell a name with the letters that every e-mail address may hold."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())
