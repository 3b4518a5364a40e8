"""The filters that look at a chat: each is read once and then asked chat by chat."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vendors.livechat.sandbox.grammar import CHOICES, Among, Rules, Scalar, flag, members
from vendors.livechat.sandbox.profile import FORMS
from vendors.livechat.sandbox.properties import PROPERTIES, Property, elements
from vendors.livechat.sandbox.refusals import invalid
from vendors.livechat.sandbox.window import Window, filled, pair

if TYPE_CHECKING:
    from vendors.livechat.sandbox.chats import Chat

Condition: TypeAlias = "Callable[[Chat], bool]"
_Elements: TypeAlias = "Callable[[Chat], Collection[Scalar]]"

STRINGS = Rules((str,))
INTEGERS = Rules((int,))
_EVENT_TYPES = frozenset(
    {"file", "form", "filled_form", "message", "rich_message", "custom", "system_message"}
)
_ANSWER = re.compile(r"[0-9]+:[0-9]+")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class SurveyFilter:
    """One entry of `filters.surveys`, or of `filters.forms` as they are called later."""

    type: str
    window: Window | None
    answers: Among | None
    groups: Among | None

    def holds(self, chat: Chat) -> bool:
        """Tell whether a chat's survey of the type is, or is not, as wanted."""
        found = [survey for survey in chat.surveys if survey.type == self.type]
        if self.window is not None and not self.window.holds(chat):
            return False
        if self.groups is not None and not self.groups.admits((chat.group,) if found else ()):
            return False
        if self.answers is None:
            return bool(found)
        given = [f"{answer}:{index}" for survey in found for answer, index in survey.answers]
        return self.answers.admits(given)


def surveys(value: object, path: str) -> list[SurveyFilter]:
    """Read the array of surveys.

    Raises:
        Refusal: It is not as documented.
    """
    if not isinstance(value, list) or not value:
        raise invalid(path, "must be an array with at least one survey")
    return [_survey(entry, f"{path}.{index}") for index, entry in enumerate(value)]


def _survey(value: object, path: str) -> SurveyFilter:
    fields = members(value, path, ("type", "from", "to", "groups", *CHOICES))
    type_ = fields.get("type")
    if not isinstance(type_, str) or type_ not in FORMS:
        raise invalid(f"{path}.type", f"must be one of {', '.join(FORMS)}")
    own = {name: fields[name] for name in CHOICES if name in fields}
    answers = Rules((str,), every=False).read(own, path) if own else None
    if answers is not None and not all(_ANSWER.fullmatch(str(one)) for one in answers.values):
        raise invalid(path, "must name answers as <answer id>:<index>")
    return SurveyFilter(
        type=type_,
        window=pair(fields, path, filled(type_), type_),
        answers=answers,
        groups=INTEGERS.read(fields["groups"], f"{path}.groups") if "groups" in fields else None,
    )


def _among(rules: Rules, of: _Elements, value: object, path: str) -> Condition:
    among = rules.read(value, path)
    return lambda chat: among.admits(of(chat))


def _properties(value: object, path: str) -> Condition:
    found: list[tuple[Property | None, Among]] = []
    for namespace, named in _objects(value, path):
        for name, wanted in _objects(named, f"{path}.{namespace}"):
            known = PROPERTIES.get((namespace, name))
            of: tuple[type[Scalar], ...] = (str, int, bool) if known is None else (known.of,)
            rules = Rules(of, every=False, single=True)
            found.append((known, rules.read(wanted, f"{path}.{namespace}.{name}")))
    return lambda chat: all(among.admits(elements(chat, known)) for known, among in found)


def _objects(value: object, path: str) -> list[tuple[str, object]]:
    if not isinstance(value, dict) or not value:
        raise invalid(path, "must be an object that is not empty")
    return list(value.items())


def _agent_response(value: object, path: str) -> Condition:
    fields = members(value, path, ("exists", "first", *_RESPONDERS))
    if not fields:
        raise invalid(path, "must not be empty")
    exists, first = flag(fields, "exists", path), flag(fields, "first", path)
    found: list[Condition] = []
    if exists is not None:
        found.append(lambda chat: chat.replied == exists)
    for name, (rules, of) in _RESPONDERS.items():
        if name in fields and first is not True:
            raise invalid(f"{path}.{name}", "works only if first is true")
        if name in fields:
            found.append(_among(rules, of, fields[name], f"{path}.{name}"))
    return lambda chat: all(condition(chat) for condition in found)


# What is known of the first response, which is the work of a chat's only agent.
_RESPONDERS: dict[str, tuple[Rules, _Elements]] = {
    "agents": (STRINGS, lambda chat: chat.agents if chat.replied else ()),
    "groups": (INTEGERS, lambda chat: (chat.group,) if chat.replied else ()),
}

_Readers: TypeAlias = "Mapping[str, Callable[[object, str], Condition]]"
# Name of a filter -> what reads it.
_READERS: _Readers = {
    "properties": _properties,
    "agents": partial(_among, STRINGS, lambda chat: chat.agents),
    "tags": partial(_among, STRINGS, lambda chat: chat.tags),
    "sales": partial(_among, INTEGERS, lambda chat: chat.sales),
    "goals": partial(_among, INTEGERS, lambda chat: chat.goals),
    "groups": partial(_among, INTEGERS, lambda chat: (chat.group,)),
    "event_types": partial(
        _among, Rules((str,), exists=False, words=_EVENT_TYPES), lambda chat: chat.events
    ),
    "agent_response": _agent_response,
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the filters of a version are called: that on surveys, and those that look at a chat."""

    surveys: str
    readers: _Readers


OF_3_4 = Dialect("surveys", _READERS)
OF_3_5 = Dialect(
    "forms",
    {
        **_READERS,
        "customer_countries": partial(
            _among, Rules((str,), pattern=_COUNTRY), lambda chat: (chat.country,)
        ),
    },
)
