"""A contact in the making: what chance decided at its arrival, and what the day then made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vendors.world.calendar import instant, spread
from vendors.world.contact import AGENT, CUSTOMER, Contact, Sale, Survey, pack
from vendors.world.texts import sentence

if TYPE_CHECKING:
    from random import Random

    from vendors.world.channels import Pace
    from vendors.world.dialogue import Course
    from vendors.world.people import StaffMember
    from vendors.world.profile import AccountProfile, Queue, Site

_TAGGED = 0.6
_TAGGED_TWICE = 0.25
_NPS_GOOD = (7, 8, 8, 9, 9, 9, 10, 10, 10, 10)
_NPS_BAD = (0, 2, 3, 4, 5, 6, 6, 7, 7, 8)


@dataclass(slots=True)
class Draft:
    """A contact while its day is made; times are whole seconds since 1970, 0 is not yet known."""

    id: int
    stamp: int
    started: int
    pace: Pace
    channel: str
    site: Site
    queue: Queue
    language: str
    customer: tuple[int, int, int]
    page_type: str
    rule_id: int | None
    queued: int = 0
    assigned: int = 0
    first_response: int = 0
    ended: int = 0
    ended_by: str = "system"
    abandoned: str | None = None
    reopened: int = 0
    closed_again: int = 0
    member: StaffMember | None = None
    turns: list[int] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    rating: str | None = None
    survey: Survey | None = None
    sales: tuple[Sale, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether a person answered."""
        return self.first_response > 0

    @property
    def settled(self) -> int:
        """The last moment at which anything of it changes."""
        later = [round(sale.at.timestamp()) for sale in self.sales]
        if self.survey is not None:
            later.append(round(self.survey.at.timestamp()))
        return max(self.ended, self.closed_again, *later, 0)

    def open_with_message(self) -> None:
        """Begin with what the customer writes first."""
        self._write(0, pack(0, CUSTOMER))

    def leave(self, at: int, where: str, by: str = "customer") -> None:
        """End it without a person."""
        self.ended, self.ended_by, self.abandoned = at, by, where

    def follow(self, member: StaffMember, at: int, course: Course) -> None:
        """Put it in somebody's hands at `at` and let it run its course."""
        self.member, self.assigned = member, at
        self.ended, self.ended_by = at + course.ended, course.ended_by
        if course.first_response is not None:
            self.first_response = at + course.first_response
        elif not member.bot:
            self.abandoned = "operator"
        base = (at - self.started) * 1_000
        for seconds, packed in course.turns:
            self._write(base + int(seconds * 1_000), packed)

    def reopen(self, at: int, closed: int) -> None:
        """Let the customer come back at `at` and the same person close it again."""
        self.reopened, self.closed_again = at, closed
        base = (at - self.started) * 1_000
        self._write(base, pack(0, CUSTOMER))
        self._write(base + (closed - at) * 600 // 1_000 * 1_000, pack(0, AGENT))

    def judge(self, rng: Random, profile: AccountProfile) -> None:
        """Let the customer of an answered contact rate it, fill in the survey, and buy."""
        self._tag(rng, profile)
        good = rng.random() < profile.good_share
        if rng.random() < profile.rated_share:
            self.rating = "good" if good else "bad"
        if rng.random() < profile.survey_share:
            self.survey = self._answers(rng, good=good)
        if rng.random() < profile.sale_rate:
            self.sales = (self._sale(rng),)

    def contact(self, prefix: str) -> Contact:
        """Return the finished contact."""
        number, stamp, since = self.customer
        started, ended = instant(self.started), instant(self.ended)
        return Contact(
            id=self.id,
            stamp=self.stamp,
            reference=f"{prefix}-{self.id}",
            channel=self.channel,
            language=self.language,
            site_id=self.site.id,
            queue_id=self.queue.id,
            skill_id=self.queue.skill_id,
            team_id=self.member.team_id if self.member else None,
            staff_id=self.member.id if self.member else None,
            bot=self.member is not None and self.member.bot,
            customer_id=number,
            customer_stamp=stamp,
            customer_since=started if since == self.started else instant(since),
            page_type=self.page_type,
            rule_id=self.rule_id,
            started_at=started,
            queued_at=instant(self.queued) if self.queued else None,
            assigned_at=instant(self.assigned) if self.assigned else None,
            first_response_at=instant(self.first_response) if self.answered else None,
            ended_at=ended,
            ended_by=self.ended_by,
            abandoned=self.abandoned,
            reopened_at=instant(self.reopened) if self.reopened else None,
            closings=(ended, instant(self.closed_again)) if self.closed_again else (ended,),
            turns=tuple(self.turns),
            tags=self.tags,
            rating=self.rating,
            survey=self.survey,
            sales=self.sales,
        )

    def _write(self, milliseconds: int, packed: int) -> None:
        self.turns.append(pack(milliseconds, 0) | packed)

    def _tag(self, rng: Random, profile: AccountProfile) -> None:
        if profile.tags and rng.random() < _TAGGED:
            wanted = 1 + (rng.random() < _TAGGED_TWICE)
            chosen = {profile.tags[int(rng.random() * len(profile.tags))] for _ in range(wanted)}
            self.tags = tuple(sorted(chosen))

    def _answers(self, rng: Random, *, good: bool) -> Survey:
        base = 0.7 if good else 0.2
        scores = [round(min(1.0, base + rng.random() * 0.3), 2) for _ in range(3)]
        nps = (_NPS_GOOD if good else _NPS_BAD)[int(rng.random() * 10)]
        at = instant(self.ended + 30 + round(spread(rng, 240.0)))
        comment = sentence("comment", self.language, self.stamp >> 5)
        return Survey(self.id, at, nps, scores[0], scores[1], scores[2], comment)

    def _sale(self, rng: Random) -> Sale:
        at = self.first_response + min(43_200, 60 + round(spread(rng, 1_500.0, 1.0)))
        return Sale(
            id=self.id * 10 + 1,
            at=instant(at),
            site_id=self.site.id,
            amount=round(max(4.9, spread(rng, 64.0, 0.8)), 2),
            currency=self.site.currency,
            external_id=f"ORD-{self.id * 10 + 1}",
            contact_id=self.id,
        )
