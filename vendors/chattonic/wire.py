"""What Chat-Tonic sends, named as it names it.

Members that are not read are not declared: of end users nothing but the id and the platform is
decoded, so that `context`, `profile`, `search` and messages never enter the process's records.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

__all__ = [
    "DashboardRow",
    "Envelope",
    "Login",
    "MessageUser",
    "Operator",
    "OperatorName",
    "OperatorStats",
    "Query",
    "QueryList",
    "Reference",
    "User",
    "UserList",
]

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Login(msgspec.Struct, frozen=True):
    """The answer to `POST user/login`; the token stands in `token`."""

    token: Annotated[str, msgspec.Meta(min_length=1)]
    appCodename: str | None = None


class Envelope(msgspec.Struct, frozen=True):
    """What may say in a 200 that the call failed: a boolean, unlike an operator's `status`."""

    status: Any = None


class OperatorName(msgspec.Struct, frozen=True):
    """An operator's name in parts."""

    givenName: str | None = None
    familyName: str | None = None


class Operator(msgspec.Struct, frozen=True):
    """One entry of `stats/operator`; `status` is absent where nothing is known of the presence."""

    id: str = msgspec.field(name="_id")
    displayName: str | None = None
    name: OperatorName | None = None
    profile: int | str | None = None
    """The code of a role; 500 is the one that the documents show."""
    origins: tuple[str, ...] = ()
    originsName: str | None = None
    status: str | None = None
    lastConnection: Any = None
    """Of a type that is not documented: the samples hold null."""
    onlineTime: float | None = None
    awayTime: float | None = None
    freeTime: float | None = None
    queriesResolved: float | None = None
    queriesAssigned: float | None = None
    queryInProgress: float | None = None
    avgDurationResolved: float | None = None
    sumDuration: float | None = None
    nps: float | None = None
    numberOfResponsesNps: float | None = None


class OperatorStats(msgspec.Struct, frozen=True):
    """The answer of `stats/operator`; its own boolean `status` is read as an `Envelope`."""

    operators: tuple[Operator, ...]
    queryPending: float | None = None


class DashboardRow(msgspec.Struct, frozen=True):
    """One row of the bare array that `stats/bigquery` answers; `date` is the bucket's label."""

    date: str
    totalUsers: float | None = None
    newUsers: float | None = None
    activeUsers: float | None = None
    totalMessagesReceived: float | None = None
    messagesReceived: float | None = None
    totalMessagesSent: float | None = None
    messagesSent: float | None = None
    pending: float | None = None
    progress: float | None = None
    resolved: float | None = None
    failed: float | None = None
    userEfficiency: float | None = None
    attention: float | None = None
    resolution: float | None = None
    attentionAndResolution: float | None = None
    nps: float | None = None
    csat: float | None = None


class Reference(msgspec.Struct, frozen=True):
    """An object of which only the id is read."""

    id: str = msgspec.field(name="_id")


class MessageUser(msgspec.Struct, frozen=True):
    """The end user of a query; everything personal is left undecoded."""

    id: str = msgspec.field(name="_id")
    platform: str | None = None


class Query(msgspec.Struct, frozen=True):
    """A case that was handed over to operators."""

    id: str = msgspec.field(name="_id")
    createdAt: Instant
    status: str | None = None
    messageUser: MessageUser | None = None
    account: Reference | None = None
    origins: tuple[str | Reference, ...] = ()
    """Documented as a list only: ids, or objects that have one."""
    dates: dict[str, Any] = {}
    """When it entered each status; only the member `pending` is documented, and no type."""
    resolutionSettedAt: Any = None


class QueryList(msgspec.Struct, frozen=True):
    """The answer of `query`; no total comes with it."""

    objects: tuple[Query, ...]
    limit: int | None = None


class User(msgspec.Struct, frozen=True):
    """Somebody who wrote to the bot; what they told it is left undecoded."""

    id: str = msgspec.field(name="_id")
    createdAt: Instant
    platform: str | None = None
    account: str | Reference | None = None
    firstName: str | None = None
    lastName: str | None = None


class UserList(msgspec.Struct, frozen=True):
    """The answer of `messageuser`; no total comes with it."""

    objects: tuple[User, ...]
    limit: int | None = None
