"""Reads a request's body: every property that is missing or wrong is told at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from vendors.gnatta.sandbox.fields import FIELDS, InvalidValueError
from vendors.gnatta.sandbox.question import Question
from vendors.gnatta.sandbox.refusals import Refusal
from vendors.gnatta.sandbox.window import (
    LIMITS,
    Bucket,
    Window,
    buckets,
    is_over_long,
    milliseconds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vendors.gnatta.sandbox.fields import DataGroups
    from vendors.gnatta.sandbox.figures import Key
    from vendors.gnatta.sandbox.tenant import Tenant

_UTC = ZoneInfo("UTC")
_LONGEST = "Month"
_QUESTION = frozenset(field.name for field in fields(Question))
_IN_FILTERS = "filters."

# The groupings of paths, and the property that names the members.
MEMBERS = {
    "channels": "filters.channels",
    "queues": "filters.queues",
    "users": "userIds",
    "accounts": "accounts",
    "data": "data",
}


class Group(NamedTuple):
    """A member that is asked for: the key of its rows, its id and its name."""

    key: Key
    id: str
    name: str


TOTAL = Group((), "Total", "Total")


class Request(NamedTuple):
    """What is asked: about what, over which window and buckets (None: a count), for which groups.

    `members` are the innermost groups, the same as `groups` where these are not split further.
    `order` asks for the most or least used values as groups.
    """

    question: Question
    window: Window
    buckets: tuple[Bucket, ...] | None
    groups: tuple[Group, ...]
    members: tuple[Group, ...]
    order: str | None


class Body:
    """The properties of a body, and what is wrong with them; a flat one has all in `filters`."""

    def __init__(self, body: object, *, flat: bool = False) -> None:
        if not isinstance(body, dict):
            raise Refusal({"$": ["The body must be a JSON object."]})
        self._top: Mapping[str, Any] = body
        self._flat = flat
        self.errors: defaultdict[str, list[str]] = defaultdict(list)
        filters = body.get("filters")
        self._filters: Mapping[str, Any] = filters if isinstance(filters, dict) else {}

    def read(
        self, names: Iterable[str], required: Sequence[str], only: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        """Return the attributes that properties set; one that is absent or empty sets None."""
        found = {FIELDS[name].attribute: self._read(name, name in required) for name in names}
        for name, words in only.items():
            value = found[FIELDS[name].attribute]
            said = value if isinstance(value, tuple) else (value,)
            if value is not None and not set(said) <= set(words):
                self.note(name, f"The value must be {' or '.join(words)} here.")
        return found

    def value(self, name: str) -> object:
        """Return what stands under a name, None where nothing does."""
        key = name.removeprefix(_IN_FILTERS)
        inside = self._flat or key != name
        return (self._filters if inside else self._top).get(key)

    def window(self, asked: Mapping[str, Any]) -> None:
        """Note a window that ends before it begins or is too long for its grouping."""
        start, end, group_by = asked["start"], asked["end"], asked.get("group_by") or _LONGEST
        if start is None or end is None:
            return
        if start >= end:
            self.note("filters.from", "The value must be earlier than filters.to.")
        elif is_over_long(start, end, group_by, asked.get("zone") or _UTC):
            self.note("filters.to", f"The period must not be longer than {LIMITS[group_by].words}.")

    def note(self, name: str, message: str) -> None:
        """Note what is wrong with a property, under its path in the body."""
        key = name.removeprefix(_IN_FILTERS)
        self.errors[_IN_FILTERS + key if self._flat else name].append(message)

    def refuse(self) -> None:
        """Refuse the body if anything is wrong with it."""
        if self.errors:
            raise Refusal(dict(self.errors))

    def _read(self, name: str, required: bool) -> object:
        value = self.value(name)
        if value is None or value in ("", []):
            if required:
                self.note(name, "The field is required.")
            return None
        try:
            return FIELDS[name].read(value)
        except InvalidValueError as error:
            self.note(name, str(error))
            return None


def question(asked: Mapping[str, Any], by: tuple[str, ...] = ()) -> Question:
    """Return the question that attributes make; those that belong elsewhere are left out."""
    kept: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, tuple) and name != "data" else value
        for name, value in asked.items()
        if name in _QUESTION and value is not None
    }
    grouping: DataGroups | None = asked.get("data_groups")
    return Question(by=by, data_type=None if grouping is None else grouping.type.id, **kept)


def whole_window(asked: Mapping[str, Any]) -> Window:
    """Return the window of attributes that hold one."""
    return Window(milliseconds(asked["start"]), milliseconds(asked["end"]))


def cut(asked: Mapping[str, Any]) -> tuple[Bucket, ...]:
    """Return the buckets of a by-date request."""
    return buckets(whole_window(asked), asked["group_by"], asked["zone"])


def groups(body: Body, tenant: Tenant, by: str, asked: Mapping[str, Any]) -> tuple[Group, ...]:
    """Return the groups of the members asked for; ids that the tenant does not have get none."""
    if by == "data":
        return _data_groups(asked["data_groups"])
    name = MEMBERS[by]
    members = asked[FIELDS[name].attribute] or ()
    known = [member for member in members if member in tenant.names[by]]
    if members and not known:
        body.note(name, "The field must contain at least one valid id.")
    return tuple(Group((member,), member, tenant.names[by][member]) for member in known)


def _data_groups(grouping: DataGroups | None) -> tuple[Group, ...]:
    if grouping is None:
        return ()
    return tuple(
        Group((value,), value, grouping.type.options.get(value, value)) for value in grouping.values
    )
