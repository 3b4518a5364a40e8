"""What LiveChat's Reports API is asked, 3.4 to 3.6: its grammar of filters, in its own words.

The requests hold to the documented grammar and raise BadInputError where it is broken, before
anything is sent.
"""

from collections.abc import Mapping
from typing import ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from vendors.errors import BadInputError

__all__ = [
    "EVENT_TYPES",
    "SURVEY_TYPES",
    "AgentGroups",
    "AgentResponse",
    "AgentsFilters",
    "AgentsRequest",
    "ChatsFilters",
    "ChatsRequest",
    "EventTypeFilter",
    "Greetings",
    "IntegerFilter",
    "PropertyFilter",
    "ReportRequest",
    "Scalar",
    "StringFilter",
    "Survey",
]

Scalar: TypeAlias = str | int | bool

SURVEY_TYPES = ("pre_chat", "post_chat")
EVENT_TYPES = (
    "file",
    "form",
    "filled_form",
    "message",
    "rich_message",
    "custom",
    "system_message",
)
_WAYS = ("exists", "values", "exclude_values")
_PAIRS = ("from and to", "greetings.from and .to", "surveys[].from and .to", "forms[].from and .to")


class _Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of what is sent: what is not set is not sent."""


class _Filter(_Request, frozen=True, kw_only=True):
    """The base of filters: exactly one of the ways to filter that the grammar allows."""

    ways: ClassVar[tuple[str, ...]] = _WAYS

    def __post_init__(self) -> None:
        """Refuse a filter that has no way, or two."""
        given = [way for way in self.ways if getattr(self, way) is not UNSET]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            message = f"A {type(self).__name__} takes exactly one of its ways; it has {found}."
            raise BadInputError(message, argument="filters", accepted=self.ways)
        if getattr(self, given[0]) == ():
            message = f"{given[0]} of a {type(self).__name__} holds nothing."
            raise BadInputError(message, argument="filters", accepted="at least one value")
        every = getattr(self, "require_every_value", UNSET)
        if every is not UNSET and given == ["exists"]:
            message = "require_every_value goes with values or exclude_values."
            raise BadInputError(message, argument="filters", accepted=self.ways[1:])


class PropertyFilter(_Filter, frozen=True, kw_only=True):
    """Filters by one property of the chat."""

    exists: bool | UnsetType = UNSET
    values: tuple[Scalar, ...] | UnsetType = UNSET
    exclude_values: tuple[Scalar, ...] | UnsetType = UNSET


class StringFilter(_Filter, frozen=True, kw_only=True):
    """Filters by strings, such as agents (e-mail addresses) or tags."""

    exists: bool | UnsetType = UNSET
    values: tuple[str, ...] | UnsetType = UNSET
    exclude_values: tuple[str, ...] | UnsetType = UNSET
    require_every_value: bool | UnsetType = UNSET


class IntegerFilter(_Filter, frozen=True, kw_only=True):
    """Filters by numbers, such as groups, goals or sales."""

    exists: bool | UnsetType = UNSET
    values: tuple[int, ...] | UnsetType = UNSET
    exclude_values: tuple[int, ...] | UnsetType = UNSET
    require_every_value: bool | UnsetType = UNSET


class EventTypeFilter(_Filter, frozen=True, kw_only=True):
    """Filters by types of events; unlike the others it knows no `exists`."""

    ways: ClassVar[tuple[str, ...]] = ("values", "exclude_values")

    values: tuple[str, ...] | UnsetType = UNSET
    exclude_values: tuple[str, ...] | UnsetType = UNSET
    require_every_value: bool | UnsetType = UNSET


class AgentGroups(_Request, frozen=True, kw_only=True):
    """Filters agents by their groups: the agents reports know `values` alone."""

    values: tuple[int, ...]


class _Narrowed(_Request, frozen=True, kw_only=True):
    """The base of what has a pair of times of its own, and at most one of the ways to filter."""

    from_: str | UnsetType = msgspec.field(default=UNSET, name="from")
    to: str | UnsetType = UNSET
    exists: bool | UnsetType = UNSET
    groups: IntegerFilter | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse two ways at once."""
        if sum(getattr(self, way) is not UNSET for way in _WAYS) > 1:
            message = f"{type(self).__name__} takes at most one of {', '.join(_WAYS)}."
            raise BadInputError(message, argument="filters", accepted=_WAYS)


class Survey(_Narrowed, frozen=True, kw_only=True):
    """Filters by answers to a survey, or to a form as it is called since 3.5."""

    type: str
    values: tuple[str, ...] | UnsetType = UNSET
    exclude_values: tuple[str, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a type that the vendor does not know, and two ways at once."""
        _check_one_of("type", self.type, SURVEY_TYPES)
        super().__post_init__()


class Greetings(_Narrowed, frozen=True, kw_only=True):
    """Filters by the greeting that a chat began with; the times are those of its sending."""

    values: tuple[int, ...] | UnsetType = UNSET
    exclude_values: tuple[int, ...] | UnsetType = UNSET


class AgentResponse(_Request, frozen=True, kw_only=True):
    """Filters by the agents' answers, all of them or the first."""

    exists: bool | UnsetType = UNSET
    first: bool | UnsetType = UNSET
    agents: StringFilter | UnsetType = UNSET
    groups: IntegerFilter | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse agents or groups where not only the first answer is looked at."""
        narrowed = self.agents is not UNSET or self.groups is not UNSET
        if narrowed and self.first is not True:
            message = "agent_response looks at agents and groups of the first answer only."
            raise BadInputError(
                message, argument="filters.agent_response", accepted="first: true beside them"
            )


class ChatsFilters(_Request, frozen=True, kw_only=True):
    """Which chats a chats report is about, with exactly one pair of times."""

    from_: str | UnsetType = msgspec.field(default=UNSET, name="from")
    to: str | UnsetType = UNSET
    properties: Mapping[str, Mapping[str, PropertyFilter]] | UnsetType = UNSET
    agents: StringFilter | UnsetType = UNSET
    tags: StringFilter | UnsetType = UNSET
    sales: IntegerFilter | UnsetType = UNSET
    goals: IntegerFilter | UnsetType = UNSET
    surveys: tuple[Survey, ...] | UnsetType = UNSET
    forms: tuple[Survey, ...] | UnsetType = UNSET
    """In place of `surveys` since 3.5."""
    event_types: EventTypeFilter | UnsetType = UNSET
    groups: IntegerFilter | UnsetType = UNSET
    greetings: Greetings | UnsetType = UNSET
    agent_response: AgentResponse | UnsetType = UNSET
    customer_countries: StringFilter | UnsetType = UNSET
    """Since 3.5."""

    def __post_init__(self) -> None:
        """Refuse no pair of times, half a pair, and pairs in two places."""
        greetings = () if self.greetings is UNSET else (self.greetings,)
        surveys = (*(self.surveys or ()), *(self.forms or ()))
        timed = [any(_times(one)) for one in (self, *greetings)] + [
            any(any(_times(one)) for one in surveys)
        ]
        halves = [one for one in (self, *greetings, *surveys) if len(set(_times(one))) > 1]
        if halves or sum(timed) != 1:
            message = "A chats report is filtered by exactly one pair of times."
            raise BadInputError(message, argument="filters", accepted=_PAIRS)


class AgentsFilters(_Request, frozen=True, kw_only=True):
    """Which agents an agents report is about, and when."""

    from_: str = msgspec.field(name="from")
    to: str
    agents: StringFilter | UnsetType = UNSET
    groups: AgentGroups | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse `exists`, which the agents reports do not know."""
        if self.agents is not UNSET and self.agents.exists is not UNSET:
            message = "The agents reports do not filter agents by exists."
            raise BadInputError(
                message, argument="filters.agents", accepted=["values", "exclude_values"]
            )


class ReportRequest(_Request, frozen=True, kw_only=True):
    """The base of a request for a report."""

    distributions: ClassVar[tuple[str, ...]] = ()

    distribution: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse a distribution that this kind of report does not know."""
        if self.distribution is not UNSET:
            _check_one_of("distribution", self.distribution, self.distributions)


class ChatsRequest(ReportRequest, frozen=True, kw_only=True):
    """A request for a chats report."""

    distributions: ClassVar[tuple[str, ...]] = ("hour", "day", "day-hours", "month", "year")

    filters: ChatsFilters


class AgentsRequest(ReportRequest, frozen=True, kw_only=True):
    """A request for an agents report."""

    distributions: ClassVar[tuple[str, ...]] = ("hour", "day")

    filters: AgentsFilters


def _times(place: Survey | Greetings | ChatsFilters) -> tuple[bool, bool]:
    """Return whether each of the two times is given there."""
    return place.from_ is not UNSET, place.to is not UNSET


def _check_one_of(argument: str, value: str, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        message = f"{argument} cannot be {value!r} here; give one of {', '.join(accepted)}."
        raise BadInputError(message, argument=argument, accepted=accepted)
