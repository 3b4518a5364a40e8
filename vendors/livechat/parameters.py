"""What LiveChat's reports can be told, as parameters: its filters under its own names."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from vendors.livechat.arguments import OPEN_PROPERTIES, PROPERTY, PROPERTY_TYPES
from vendors.livechat.filters import EVENT_TYPES, SURVEY_TYPES, Scalar
from vendors.livechat.settings import Release
from vendors.measures import Dimension, Source
from vendors.parameters import Parameter, ParameterType, Way

__all__ = ["FORMS_SINCE", "parameters", "with_parameters"]

FORMS_SINCE: Release = (3, 5)
"""The first version with forms in place of surveys, and with the countries of customers."""
_ANY_WAY = (Way.VALUES, Way.EXCLUDE_VALUES, Way.EXISTS)
_LISTED = (Way.VALUES, Way.EXCLUDE_VALUES)


def _set_of(
    name: str,
    description: str,
    *,
    of: ParameterType = ParameterType.TEXT,
    dimension: Dimension | None = None,
    needs: tuple[tuple[str, str], ...] = (),
) -> Parameter:
    """Return a filter on the elements that a chat has, of which all can be demanded."""
    return Parameter(
        name=name,
        description=description,
        type=of,
        ways=_ANY_WAY,
        every=True,
        dimension=dimension,
        needs=needs,
    )


def _flag(name: str, description: str) -> Parameter:
    return Parameter(name=name, description=description, type=ParameterType.BOOLEAN, most=1)


def _some_groups(description: str) -> Parameter:
    """Return the groups as a report knows them that is not on chats: which, and nothing else."""
    return Parameter(
        name="groups",
        description=description,
        type=ParameterType.INTEGER,
        dimension=Dimension.TEAM,
    )


_TYPES: Mapping[type[Scalar], ParameterType] = {
    str: ParameterType.TEXT,
    int: ParameterType.INTEGER,
    bool: ParameterType.BOOLEAN,
}
_FIRST = (("agent_response.first", "true"),)
_OF_CHATS = (
    Parameter(
        name="properties",
        description="Chats by the value of one of their properties. A default property of LiveChat "
        "is read by its type. Of any other, true and false are booleans, a whole number is a "
        "number, and all else is text; so is what stands in double quotes. What is or may be text "
        "of a customer takes the scope `personal`.",
        personal=True,
        open_keys=OPEN_PROPERTIES,
        ways=_ANY_WAY,
        most=1,
        keyed="The property, as namespace.name, such as routing.continuous.",
        key_form=PROPERTY.pattern,
        types={name: _TYPES[of] for name, of in PROPERTY_TYPES.items()},
    ),
    _set_of(
        "agents",
        "Chats by their agents, of whom the e-mail address is given; exists tells assigned chats "
        "from those of nobody.",
        dimension=Dimension.AGENT,
    ),
    _set_of("tags", "Chats by their tags.", dimension=Dimension.TAG),
    _set_of("sales", "Chats by the ids of the sales that they led to.", of=ParameterType.INTEGER),
    _set_of("goals", "Chats by the ids of the goals that they led to.", of=ParameterType.INTEGER),
    _set_of(
        "groups",
        "Chats by the numbers of their groups.",
        of=ParameterType.INTEGER,
        dimension=Dimension.TEAM,
    ),
    Parameter(
        name="event_types",
        description="Chats by the types of the events in them.",
        ways=_LISTED,
        choices=EVENT_TYPES,
        every=True,
    ),
    Parameter(
        name="greetings",
        description="Chats by the id of the greeting that they began from.",
        type=ParameterType.INTEGER,
        ways=_ANY_WAY,
        dimension=Dimension.RULE,
    ),
    _set_of(
        "greetings.groups",
        "Chats by the group of the greeting that they began from.",
        of=ParameterType.INTEGER,
    ),
    _flag("agent_response.exists", "Chats in which an agent responded, or in which nobody did."),
    _flag(
        "agent_response.first",
        "Whether the agents and groups of responses are those of the first response alone.",
    ),
    _set_of(
        "agent_response.agents",
        "Chats by the e-mail address of the agent who gave the first response.",
        needs=_FIRST,
    ),
    _set_of(
        "agent_response.groups",
        "Chats by the group of the first response.",
        of=ParameterType.INTEGER,
        needs=_FIRST,
    ),
)
_COUNTRIES = _set_of(
    "customer_countries", "Chats by the country of the customer, in two letters of ISO 3166-1."
)
_OF_RESOURCE: Mapping[str, tuple[str, ...]] = {
    "agents": ("agents", "groups"),
    "tags": ("groups",),
    "customers": (),
}
"""What the reports take that are not on chats, by the first part of their address."""
_NARROWED: Mapping[str, tuple[Parameter, ...]] = {
    "agents": (
        Parameter(
            name="agents",
            description="The agents of whom the report is, by their e-mail addresses.",
            ways=_LISTED,
            every=True,
            dimension=Dimension.AGENT,
        ),
        _some_groups("The numbers of the groups of whose agents the report is."),
    ),
    "tags": (_some_groups("The numbers of the groups of whose chats the report is."),),
    "chats/greetings_conversion": (
        _set_of(
            "groups",
            "Greetings of chats, by the numbers of the groups of these.",
            of=ParameterType.INTEGER,
        ),
        _set_of(
            "greetings.groups",
            "Greetings by the numbers of their own groups, by which the report is narrowed.",
            of=ParameterType.INTEGER,
            dimension=Dimension.TEAM,
        ),
    ),
}
"""What a resource's reports, or one of them, take otherwise than those on chats do."""


def _of_surveys(word: str) -> tuple[Parameter, ...]:
    """Return what is told of surveys, or of forms as they are called later."""
    about = f"{word} before the chat or after it"
    key = f"When the {word} are filled in: before the chat, or after it."
    return (
        Parameter(
            name=word,
            description=f"Chats by what was answered in {about}, each answer given as its id and "
            "index, such as 163672098710307655:0; exists tells whether there is an answer at all.",
            ways=_ANY_WAY,
            keyed=key,
            keys=SURVEY_TYPES,
        ),
        Parameter(
            name=f"{word}.groups",
            description=f"Chats by the group of {about}.",
            type=ParameterType.INTEGER,
            ways=_ANY_WAY,
            every=True,
            keyed=key,
            keys=SURVEY_TYPES,
        ),
        Parameter(
            name="period_of",
            description="What has to happen in the period: that a chat takes place, that the "
            f"greeting which it began from is sent, or that one of the {word} is filled in. If "
            "left out, it is chats, and greetings for the report on these.",
            choices=("chats", "greetings", *(f"{word}.{type_}" for type_ in SURVEY_TYPES)),
            most=1,
        ),
    )


def parameters(release: Release) -> Mapping[str, Parameter]:
    """Return all that the reports of that version can be told."""
    if release < FORMS_SINCE:
        found = (*_OF_CHATS, *_of_surveys("surveys"))
    else:
        found = (*_OF_CHATS, *_of_surveys("forms"), _COUNTRIES)
    return {one.name: one for one in found}


def with_parameters(source: Source, release: Release) -> Source:
    """Return a report with what it can be told."""
    resource = source.endpoint.partition("/")[0]
    return msgspec.structs.replace(
        source,
        parameters=_OF_RESOURCE.get(resource, tuple(parameters(release))),
        narrowed={
            one.name: one
            for where in (resource, source.endpoint)
            for one in _NARROWED.get(where, ())
        },
    )
