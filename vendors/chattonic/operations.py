"""The requests that Chat-Tonic's documents describe, and where each is reached."""

from collections.abc import Mapping

from vendors.operations import Example, Operation

__all__ = ["OPERATIONS"]

_APP = "/api/v1/{codename}"
_DASHBOARD: Mapping[str, str] = {"queryName": "dashboard"}


def _read(section: str, title: str, path: str, operation: str, *reached: str) -> Operation:
    return Operation(
        section=section,
        title=title,
        method="GET",
        path=f"{_APP}/{path}",
        reached=reached,
        example=Example("chat-tonic.graphql", operation),
        says=_DASHBOARD if title == "Dashboard" else {},
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        section="API overview",
        title="Log in",
        method="POST",
        path="/api/v1/user/login",
        reached=("every first question to the platform",),
        example=Example("chat-tonic.graphql", "Operators"),
    ),
    _read(
        "Stats",
        "Operators",
        "stats/operator",
        "OperatorsYesterday",
        'Query.report(key: "chattonic.operator")',
        "Query.agents",
        "Agent.live",
    ),
    _read(
        "Stats",
        "Dashboard",
        "stats/bigquery",
        "DashboardByHour",
        'Query.report(key: "chattonic.dashboard")',
    ),
    Operation(
        section="Stats",
        title="NPS",
        method="GET",
        path=f"{_APP}/stats/nps/export",
        reached=("Mutation.requestNpsExport",),
        example=Example("chat-tonic-survey.graphql", "SendTheAnswers"),
    ),
    _read("Queries", "List of queries", "query", "Cases", "Query.conversations"),
    _read("Conversations", "List of users", "messageuser", "Users", "Query.customers"),
)
