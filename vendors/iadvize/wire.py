"""What iAdvize's REST API 2.0 answers, named as iAdvize names it.

Numbers may come as strings and are declared so; `data: []` may stand for no object. The
operator's `sso_key` is a secret, and `call_config` may hold a telephone number: neither is decoded.
"""

from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

__all__ = [
    "CallMeeting",
    "Client",
    "Conversation",
    "Created",
    "CreatedTags",
    "Envelope",
    "Group",
    "Id",
    "Identified",
    "Live",
    "LiveChannel",
    "Meta",
    "Number",
    "Numbered",
    "One",
    "Operator",
    "OperatorProfile",
    "OperatorStatistic",
    "Page",
    "Pagination",
    "PickedUp",
    "Row",
    "Satisfaction",
    "Skill",
    "Statistic",
    "StatisticData",
    "Tag",
    "Told",
    "Transaction",
    "Visitor",
    "Website",
]

T = TypeVar("T")

Id: TypeAlias = int | str
Flag: TypeAlias = bool | int
Number: TypeAlias = int | float | str | None
Row: TypeAlias = dict[str, Number | dict[str, Number]]
"""A row of a grouped statistic: `id`, which may be an object, and a member per indicator."""
StatisticData: TypeAlias = dict[str, Number | dict[str, Number] | list[Row]] | list[Row]


class Identified(Protocol):
    """Any object that lists hold."""

    @property
    def id(self) -> Id:
        """Its id, which is a whole number."""
        ...


class Meta(msgspec.Struct):
    """Whether the call succeeded: `success`, `fail` or `error`."""

    status: str
    message: str | None = None


class Envelope(msgspec.Struct):
    """The part of any answer that tells of success."""

    meta: Meta


class Pagination(msgspec.Struct):
    """Where a page stands in its list."""

    page: int | str | None = None
    pages: int | str | None = None
    limit: int | str | None = None
    count: int | str | None = None


class Page(msgspec.Struct, Generic[T]):
    """A list; without `pagination` it is whole."""

    data: list[T]
    pagination: Pagination | None = None


class One(msgspec.Struct, Generic[T]):
    """One object, or an empty list in its place."""

    data: T | list[Any]


class Numbered(msgspec.Struct):
    """Something that has just been made."""

    id: Id


class Created(msgspec.Struct, Generic[T]):
    """The answer to what creates something."""

    data: T


class Told(msgspec.Struct, Generic[T]):
    """The answer to a change: what it is about, or an empty list, or nothing."""

    data: T | list[Any] | None = None


class Operator(msgspec.Struct):
    """An operator of the directory."""

    id: Id
    name: str | None = None
    first_name: str | None = None
    pseudo: str | None = None
    email: str | None = None
    external_id: Id | None = None
    role: str | None = None
    roles: list[str] | None = None
    chat_enabled: Flag | None = None
    call_enabled: Flag | None = None
    video_enabled: Flag | None = None
    chat_max_number: Number = None
    chat_and_call: Flag | None = None
    chat_to_video: Flag | None = None
    chat_priority: Number = None
    call_priority: Number = None
    video_priority: Number = None
    language_list: list[str] | None = None
    language_admin: str | None = None
    group_id: Id | None = None
    website_list: list[Id] | None = None
    skill_list: list[Id] | None = None


class LiveChannel(msgspec.Struct):
    """An operator's state on one channel; a slot is room for one conversation."""

    enabled: Flag | None = None
    slot_number: int | str | None = None
    slot_max_number: int | str | None = None
    busy: Flag | None = None
    available: Flag | None = None


class Live(msgspec.Struct):
    """An operator's state now."""

    id: Id
    connected: Flag | None = None
    chat: LiveChannel | None = None
    call: LiveChannel | None = None
    video: LiveChannel | None = None


class OperatorProfile(msgspec.Struct):
    """What an operator shows of themselves; their id stands in `user_id`."""

    user_id: Id | None = None
    status: str | None = None
    description: str | None = None
    facebook: Id | None = None
    twitter: Id | None = None
    city: str | None = None
    country: str | None = None


class OperatorStatistic(msgspec.Struct):
    """What an operator has done in all the time of the account."""

    conversation_number: Number = None
    satisfaction_global_rate: Number = None
    experience: Number = None


class Conversation(msgspec.Struct):
    """A conversation; its times are local to its website."""

    id: Id
    created_at: str
    closed_at: str | None = None
    channel: str | None = None
    visitor_uid: Id | None = None
    history: Any = None
    """An array of entries, a string that holds one, or a string with braces around the entries."""
    operator_answer: Flag | None = None
    operator_closed: Flag | None = None
    waitinglist: Flag | None = None
    page_type: str | None = None
    website_id: Id | None = None
    operator_id: Id | None = None
    skill_id: Id | None = None
    rule_id: Id | None = None
    tag_list: list[Id] | None = None


class Website(msgspec.Struct):
    """A website of the account."""

    id: Id
    url: str | None = None
    label: str | None = None
    client_id: Id | None = None
    currency: str | None = None
    language_admin: str | None = None
    timezone: str | None = None


class Client(msgspec.Struct):
    """The company that holds the key."""

    id: Id
    lang: str | None = None
    premium_enabled: Flag | None = None


class Group(msgspec.Struct):
    """A group of operators; they stand in the operator list, too."""

    id: Id
    name: str | None = None
    created_at: str | None = None
    parent_id: Id | None = None
    operator_list: list[Id] | None = None
    parent_list: list[Id] | None = None


class Skill(msgspec.Struct):
    """A skill of operators."""

    id: Id
    name: str | None = None
    order: Id | None = None
    created_at: str | None = None
    parent_id: Id | None = None
    operator_list: list[Id] | None = None


class Tag(msgspec.Struct):
    """A tag; it belongs to a list of websites, or to one where it was just created."""

    id: Id
    name: str | None = None
    website_id: Id | list[Id] | None = None


class CreatedTags(msgspec.Struct):
    """The answer to what creates tags."""

    data: list[Tag]


class Visitor(msgspec.Struct):
    """A visitor. `unique_id` is what the others call `visitor_uid`."""

    id: Id
    unique_id: Id | None = None
    external_id: Id | None = None
    lastname: str | None = None
    firstname: str | None = None
    address: str | None = None
    city: str | None = None
    zip: Id | None = None
    country: str | None = None
    phone: Id | None = None
    email: str | None = None
    browser: str | None = None
    website_id: Id | list[Id] | None = None
    created_at: str | None = None


class Transaction(msgspec.Struct):
    """A sale; its currency is its website's, and its time is local to it."""

    id: Id
    external_id: Id | None = None
    visitor_uid: Id | None = None
    visitor_email: str | None = None
    amount: Number = None
    created_at: str | None = None
    website_id: Id | None = None
    operator_id: Id | None = None
    conversation_id: Id | None = None


class Satisfaction(msgspec.Struct):
    """Notes after a conversation; `node_delay` is what the documents write for `note_delay`."""

    id: Id
    note_welcome: Number = None
    note_resolution: Number = None
    note_delay: Number = None
    node_delay: Number = None
    comment: str | None = None
    created_at: str | None = None
    website_id: Id | None = None
    operator_id: Id | None = None
    conversation_id: Id | None = None


class CallMeeting(msgspec.Struct):
    """An appointment for a call; older documents name the visitor's key otherwise than newer."""

    id: Id
    phone_number: Id | None = None
    visitor_uid: Id | None = None
    unique_id: Id | None = None
    status: str | None = None
    start_at: str | None = None
    website_id: Id | None = None
    targeting_rule_id: Id | None = None
    skill_id: Id | None = None


class PickedUp(msgspec.Struct):
    """What became of a callback that was picked up."""

    conversation_id: Id | None = None
    visitor_uid: Id | None = None
    website_id: Id | None = None
    targeting_rule_id: Id | None = None
    skill_id: Id | None = None


class Statistic(msgspec.Struct):
    """Figures: one object, rows by group, or one indicator by bucket."""

    data: StatisticData
    pagination: Pagination | None = None
