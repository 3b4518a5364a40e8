"""A chat as the reports see it: what one contact of the world means in the vendor's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from vendors.livechat.sandbox.profile import FORMS, ORDER_GOAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from vendors.world import Contact

_MILLISECOND = timedelta(milliseconds=1)
# How the world calls the kind of a message -> how the vendor calls the event.
_EVENT_OF_KIND = {
    "text": "message",
    "link": "message",
    "rich": "rich_message",
    "notice": "system_message",
}
_SURVEY_EVENTS = {"form", "filled_form"}
# Of the chats without a greeting that somebody answers, one in so many is the agent's idea.
_AGENTS_IDEA = 60


@dataclass(frozen=True, slots=True)
class Filled:
    """A survey that was filled in, with the index that was selected for each answer id."""

    type: str
    survey_id: str
    at: datetime
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat; it had at most one agent.

    `lasted` and `chatting` are seconds up to the end, or up to now while it is open; `chatting`
    begins with the assignment. `first_response` and `response` (the mean of the chat's replies) are
    milliseconds, None where nobody replied. `origin` is one of the engagement report's names.
    """

    contact: Contact
    started: datetime
    agent: str | None
    group: int
    continuous: bool
    origin: str
    greeting: int | None
    lasted: int
    chatting: int
    first_response: int | None
    response: int | None
    rating: str | None
    comment: str | None
    tags: tuple[str, ...]
    sales: tuple[int, ...]
    surveys: tuple[Filled, ...]

    @property
    def agents(self) -> tuple[str, ...]:
        """Who had it in hand, if anybody."""
        return () if self.agent is None else (self.agent,)

    @property
    def greetings(self) -> tuple[int, ...]:
        """The greeting that it started from, if any."""
        return () if self.greeting is None else (self.greeting,)

    @property
    def goals(self) -> tuple[int, ...]:
        """The goals that it led to."""
        return (ORDER_GOAL,) if self.sales else ()

    @property
    def events(self) -> frozenset[str]:
        """The types of the events in it; found when asked for, since that composes the texts."""
        found = {_EVENT_OF_KIND[message.kind] for message in self.contact.messages}
        return frozenset(found | _SURVEY_EVENTS if self.surveys else found)

    @property
    def waited(self) -> int | None:
        """The seconds in the queue, None where it was in none or is still waiting there."""
        seconds = self.contact.queue_seconds
        return None if seconds is None else int(seconds)

    @property
    def client(self) -> str:
        """The application that the customer wrote from: one for each website."""
        return f"sandbox-client-{self.contact.site_id}"

    @property
    def country(self) -> str:
        """The customer's country, in two letters."""
        return self.contact.customer.country

    @property
    def replied(self) -> bool:
        """Whether an agent has replied."""
        return self.first_response is not None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent, known by e-mail address, and the groups that they belong to."""

    email: str
    number: int
    groups: tuple[int, ...]


def chat(contact: Contact, agents: Mapping[int, Agent], now: datetime) -> Chat:
    """Return the chat that a contact of the world is, as it stands at `now`."""
    agent = None if contact.staff_id is None else agents[contact.staff_id]
    group = _group(contact, agent)
    ended = contact.ended_at or now
    return Chat(
        contact=contact,
        started=contact.started_at,
        agent=agent.email if agent else None,
        group=group,
        continuous=contact.customer_since < contact.started_at,
        origin=_origin(contact),
        greeting=contact.rule_id,
        lasted=_seconds(contact.started_at, ended),
        chatting=_seconds(contact.assigned_at or ended, ended),
        first_response=_first_response(contact),
        response=_response(contact),
        rating=contact.rating,
        comment=contact.survey.comment if contact.rating and contact.survey else None,
        tags=contact.tags,
        sales=tuple(sale.id for sale in contact.sales),
        surveys=tuple(_surveys(contact, group)),
    )


def _group(contact: Contact, agent: Agent | None) -> int:
    """Return where it is: who takes a chat of a group not theirs has it transferred to theirs."""
    if agent is None or contact.queue_id in agent.groups:
        return contact.queue_id
    return agent.groups[0]


def _origin(contact: Contact) -> str:
    if contact.rule_id is not None:
        return "started_by_customer_from_greeting"
    if contact.staff_id is not None and contact.stamp % _AGENTS_IDEA == 0:
        return "started_by_agent"
    return "started_by_customer_without_greeting"


def _first_response(contact: Contact) -> int | None:
    if contact.first_response_at is None:
        return None
    return (contact.first_response_at - contact.started_at) // _MILLISECOND


def _response(contact: Contact) -> int | None:
    waits = [(reply - asked) // _MILLISECOND for asked, reply in contact.replies]
    return round(sum(waits) / len(waits)) if waits else None


def _surveys(contact: Contact, group: int) -> Iterator[Filled]:
    """Yield what the customer filled in; a greeting spares them the form before the chat."""
    if contact.rule_id is None:
        yield _filled("pre_chat", group, contact, contact.started_at)
    if contact.survey is not None:
        yield _filled("post_chat", group, contact, contact.survey.at)


def _filled(type_: str, group: int, contact: Contact, at: datetime) -> Filled:
    form = FORMS[type_][group]
    answers = tuple((question.answer_id, question.choice(contact)) for question in form.questions)
    return Filled(type_, form.survey_id, at, answers)


def _seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())
