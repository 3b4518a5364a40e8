"""What Gnatta's figures can be told beside period, groups and filters, in the words of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from vendors.errors import PlatformRejectedError
from vendors.gnatta.settings import GnattaSettings
from vendors.gnatta.wire import RANKED
from vendors.measures import Dimension, MeasureCall, Source
from vendors.parameters import Argument, Parameter, Way

__all__ = ["is_ranked", "parameters", "taken_by", "told"]

_STATES: Final = ("Draft", "Created", "Queued", "Assigned", "Automation", "Closed")
_ORDERS: Final = ("Descending", "Ascending")
_OLD_STATE, _DATA, _ORDER, _TYPE = "oldState", "data", "orderBy", "dataType"
_FROM_ANY_STATE: Final = frozenset(
    {
        *("interactionsClosed", "interactionsClosedByUse"),
        *("livePercentages", "liveTotals", "liveDuration"),
    }
)
"""The families whose tiles take `oldState`; all others say by it what they are."""

_PARAMETERS: Final = (
    Parameter(
        name=_OLD_STATE,
        description="Only what was closed out of one of these states; any state if left out.",
        choices=_STATES,
    ),
    Parameter(
        name=_DATA,
        description="Only interactions with one of these values of a dynamic data type: ids of "
        "options, or texts of a string editor. `exists: true` takes any value; that there is none "
        "cannot be asked for. Values of other types than the select type of the tags may be what "
        "somebody typed: to name them takes the scope `personal`.",
        personal=True,
        ways=(Way.VALUES, Way.EXISTS),
        keyed="The id of the dynamic data type.",
    ),
    Parameter(
        name=_ORDER,
        description="Whether the values that are used most (Descending, if left out) or least "
        "make the groups; how many, Gnatta decides.",
        choices=_ORDERS,
        most=1,
    ),
    Parameter(
        name=_TYPE,
        description="The dynamic data type, of a string editor, whose values are ranked; the first "
        "of `directory.string_types` if left out.",
        most=1,
    ),
)


def is_ranked(source: str) -> bool:
    """Return whether calls of that source group by the values that are used most or least."""
    return source == RANKED.family


def taken_by(source: Source) -> tuple[str, ...]:
    """Return the names of the parameters that calls of a source take."""
    ranked = is_ranked(source.name)
    states = (_OLD_STATE,) if source.endpoint in _FROM_ANY_STATE else ()
    data = (_DATA,) if ranked or Dimension.TAG in (source.filters or ()) else ()
    return (*states, *data, *((_ORDER, _TYPE) if ranked else ()))


def parameters(settings: GnattaSettings, sources: Iterable[Source]) -> Mapping[str, Parameter]:
    """Return what these sources can be told, with the types of data that are known."""
    taken = {name for source in sources for name in source.parameters}
    choices = {_TYPE: tuple(settings.directory.string_types)}
    strings, tags = settings.directory.string_types, settings.directory.tag_type
    open_keys = {_DATA: (tags,) if tags and tags not in strings else ()}
    return {
        one.name: msgspec.structs.replace(
            one,
            choices=choices.get(one.name, one.choices),
            open_keys=open_keys.get(one.name, ()),
        )
        for one in _PARAMETERS
        if one.name in taken
    }


def told(call: MeasureCall, settings: GnattaSettings) -> tuple[dict[str, Any], list[Any]]:
    """Return the members of a request, and those of `filters.data`, that arguments become.

    Raises PlatformRejectedError for what no request can say.
    """
    given = {one.name: one.values for one in call.arguments if one.name != _DATA}
    top: dict[str, Any] = {}
    if _OLD_STATE in given:
        top[_OLD_STATE] = list(given[_OLD_STATE])
    if is_ranked(call.source):
        (first, *_) = given.get(_TYPE) or tuple(settings.directory.string_types)
        top |= {_DATA: {"id": first}, _ORDER: (given.get(_ORDER) or _ORDERS)[0]}
    return top, [_restriction(one) for one in call.arguments if one.name == _DATA]


def _restriction(argument: Argument) -> dict[str, Any]:
    if argument.exists is False:
        message = "data cannot be restricted to what has no value"
        raise PlatformRejectedError(message, operation="measure", attempts=0)
    values = {"values": list(argument.values)} if argument.values else {}
    return {"id": argument.key, **values}
