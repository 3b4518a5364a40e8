"""The methods of LiveChat's Reports API, and where each is reached.

Every method is documented for POST and for GET. Which of them is sent is a setting; POST is what
the vendor advises.
"""

from vendors.operations import Example, Operation

__all__ = ["OPERATIONS"]


def _of_34(
    section: str, title: str, action: str, operation: str, *reached: str, deprecated: bool = False
) -> Operation:
    """Return a method of version 3.4; its figures stand below the names that `reached` gives."""
    return Operation(
        section=section,
        title=title,
        method="POST",
        path=f"/v3.4/reports/{action}",
        reached=reached,
        example=Example("livechat.graphql", operation),
        deprecated=deprecated,
    )


def _figures(names: str, more: str = "") -> str:
    return f'Query.indicators(native: "livechat.{names}"{more})'


def _report(name: str) -> str:
    return f'Query.report(key: "livechat.{name}")'


def _later(release: str, title: str, action: str, operation: str, *reached: str) -> Operation:
    """Return a method that came with a later version, and is asked for where settings name it."""
    return Operation(
        section=f"Since {release}",
        title=title,
        method="POST",
        path=f"/v{release}/reports/{action}",
        reached=reached,
        example=Example("livechat-later.graphql", operation),
    )


_DAYS = ", granularity: DAY"
_ANSWERS = ", groupBy: [ANSWER]"
_BEGUN = "RatingsAndBeginnings"

OPERATIONS: tuple[Operation, ...] = (
    _of_34("Chats", "Duration", "chats/duration", "ChatsByDay", _figures("duration.*", _DAYS)),
    _of_34("Chats", "Tags", "chats/tags", "Tags", _figures("tags.*", ", groupBy: [TAG]")),
    _of_34(
        "Chats", "Total Chats", "chats/total_chats", "ChatsByDay", _figures("total_chats.*", _DAYS)
    ),
    _of_34("Chats", "Ratings", "chats/ratings", _BEGUN, _figures("ratings.*", _DAYS)),
    _of_34("Chats", "Ranking", "chats/ranking", "Ranking", _report("ranking")),
    _of_34("Chats", "Engagement", "chats/engagement", _BEGUN, _figures("engagement.*", _DAYS)),
    _of_34(
        "Chats",
        "Greetings Conversion",
        "chats/greetings_conversion",
        "Greetings",
        _figures("greetings_conversion.*", ", groupBy: [RULE]"),
    ),
    _of_34(
        "Chats",
        "Surveys",
        "chats/surveys",
        "Surveys",
        _figures("surveys.*", ", groupBy: [TEAM]"),
        _figures("surveys.answers", _ANSWERS),
        deprecated=True,
    ),
    _of_34(
        "Chats",
        "Response Time",
        "chats/response_time",
        "ChatsByDay",
        _figures("response_time.*", _DAYS),
    ),
    _of_34(
        "Chats",
        "First Response Time",
        "chats/first_response_time",
        "ChatsByDay",
        _figures("first_response_time.*", _DAYS),
    ),
    _of_34(
        "Agents",
        "Availability",
        "agents/availability",
        "Availability",
        _figures("availability.total", _DAYS),
    ),
    _of_34("Agents", "Performance", "agents/performance", "Performance", _report("performance")),
    _later(
        "3.5",
        "Forms",
        "chats/forms",
        "FormsAndTags",
        _figures("forms.*", ", groupBy: [TEAM]"),
        _figures("forms.answers", _ANSWERS),
    ),
    _later(
        "3.5",
        "Tags: chat usage",
        "tags/chat_usage",
        "FormsAndTags",
        _figures("chat_usage.chats", ", groupBy: [TAG]"),
    ),
    _later(
        "3.6",
        "Groups",
        "chats/groups",
        "ChatsOfGroups",
        _figures("groups.chats", ", groupBy: [TEAM]"),
    ),
    _later("3.6", "Queued visitors", "chats/queued_visitors", "Queue", _report("queued_visitors")),
    _later(
        "3.6",
        "Unique visitors",
        "customers/unique_visitors",
        "Visitors",
        _report("unique_visitors"),
    ),
)
