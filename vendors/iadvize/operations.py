"""The operations of iAdvize's REST API 2.0, resource by resource, and where each is reached."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.operations import Example, Operation

__all__ = ["OPERATIONS"]

_LISTS = "iadvize-lists.graphql"
_AGENTS = "iadvize-agents.graphql"
_FIGURES = "iadvize-figures.graphql"
_GONE = frozenset({"Client", "Website", "Tag", "Satisfaction", "Callmeeting", "Odigocallback"})
"""The resources that the document strikes out."""


def _operation(
    section: str,
    title: str,
    request: str,
    reached: str | tuple[str, ...] = (),
    example: tuple[str, str] | None = None,
) -> Operation:
    """Return an operation; `request` is its method and path, and `example` a file and a name."""
    method, path = request.split(" ")
    return Operation(
        section=section,
        title=title,
        method=method,
        path=path,
        reached=(reached,) if isinstance(reached, str) else reached,
        example=None if example is None else Example(*example),
        deprecated=section in _GONE,
    )


def _list(section: str, title: str, reached: str, example: str) -> Operation:
    return _operation(section, title, f"GET /{section.lower()}", reached, (_LISTS, example))


def _one(section: str, title: str, example: str) -> Operation:
    request = f"GET /{section.lower()}/{{id}}"
    return _operation(section, title, request, "Query.node", (_LISTS, example))


_CHANGES: Mapping[str, tuple[str, str]] = {
    "POST": ("Create", "create"),
    "PUT": ("Update", "update"),
    "DELETE": ("Delete", "delete"),
}


def _changes(section: str, ours: str, file: str, methods: str) -> tuple[Operation, ...]:
    """Return the changes of a resource, each with the mutation of ours that makes it."""
    found = []
    for method in methods.split():
        title, name = _CHANGES[method]
        path = f"/{section.lower()}" if method == "POST" else f"/{section.lower()}/{{id}}"
        example = (file, f"{title}{ours}")
        found.append(
            _operation(section, title, f"{method} {path}", f"Mutation.{name}{ours}", example)
        )
    return tuple(found)


OPERATIONS: tuple[Operation, ...] = (
    _list("Client", "List all clients", "Query.clients", "ClientsAndWebsites"),
    _one("Client", "Showing client", "OneEntry"),
    _list("Website", "List all your websites", "Query.sites", "ClientsAndWebsites"),
    _one("Website", "Get a website details", "OneEntry"),
    *_changes("Website", "Site", "iadvize-account.graphql", "PUT"),
    _operation(
        "Operator", "List your operators", "GET /operator", "Query.agents", (_AGENTS, "Operators")
    ),
    _operation(
        "Operator",
        "Get operator's details",
        "GET /operator/{id}",
        "Query.node",
        (_AGENTS, "OneOperator"),
    ),
    *_changes("Operator", "Agent", "iadvize-operators.graphql", "POST PUT DELETE"),
    _operation(
        "Operator",
        "Get operators live availability",
        "GET /operator/live",
        ("Agent.live", "Subscription.agentAvailability"),
        (_AGENTS, "WhoIsThere"),
    ),
    _operation(
        "Operator",
        "Get operator's live availability",
        "GET /operator/{id}/live",
        'Query.report(key: "iadvize.operator_live")',
        (_AGENTS, "ConnectedNow"),
    ),
    _operation(
        "Operator",
        "Set operator's availability",
        "PUT /operator/{id}/live",
        ("Mutation.setAgentAvailability", "Mutation.disconnectAgent"),
        ("iadvize-operators.graphql", "SetAgentAvailability"),
    ),
    _operation(
        "Operator",
        "Get operators statistics",
        "GET /operator/{id}/statistic",
        ("Agent.lifetime", 'Query.report(key: "iadvize.operator_statistic")'),
        (_AGENTS, "EverDone"),
    ),
    _operation(
        "Operator",
        "Get operator's profile",
        "GET /operator/{id}/profile",
        "Agent.profile",
        (_AGENTS, "Profiles"),
    ),
    _list("Group", "List your groups", "Query.teams", "TeamsAndSkills"),
    _one("Group", "Get a group details", "OneEntry"),
    *_changes("Group", "Team", "iadvize-teams.graphql", "POST PUT DELETE"),
    _list("Skill", "List your skills", "Query.skills", "TeamsAndSkills"),
    _one("Skill", "Get a skill details", "OneEntry"),
    *_changes("Skill", "Skill", "iadvize-teams.graphql", "POST PUT DELETE"),
    _operation(
        "Conversation",
        "List your conversations",
        "GET /conversation.json-unicode",
        "Query.conversations",
        (_LISTS, "Conversations"),
    ),
    _operation(
        "Conversation",
        "Get a conversation details",
        "GET /conversation.json-unicode/{id}",
        "Query.node",
        (_LISTS, "OneConversation"),
    ),
    _list("Tag", "List your tags", "Query.tags", "Tags"),
    _one("Tag", "Get a tag details", "OneEntry"),
    *_changes("Tag", "Tags", "iadvize-account.graphql", "POST"),
    _list("Transaction", "List your transactions", "Query.transactions", "Transactions"),
    _one("Transaction", "Get a transaction details", "OneTransaction"),
    _list("Satisfaction", "List your satisfactions", "Query.surveyResponses", "SurveyResponses"),
    _one("Satisfaction", "Get a satisfaction details", "OneSurveyResponse"),
    _operation(
        "Statistic",
        "Get statistics",
        "GET /statistic",
        ('Query.indicators(native: "iadvize.*")', "Query.indicators(keys:)", "Query.report"),
        (_FIGURES, "Yesterday"),
    ),
    _list("Visitor", "Get visitors", "Query.customers", "Customers"),
    _one("Visitor", "Get a visitor details", "OneCustomer"),
    *_changes("Visitor", "Customer", "iadvize-visitors.graphql", "POST PUT DELETE"),
    _list("Callmeeting", "Get call meetings", "Query.callMeetings", "CallMeetings"),
    _operation(
        "Odigocallback",
        "Pick up callback",
        "POST /odigocallback/pickup",
        "Mutation.pickUpCallback",
        ("iadvize-account.graphql", "PickUpCallback"),
    ),
    _operation(
        "Odigocallback",
        "Hang up callback",
        "POST /odigocallback/hangup",
        "Mutation.hangUpCallback",
        ("iadvize-account.graphql", "HangUpCallback"),
    ),
)
