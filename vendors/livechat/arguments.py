"""What a call is told beside its window becomes LiveChat's filters, or is refused before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from msgspec import UNSET, UnsetType

from vendors.errors import BadInputError
from vendors.livechat.filters import (
    SURVEY_TYPES,
    AgentGroups,
    AgentResponse,
    AgentsFilters,
    ChatsFilters,
    EventTypeFilter,
    Greetings,
    IntegerFilter,
    PropertyFilter,
    Scalar,
    StringFilter,
    Survey,
)
from vendors.measures import Dimension, MeasureCall, Source
from vendors.parameters import Argument, Way

__all__ = ["OPEN_PROPERTIES", "PROPERTY", "PROPERTY_TYPES", "agents_filters", "chats_filters"]

_Read: TypeAlias = Callable[[str, str], Scalar]
"""From where it stands and its text, the value that is sent."""
F = TypeVar("F", StringFilter, IntegerFilter, EventTypeFilter)

_OWN_PROPERTIES: Mapping[str, Mapping[str, PropertyFilter]] = {
    "total_chats_unreplied": {"routing.unreplied": PropertyFilter(values=(True,))},
}
"""The property filters of the sources that are a report seen through a filter."""
_GREETINGS = "greetings_conversion"
_USUAL_PERIODS: Mapping[str, str] = {_GREETINGS: "greetings"}
PROPERTY = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
"""A property: its namespace and its name."""
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}
PROPERTY_TYPES: Mapping[str, type[Scalar]] = {
    **dict.fromkeys(
        (
            *("ecommerce.has_indirect_sale", "ecommerce.has_sale", "lc2.file_safety_confirmation"),
            *("lc2.welcome_message", "routing.continuous", "routing.email_follow_up"),
            *("routing.idle", "routing.ignore_agents_routing", "routing.ignore_bots"),
            *("routing.offline_message", "routing.pinned", "routing.unassigned"),
            *("routing.unreplied", "routing.was_pinned", "status.delivered", "test.bool_property"),
        ),
        bool,
    ),
    **dict.fromkeys(
        (
            *("lc2.greeting_id", "rating.score", "routing.last_transfer_timestamp"),
            *("test.int_property", "url_details.image_height", "url_details.image_width"),
        ),
        int,
    ),
    **dict.fromkeys(
        (
            *("lc2.form_type", "lc2.greeting_unique_id", "lc2.welcome_author_id"),
            *("lc2.welcome_text", "rating.comment", "routing.referrer", "routing.start_url"),
            *("routing.transcript_email", "source.client_id", "source.customer_client_id"),
            *("test.string_property", "test.tokenized_string_property"),
            *("translation.source_lang_code", "translation.target_lang_code"),
            *("translation.target_message", "url_details.description", "url_details.image_url"),
            *("url_details.title", "url_details.url"),
        ),
        str,
    ),
}
"""The types of LiveChat's default properties."""
OPEN_PROPERTIES = (
    *(name for name, of in PROPERTY_TYPES.items() if of is not str),
    *("lc2.form_type", "lc2.greeting_unique_id", "lc2.welcome_author_id", "lc2.welcome_text"),
    *("source.client_id", "translation.source_lang_code", "translation.target_lang_code"),
)
"""The properties that hold nothing of a customer's."""


def chats_filters(measure: MeasureCall, source: Source, first: str, last: str) -> ChatsFilters:
    """Return which chats a call is about, with the one pair of times that is its window.

    Raises BadInputError, naming what is accepted, for what LiveChat would not take.
    """
    told = _Told(measure, source)
    period = told.text("period_of") or _USUAL_PERIODS.get(measure.source, "chats")
    pairs: _Pairs = {period: {"from_": first, "to": last}}
    # That report narrows greetings by their groups, as the others narrow chats by theirs.
    greeted = measure.source == _GREETINGS
    filters = ChatsFilters(
        **pairs.get("chats", {}),
        properties=_properties(told, measure.source),
        agents=told.filter(StringFilter, "agents", _text, Dimension.AGENT),
        tags=told.filter(StringFilter, "tags", _text, Dimension.TAG),
        sales=told.filter(IntegerFilter, "sales", _integer),
        goals=told.filter(IntegerFilter, "goals", _integer),
        surveys=_surveys(told, "surveys", pairs),
        forms=_surveys(told, "forms", pairs),
        event_types=told.filter(EventTypeFilter, "event_types", _text),
        groups=told.filter(IntegerFilter, "groups", _integer, None if greeted else Dimension.TEAM),
        greetings=_greetings(told, pairs, Dimension.TEAM if greeted else None),
        agent_response=_agent_response(told),
        customer_countries=told.filter(StringFilter, "customer_countries", _text),
    )
    told.check_done()
    return filters


def agents_filters(measure: MeasureCall, source: Source, first: str, last: str) -> AgentsFilters:
    """Return which agents a call is about, and when.

    Raises BadInputError, naming what is accepted, for what LiveChat would not take.
    """
    told = _Told(measure, source)
    groups = told.filter(IntegerFilter, "groups", _integer, Dimension.TEAM)
    filters = AgentsFilters(
        from_=first,
        to=last,
        agents=told.filter(StringFilter, "agents", _text, Dimension.AGENT),
        groups=UNSET if groups is UNSET else AgentGroups(values=groups.values or ()),
    )
    told.check_done()
    return filters


_Pairs: TypeAlias = Mapping[str, Mapping[str, Any]]
"""The pair of times, by where it stands."""


class _Told:
    """The arguments of a call, and its filters by dimensions, each to be taken once."""

    def __init__(self, measure: MeasureCall, source: Source) -> None:
        self._measure = measure
        self._narrowed = source.narrowed
        self._left: dict[tuple[str, str | None], Argument] = {}
        for one in measure.arguments:
            if (one.name, one.key) in self._left:
                message = f"{_shown(one)} is given twice."
                raise _refused(message, "each parameter once for each of its keys")
            self._left[one.name, one.key] = one

    def keys(self, name: str) -> tuple[str, ...]:
        """Return the keys with which a parameter is given."""
        return tuple(key for named, key in self._left if named == name and key is not None)

    def filter(
        self,
        of: type[F],
        name: str,
        read: _Read,
        dimension: Dimension | None = None,
        *,
        key: str | None = None,
    ) -> F | UnsetType:
        """Return the filter of that name, or of what the call is restricted to by a dimension."""
        ways = self.ways(name, read, key)
        ids = () if dimension is None else self._measure.filtered(dimension)
        if ids and ways:
            message = f"{name} restricts what {dimension} restricts or groups already."
            raise _refused(message, "either of them")
        if ids:
            ways = {"values": tuple(read(name, one) for one in ids)}
        return of(**ways) if ways else UNSET

    def ways(self, name: str, read: _Read, key: str | None = None) -> dict[str, Any]:
        """Return how an argument restricts, as members of a filter; nothing if it is not given."""
        argument = self._left.pop((name, key), None)
        if argument is None:
            return {}
        way = _way_of(argument)
        self._check_way(argument, way)
        if way is Way.EXISTS:
            return {"exists": argument.exists}
        where = key or name
        members = {way.value: tuple(read(where, one) for one in getattr(argument, way.value))}
        return members | ({"require_every_value": True} if argument.every else {})

    def flag(self, name: str) -> bool | UnsetType:
        """Return a parameter that is true or false."""
        given = self.text(name)
        return UNSET if given is None else _boolean(name, given)

    def text(self, name: str) -> str | None:
        """Return a parameter of one value."""
        values = self.ways(name, _text).get("values", ())
        return values[0] if values else None

    def check_done(self) -> None:
        """Raise BadInputError where something was given that is no part of any filter."""
        for argument in self._left.values():
            message = f"{_shown(argument)} is nothing that this report can be told."
            raise _refused(message, "the parameters of the report, with their keys")

    def _check_way(self, argument: Argument, way: Way) -> None:
        narrowed = self._narrowed.get(argument.name)
        if narrowed is None:
            return
        if way not in narrowed.ways:
            message = f"This report does not take {way} of {_shown(argument)}."
            raise _refused(message, list(narrowed.ways))
        if argument.every and not narrowed.every:
            message = f"This report cannot demand every one of {_shown(argument)}."
            raise _refused(message, "values, of which any is enough")


def _properties(told: _Told, source: str) -> Mapping[str, Mapping[str, PropertyFilter]] | UnsetType:
    found: dict[str, dict[str, PropertyFilter]] = {}
    for key, one in _named_properties(told, source):
        namespace, _, name = key.partition(".")
        found.setdefault(namespace, {})[name] = one
    return found or UNSET


def _named_properties(told: _Told, source: str) -> Iterator[tuple[str, PropertyFilter]]:
    own = _OWN_PROPERTIES.get(source, {})
    yield from own.items()
    for key in told.keys("properties"):
        if key in own:
            message = f"The property {key} is what this report is restricted to already."
            raise _refused(message, "any other property")
        if not PROPERTY.fullmatch(key):
            message = "A property is known by its namespace and its name."
            raise _refused(message, "namespace.name, such as routing.continuous")
        yield key, PropertyFilter(**told.ways("properties", _property, key))


def _surveys(told: _Told, word: str, pairs: _Pairs) -> tuple[Survey, ...] | UnsetType:
    """Return what is told of surveys; those whose filling is the period are among them."""
    groups = f"{word}.groups"
    named = {*told.keys(word), *told.keys(groups)}
    found = tuple(
        Survey(
            type=type_,
            groups=told.filter(IntegerFilter, groups, _integer, key=type_),
            **told.ways(word, _text, type_),
            **pairs.get(f"{word}.{type_}", {}),
        )
        for type_ in SURVEY_TYPES
        if type_ in named or f"{word}.{type_}" in pairs
    )
    return found or UNSET


def _greetings(told: _Told, pairs: _Pairs, dimension: Dimension | None) -> Greetings | UnsetType:
    members = {**told.ways("greetings", _integer), **pairs.get("greetings", {})}
    groups = told.filter(IntegerFilter, "greetings.groups", _integer, dimension)
    return Greetings(groups=groups, **members) if members or groups is not UNSET else UNSET


def _agent_response(told: _Told) -> AgentResponse | UnsetType:
    response = AgentResponse(
        exists=told.flag("agent_response.exists"),
        first=told.flag("agent_response.first"),
        agents=told.filter(StringFilter, "agent_response.agents", _text),
        groups=told.filter(IntegerFilter, "agent_response.groups", _integer),
    )
    return UNSET if response == AgentResponse() else response


def _way_of(argument: Argument) -> Way:
    """Return the way in which an argument restricts; raise BadInputError where it has not one."""
    given = [
        *([Way.VALUES] if argument.values else []),
        *([Way.EXCLUDE_VALUES] if argument.exclude_values else []),
        *([Way.EXISTS] if argument.exists is not None else []),
    ]
    if len(given) != 1:
        message = f"{_shown(argument)} is given in {len(given)} ways."
        raise _refused(message, "exactly one of values, exclude_values and exists")
    return given[0]


def _text(_: str, value: str) -> Scalar:
    return value


def _integer(name: str, value: str) -> Scalar:
    if _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    raise _refused(f"{name} takes numbers alone.", "a whole number")


def _boolean(name: str, value: str) -> bool:
    if value not in _BOOLEANS:
        raise _refused(f"{name} is true or false.", list(_BOOLEANS))
    return _BOOLEANS[value]


def _property(key: str, value: str) -> Scalar:
    """Return the value of a property: by its type where that is known, else by its looks."""
    return _READ_AS.get(PROPERTY_TYPES.get(key), _scalar)(key, value)


def _scalar(_: str, value: str) -> Scalar:
    if value in _BOOLEANS:
        return _BOOLEANS[value]
    if _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


_READ_AS: Mapping[type[Scalar] | None, _Read] = {bool: _boolean, int: _integer, str: _text}


def _shown(argument: Argument) -> str:
    return argument.name if argument.key is None else f"{argument.name} of {argument.key}"


def _refused(message: str, accepted: list[str] | str) -> BadInputError:
    return BadInputError(message, argument="parameters", accepted=accepted)
