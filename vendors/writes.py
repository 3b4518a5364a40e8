"""What can be changed on a platform, as values: one record for each operation.

A vendor declares which of them it takes. A member that is UNSET is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from vendors.errors import PlatformRejectedError
from vendors.records import Listed, Skill, Team
from vendors.words import Word

if TYPE_CHECKING:
    from vendors.calls import Call

__all__ = [
    "Change",
    "Create",
    "CreateSkill",
    "CreateTeam",
    "Delete",
    "DeleteSkill",
    "DeleteTeam",
    "Refusal",
    "RefusalCode",
    "Update",
    "UpdateSkill",
    "UpdateTeam",
    "WriteRefusedError",
    "WritesPort",
]


class RefusalCode(Word):
    """Why a change was refused; the caller can mend it."""

    MISSING = "missing", "The field must be given."
    INVALID = "invalid", "The platform does not take this value."
    NOT_FOUND = "not_found", "There is nothing of this id on the platform."
    REFUSED = "refused", "The platform refused the change and did not say which field is wrong."


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """One thing that is wrong with a change. `field` is a member of the change, where it is one."""

    code: RefusalCode
    field: str | None = None


class WriteRefusedError(PlatformRejectedError):
    """The platform understood the change and refused it: nothing was changed."""

    def __init__(self, *refusals: Refusal) -> None:
        """Keep what is wrong."""
        super().__init__("the change was refused")
        self.refusals = refusals


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What every change has."""

    kind: ClassVar[type[Listed]]
    """What kind of records it changes."""
    repeatable: ClassVar[bool] = True
    """Whether making it twice is the same as making it once."""


class Create(Change, frozen=True, kw_only=True):
    """Makes something new: done twice, there are two of them."""

    repeatable: ClassVar[bool] = False
    name: str
    parent_id: str | None = None


class Update(Change, frozen=True, kw_only=True):
    """Changes the members that are set."""

    native_id: str
    name: str | UnsetType = UNSET
    parent_id: str | UnsetType = UNSET


class Delete(Change, frozen=True, kw_only=True):
    """Takes something away."""

    native_id: str


class CreateTeam(Create, frozen=True, kw_only=True):
    """Makes a team."""

    kind: ClassVar[type[Listed]] = Team


class UpdateTeam(Update, frozen=True, kw_only=True):
    """Changes a team."""

    kind: ClassVar[type[Listed]] = Team


class DeleteTeam(Delete, frozen=True, kw_only=True):
    """Deletes a team."""

    kind: ClassVar[type[Listed]] = Team


class CreateSkill(Create, frozen=True, kw_only=True):
    """Makes a skill."""

    kind: ClassVar[type[Listed]] = Skill
    position: int | None = None


class UpdateSkill(Update, frozen=True, kw_only=True):
    """Changes a skill."""

    kind: ClassVar[type[Listed]] = Skill
    position: int | UnsetType = UNSET


class DeleteSkill(Delete, frozen=True, kw_only=True):
    """Deletes a skill."""

    kind: ClassVar[type[Listed]] = Skill


class WritesPort(Protocol):
    """Changes what is on the platform."""

    @property
    def changes(self) -> frozenset[type[Change]]:
        """Return the kinds of changes that it takes."""
        ...

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        """Return what the platform is known to refuse in a change, without asking it."""
        ...

    async def make(self, change: Change, call: Call) -> str:
        """Make the change and return the id of what was changed.

        Raises WriteRefusedError where the platform refuses it, and any other PlatformError where
        it failed. What is not repeatable is sent once.
        """
        ...
