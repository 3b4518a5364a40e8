"""Transactions: what was sold, and after which conversation."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent

from resolvers.histories import HistoryFilter, history
from resolvers.node_ids import NodeKind
from schema.agents import Agent
from schema.context import Info
from schema.customers import Customer
from schema.entries import agent_of, entry_of, id_of, platform_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.personal import PERSONAL, personal
from schema.platforms import PLATFORMS, Platform
from schema.sites import Site
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors import records
from vendors.records import Channel

if TYPE_CHECKING:
    from schema.conversations import Conversation

__all__ = ["Transaction", "TransactionQuery"]

_Conversation = Annotated["Conversation", strawberry.lazy("schema.conversations")] | None


def _made_at(root: Parent[records.Transaction]) -> datetime | None:
    return root.at


async def _currency(root: Parent[records.Transaction], info: Info) -> str | None:
    if root.currency is not None:
        return root.currency
    site = await entry_of(info, records.Site, root, root.site_id)
    return None if site is None else site.currency


async def _site(root: Parent[records.Transaction], info: Info) -> Site | None:
    return await entry_of(info, records.Site, root, root.site_id)  # type: ignore[no-any-return]


async def _agent(root: Parent[records.Transaction], info: Info) -> Agent | None:
    return await agent_of(info, root, root.agent_id)  # type: ignore[no-any-return]


async def _conversation(root: Parent[records.Transaction], info: Info) -> _Conversation:
    if root.conversation_id is None:
        return None
    loader = info.context.loaders.links.conversation
    return await loader.load((root.platform, root.conversation_id))  # type: ignore[return-value]  # the type reads the record


async def _customer(root: Parent[records.Transaction], info: Info) -> Customer | None:
    if root.customer_id is None:
        return None
    loader = info.context.loaders.links.customer
    return await loader.load((root.platform, root.customer_id))  # type: ignore[return-value]  # the type reads the record


@strawberry.type(description="A sale on a site.")
class Transaction(Node):
    """A transaction."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same sale, for ever.",
        resolver=id_of(NodeKind.TRANSACTION),
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    external_id: str | None = strawberry.field(description="The company's own id of the order.")
    platform: Platform = strawberry.field(
        description="The platform that tells of it.", resolver=platform_of
    )
    made_at: datetime | None = strawberry.field(description="When it was made.", resolver=_made_at)
    amount: float | None = strawberry.field(description="The amount, in `currency`.")
    currency: str | None = strawberry.field(
        description="The ISO 4217 code; that of the site where the platform tells no other.",
        resolver=_currency,
    )
    site_id: str | None = strawberry.field(description="The platform's id of the site.")
    site: Site | None = strawberry.field(description="The site.", resolver=_site)
    agent_id: str | None = strawberry.field(description="The platform's id of the agent.")
    agent: Agent | None = strawberry.field(
        description="The agent it is put down to.", resolver=_agent
    )
    conversation_id: str | None = strawberry.field(
        description="The platform's id of the conversation; null where none led to it."
    )
    conversation: _Conversation = strawberry.field(
        description=(
            "The conversation that led to it; null where none did, or where the platform fetches "
            "none by its id. It costs a call for each."
        ),
        resolver=_conversation,
    )
    customer_id: str | None = strawberry.field(description="The platform's id of the customer.")
    customer: Customer | None = strawberry.field(
        description=(
            "The customer; null where the platform finds none by that id. It may cost a call for "
            "each."
        ),
        resolver=_customer,
    )
    customer_email: str | None = strawberry.field(
        description=f"The e-mail address that the customer gave. {PERSONAL}",
        resolver=personal("customer_email", "Transaction.customerEmail"),
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is a transaction."""
        return isinstance(value, records.Transaction)


@strawberry.input(
    description=(
        "Which transactions are wanted; members that are left out mean all. A platform that "
        "cannot apply one of them is not asked, and its source says so."
    )
)
class TransactionFilter:
    """Restricts transactions."""

    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)
    agent_ids: list[str] | None = strawberry.field(description="Ids of agents.", default=None)
    conversation_ids: list[str] | None = strawberry.field(
        description="Ids of conversations.", default=None
    )
    channels: list[Channel] | None = strawberry.field(
        description="The channels of the conversations that led to them.", default=None
    )
    linked: bool | None = strawberry.field(
        description="Only those that a conversation led to, or only those that none did.",
        default=None,
    )


def _wanted(given: TransactionFilter) -> HistoryFilter:
    return HistoryFilter(
        site_ids=tuple(given.site_ids or ()),
        agent_ids=tuple(given.agent_ids or ()),
        conversation_ids=tuple(given.conversation_ids or ()),
        channels=tuple(given.channels or ()),
        linked=given.linked,
    )


async def _transactions(
    info: Info,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    filter: Annotated[
        TransactionFilter | None,
        strawberry.argument(description="Which transactions are wanted."),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Transaction] | None:
    context = info.context
    return await history(  # type: ignore[return-value]  # the type reads the record
        context,
        records.Transaction,
        read_period(context, period, time_zone),
        _wanted(filter or TransactionFilter()),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class TransactionQuery:
    """The part of Query that is about transactions."""

    transactions: Connection[Transaction] | None = strawberry.field(
        description=(
            "The sales of a period (the last seven days if left out), newest first over all "
            "platforms that list them."
        ),
        resolver=_transactions,
    )
