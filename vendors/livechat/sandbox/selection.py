"""Which chats, or which agents, a request is about: `filters`, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from vendors.livechat.sandbox.conditions import INTEGERS, Condition, Dialect, surveys
from vendors.livechat.sandbox.grammar import CHOICES, Among, Rules, members
from vendors.livechat.sandbox.profile import FORMS, GREETING_GROUPS
from vendors.livechat.sandbox.refusals import invalid
from vendors.livechat.sandbox.window import Window, greeted, last_days, only, pair, started

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from vendors.livechat.sandbox.chats import Agent, Chat

_Fields: TypeAlias = "Mapping[str, object]"


@dataclass(frozen=True, slots=True)
class Chats:
    """The chats that are wanted.

    `ids` and `groups` look at the greeting that a chat started from, `conditions` at anything else;
    `surveys` are the types of surveys that were named, or all.
    """

    window: Window
    conditions: tuple[Condition, ...] = ()
    ids: Among | None = None
    groups: Among | None = None
    surveys: frozenset[str] = frozenset(FORMS)

    def wants(self, chat: Chat) -> bool:
        """Tell whether a chat is wanted."""
        return (
            self.window.holds(chat)
            and all(condition(chat) for condition in self.conditions)
            and self._greeted(chat.greetings)
        )

    def wants_greeting(self, number: int) -> bool:
        """Tell whether a greeting is wanted, whether or not it led to a chat."""
        return self._greeted((number,))

    @property
    def about_chats(self) -> bool:
        """Whether something is asked that only a chat can answer, and no mere greeting."""
        return bool(self.conditions) or self.window.survey is not None

    def _greeted(self, numbers: tuple[int, ...]) -> bool:
        groups = [GREETING_GROUPS[number] for number in numbers]
        return (self.ids is None or self.ids.admits(numbers)) and (
            self.groups is None or self.groups.admits(groups)
        )


@dataclass(frozen=True, slots=True)
class Agents:
    """The agents that are wanted, and of which groups; None for all."""

    window: Window
    agents: Among | None = None
    groups: Among | None = None

    def wants(self, agent: Agent) -> bool:
        """Tell whether an agent is wanted."""
        member = self.groups is None or self.groups.admits(agent.groups)
        return member and (self.agents is None or self.agents.admits((agent.email,)))

    def wants_chat(self, chat: Chat) -> bool:
        """Tell whether a chat is of the window and of a wanted group."""
        return self.window.holds(chat) and (
            self.groups is None or self.groups.admits((chat.group,))
        )


def chats(parameters: _Fields, now: datetime, dialect: Dialect) -> Chats:
    """Read the filters of a chats report in the words of its version.

    Absent ones mean the last seven days.

    Raises:
        Refusal: They are not as documented.
    """
    if "filters" not in parameters:
        return Chats(last_days(now))
    readers, word = dialect.readers, dialect.surveys
    allowed = ("from", "to", *readers, "greetings", word)
    fields = members(parameters["filters"], "filters", allowed)
    greetings = _greetings(fields)
    asked = surveys(fields[word], f"filters.{word}") if word in fields else []
    pairs = [pair(fields, "filters", started), pair(greetings, "filters.greetings", greeted)]
    read = [readers[name](fields[name], f"filters.{name}") for name in fields if name in readers]
    return Chats(
        window=only([*pairs, *(survey.window for survey in asked)]),
        conditions=(*read, *(survey.holds for survey in asked)),
        ids=_ids(greetings),
        groups=_groups(greetings),
        surveys=frozenset(survey.type for survey in asked) or frozenset(FORMS),
    )


def by_group(parameters: _Fields, now: datetime, filters: Collection[str]) -> Chats:
    """Read the filters of a report that knows times and at most groups, and of these `values`.

    Raises:
        Refusal: They are not as documented.
    """
    if "filters" not in parameters:
        return Chats(last_days(now))
    fields = members(parameters["filters"], "filters", ("from", "to", *filters))
    window = only([pair(fields, "filters", started)])
    if "groups" not in fields:
        return Chats(window)
    groups = _AGENTS_RULES["groups"].read(fields["groups"], "filters.groups")
    return Chats(window, conditions=(lambda chat: groups.admits((chat.group,)),))


def agents(parameters: _Fields, now: datetime) -> Agents:
    """Read the filters of an agents report; absent ones mean the last seven days.

    Raises:
        Refusal: They are not as documented.
    """
    if "filters" not in parameters:
        return Agents(last_days(now))
    fields = members(parameters["filters"], "filters", ("from", "to", *_AGENTS_RULES))
    named = {
        name: rules.read(fields[name], f"filters.{name}")
        for name, rules in _AGENTS_RULES.items()
        if name in fields
    }
    window = only([pair(fields, "filters", started)])
    return Agents(window, named.get("agents"), named.get("groups"))


_AGENTS_RULES = {
    "agents": Rules((str,), exists=False),
    "groups": Rules((int,), exists=False, exclude=False, every=False),
}


def _greetings(fields: _Fields) -> _Fields:
    if "greetings" not in fields:
        return {}
    allowed = ("from", "to", "groups", *CHOICES)
    found = members(fields["greetings"], "filters.greetings", allowed)
    if not found:
        raise invalid("filters.greetings", "must not be empty")
    return found


def _ids(greetings: _Fields) -> Among | None:
    own = {name: greetings[name] for name in CHOICES if name in greetings}
    return Rules((int,), every=False).read(own, "filters.greetings") if own else None


def _groups(greetings: _Fields) -> Among | None:
    if "groups" not in greetings:
        return None
    return INTEGERS.read(greetings["groups"], "filters.greetings.groups")
