"""What comes back from LiveChat's Reports API, 3.4 to 3.6, in its own words.

Zero is left out of a bucket and an empty bucket is `{}`: an absent count is 0, an absent average
is None. What is asked is in `filters`.
"""

from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct

__all__ = [
    "AgentPerformance",
    "Availability",
    "Duration",
    "Engagement",
    "FirstResponseTime",
    "Form",
    "FormAnswer",
    "FormField",
    "FormReport",
    "GreetingConversion",
    "GroupSurveys",
    "PerformanceReport",
    "PerformanceSummary",
    "Ranking",
    "Ratings",
    "Report",
    "ResponseTime",
    "Tags",
    "TotalChats",
    "VisitorsReport",
]

T = TypeVar("T")


class Report(Struct, Generic[T], frozen=True, kw_only=True):
    """A report whose records are buckets of time, or agents."""

    records: dict[str, T]
    total: float | None = None


class TotalChats(Struct, frozen=True):
    """One bucket of chats/total_chats."""

    total: int = 0
    continuous: int = 0


class Duration(Struct, frozen=True):
    """One bucket of chats/duration: seconds, on average."""

    count: int = 0
    agents_chatting_duration: float | None = None
    duration: float | None = None


class ResponseTime(Struct, frozen=True):
    """One bucket of chats/response_time: seconds, on average."""

    count: int = 0
    response_time: float | None = None


class FirstResponseTime(Struct, frozen=True):
    """One bucket of chats/first_response_time: seconds, on average."""

    count: int = 0
    first_response_time: float | None = None


class Ratings(Struct, frozen=True):
    """One bucket of chats/ratings; `chats` counts chats without a rating too."""

    chats: int = 0
    good: int = 0
    bad: int = 0


class Engagement(Struct, frozen=True):
    """One bucket of chats/engagement; LiveChat's own sample has no `total` beside the parts."""

    total: int | None = None
    started_by_customer_from_greeting: int = 0
    started_by_customer_without_greeting: int = 0
    started_by_agent: int = 0


class GreetingConversion(Struct, frozen=True):
    """One greeting in one bucket of chats/greetings_conversion; zeros are written."""

    accepted: int = 0
    canceled: int = 0
    displayed: int = 0
    goals: int = 0


Tags: TypeAlias = dict[str, int]
"""One bucket of chats/tags: how many chats bear each tag."""
GroupSurveys: TypeAlias = dict[str, dict[str, int | dict[str, int]]]
"""One group of chats/surveys: the surveys by id. `count` stands among the ids of the answers, and
each of these holds how often each of its indices was selected."""


class FormAnswer(Struct, frozen=True, kw_only=True):
    """How often an answer was selected."""

    answer_id: int | str
    label: str | None = None
    count: int = 0


class FormField(Struct, frozen=True, kw_only=True):
    """One question of a form."""

    field_id: int | str
    label: str | None = None
    answers: tuple[FormAnswer, ...] = ()


class Form(Struct, frozen=True, kw_only=True):
    """One form in one group of chats/forms; `count` is how often it was filled in."""

    group_id: int | str
    count: int = 0
    fields: tuple[FormField, ...] = ()


class FormReport(Struct, frozen=True):
    """The report chats/forms, whose records are a list."""

    records: tuple[Form, ...]


class VisitorsReport(Struct, frozen=True):
    """The report customers/unique_visitors: its `unique_visitors` and `page_views`."""

    summary: dict[str, int]


class Ranking(Struct, frozen=True):
    """One agent of chats/ranking; `total` counts the rated chats."""

    total: int = 0
    good: int = 0
    bad: int = 0
    score: float | None = None


class Availability(Struct, frozen=True):
    """One bucket of agents/availability: hours of a day, or minutes of an hour; 0 is written."""

    hours: float | None = None
    minutes: float | None = None


class PerformanceSummary(Struct, frozen=True):
    """What agents/performance tells of all agents together."""

    chats_count: int = 0
    chats_rated_good: int = 0
    chats_rated_bad: int = 0
    first_response_chats_count: int = 0
    first_response_time: float | None = None


class AgentPerformance(PerformanceSummary, frozen=True):
    """One agent of agents/performance; times are seconds."""

    accepting_chats_time: float = 0
    not_accepting_chats_time: float = 0
    chatting_time: float = 0
    logged_in_time: float = 0


class PerformanceReport(Struct, frozen=True, kw_only=True):
    """The report agents/performance."""

    records: dict[str, AgentPerformance]
    summary: PerformanceSummary | None = None
