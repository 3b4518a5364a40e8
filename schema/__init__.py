"""The GraphQL words: types over records, arguments, descriptions, and nothing else."""

from collections.abc import Callable, Iterable
from datetime import datetime

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from schema.agent_changes import AgentMutation
from schema.agents import Agent, AgentQuery
from schema.cache_changes import CacheMutation
from schema.call_meetings import CallMeetingQuery
from schema.callback_changes import CallbackMutation
from schema.conversations import Conversation, ConversationQuery
from schema.customer_changes import CustomerMutation
from schema.customers import Customer, CustomerQuery
from schema.drill_through import DrillThroughQuery
from schema.exports import ExportQuery
from schema.indicators import IndicatorQuery
from schema.node_query import NodeQuery
from schema.platforms import Platform, PlatformQuery
from schema.reports import ReportQuery
from schema.rows import RowQuery
from schema.scalars import DATE_TIME
from schema.site_changes import SiteMutation
from schema.sites import Client, Site, SiteQuery, Tag
from schema.subscriptions import Subscription
from schema.surveys import SurveyQuery, SurveyResponse
from schema.team_changes import TeamMutation
from schema.teams import Skill, Team, TeamQuery
from schema.transactions import Transaction, TransactionQuery

__all__ = ["build_schema"]

_PARTS = (
    NodeQuery,
    PlatformQuery,
    ConversationQuery,
    AgentQuery,
    CustomerQuery,
    TransactionQuery,
    SurveyQuery,
    CallMeetingQuery,
    TeamQuery,
    SiteQuery,
    IndicatorQuery,
    ReportQuery,
    DrillThroughQuery,
    ExportQuery,
    RowQuery,
)
_CHANGES = (
    AgentMutation,
    TeamMutation,
    CustomerMutation,
    SiteMutation,
    CallbackMutation,
    CacheMutation,
)
_NODES = (
    Platform,
    Conversation,
    Agent,
    Team,
    Skill,
    Tag,
    Site,
    Client,
    Customer,
    Transaction,
    SurveyResponse,
)
"""What can be fetched by its id."""


def build_schema(
    extensions: Iterable[type[SchemaExtension] | Callable[[], SchemaExtension]] = (),
) -> strawberry.Schema:
    """Return the executable schema; the context of an operation is a `RequestContext`."""
    query = strawberry.type(
        merge_types("Query", _PARTS),
        name="Query",
        description="Everything that can be read, over all platforms that the caller sees.",
    )
    mutation = strawberry.type(
        merge_types("Mutation", _CHANGES),
        name="Mutation",
        description="What can be changed on platforms, by keys with the scope `write`: one field "
        "after another, and each change at most once.",
    )
    return strawberry.Schema(
        query=query,
        mutation=mutation,
        subscription=Subscription,
        types=list(_NODES),
        extensions=list(extensions),
        config=StrawberryConfig(
            scalar_map={datetime: DATE_TIME}, enable_experimental_incremental_execution=True
        ),
    )
