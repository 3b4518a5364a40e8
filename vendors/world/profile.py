"""What an account of the synthetic company looks like: people, places, channels and shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from vendors.world.channels import pace


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works for the company, in one account or in several."""

    given: str
    family: str
    email: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Team:
    """People who answer together."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Where contacts wait for a person; `skill_id` is what answering them takes."""

    id: int
    name: str
    skill_id: int


@dataclass(frozen=True, slots=True)
class Skill:
    """A subject that some people can answer."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """A website: its currency (ISO 4217) and its IANA time zone."""

    id: int
    label: str
    url: str
    currency: str
    time_zone: str
    language: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a website invite its visitors to talk."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a weekday, in hours since local midnight: `opens` <= hour < `closes`."""

    opens: float
    closes: float


STAFF: tuple[Person, ...] = (
    Person("Zoé", "Lefèvre", "zoe.lefevre@example.com", ("fr", "en")),
    Person("Jürgen", "Groß", "juergen.gross@example.com", ("de", "en")),
    Person("Begoña", "Núñez", "begona.nunez@example.com", ("es", "en")),
    Person("Siobhán", "O’Connor", "siobhan.oconnor@example.org", ("en",)),
    Person("Łukasz", "Wójcik", "lukasz.wojcik@example.org", ("pl", "en", "de")),
    Person("Åsa", "Lindström", "asa.lindstrom@example.com", ("sv", "en")),
    Person("Inês", "Gonçalves", "ines.goncalves@example.com", ("pt", "es", "en")),
    Person("Čeněk", "Dvořák", "cenek.dvorak@example.org", ("cs", "de", "en")),
    Person("Noël", "D’Aubigné", "noel.daubigne+support@example.com", ("fr", "es")),
    Person("Ümit", "Yıldız", "umit.yildiz@example.org", ("tr", "de", "en")),
    Person("Eirini", "Παπαδοπούλου", "eirini.papadopoulou@example.com", ("el", "en", "fr")),
    Person("Søren", "Østergård", "soren.ostergard@example.org", ("da", "en")),
    Person("Niccolò", "Bianchi", "niccolo.bianchi@example.com", ("it", "fr", "en")),
    Person("Réka", "Szőllősi", "reka.szollosi@example.org", ("hu", "en", "de")),
)

_MOST_PER_DAY = 5_000
_WEEKDAY = Hours(8, 20)
_SITES = (
    Site(101, "Boutique FR", "https://fr.example.com", "EUR", "Europe/Paris", "fr"),
    Site(102, "Shop UK", "https://uk.example.com", "GBP", "Europe/London", "en"),
    Site(103, "Tienda ES", "https://es.example.com", "EUR", "Europe/Madrid", "es"),
)
_TAGS = ("delivery", "return", "refund", "size", "payment", "complaint", "crème & café", "VIP")


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """Everything that a simulator chooses about its account; the rest follows from the seed.

    `channel_weights` matches `channels` (empty: all alike). Shares and rates are fractions 0..1.
    `opening` has one entry per weekday, Monday first; None is a closed day. Nothing is known of the
    account before `opened`.
    """

    name: str
    time_zone: str = "Europe/Paris"
    channels: tuple[str, ...] = ("chat",)
    channel_weights: tuple[float, ...] = ()
    staff: tuple[Person, ...] = STAFF[:6]
    teams: tuple[Team, ...] = (Team(11, "Sales"), Team(12, "After-sales"))
    queues: tuple[Queue, ...] = (
        Queue(31, "Orders", 21),
        Queue(32, "Returns", 22),
        Queue(33, "Advice", 23),
    )
    skills: tuple[Skill, ...] = (Skill(21, "Orders"), Skill(22, "Returns"), Skill(23, "Advice"))
    sites: tuple[Site, ...] = _SITES
    rules: tuple[Rule, ...] = (Rule(501, "Cart"), Rule(502, "Product page"), Rule(503, "Exit"))
    tags: tuple[str, ...] = _TAGS
    contacts_per_day: float = 150
    weekend_contacts_per_day: float = 60
    opening: tuple[Hours | None, ...] = (*(_WEEKDAY,) * 5, Hours(9, 18), None)
    max_slots: int = 2
    rated_share: float = 0.3
    good_share: float = 0.86
    survey_share: float = 0.2
    sale_rate: float = 0.12
    abandonment_rate: float = 0.06
    unanswered_rate: float = 0.03
    reopen_rate: float = 0.04
    rule_share: float = 0.6
    returning_share: float = 0.3
    bot: bool = False
    bot_share: float = 0.25
    reference_prefix: str = "SWB"
    opened: date = date(2023, 1, 1)

    def __post_init__(self) -> None:
        """Refuse what could not be told: shares that match no channel, too many contacts.

        Raises:
            ValueError: The weights do not match the channels, or a day could run out of ids.
        """
        if self.channel_weights and len(self.channel_weights) != len(self.channels):
            raise ValueError("channel_weights must have one entry per channel")
        if max(self.contacts_per_day, self.weekend_contacts_per_day) > _MOST_PER_DAY:
            raise ValueError(f"at most {_MOST_PER_DAY} contacts a day")

    def has_deferred_channel(self) -> bool:
        """Tell whether some contacts may wait until the next working day."""
        return any(not pace(name).live for name in self.channels)

    @property
    def zone(self) -> ZoneInfo:
        """The zone on whose clock the account works."""
        return ZoneInfo(self.time_zone)
