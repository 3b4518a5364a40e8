"""Groups and skills as they are: those that the account was founded with, and what became of them.

The document shows how something is created, changed and deleted, and names no mandatory field: a
name is asked for, as without one nothing could be told apart. What has others within it is not
deleted before them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vendors.iadvize.sandbox.refusals import Refusal, invalid, missing, unknown, unknown_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NAME, _PARENT = "name", "parent_id"


@dataclass(frozen=True, slots=True)
class Entry:
    """A group or a skill."""

    id: int
    name: str
    created_at: str
    parent_id: int | None = None
    order: int = 0


class Shelf:
    """The groups, or the skills, of one account."""

    def __init__(self, resource: str, fields: Iterable[str], founded: Iterable[Entry]) -> None:
        self._resource = resource
        self._fields = frozenset(fields)
        self._entries = {one.id: one for one in founded}
        self._next = max(self._entries, default=0) + 1

    def __contains__(self, number: object) -> bool:
        return number in self._entries

    def within(self, parent: int | None) -> list[Entry]:
        """Return the entries within that one, or all without one."""
        return [one for one in self._entries.values() if parent in {None, one.parent_id}]

    def find(self, number: int | None, written: str) -> Entry:
        """Return the entry of that id, or refuse it as it was written."""
        if number not in self._entries or number is None:
            raise unknown(self._resource, written)
        return self._entries[number]

    def parents(self, entry: Entry) -> list[int]:
        """Return the ids of all that an entry is within, the nearest first."""
        found: list[int] = []
        above = entry.parent_id
        while above is not None and above not in found:
            found.append(above)
            above = self._entries[above].parent_id
        return found

    def create(self, form: Mapping[str, str], now: str) -> Entry:
        """Create one."""
        if _NAME not in form:
            raise missing(_NAME)
        made = Entry(self._next, "", now, order=len(self._entries) + 1)
        self._keep(replace(made, **self._read(made, form)))  # type: ignore[arg-type]  # checked there
        self._next += 1
        return self._entries[made.id]

    def update(self, entry: Entry, form: Mapping[str, str]) -> Entry:
        """Change the fields that are given."""
        self._keep(replace(entry, **self._read(entry, form)))  # type: ignore[arg-type]  # checked there
        return self._entries[entry.id]

    def delete(self, entry: Entry) -> None:
        """Take one away."""
        if any(one.parent_id == entry.id for one in self._entries.values()):
            raise Refusal(f"'{self._resource}' has others within it.", 409)
        del self._entries[entry.id]

    def _keep(self, entry: Entry) -> None:
        self._entries[entry.id] = entry

    def _read(self, entry: Entry, form: Mapping[str, str]) -> dict[str, str | int]:
        read: dict[str, str | int] = {}
        for field, value in form.items():
            if field not in self._fields:
                raise unknown_field(field)
            read[field] = value if field == _NAME else _number(field, value)
            if field == _NAME and not value.strip():
                raise invalid(field)
        if _PARENT in read:
            self._check_parent(entry, int(read[_PARENT]))
        return read

    def _check_parent(self, entry: Entry, parent: int) -> None:
        above = self.find(parent, str(parent))
        if entry.id in {above.id, *self.parents(above)}:
            raise invalid(_PARENT)


def _number(field: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise invalid(field)
    return int(value)
