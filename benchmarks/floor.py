"""The fewest calls that a query can cost, by what the vendors' documents allow.

This is a second reading of those documents, by hand and without the tables that the planner reads:
which kinds of call an indicator needs, and what one call of a kind can answer.

- iAdvize: without buckets 1 a window of three months. With buckets the lesser of the buckets and of
  figures times windows, for a call with buckets has one figure. Grouped, with buckets: 1 a bucket.
- LiveChat: 1 a report and filter set; performance, which has no buckets: 1 a bucket.
- Gnatta: 1 a tile, selector and window (hours 24 h, days 31, else 24 months).
- Chat-Tonic: dashboard 1; operators, which have no buckets: 1 a bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

__all__ = ["Question", "floor"]

_HOURS_A_CALL = 24
_DAYS_A_CALL = 31
_MONTHS_A_CALL = 3

Needs = Mapping[str, frozenset[str]]
"""The kinds of call that an indicator needs of a vendor, and the figures of each."""


@dataclass(frozen=True)
class Question:
    """A query of the published list: what of it decides the number of calls."""

    name: str
    indicators: tuple[str, ...]
    granularity: str = "TOTAL"
    buckets: int = 1
    group_by: str | None = None
    compared: bool = False
    """Whether it is asked beside the period before it."""
    beside: tuple[str, ...] = ()
    """Further granularities that are asked of the same period in the same query."""

    @property
    def document(self) -> str:
        """Return the query; periods begin and end with a bucket."""
        fields = " ".join(
            f"{name.lower()}: {self._field(name)}" for name in (self.granularity, *self.beside)
        )
        return f"{{ {fields} }}"

    def _field(self, granularity: str) -> str:
        unit = {"TOTAL": "DAY", "HOUR_OF_DAY": "HOUR"}.get(self.granularity, self.granularity)
        period = (
            "calendar: YESTERDAY"
            if self.buckets == 1
            else f"last: {{count: {self.buckets}, unit: {unit}}}"
        )
        group = f", groupBy: [{self.group_by}]" if self.group_by else ""
        compared = ", compareWith: PREVIOUS_PERIOD" if self.compared else ""
        return (
            f"indicators(keys: [{', '.join(self.indicators)}], period: {{{period}}}, "
            f'granularity: {granularity}{group}{compared}, combined: true, timeZone: "UTC") '
            "{ series { value points { value } comparison { value } } "
            "sources { platform freshness calls note } failures { platform code } }"
        )


def _needs(**kinds: str) -> Needs:
    return {kind: frozenset(figures.split()) for kind, figures in kinds.items()}


_ANSWERED = "contact_number contact_unanswered_number"

IADVIZE: Mapping[str, Needs] = {
    "CONVERSATIONS_STARTED": _needs(statistic="contact_number"),
    "CONVERSATIONS_UNANSWERED": _needs(statistic="contact_unanswered_number"),
    "MESSAGES_RECEIVED": _needs(statistic="contact_received_message_number"),
    "MESSAGES_SENT": _needs(statistic="contact_sent_message_number"),
    "FIRST_RESPONSE_TIME": _needs(
        statistic=f"contact_answered_after_first_message_duration {_ANSWERED}"
    ),
    "RESPONSE_TIME": _needs(statistic=f"contact_answered_duration {_ANSWERED}"),
    "HANDLE_TIME": _needs(statistic="contact_duration contact_number"),
    "LOGGED_IN_TIME": _needs(statistic="presence_duration"),
    "AVAILABLE_TIME": _needs(statistic="production_duration"),
    "COVERAGE_TIME": _needs(statistic="production_smoothed_duration"),
}
LIVECHAT: Mapping[str, Needs] = {
    "CONVERSATIONS_STARTED": _needs(total_chats="total"),
    "CONVERSATIONS_UNANSWERED": _needs(unreplied="total"),
    "FIRST_RESPONSE_TIME": _needs(first_response_time="first_response_time count"),
    "RESPONSE_TIME": _needs(response_time="response_time count"),
    "HANDLE_TIME": _needs(duration="duration count"),
    "LOGGED_IN_TIME": _needs(performance="logged_in_time"),
    "AVAILABLE_TIME": _needs(performance="accepting_chats_time"),
    "COVERAGE_TIME": _needs(availability="hours"),
}
GNATTA: Mapping[str, Needs] = {
    "CONVERSATIONS_STARTED": _needs(received="6"),
    "CONVERSATIONS_CLOSED": _needs(closed="1"),
    "MESSAGES_RECEIVED": _needs(inbound="14"),
    "MESSAGES_SENT": _needs(outbound="14"),
    "RESPONSE_TIME": _needs(advisor="19"),
    "LOGGED_IN_TIME": _needs(available="34", unavailable="34"),
    "AVAILABLE_TIME": _needs(available="34"),
}
CHAT_TONIC: Mapping[str, Needs] = {
    "CONVERSATIONS_STARTED": _needs(dashboard="pending progress resolved"),
    "CONVERSATIONS_CLOSED": _needs(operator="queriesResolved"),
    "MESSAGES_RECEIVED": _needs(dashboard="messagesReceived"),
    "MESSAGES_SENT": _needs(dashboard="messagesSent"),
    "HANDLE_TIME": _needs(operator="avgDurationResolved queriesResolved"),
    "LOGGED_IN_TIME": _needs(operator="onlineTime awayTime"),
    "AVAILABLE_TIME": _needs(operator="onlineTime"),
}

_BY_AGENT: Mapping[str, Mapping[str, Needs]] = {
    "iadvize": IADVIZE,
    "livechat": {
        "CONVERSATIONS_STARTED": _needs(performance="chats_count"),
        "FIRST_RESPONSE_TIME": _needs(performance="first_response_time"),
        "LOGGED_IN_TIME": _needs(performance="logged_in_time"),
        "AVAILABLE_TIME": _needs(performance="accepting_chats_time"),
    },
    "gnatta": {
        name: needs
        for name, needs in GNATTA.items()
        if name not in {"CONVERSATIONS_STARTED", "MESSAGES_RECEIVED"}
    },
    "chat-tonic": {name: needs for name, needs in CHAT_TONIC.items() if set(needs) == {"operator"}},
}
_BY_CHANNEL: Mapping[str, Mapping[str, Needs]] = {
    "iadvize": IADVIZE,
    "livechat": LIVECHAT,
    "gnatta": GNATTA,
}
_PLAIN: Mapping[str, Mapping[str, Needs]] = {
    "iadvize": IADVIZE,
    "livechat": LIVECHAT,
    "gnatta": GNATTA,
    "chat-tonic": CHAT_TONIC,
}
_NEEDS: Mapping[str | None, Mapping[str, Mapping[str, Needs]]] = {
    None: _PLAIN,
    "AGENT": _BY_AGENT,
    "CHANNEL": _BY_CHANNEL,
}
_NOT_BY_CHANNEL = frozenset({"available", "unavailable"})
_CHANNELS_OF_THE_ACCOUNT = 2
"""The sandbox's account of the vendor that answers one channel a call."""


def floor(platform: str, question: Question) -> int:
    """Return the fewest calls to that platform that the question can cost."""
    offered = _NEEDS[question.group_by].get(platform, {})
    kinds: dict[str, set[str]] = {}
    for name in question.indicators:
        for kind, figures in offered.get(name, {}).items():
            kinds.setdefault(kind, set()).update(figures)
    return sum(_calls(platform, kind, figures, question) for kind, figures in kinds.items())


def _calls(platform: str, kind: str, figures: Iterable[str], question: Question) -> int:
    """Return the calls of one kind. A day and the day before it are two buckets of days."""
    buckets = question.buckets if question.granularity != "TOTAL" else 1
    buckets *= 2 if question.compared else 1
    if platform == "iadvize":
        channels = _CHANNELS_OF_THE_ACCOUNT if question.group_by == "CHANNEL" else 1
        if question.group_by == "AGENT":
            return buckets
        if question.granularity == "TOTAL":
            # A day of the asked zone is no day of the websites: each period is a call of its own.
            return channels * buckets
        return channels * min(len(set(figures)) * _quarters(question), buckets)
    if platform == "gnatta":
        if question.group_by == "CHANNEL" and kind in _NOT_BY_CHANNEL:
            return 0
        return _windows(question)
    return buckets if kind in {"performance", "operator"} else 1


def _quarters(question: Question) -> int:
    """Return the windows of three months; only months make a period that is longer here."""
    return ceil(question.buckets / _MONTHS_A_CALL) if question.granularity == "MONTH" else 1


def _windows(question: Question) -> int:
    """Return the windows of the vendor that limits them by the size of buckets."""
    days = {"WEEK": 7}.get(question.granularity, 1)
    longest = {
        "HOUR": _HOURS_A_CALL,
        "HOUR_OF_DAY": _HOURS_A_CALL,
        "DAY": _DAYS_A_CALL,
        "WEEK": _DAYS_A_CALL,
    }.get(question.granularity)
    return 1 if longest is None else ceil(question.buckets * days / longest)
