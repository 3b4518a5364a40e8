"""The operators as they are: those of the account, and what became of them.

The document names no mandatory field; without a name and an address nobody could log in, and an
address is one operator's. What is not said of a new one is off, or empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vendors.iadvize.sandbox import forms
from vendors.iadvize.sandbox.profile import WITHOUT_GROUP, WITHOUT_SKILLS
from vendors.iadvize.sandbox.refusals import invalid, missing
from vendors.world import StaffMember

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHANNELS = ("chat", "call", "video")
LANGUAGES = ("de", "en", "es", "fr")

_HIGHER_ROLES = ("admin", "manager")
_NEEDED = ("name", "email")
_OF_MEMBER = {
    "name": "family",
    "first_name": "given",
    "email": "email",
    "chat_max_number": "max_slots",
    "language_list": "languages",
    "website_list": "site_ids",
}
_OF_OPERATOR = {
    "group_id": "group_id",
    "skill_list": "skill_ids",
    "pseudo": "pseudo",
    "external_id": "external_id",
    "roles": "roles",
    "language_admin": "language_admin",
    "chat_and_call": "chat_and_call",
}
FIELDS: Mapping[str, forms.Field] = {
    "name": forms.FILLED,
    "first_name": forms.TEXT,
    "pseudo": forms.TEXT,
    "email": forms.ADDRESS,
    "external_id": forms.TEXT,
    "roles": forms.choices("expert", "operator", "manager", "admin"),
    "chat_max_number": forms.POSITIVE,
    "chat_and_call": forms.FLAG,
    "language_list": forms.LANGUAGES,
    "language_admin": forms.choice(*LANGUAGES),
    "group_id": forms.NUMBER,
    "website_list": forms.NUMBERS,
    "skill_list": forms.NUMBERS,
    **{f"{channel}_enabled": forms.FLAG for channel in CHANNELS},
    **{f"{channel}_priority": forms.choice("0", "10") for channel in CHANNELS},
}
"""What can be written of an operator; `sso_key` and the deprecated `role` cannot."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A member of staff, or the bot, which belongs to no group and has no skills."""

    member: StaffMember
    group_id: int | None
    skill_ids: tuple[int, ...]
    external_id: str | None
    pseudo: str
    roles: tuple[str, ...]
    language_admin: str
    chat_and_call: bool
    priorities: tuple[int, ...] = (10, 0, 0)
    """One for each of CHANNELS."""

    @property
    def id(self) -> int:
        """The identifier that the vendor gives out."""
        return self.member.id

    @property
    def role(self) -> str:
        """The one role by which the vendor once knew operators."""
        return next((role for role in _HIGHER_ROLES if role in self.roles), "operator")


class Roster:
    """Everybody who can log in."""

    def __init__(self, founded: Iterable[StaffMember]) -> None:
        self.founded = {member.id: _founded(member) for member in founded}
        self._operators = dict(self.founded)
        self._last = max(self._operators)

    def all(self) -> tuple[Operator, ...]:
        """Return the operators, those of the account first."""
        return tuple(self._operators.values())

    def get(self, number: int | None) -> Operator | None:
        """Return the operator of that id."""
        return None if number is None else self._operators.get(number)

    def counted(self, number: int | None) -> Operator | None:
        """Return the operator as what they have done is counted: who they were at the beginning."""
        return self.get(number) if number not in self.founded else self.founded[number]

    @property
    def countable(self) -> tuple[int, ...]:
        """The ids of all who may have done something, those of the deleted among them."""
        return tuple({**self.founded, **self._operators})

    def create(self, said: Mapping[str, Any]) -> Operator:
        """Take somebody on."""
        for field in _NEEDED:
            if field not in said:
                raise missing(field)
        self._check_address(None, said)
        self._last += 1
        self._operators[self._last] = _changed(_nobody(self._last), said)
        if not self._operators[self._last].pseudo:
            given = said.get("first_name") or said["name"]
            self._operators[self._last] = replace(self._operators[self._last], pseudo=given)
        return self._operators[self._last]

    def update(self, operator: Operator, said: Mapping[str, Any]) -> Operator:
        """Change what is said."""
        self._check_address(operator.id, said)
        self._operators[operator.id] = _changed(operator, said)
        return self._operators[operator.id]

    def delete(self, operator: Operator) -> None:
        """Let somebody go."""
        del self._operators[operator.id]

    def _check_address(self, number: int | None, said: Mapping[str, Any]) -> None:
        taken = {one.member.email.casefold() for one in self.all() if one.id != number}
        if said.get("email", "").casefold() in taken:
            raise invalid("email")


def _changed(operator: Operator, said: Mapping[str, Any]) -> Operator:
    member = {mine: said[theirs] for theirs, mine in _OF_MEMBER.items() if theirs in said}
    own = {mine: said[theirs] for theirs, mine in _OF_OPERATOR.items() if theirs in said}
    enabled = tuple(
        channel
        for channel in CHANNELS
        if said.get(f"{channel}_enabled", channel in operator.member.channels)
    )
    priorities = tuple(
        int(said.get(f"{channel}_priority", priority))
        for channel, priority in zip(CHANNELS, operator.priorities, strict=True)
    )
    changed = replace(operator.member, channels=enabled, **member)
    return replace(operator, member=changed, priorities=priorities, **own)


def _founded(member: StaffMember) -> Operator:
    free = member.bot or member.email in WITHOUT_GROUP
    untrained = member.bot or member.email in WITHOUT_SKILLS
    spoken = [language for language in member.languages if language in LANGUAGES]
    return Operator(
        member=member,
        group_id=None if free else member.team_id,
        skill_ids=() if untrained else member.skill_ids,
        external_id=f"RH-{member.id:05d}",
        pseudo=member.given,
        roles=(member.role if member.role in _HIGHER_ROLES else "operator",),
        language_admin=(*spoken, "en")[0],
        chat_and_call={"chat", "call"} <= set(member.channels),
    )


def _nobody(number: int) -> Operator:
    member = StaffMember(
        id=number,
        key=f"{number:024x}",
        email="",
        given="",
        family="",
        team_id=0,
        skill_ids=(),
        site_ids=(),
        channels=(),
        max_slots=1,
        languages=(),
        role="agent",
    )
    return Operator(
        member=member,
        group_id=None,
        skill_ids=(),
        external_id=None,
        pseudo="",
        roles=("operator",),
        language_admin="en",
        chat_and_call=False,
        priorities=(0, 0, 0),
    )
