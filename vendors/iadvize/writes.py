"""What iAdvize can be told to change: groups and skills, by forms.

Its document gives the methods and the answers. The bodies are forms, as its own PHP client sends
them. An id stands in the answer to what was created and changed; deleting answers without data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from vendors.calls import Call
from vendors.errors import PlatformNotFoundError, PlatformRejectedError
from vendors.http.message import Ask
from vendors.iadvize import wire
from vendors.iadvize.client import IadvizeClient
from vendors.writes import (
    Change,
    CreateSkill,
    CreateTeam,
    Delete,
    DeleteSkill,
    DeleteTeam,
    Made,
    Refusal,
    RefusalCode,
    UpdateSkill,
    UpdateTeam,
    WriteRefusedError,
)

__all__ = ["IadvizeWrites"]


class _Operation(NamedTuple):
    method: str
    resource: str


_OPERATIONS: Mapping[type[Change], _Operation] = {
    CreateTeam: _Operation("POST", "group"),
    UpdateTeam: _Operation("PUT", "group"),
    DeleteTeam: _Operation("DELETE", "group"),
    CreateSkill: _Operation("POST", "skill"),
    UpdateSkill: _Operation("PUT", "skill"),
    DeleteSkill: _Operation("DELETE", "skill"),
}
_FIELDS: Mapping[str, str] = {"name": "name", "parent_id": "parent_id", "position": "order"}
"""Our members, and iAdvize's name of each."""
_OURS: Mapping[str, str] = {"id": "native_id", **{theirs: ours for ours, theirs in _FIELDS.items()}}
_IDS = frozenset({"native_id", "parent_id"})
_SAID: Mapping[str, RefusalCode] = {
    "is missing": RefusalCode.MISSING,
    "is not valid": RefusalCode.INVALID,
}
_SENTENCE = re.compile(r"'(?P<field>\w+)' (?P<said>is missing|is not valid)")


class IadvizeWrites:
    """The changes that one account takes."""

    def __init__(self, client: IadvizeClient) -> None:
        """Change by that client."""
        self._client = client

    @property
    def changes(self) -> frozenset[type[Change]]:
        """Return the changes of groups and skills."""
        return frozenset(_OPERATIONS)

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        """Return what iAdvize cannot take: ids that are no numbers, and names of no length."""
        return tuple(_refusals(change))

    async def make(self, change: Change, call: Call) -> Made:
        """Make the change; one that names nothing which is there is refused.

        What was deleted by a try whose answer was lost is gone when it is tried again.
        """
        try:
            return await self._sent(change, call)
        except PlatformNotFoundError as error:
            if isinstance(change, Delete) and error.attempts > 1:
                return Made(change.native_id)
            raise WriteRefusedError(Refusal(RefusalCode.NOT_FOUND, _lost(change))) from None
        except PlatformRejectedError as error:
            raise WriteRefusedError(_refusal_of(str(error))) from None

    async def make_together(self, changes: Sequence[Change], call: Call) -> tuple[Made, ...]:
        """Make changes one after another: iAdvize takes none of these in one call."""
        return tuple([await self.make(one, call) for one in changes])

    async def _sent(self, change: Change, call: Call) -> Made:
        method, resource = _OPERATIONS[type(change)]
        native_id: str | None = getattr(change, "native_id", None)
        ask = Ask(
            endpoint=f"{resource} {method.lower()}",
            path=resource if native_id is None else f"{resource}/{native_id}",
            method=method,
            form=tuple(_form(change)),
            group=f"{resource} change",
            idempotent=change.repeatable,
        )
        if native_id is not None:
            await self._client.send(ask, call)
            return Made(native_id)
        return Made(str((await self._client.fetch(ask, wire.Created, call)).data.id))


def _set(change: Change) -> Iterator[tuple[str, str]]:
    """Return the members that are set, as text."""
    for name, value in msgspec.structs.asdict(change).items():
        if value is not None and value is not msgspec.UNSET:
            yield name, str(value)


def _form(change: Change) -> Iterator[tuple[str, str]]:
    for name, value in _set(change):
        if name in _FIELDS:
            yield _FIELDS[name], value


def _refusals(change: Change) -> Iterator[Refusal]:
    for name, value in _set(change):
        if name in _IDS and not (value.isascii() and value.isdecimal()):
            yield Refusal(RefusalCode.INVALID, name)
        elif name == "name" and not value.strip():
            yield Refusal(RefusalCode.MISSING, name)


def _lost(change: Change) -> str | None:
    """Return the member that names nothing, where only one of them can be it."""
    named = [name for name, _ in _set(change) if name in _IDS]
    return named[0] if len(named) == 1 else None


def _refusal_of(sentence: str) -> Refusal:
    """Return what a sentence of iAdvize refuses."""
    found = _SENTENCE.search(sentence)
    if found is None:
        return Refusal(RefusalCode.REFUSED)
    return Refusal(_SAID[found["said"]], _OURS.get(found["field"]))
