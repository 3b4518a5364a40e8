"""What can be changed on a platform, as values: one record for each operation.

A vendor declares which of them it takes. A member that is UNSET is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from vendors.errors import PlatformRejectedError
from vendors.records import (
    Agent,
    AgentPresence,
    Channel,
    ChannelSetting,
    Conversation,
    Customer,
    Record,
    Site,
    Skill,
    Tag,
    Team,
)
from vendors.words import Word

if TYPE_CHECKING:
    from vendors.calls import Call

__all__ = [
    "AgentMembers",
    "Callback",
    "Change",
    "Create",
    "CreateAgent",
    "CreateCustomer",
    "CreateSkill",
    "CreateTag",
    "CreateTeam",
    "CustomerMembers",
    "Delete",
    "DeleteAgent",
    "DeleteCustomer",
    "DeleteSkill",
    "DeleteTeam",
    "DisconnectAgent",
    "HangUpCallback",
    "Made",
    "NpsGroup",
    "PickUpCallback",
    "Refusal",
    "RefusalCode",
    "RequestNpsExport",
    "SetAgentAvailability",
    "Update",
    "UpdateAgent",
    "UpdateCustomer",
    "UpdateSite",
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

    kind: ClassVar[type[Record] | None] = None
    """What kind of records it changes; None: it changes nothing that is read here."""
    repeatable: ClassVar[bool] = True
    """Whether making it twice is the same as making it once."""
    together: ClassVar[bool] = False
    """Whether the platform takes several of them in one call."""


class Create(Change, frozen=True, kw_only=True):
    """Makes something new: done twice, there are two of them."""

    repeatable: ClassVar[bool] = False

    def made(self, record: Record) -> bool:  # noqa: ARG002 - for whoever overrides it
        """Return whether a record that was not there before is what this change has made."""
        return False


class Update(Change, frozen=True, kw_only=True):
    """Changes the members that are set."""

    native_id: str


class Delete(Change, frozen=True, kw_only=True):
    """Takes something away."""

    native_id: str


class CreateTeam(Create, frozen=True, kw_only=True):
    """Makes a team."""

    kind: ClassVar[type[Record] | None] = Team
    name: str
    parent_id: str | None = None

    def made(self, record: Record) -> bool:
        """Return whether it is a team of that name and parent."""
        told = isinstance(record, Team) and (record.name, record.parent_id)
        return told == (self.name, self.parent_id)


class UpdateTeam(Update, frozen=True, kw_only=True):
    """Changes a team."""

    kind: ClassVar[type[Record] | None] = Team
    name: str | UnsetType = UNSET
    parent_id: str | UnsetType = UNSET


class DeleteTeam(Delete, frozen=True, kw_only=True):
    """Deletes a team."""

    kind: ClassVar[type[Record] | None] = Team


class CreateSkill(Create, frozen=True, kw_only=True):
    """Makes a skill."""

    kind: ClassVar[type[Record] | None] = Skill
    name: str
    parent_id: str | None = None
    position: int | None = None

    def made(self, record: Record) -> bool:
        """Return whether it is a skill of that name and parent."""
        told = isinstance(record, Skill) and (record.name, record.parent_id)
        return told == (self.name, self.parent_id)


class UpdateSkill(Update, frozen=True, kw_only=True):
    """Changes a skill."""

    kind: ClassVar[type[Record] | None] = Skill
    name: str | UnsetType = UNSET
    parent_id: str | UnsetType = UNSET
    position: int | UnsetType = UNSET


class DeleteSkill(Delete, frozen=True, kw_only=True):
    """Deletes a skill."""

    kind: ClassVar[type[Record] | None] = Skill


class AgentMembers(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of an agent; UNSET: it is left as it is, or to the platform."""

    given_name: str | UnsetType = UNSET
    family_name: str | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    roles: tuple[str, ...] | UnsetType = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    admin_language: str | UnsetType = UNSET
    team_id: str | UnsetType = UNSET
    site_ids: tuple[str, ...] | UnsetType = UNSET
    skill_ids: tuple[str, ...] | UnsetType = UNSET
    channel_settings: tuple[ChannelSetting, ...] | UnsetType = UNSET
    several_channels: bool | UnsetType = UNSET


class CreateAgent(Create, frozen=True, kw_only=True):
    """Makes an agent. An e-mail address is one agent's."""

    kind: ClassVar[type[Record] | None] = Agent
    members: AgentMembers

    def made(self, record: Record) -> bool:
        """Return whether it is the agent of that address."""
        email = self.members.email
        told = isinstance(record, Agent) and (record.email or "").casefold()
        return email is not UNSET and told == email.casefold()


class UpdateAgent(Update, frozen=True, kw_only=True):
    """Changes an agent."""

    kind: ClassVar[type[Record] | None] = Agent
    members: AgentMembers


class DeleteAgent(Delete, frozen=True, kw_only=True):
    """Deletes an agent."""

    kind: ClassVar[type[Record] | None] = Agent


class SetAgentAvailability(Change, frozen=True, kw_only=True):
    """Lets an agent take, or not take, conversations on some channels."""

    kind: ClassVar[type[Record] | None] = AgentPresence
    native_id: str
    channels: tuple[tuple[Channel, bool], ...]
    """Each channel once, and whether conversations can be taken there."""


class DisconnectAgent(Change, frozen=True, kw_only=True):
    """Disconnects an agent."""

    kind: ClassVar[type[Record] | None] = AgentPresence
    native_id: str


class CustomerMembers(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of a customer; UNSET: it is left as it is, or to the platform."""

    external_id: str | UnsetType = UNSET
    given_name: str | UnsetType = UNSET
    family_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    postal_code: str | UnsetType = UNSET
    city: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    site_ids: tuple[str, ...] | UnsetType = UNSET


class CreateCustomer(Create, frozen=True, kw_only=True):
    """Makes a customer."""

    kind: ClassVar[type[Record] | None] = Customer
    members: CustomerMembers

    def made(self, record: Record) -> bool:
        """Return whether it is a customer with all that was said of this one."""
        told = msgspec.structs.asdict(self.members).items()
        return isinstance(record, Customer) and all(
            value is UNSET or getattr(record, name) == value for name, value in told
        )


class UpdateCustomer(Update, frozen=True, kw_only=True):
    """Changes a customer; `native_id` is the record's `record_id`."""

    kind: ClassVar[type[Record] | None] = Customer
    members: CustomerMembers


class DeleteCustomer(Delete, frozen=True, kw_only=True):
    """Deletes a customer; `native_id` is the record's `record_id`."""

    kind: ClassVar[type[Record] | None] = Customer


class CreateTag(Create, frozen=True, kw_only=True):
    """Makes a tag of a site."""

    kind: ClassVar[type[Record] | None] = Tag
    together: ClassVar[bool] = True
    name: str
    site_id: str

    def made(self, record: Record) -> bool:
        """Return whether it is a tag of that name and site."""
        told = isinstance(record, Tag) and (record.name, self.site_id in (record.site_ids or ()))
        return told == (self.name, True)


class UpdateSite(Update, frozen=True, kw_only=True):
    """Changes a site."""

    kind: ClassVar[type[Record] | None] = Site
    name: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET


class Callback(Change, frozen=True, kw_only=True):
    """Tells the platform about a call that an agent makes. The number is personal data."""

    repeatable: ClassVar[bool] = False
    agent_external_id: str
    site_id: str
    phone: str


class PickUpCallback(Callback, frozen=True, kw_only=True):
    """The agent took the call: the platform makes a conversation of it."""

    kind: ClassVar[type[Record] | None] = Conversation


class HangUpCallback(Callback, frozen=True, kw_only=True):
    """The call ended."""

    kind: ClassVar[type[Record] | None] = Conversation


class NpsGroup(Word):
    """Whose answers to the question of the net promoter score are meant."""

    ALL = "all", "All answers."
    PROMOTER = "promoter", "Those of 9 or 10."
    PASSIVE = "passive", "Those of 7 or 8."
    DETRACTOR = "detractor", "Those of 0 to 6."


class RequestNpsExport(Change, frozen=True, kw_only=True):
    """Has the answers of `[start, end)` sent by e-mail to the owner of the credential."""

    repeatable: ClassVar[bool] = False
    start: datetime
    end: datetime
    group: NpsGroup = NpsGroup.ALL


class Made(msgspec.Struct, frozen=True, array_like=True):
    """What the platform tells of a change that was made: ids, and nothing else."""

    native_id: str | None = None
    """The id of what was changed; None where the platform names nothing."""
    ids: Mapping[str, str] = {}
    """Ids of what else it is about, such as `conversation_id`."""


class WritesPort(Protocol):
    """Changes what is on the platform."""

    @property
    def changes(self) -> frozenset[type[Change]]:
        """Return the kinds of changes that it takes."""
        ...

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        """Return what the platform is known to refuse in a change, without asking it."""
        ...

    async def make(self, change: Change, call: Call) -> Made:
        """Make the change and return the ids of what was changed.

        Raises WriteRefusedError where the platform refuses it, and any other PlatformError where
        it failed. What is not repeatable is sent once.
        """
        ...

    async def make_together(self, changes: Sequence[Change], call: Call) -> tuple[Made, ...]:
        """Make changes of one kind, of those that are `together`, in one call.

        Raises as `make` does, for all of them.
        """
        ...
