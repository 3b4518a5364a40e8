"""What a request asks about, whatever it wants to know: which audits, which people, by what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vendors.gnatta.sandbox.audits import Audit

# The value of a dynamic data type, or any value of it (None).
DataFilter = tuple[str, "frozenset[str] | None"]


@dataclass(frozen=True, slots=True)
class Question:
    """Filters and selectors of a request; None is one that it does not set.

    `by` names what its figures are grouped by, outermost first; `data_type` is whose values `data`
    among them are.
    """

    by: tuple[str, ...] = ()
    data_type: str | None = None
    old: frozenset[str] | None = None
    new: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    queues: frozenset[str] | None = None
    users: frozenset[str] | None = None
    accounts: frozenset[str] | None = None
    data: tuple[DataFilter, ...] = ()
    channel: str | None = None
    direction: str | None = None
    response_time: str | None = None
    action: str | None = None
    user_state: str | None = None

    def holds(self, audit: Audit[Any]) -> bool:
        """Tell whether an audit is about what is asked about."""
        subject = audit.subject
        return (
            (self.channels is None or subject.channel in self.channels)
            and (self.channel is None or subject.channel == self.channel)
            and (self.queues is None or subject.queue in self.queues)
            and (self.accounts is None or subject.account in self.accounts)
            and (self.users is None or audit.user in self.users)
            and all(_has(audit, *one) for one in self.data)
        )

    def key(self, audit: Audit[Any]) -> tuple[str | None, ...]:
        """Return the group of an audit."""
        return tuple(KEYS[name](self, audit) for name in self.by)


KEYS: Mapping[str, Callable[[Question, Audit[Any]], str | None]] = {
    "channels": lambda _, audit: audit.subject.channel,
    "queues": lambda _, audit: audit.subject.queue,
    "accounts": lambda _, audit: audit.subject.account,
    "users": lambda _, audit: audit.user,
    "data": lambda question, audit: audit.data.get(question.data_type or ""),
}


def _has(audit: Audit[Any], data_type: str, values: frozenset[str] | None) -> bool:
    value = audit.data.get(data_type)
    return value is not None and (values is None or value in values)
