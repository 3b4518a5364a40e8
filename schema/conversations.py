"""Conversations: newest first over all platforms that list them, with messages and agents."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers import conversations
from resolvers.context import Scope
from resolvers.node_ids import NodeKind, node_id
from schema.agents import Agent
from schema.context import Info
from schema.customers import Customer
from schema.entries import entries_of, entry_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.platforms import PLATFORMS, Platform, platform_named
from schema.sites import Site, Tag
from schema.teams import Skill, Team
from schema.transactions import Transaction
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors import records
from vendors.records import Channel, ConversationState, MessageAuthor, MessageKind

__all__ = ["Conversation", "ConversationFilter", "ConversationQuery"]


@strawberry.type(description="One message of a conversation. It is personal data.")
class Message:
    """A message."""

    sent_at: datetime | None = strawberry.field(description="When it was sent.")
    author: MessageAuthor = strawberry.field(description="Who wrote it.")
    kind: MessageKind = strawberry.field(description="What it holds.")
    text: str | None = strawberry.field(
        description="The text, or the address of what it holds. Data, never markup."
    )
    native_kind: str | None = strawberry.field(description="The platform's word for its kind.")


def _id(root: Parent[records.Conversation], info: Info) -> strawberry.ID:
    sealer = info.context.services.sealer
    return strawberry.ID(node_id(sealer, NodeKind.CONVERSATION, root.platform, root.record_id))


def _platform(root: Parent[records.Conversation], info: Info) -> Platform:
    return platform_named(info, root.platform)  # type: ignore[return-value]  # the type reads the record


def _agent(root: Parent[records.Conversation], info: Info) -> Agent | None:
    if root.agent_id is None:
        return None
    key = (root.platform, root.agent_id)
    return info.context.loaders.agent_by_key.load(key)  # type: ignore[return-value]  # awaited by the executor


async def _customer(root: Parent[records.Conversation], info: Info) -> Customer | None:
    if root.customer_id is None:
        return None
    loader = info.context.loaders.links.customer
    return await loader.load((root.platform, root.customer_id))  # type: ignore[return-value]  # the type reads the record


async def _team(root: Parent[records.Conversation], info: Info) -> Team | None:
    return await entry_of(info, records.Team, root, root.team_id)  # type: ignore[no-any-return]


async def _skill(root: Parent[records.Conversation], info: Info) -> Skill | None:
    return await entry_of(info, records.Skill, root, root.skill_id)  # type: ignore[no-any-return]


async def _site(root: Parent[records.Conversation], info: Info) -> Site | None:
    return await entry_of(info, records.Site, root, root.site_id)  # type: ignore[no-any-return]


async def _tags(root: Parent[records.Conversation], info: Info) -> list[Tag] | None:
    return await entries_of(info, records.Tag, root, root.tag_ids)  # type: ignore[no-any-return]


async def _transactions(root: Parent[records.Conversation], info: Info) -> list[Transaction] | None:
    return await info.context.loaders.links.sales_of(root)  # type: ignore[return-value]  # the type reads the records


def _messages(root: Parent[records.Conversation], info: Info) -> list[Message] | None:
    if root.messages is None or not info.context.sees(Scope.PERSONAL, "Conversation.messages"):
        return None
    return list(root.messages)  # type: ignore[arg-type]  # the type reads the record


@strawberry.type(
    description=(
        "One conversation. Where a platform lists events instead, each row is one event of a "
        "conversation, and the same `reference` may come again."
    )
)
class Conversation(Node):
    """A conversation."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same conversation, for ever.", resolver=_id
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    reference: str | None = strawberry.field(description="The reference that people use.")
    platform: Platform = strawberry.field(
        description="The platform on which it took place.", resolver=_platform
    )
    channel: Channel = strawberry.field(description="The channel.")
    native_channel: str | None = strawberry.field(description="The platform's word for it.")
    state: ConversationState = strawberry.field(description="Where it stands.")
    native_state: str | None = strawberry.field(description="The platform's word for that.")
    started_at: datetime | None = strawberry.field(
        description="When it began, or when the event took place."
    )
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    duration_seconds: float | None = strawberry.field(
        description="Seconds from start to end; null while either is not known."
    )
    answered: bool | None = strawberry.field(description="Whether an agent answered.")
    queued: bool | None = strawberry.field(description="Whether it waited in a queue.")
    closed_by_agent: bool | None = strawberry.field(
        description="Whether it was the agent who ended it."
    )
    agent: Agent | None = strawberry.field(
        description="The agent; null where none is known.", resolver=_agent
    )
    agent_id: str | None = strawberry.field(description="The platform's id of the agent.")
    customer_id: str | None = strawberry.field(description="The platform's id of the customer.")
    customer: Customer | None = strawberry.field(
        description=(
            "The customer; null where the platform finds none by that id. It may cost a call for "
            "each."
        ),
        resolver=_customer,
    )
    team_id: str | None = strawberry.field(description="The platform's id of the team.")
    team: Team | None = strawberry.field(
        description="The team; null where the platform lists none of that id.", resolver=_team
    )
    queue_id: str | None = strawberry.field(description="The platform's id of the queue.")
    skill_id: str | None = strawberry.field(description="The platform's id of the skill.")
    skill: Skill | None = strawberry.field(
        description="The skill; null where the platform lists none of that id.", resolver=_skill
    )
    site_id: str | None = strawberry.field(description="The platform's id of the site.")
    site: Site | None = strawberry.field(
        description="The site; null where the platform lists none of that id.", resolver=_site
    )
    account_id: str | None = strawberry.field(description="The platform's id of the account.")
    tag_ids: list[str] | None = strawberry.field(
        description="The platform's ids of its tags; null where it does not tell them."
    )
    tags: list[Tag] | None = strawberry.field(
        description="Its tags that the platform lists; null where it does not tell them.",
        resolver=_tags,
    )
    transactions: list[Transaction] | None = strawberry.field(
        description=(
            "The sales put down to it, of all conversations together by as few calls as can be; "
            "null where the platform does not tell."
        ),
        resolver=_transactions,
    )
    rule_id: str | None = strawberry.field(
        description="The platform's id of the targeting rule by which it began."
    )
    page_type: str | None = strawberry.field(description="The type of page on which it began.")
    messages: list[Message] | None = strawberry.field(
        description=(
            "The messages, oldest first. Null where the platform does not tell them, and for "
            "keys without the scope `personal`."
        ),
        resolver=_messages,
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a conversation."""
        return isinstance(value, records.Conversation)


@strawberry.input(
    description=(
        "Which conversations are wanted; members that are left out mean all. A platform that "
        "cannot apply one of them is not asked, and its source says so."
    )
)
class ConversationFilter:
    """Restricts conversations."""

    agent_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids of agents.", default=None
    )
    customer_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids of customers.", default=None
    )
    channels: list[Channel] | None = strawberry.field(description="Channels.", default=None)
    states: list[ConversationState] | None = strawberry.field(
        description="Where they stand.", default=None
    )
    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)
    queue_ids: list[str] | None = strawberry.field(description="Ids of queues.", default=None)
    skill_ids: list[str] | None = strawberry.field(description="Ids of skills.", default=None)
    tag_ids: list[str] | None = strawberry.field(description="Ids of tags.", default=None)
    rule_ids: list[str] | None = strawberry.field(
        description="Ids of the targeting rules by which they began.", default=None
    )


def _wanted(given: ConversationFilter | None) -> conversations.ConversationFilter:
    if given is None:
        return conversations.ConversationFilter()
    return conversations.ConversationFilter(
        agent_ids=tuple(given.agent_ids or ()),
        customer_ids=tuple(given.customer_ids or ()),
        channels=tuple(given.channels or ()),
        states=tuple(given.states or ()),
        site_ids=tuple(given.site_ids or ()),
        queue_ids=tuple(given.queue_ids or ()),
        skill_ids=tuple(given.skill_ids or ()),
        tag_ids=tuple(given.tag_ids or ()),
        rule_ids=tuple(given.rule_ids or ()),
    )


async def _conversations(
    info: Info,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    filter: Annotated[
        ConversationFilter | None,
        strawberry.argument(description="Which conversations are wanted."),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Conversation] | None:
    context = info.context
    return await conversations.conversations(  # type: ignore[return-value]  # the type reads the record
        context,
        read_period(context, period, time_zone),
        _wanted(filter),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class ConversationQuery:
    """The part of Query that is about conversations."""

    conversations: Connection[Conversation] | None = strawberry.field(
        description=(
            "The conversations that began in a period (the last seven days if left out), newest "
            "first over all platforms that list them."
        ),
        resolver=_conversations,
    )
