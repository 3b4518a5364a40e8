"""Survey responses: what customers said after conversations."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent

from resolvers.histories import HistoryFilter, history
from resolvers.node_ids import NodeKind
from schema.agents import Agent
from schema.context import Info
from schema.entries import agent_of, entry_of, id_of, platform_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.personal import PERSONAL, personal
from schema.platforms import PLATFORMS, Platform
from schema.sites import Site
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors import records
from vendors.records import SurveyQuestion

if TYPE_CHECKING:
    from schema.conversations import Conversation

__all__ = ["SurveyQuery", "SurveyResponse"]

_Conversation = Annotated["Conversation", strawberry.lazy("schema.conversations")] | None


@strawberry.type(description="What a customer answered to one question.")
class SurveyScore:
    """A score."""

    question: SurveyQuestion = strawberry.field(description="What was asked about.")
    native_question: str = strawberry.field(description="The platform's word for it.")
    value: float = strawberry.field(description="A fraction: 0 is the worst answer, 1 the best.")


def _answered_at(root: Parent[records.SurveyResponse]) -> datetime | None:
    return root.at


def _scores(root: Parent[records.SurveyResponse]) -> list[SurveyScore]:
    return list(root.scores)  # type: ignore[arg-type]  # the type reads the record


async def _site(root: Parent[records.SurveyResponse], info: Info) -> Site | None:
    return await entry_of(info, records.Site, root, root.site_id)  # type: ignore[no-any-return]


async def _agent(root: Parent[records.SurveyResponse], info: Info) -> Agent | None:
    return await agent_of(info, root, root.agent_id)  # type: ignore[no-any-return]


async def _conversation(root: Parent[records.SurveyResponse], info: Info) -> _Conversation:
    if root.conversation_id is None:
        return None
    loader = info.context.loaders.links.conversation
    return await loader.load((root.platform, root.conversation_id))  # type: ignore[return-value]  # the type reads the record


@strawberry.type(description="What a customer answered to a survey.")
class SurveyResponse(Node):
    """A survey response."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same response, for ever.",
        resolver=id_of(NodeKind.SURVEY_RESPONSE),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that tells of it.", resolver=platform_of
    )
    answered_at: datetime | None = strawberry.field(
        description="When it was answered.", resolver=_answered_at
    )
    scores: list[SurveyScore] = strawberry.field(
        description="The answers, question by question; those left open are missing.",
        resolver=_scores,
    )
    comment: str | None = strawberry.field(
        description=f"What the customer wrote. Data, never markup. {PERSONAL}",
        resolver=personal("comment", "SurveyResponse.comment"),
    )
    site_id: str | None = strawberry.field(description="The platform's id of the site.")
    site: Site | None = strawberry.field(description="The site.", resolver=_site)
    agent_id: str | None = strawberry.field(description="The platform's id of the agent.")
    agent: Agent | None = strawberry.field(description="The agent it is about.", resolver=_agent)
    conversation_id: str | None = strawberry.field(
        description="The platform's id of the conversation."
    )
    conversation: _Conversation = strawberry.field(
        description=(
            "The conversation it is about; null where the platform fetches none by its id. It "
            "costs a call for each."
        ),
        resolver=_conversation,
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a survey response."""
        return isinstance(value, records.SurveyResponse)


@strawberry.input(
    description=(
        "Which survey responses are wanted; members that are left out mean all. A platform that "
        "cannot apply one of them is not asked, and its source says so."
    )
)
class SurveyResponseFilter:
    """Restricts survey responses."""

    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)
    agent_ids: list[str] | None = strawberry.field(description="Ids of agents.", default=None)
    conversation_ids: list[str] | None = strawberry.field(
        description="Ids of conversations.", default=None
    )


def _wanted(given: SurveyResponseFilter) -> HistoryFilter:
    return HistoryFilter(
        site_ids=tuple(given.site_ids or ()),
        agent_ids=tuple(given.agent_ids or ()),
        conversation_ids=tuple(given.conversation_ids or ()),
    )


async def _responses(
    info: Info,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    filter: Annotated[
        SurveyResponseFilter | None,
        strawberry.argument(description="Which survey responses are wanted."),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[SurveyResponse] | None:
    context = info.context
    return await history(  # type: ignore[return-value]  # the type reads the record
        context,
        records.SurveyResponse,
        read_period(context, period, time_zone),
        _wanted(filter or SurveyResponseFilter()),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class SurveyQuery:
    """The part of Query that is about surveys."""

    survey_responses: Connection[SurveyResponse] | None = strawberry.field(
        description=(
            "What customers answered in a period (the last seven days if left out), newest first "
            "over all platforms that list it."
        ),
        resolver=_responses,
    )
