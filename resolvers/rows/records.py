"""Tables of what platforms list: conversations, agents, customers, sales, and short lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

from resolvers.agents import AgentFilter, agents
from resolvers.context import RequestContext
from resolvers.conversations import ConversationFilter, conversations
from resolvers.directories import DirectoryFilter, listed
from resolvers.histories import HistoryFilter, history
from resolvers.outcomes import PlatformFailure
from resolvers.rows.columns import RowType
from resolvers.rows.listing import (
    Ask,
    Field,
    Listing,
    Part,
    Wanted,
    dated,
    field_of,
    ids_of,
    personal,
)
from resolvers.rows.scores import SCORES
from resolvers.rows.table import RowTable
from vendors import records
from vendors.errors import PlatformError
from vendors.measures import Unit
from vendors.port import Platform

__all__ = ["RECORD_TABLES"]

L = TypeVar("L", bound=records.Listed)
D = TypeVar("D", bound=records.Dated)

_PLATFORM = field_of("platform", "The key of the platform.")
_NAME = field_of("name", "The name.")
_CHANNEL = field_of("channel", "The channel.")
_NATIVE_CHANNEL = field_of("native_channel", "The platform's word for the channel.")
_SITE = field_of("site_id", "The platform's ID of the site.")
_AGENT = field_of("agent_id", "The platform's ID of the agent.")
_CUSTOMER = field_of("customer_id", "The platform's ID of the customer.")
_CONVERSATION = field_of("conversation_id", "The platform's ID of the conversation.")
_CREATED = dated("created_at", "When it was made.")


def _own_id(name: str, what: str) -> Field:
    return field_of(name, f"The platform's ID of the {what}.", of="native_id")


_CONVERSATIONS = (
    _PLATFORM,
    _own_id("conversation_id", "conversation"),
    field_of(
        "event_id",
        "The ID of the event, where the platform lists events; an empty text elsewhere.",
        of=lambda one: one.event_id or "",
    ),
    field_of("reference", "The reference that people use."),
    _CHANNEL,
    _NATIVE_CHANNEL,
    field_of("state", "Where it stands."),
    field_of("native_state", "The platform's word for that."),
    *dated("started_at", "When it began, or when the event took place."),
    *dated("ended_at", "When it ended."),
    field_of("duration_seconds", "Seconds from start to end.", RowType.NUMBER, unit=Unit.SECONDS),
    field_of("answered", "Whether an agent answered.", RowType.BOOLEAN),
    _AGENT,
    _CUSTOMER,
    field_of("team_id", "The platform's ID of the team."),
    field_of("queue_id", "The platform's ID of the queue."),
    field_of("skill_id", "The platform's ID of the skill."),
    _SITE,
    field_of("account_id", "The platform's ID of the account."),
    field_of("rule_id", "The platform's ID of the targeting rule by which it began."),
    field_of("page_type", "The type of page on which it began."),
    ids_of("tag_ids", "The platform's IDs of its tags."),
)


class _Staffed(NamedTuple):
    """An agent, and their state now where it was asked for and told."""

    agent: records.Agent
    live: records.AgentPresence | None


def _of_agent(name: str, description: str) -> Field:
    return field_of(name, description, of=f"agent.{name}")


def _live(name: str, description: str, kind: RowType = RowType.TEXT) -> Field:
    def get(one: _Staffed) -> Any:  # noqa: ANN401 (whatever the state has there)
        return None if one.live is None else getattr(one.live, name)

    return field_of(f"live_{name}", description, kind, of=get)


_LIVE = (
    _live("status", "Whether the agent can take a conversation now."),
    _live("connected", "Whether the agent is connected now.", RowType.BOOLEAN),
    _live("as_of", "When the platform told it.", RowType.INSTANT),
)
_AGENTS = (
    field_of("platform", "The key of the platform.", of="agent.platform"),
    field_of("agent_id", "The platform's ID of the agent.", of="agent.native_id"),
    field_of("label", "The best name that the platform tells.", of="agent.label"),
    _of_agent("name", "The full name."),
    _of_agent("display_name", "The name that customers see."),
    _of_agent("email", "The e-mail address at work."),
    _of_agent("external_id", "The company's own ID of the agent."),
    ids_of("roles", "Roles, in the platform's words.", of="agent.roles"),
    ids_of("languages", "Languages, by ISO 639-1.", of="agent.languages"),
    ids_of("channels", "The channels served.", of="agent.channels"),
    ids_of("team_ids", "The platform's IDs of teams.", of="agent.team_ids"),
    ids_of("skill_ids", "The platform's IDs of skills.", of="agent.skill_ids"),
    ids_of("site_ids", "The platform's IDs of sites.", of="agent.site_ids"),
    *dated("last_connected_at", "When the agent was last connected.", of="agent.last_connected_at"),
    *_LIVE,
)


async def _ask_conversations(context: RequestContext, wanted: Wanted) -> Part[records.Conversation]:
    every = ConversationFilter()
    page = await conversations(
        context, wanted.period, every, wanted.whom, first=wanted.first, after=wanted.after
    )
    return Part(page)


async def _ask_agents(context: RequestContext, wanted: Wanted) -> Part[_Staffed]:
    """Return agents, with their state now where that is wanted and told."""
    every, key = AgentFilter(), wanted.platform.key
    page = await agents(context, every, wanted.whom, first=wanted.first, after=wanted.after)
    states: list[records.AgentPresence | None] = [None] * len(page.items)
    failures: tuple[PlatformFailure, ...] = ()
    if wanted.request.wants(*(one.column.name for one in _LIVE)):
        loader = context.loaders.presence_by_agent
        try:
            states = await loader.load_many((key, one.native_id) for one in page.items)
        except PlatformError as error:
            failures = (PlatformFailure.of(error),)
    pairs = tuple(map(_Staffed, page.items, states))
    return Part(replace(page, items=pairs), failures)  # type: ignore[arg-type]  # of other items


def _ask_history(kind: type[D], *, dated: bool) -> Ask:
    async def ask(context: RequestContext, wanted: Wanted) -> Part[D]:
        period, every = wanted.period if dated else None, HistoryFilter()
        page = await history(
            context, kind, period, every, wanted.whom, first=wanted.first, after=wanted.after
        )
        return Part(page)

    return ask


def _ask_directory(kind: type[L]) -> Ask:
    async def ask(context: RequestContext, wanted: Wanted) -> Part[L]:
        every = DirectoryFilter()
        page = await listed(
            context, kind, every, wanted.whom, first=wanted.first, after=wanted.after
        )
        return Part(page)

    return ask


def _lists(kind: type[records.Listed | records.Dated], platform: Platform) -> bool:
    return platform.lists(kind)


def _table(
    listing: Listing, noun: str, description: str, *, key: tuple[str, ...], since: str | None = None
) -> RowTable:
    return RowTable(
        name=listing.name,
        noun=noun,
        title=listing.name.replace("_", " ").capitalize(),
        description=description,
        columns=tuple(one.column for one in listing.fields),
        key=("platform", *key),
        read=listing.read,
        incremental=since,
        dated=listing.dated,
        ahead=listing.ahead,
    )


def _of_kind(
    kind: type[records.Listed], name: str, noun: str, description: str, *fields: Field
) -> RowTable:
    own = f"{noun}_id"
    every = (_PLATFORM, _own_id(own, noun), *fields)
    listing = Listing(name, every, _ask_directory(kind), partial(_lists, kind))
    return _table(listing, noun, description, key=(own,))


def _of_past(
    kind: type[records.Dated],
    name: str,
    noun: str,
    description: str,
    *fields: Field,
    since: str | None,
    ahead: bool = False,
) -> RowTable:
    own = f"{noun}_id"
    every = (_PLATFORM, _own_id(own, noun.replace("_", " ")), *fields)
    is_dated = since is not None
    ask = _ask_history(kind, dated=is_dated)
    listing = Listing(name, every, ask, partial(_lists, kind), dated=is_dated, ahead=ahead)
    return _table(listing, noun, description, key=(own,), since=since)


_TABLES = (
    _table(
        Listing(
            "conversations",
            _CONVERSATIONS,
            _ask_conversations,
            lambda platform: platform.conversations is not None,
            dated=True,
        ),
        "conversation",
        "The conversations that began in the period. Where a platform lists events instead, each "
        "row is one event.",
        key=("conversation_id", "event_id"),
        since="started_at",
    ),
    _table(
        Listing("agents", _AGENTS, _ask_agents, lambda platform: platform.agents is not None),
        "agent",
        "The persons and bots who answer customers, and their state now.",
        key=("agent_id",),
    ),
    _of_past(
        records.Customer,
        "customers",
        "customer",
        "The customers that platforms list. All but ids, sites and times is personal data.",
        *dated("first_seen_at", "When the platform came to know the customer.", of="at"),
        personal("external_id", "The company's own ID of the customer."),
        personal("given_name", "The given name."),
        personal("family_name", "The family name."),
        personal("email", "The e-mail address."),
        personal("phone", "The telephone number."),
        personal("address", "Street and house."),
        personal("postal_code", "The postal code."),
        personal("city", "The town."),
        personal("country", "The country, as the platform writes it."),
        personal("browser", "The browser."),
        _CHANNEL,
        _NATIVE_CHANNEL,
        field_of("account_id", "The platform's ID of the account."),
        ids_of("site_ids", "The platform's IDs of sites."),
        since=None,
    ),
    _of_past(
        records.Transaction,
        "transactions",
        "transaction",
        "The sales that were made in the period.",
        *dated("made_at", "When the sale was made.", of="at"),
        field_of("external_id", "The company's own ID of the sale."),
        field_of("amount", "The amount, in `currency`.", RowType.NUMBER, unit=Unit.MONEY),
        field_of("currency", "The currency, by ISO 4217; empty where it is that of the site."),
        _SITE,
        _AGENT,
        _CONVERSATION,
        _CUSTOMER,
        personal("customer_email", "The e-mail address of the customer."),
        since="made_at",
    ),
    _of_past(
        records.SurveyResponse,
        "survey_responses",
        "survey_response",
        "What customers answered to surveys in the period.",
        *dated("answered_at", "When it was answered.", of="at"),
        *SCORES,
        personal("comment", "What the customer wrote."),
        _SITE,
        _AGENT,
        _CONVERSATION,
        since="answered_at",
    ),
    _of_past(
        records.CallMeeting,
        "call_meetings",
        "call_meeting",
        "Appointments to call customers, by the time of the call.",
        *dated("starts_at", "When the call is to be made.", of="at"),
        field_of("status", "What became of it."),
        field_of("native_status", "The platform's word for that."),
        personal("phone", "The number to call."),
        _CUSTOMER,
        _SITE,
        field_of("skill_id", "The platform's ID of the skill."),
        field_of("rule_id", "The platform's ID of the targeting rule."),
        since="starts_at",
        ahead=True,
    ),
    _of_kind(
        records.Team,
        "teams",
        "team",
        "Groups of agents.",
        _NAME,
        field_of("parent_id", "The platform's ID of the team above it."),
        ids_of("ancestor_ids", "The platform's IDs of all teams above it."),
        ids_of("agent_ids", "The platform's IDs of the agents in it."),
        *_CREATED,
    ),
    _of_kind(
        records.Skill,
        "skills",
        "skill",
        "Subjects that some agents can answer.",
        _NAME,
        field_of("parent_id", "The platform's ID of the skill above it."),
        field_of("position", "Its place among the others.", RowType.INTEGER),
        ids_of("agent_ids", "The platform's IDs of the agents who have it."),
        *_CREATED,
    ),
    _of_kind(
        records.Tag,
        "tags",
        "tag",
        "Labels that agents put on conversations.",
        _NAME,
        ids_of("site_ids", "The platform's IDs of the sites on which it is used."),
    ),
    _of_kind(
        records.Site,
        "sites",
        "site",
        "Websites and shops on which customers are met.",
        _NAME,
        field_of("url", "The address."),
        field_of("client_id", "The platform's ID of the client."),
        field_of("currency", "The currency, by ISO 4217."),
        field_of("language", "The language, by ISO 639-1."),
        field_of("time_zone", "The IANA time zone."),
    ),
    _of_kind(
        records.Client,
        "clients",
        "client",
        "The companies that hold the accounts.",
        field_of("language", "The language, by ISO 639-1."),
        field_of("premium", "Whether it is a premium client.", RowType.BOOLEAN),
    ),
)

RECORD_TABLES: Mapping[str, RowTable] = {one.name: one for one in _TABLES}
"""The tables of records, by name."""
