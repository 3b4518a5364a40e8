"""A contact and what belongs to it, as it stands at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vendors.world import people, texts

AUTHORS = ("customer", "agent", "bot", "system")
KINDS = ("text", "link", "rich", "notice")
CUSTOMER, AGENT, BOT, SYSTEM = range(4)
TEXT, LINK, RICH, NOTICE = range(4)
_LAST = 16
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `author` is one of AUTHORS, `kind` one of KINDS."""

    at: datetime
    author: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A customer's answers: `nps` 0..10; `welcome`, `resolution`, `delay` are fractions 0..1."""

    id: int
    at: datetime
    nps: int
    welcome: float
    resolution: float
    delay: float
    comment: str


@dataclass(frozen=True, slots=True)
class Sale:
    """A purchase on a website; one that no contact led to has no `contact_id`."""

    id: int
    at: datetime
    site_id: int
    amount: float
    currency: str
    external_id: str
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What a member of staff did to a contact: Message, Note, Data or Closed."""

    at: datetime
    staff_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One conversation, call or letter; nothing in it is later than the moment it was asked at.

    `ended_at` is the first closing and never changes; `closings` holds it and those after a
    reopening. `abandoned` is queue (left while waiting), ivr (left before the queue), operator
    (assigned, never answered) or None. A contact that the bot handled to its end has `bot` True,
    the bot as `staff_id`, and no times of a person. `turns` is the packed form of `messages`.
    """

    id: int
    stamp: int
    reference: str
    channel: str
    language: str
    site_id: int
    queue_id: int
    skill_id: int
    team_id: int | None
    staff_id: int | None
    bot: bool
    customer_id: int
    customer_stamp: int
    customer_since: datetime
    page_type: str
    rule_id: int | None
    started_at: datetime
    queued_at: datetime | None
    assigned_at: datetime | None
    first_response_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    abandoned: str | None
    reopened_at: datetime | None
    closings: tuple[datetime, ...]
    turns: tuple[int, ...]
    tags: tuple[str, ...]
    rating: str | None
    survey: Survey | None
    sales: tuple[Sale, ...]

    @property
    def key(self) -> str:
        """An opaque id of 24 hexadecimal digits."""
        return f"{int(self.started_at.timestamp()):08x}{self.stamp:016x}"

    @property
    def created_at(self) -> datetime:
        """The same as `started_at`."""
        return self.started_at

    @property
    def customer(self) -> people.Customer:
        """Who made contact."""
        return people.customer(
            self.customer_id, self.customer_stamp, self.language, self.customer_since
        )

    @property
    def open(self) -> bool:
        """Whether it is not closed, or reopened and not yet closed again."""
        return len(self.closings) <= (self.reopened_at is not None)

    @property
    def duration_seconds(self) -> float | None:
        """From the beginning to the first closing; None while it lasts."""
        return _seconds(self.started_at, self.ended_at)

    @property
    def handle_seconds(self) -> float | None:
        """From the assignment to the first closing; None where there is none of the two."""
        return _seconds(self.assigned_at, self.ended_at)

    @property
    def ivr_seconds(self) -> float | None:
        """From the beginning to the queue, or to the end of a contact that never got there."""
        return _seconds(self.started_at, self.queued_at or self.ended_at)

    @property
    def queue_seconds(self) -> float | None:
        """From the queue to the assignment or, if it was abandoned there, to its end."""
        return _seconds(self.queued_at, self.assigned_at or self.ended_at)

    @property
    def first_response_seconds(self) -> float | None:
        """From the beginning to the first answer of a person."""
        return _seconds(self.started_at, self.first_response_at)

    @property
    def answered(self) -> bool:
        """Whether a person has answered."""
        return self.first_response_at is not None

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was written, in order of time; a call has none."""
        return tuple(self._message(number, turn) for number, turn in enumerate(self.turns))

    @property
    def received(self) -> int:
        """The number of messages of the customer."""
        return sum(turn >> 2 & 3 == CUSTOMER for turn in self.turns)

    @property
    def sent(self) -> int:
        """The number of messages of a person or of the bot."""
        return sum(turn >> 2 & 3 in {AGENT, BOT} for turn in self.turns)

    @property
    def replies(self) -> tuple[tuple[datetime, datetime], ...]:
        """Pairs: the first customer message yet unanswered, and the person's reply to it."""
        pairs: list[tuple[datetime, datetime]] = []
        waiting: int | None = None
        for turn in self.turns:
            author = turn >> 2 & 3
            if author == CUSTOMER and waiting is None:
                waiting = turn
            elif author == AGENT and waiting is not None:
                pairs.append((self._at(waiting), self._at(turn)))
                waiting = None
        return tuple(pairs)

    @property
    def stints(self) -> tuple[tuple[datetime, datetime | None], ...]:
        """When a person had it in hand: (from, to), `to` None while it lasts; the bot has none."""
        if self.bot or self.assigned_at is None:
            return ()
        first = (self.assigned_at, self.ended_at)
        if self.reopened_at is None:
            return (first,)
        return first, (self.reopened_at, self.closings[1] if len(self.closings) > 1 else None)

    @property
    def actions(self) -> tuple[Action, ...]:
        """What people did to it, in order of time; the bot's doings are not actions."""
        if self.bot or self.staff_id is None:
            return ()
        done = [(self._at(turn), "Message") for turn in self.turns if turn >> 2 & 3 == AGENT]
        if self.first_response_at is not None and self.stamp % 5 == 0:
            done.append((self.first_response_at, "Note"))
        if self.ended_at is not None and self.tags:
            done.append((self.ended_at, "Data"))
        done.extend((at, "Closed") for at in self._closed_by_staff())
        done.sort(key=lambda entry: entry[0])
        return tuple(Action(at, self.staff_id, kind) for at, kind in done)

    def _closed_by_staff(self) -> tuple[datetime, ...]:
        return self.closings if self.ended_by == "agent" else self.closings[1:]

    def _at(self, turn: int) -> datetime:
        return self.started_at + (turn >> 5) * _MILLISECOND

    def _message(self, number: int, turn: int) -> Message:
        author, kind = turn >> 2 & 3, turn & 3
        text = self._text(number, author, kind, last=bool(turn & _LAST))
        return Message(self._at(turn), AUTHORS[author], KINDS[kind], text)

    def _text(self, number: int, author: int, kind: int, *, last: bool) -> str:
        if number == 0 and self.stamp % 300 == 0 and author == CUSTOMER:
            return texts.HOSTILE[self.stamp // 300 % len(texts.HOSTILE)]
        if kind == LINK:
            return texts.LINKS[self.stamp % len(texts.LINKS)]
        role = _ROLES[author]
        if author == CUSTOMER and number == 0:
            role = "opening"
        elif author == AGENT and last:
            role = "closing"
        return texts.sentence(role, self.language, (self.stamp >> 3) + number)


_ROLES = ("question", "answer", "bot", "notice")


def pack(milliseconds: int, author: int, kind: int = TEXT, *, last: bool = False) -> int:
    """Pack a message into one number: when since the beginning, by whom, of which kind."""
    return milliseconds << 5 | (_LAST if last else 0) | author << 2 | kind


def as_of(contact: Contact, now: datetime) -> Contact:
    """Return the contact as it stood at `now`, without anything that was still to come."""
    limit = (now - contact.started_at) // _MILLISECOND
    known = replace(
        contact,
        queued_at=_known(contact.queued_at, now),
        assigned_at=_known(contact.assigned_at, now),
        first_response_at=_known(contact.first_response_at, now),
        ended_at=_known(contact.ended_at, now),
        reopened_at=_known(contact.reopened_at, now),
        closings=tuple(at for at in contact.closings if at <= now),
        turns=tuple(turn for turn in contact.turns if turn >> 5 <= limit),
        survey=contact.survey if contact.survey and contact.survey.at <= now else None,
        sales=tuple(sale for sale in contact.sales if sale.at <= now),
    )
    if known.assigned_at is None:
        known = replace(known, staff_id=None, team_id=None)
    if known.ended_at is None:
        known = replace(known, ended_by=None, abandoned=None, tags=(), rating=None)
    return known


def _known(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start is not None and end is not None else None
