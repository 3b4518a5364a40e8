"""The tenant's directory: the vendor's ids of users, queues, accounts and dynamic data types."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from uuid import NAMESPACE_DNS, uuid5

from vendors.gnatta.sandbox.profile import (
    CHANNEL_NAMES,
    CHANNELS,
    DESKS,
    PAGE,
    PAGES,
    PROFILE,
    REASON,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vendors.world import Account, Contact

_NAMESPACE = uuid5(NAMESPACE_DNS, "gnatta.example")


class DataType(NamedTuple):
    """A type of dynamic data: `options` by id, or free text where the editor is a string's."""

    id: str
    name: str
    options: Mapping[str, str]
    free_text: bool


class Subject(NamedTuple):
    """What every audit of one interaction says about it."""

    reference: str
    channel: str
    queue: str
    account: str


def guid(kind: str, name: str) -> str:
    """Return the id of something of that kind and name, always the same one."""
    return str(uuid5(_NAMESPACE, f"{kind}/{name}"))


_OPTIONS = {tag: guid("option", tag) for tag in PROFILE.tags}

DATA_TYPES = {
    one.id: one
    for one in (
        DataType(
            guid("data", REASON),
            REASON,
            {option: tag for tag, option in _OPTIONS.items()},
            free_text=False,
        ),
        DataType(guid("data", PAGE), PAGE, {page: page for page in PAGES}, free_text=True),
    )
}
REASON_ID, _PAGE_ID = DATA_TYPES


class Tenant:
    """Says what the vendor calls the people and places of the world's account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.zone = account.profile.zone
        self.staff = {member.key: member for member in account.people}
        self._users = {member.id: member.key for member in account.people}
        self._queues = {queue.id: guid("queue", queue.name) for queue in account.profile.queues}
        self._accounts = {
            (desk.channel, site): guid("account", desk.name)
            for desk in DESKS
            for site in desk.site_ids
        }
        self.names: Mapping[str, Mapping[str, str]] = {
            "users": {key: one.email.partition("@")[0] for key, one in self.staff.items()},
            "queues": {guid("queue", one.name): one.name for one in account.profile.queues},
            "accounts": {guid("account", desk.name): desk.name for desk in DESKS},
            "channels": {channel: channel for channel in CHANNELS},
        }

    def user(self, staff_id: int | None) -> str | None:
        """Return the id of a member of staff."""
        return None if staff_id is None else self._users[staff_id]

    def subject(self, contact: Contact) -> Subject:
        """Return what the audits of a contact have in common."""
        return Subject(
            reference=contact.reference,
            channel=CHANNEL_NAMES[contact.channel],
            queue=self._queues[contact.queue_id],
            account=self._accounts[contact.channel, contact.site_id],
        )

    @property
    def directory(self) -> Mapping[str, Mapping[str, str]]:
        """Return the names of users, queues and accounts, people by their full names."""
        people = {key: f"{one.given} {one.family}" for key, one in self.staff.items()}
        return {
            "users": people,
            "queues": self.names["queues"],
            "accounts": self.names["accounts"],
        }


def data_at(contact: Contact, at: datetime) -> Mapping[str, str]:
    """Return the dynamic data of an interaction at a moment: a reason from its closing on."""
    closed = contact.ended_at is not None and at >= contact.ended_at
    return _data(contact.page_type, contact.tags[0] if closed and contact.tags else None)


@lru_cache(maxsize=256)
def _data(page: str, tag: str | None) -> Mapping[str, str]:
    return {_PAGE_ID: page} if tag is None else {_PAGE_ID: page, REASON_ID: _OPTIONS[tag]}
