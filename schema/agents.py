"""Agents: who answers, on which platform, and whether they can take a conversation now."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent

from resolvers import agents
from resolvers.conversations import conversations_of
from resolvers.node_ids import NodeKind, node_id
from resolvers.performance import AGENT_FIGURES, performance
from schema.context import Info
from schema.entries import entries_of
from schema.nodes import Node
from schema.paging import AFTER, FIRST, Connection
from schema.platforms import PLATFORMS, Platform, platform_named
from schema.series import IndicatorAnswer, answer_of
from schema.sites import Site
from schema.teams import Skill, Team
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors import records
from vendors.catalogue import IndicatorKey
from vendors.records import Channel, PresenceStatus

if TYPE_CHECKING:
    from schema.conversations import Conversation

__all__ = ["Agent", "AgentFilter", "AgentQuery"]


@strawberry.type(description="An agent's state on one channel now.")
class ChannelPresence:
    """A channel's slots and state."""

    channel: Channel = strawberry.field(description="The channel.")
    enabled: bool | None = strawberry.field(description="Whether the agent serves it at all.")
    available: bool | None = strawberry.field(description="Whether one more could be taken.")
    busy: bool | None = strawberry.field(description="Whether every slot is taken.")
    slots_used: int | None = strawberry.field(description="Conversations that are under way.")
    slots_total: int | None = strawberry.field(description="Conversations at once, at most.")


@strawberry.type(description="An agent's state now.")
class AgentLive:
    """A snapshot: it belongs to no period."""

    status: PresenceStatus = strawberry.field(
        description="Whether the agent can take a conversation."
    )
    connected: bool | None = strawberry.field(description="Whether the agent is connected.")
    channels: list[ChannelPresence] | None = strawberry.field(
        description="The state on each channel, where the platform tells it."
    )
    as_of: datetime = strawberry.field(description="When the platform told it.")


@strawberry.type(description="How an agent serves a channel, whether they are there or not.")
class ChannelSetting:
    """What is set for a channel."""

    channel: Channel = strawberry.field(description="The channel.")
    enabled: bool | None = strawberry.field(description="Whether the agent serves it at all.")
    most_at_once: int | None = strawberry.field(description="Conversations at once, at most.")
    priority: int | None = strawberry.field(
        description="The platform's own measure of how soon a conversation goes to this agent."
    )
    from_chat: bool | None = strawberry.field(
        description="Whether a chat can be turned into a conversation on this channel."
    )


@strawberry.type(description="What an agent shows of themselves to customers.")
class AgentProfile:
    """A profile."""

    status: str | None = strawberry.field(description="A few words of the day.")
    description: str | None = strawberry.field(description="Who they are, in their own words.")
    city: str | None = strawberry.field(description="The city.")
    country: str | None = strawberry.field(description="The country, in the platform's words.")
    facebook: str | None = strawberry.field(description="Their name on Facebook.")
    twitter: str | None = strawberry.field(description="Their name on Twitter, now called X.")


@strawberry.type(
    description="What an agent has done since the account began: it belongs to no period."
)
class AgentLifetime:
    """Figures of all time."""

    conversations: int | None = strawberry.field(description="How many conversations they had.")
    satisfaction_rate: float | None = strawberry.field(
        description="How content customers were, as a fraction from 0 to 1."
    )
    experience: int | None = strawberry.field(description="A score of the platform's own.")


def _id(root: Parent[records.Agent], info: Info) -> strawberry.ID:
    sealer = info.context.services.sealer
    return strawberry.ID(node_id(sealer, NodeKind.AGENT, root.platform, root.native_id))


def _platform(root: Parent[records.Agent], info: Info) -> Platform:
    return platform_named(info, root.platform)  # type: ignore[return-value]  # the type reads the record


def _live(root: Parent[records.Agent], info: Info) -> AgentLive | None:
    loader = info.context.loaders.presence_by_agent
    return loader.load((root.platform, root.native_id))  # type: ignore[return-value]  # the type reads the record


def _profile(root: Parent[records.Agent], info: Info) -> AgentProfile | None:
    loader = info.context.loaders.staff.profile
    return loader.load((root.platform, root.native_id))  # type: ignore[return-value]  # the type reads the record


def _lifetime(root: Parent[records.Agent], info: Info) -> AgentLifetime | None:
    loader = info.context.loaders.staff.lifetime
    return loader.load((root.platform, root.native_id))  # type: ignore[return-value]  # the type reads the record


async def _teams(root: Parent[records.Agent], info: Info) -> list[Team] | None:
    return await entries_of(info, records.Team, root, root.team_ids)  # type: ignore[no-any-return]


async def _skills(root: Parent[records.Agent], info: Info) -> list[Skill] | None:
    return await entries_of(info, records.Skill, root, root.skill_ids)  # type: ignore[no-any-return]


async def _sites(root: Parent[records.Agent], info: Info) -> list[Site] | None:
    return await entries_of(info, records.Site, root, root.site_ids)  # type: ignore[no-any-return]


async def _performance(
    root: Parent[records.Agent],
    info: Info,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    keys: Annotated[
        list[IndicatorKey] | None,
        strawberry.argument(description="Which indicators; those of agents if left out."),
    ] = None,
) -> IndicatorAnswer:
    asked = read_period(info.context, period, time_zone)
    items = tuple(dict.fromkeys(keys or AGENT_FIGURES))
    answer = await performance(info.context, root, asked, items)
    return answer_of(asked, answer)


async def _conversations(
    root: Parent[records.Agent],
    info: Info,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Annotated["Conversation", strawberry.lazy("schema.conversations")]] | None:
    context = info.context
    return await conversations_of(  # type: ignore[return-value]  # the type reads the record
        context,
        root,
        read_period(context, period, time_zone),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type(description="A person or bot who answers customers on one platform.")
class Agent(Node):
    """An agent."""

    id: strawberry.ID = strawberry.field(
        description="An opaque id: the same for the same agent, for ever.", resolver=_id
    )
    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that knows the agent.", resolver=_platform
    )
    label: str = strawberry.field(
        description="What to show people: the best name that the platform tells."
    )
    name: str | None = strawberry.field(description="The full name.")
    display_name: str | None = strawberry.field(description="The name that customers see.")
    email: str | None = strawberry.field(description="The e-mail address at work.")
    external_id: str | None = strawberry.field(description="The company's own id of the agent.")
    roles: list[str] | None = strawberry.field(description="Roles, in the platform's words.")
    languages: list[str] | None = strawberry.field(description="Languages, by ISO 639-1.")
    channels: list[Channel] | None = strawberry.field(description="The channels served.")
    channel_settings: list[ChannelSetting] | None = strawberry.field(
        description="How each channel is served; null where the platform does not tell it."
    )
    several_channels: bool | None = strawberry.field(
        description="Whether chats and calls are taken at the same time."
    )
    admin_language: str | None = strawberry.field(
        description="The language in which they see the platform itself, by ISO 639-1."
    )
    team_ids: list[str] | None = strawberry.field(description="The platform's ids of teams.")
    skill_ids: list[str] | None = strawberry.field(description="The platform's ids of skills.")
    site_ids: list[str] | None = strawberry.field(description="The platform's ids of sites.")
    teams: list[Team] | None = strawberry.field(
        description="The teams; null where the platform does not list them.", resolver=_teams
    )
    skills: list[Skill] | None = strawberry.field(
        description="The skills; null where the platform does not list them.", resolver=_skills
    )
    sites: list[Site] | None = strawberry.field(
        description="The sites served; null where the platform does not list them.",
        resolver=_sites,
    )
    last_connected_at: datetime | None = strawberry.field(
        description="When they last connected; null where the list of agents does not tell it."
    )
    live: AgentLive | None = strawberry.field(
        description="The state now; null where the platform does not tell it.", resolver=_live
    )
    profile: AgentProfile | None = strawberry.field(
        description=(
            "What they show of themselves to customers; null where the platform does not tell it. "
            "It costs a call for each agent."
        ),
        resolver=_profile,
    )
    lifetime: AgentLifetime | None = strawberry.field(
        description=(
            "What they have done since the account began; null where the platform does not tell "
            "it. It costs a call for each agent."
        ),
        resolver=_lifetime,
    )
    performance: IndicatorAnswer | None = strawberry.field(
        description="What the agent did in a period (the last seven days if left out).",
        resolver=_performance,
    )
    conversations: (
        Connection[Annotated["Conversation", strawberry.lazy("schema.conversations")]] | None
    ) = strawberry.field(
        description="The agent's conversations that began in a period, newest first.",
        resolver=_conversations,
    )

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Return whether the value is an agent."""
        return isinstance(value, records.Agent)


@strawberry.input(description="Which agents are wanted; members that are left out mean all.")
class AgentFilter:
    """Restricts agents."""

    native_ids: list[str] | None = strawberry.field(
        description="The platforms' own ids.", default=None
    )
    external_ids: list[str] | None = strawberry.field(
        description="The company's own ids.", default=None
    )
    emails: list[str] | None = strawberry.field(
        description="E-mail addresses, each of them whole, in whatever case.", default=None
    )
    name: str | None = strawberry.field(
        description=(
            "A part of the name, of the name that customers see, or of the e-mail address, in "
            "whatever case: what some platforms write as `*part*`."
        ),
        default=None,
    )
    statuses: list[PresenceStatus] | None = strawberry.field(
        description="The state now; platforms that do not tell it are left out.", default=None
    )
    team_ids: list[str] | None = strawberry.field(description="Ids of teams.", default=None)
    skill_ids: list[str] | None = strawberry.field(description="Ids of skills.", default=None)
    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)


def _wanted(given: AgentFilter | None) -> agents.AgentFilter:
    if given is None:
        return agents.AgentFilter()
    return agents.AgentFilter(
        native_ids=tuple(given.native_ids or ()),
        external_ids=tuple(given.external_ids or ()),
        emails=tuple(given.emails or ()),
        name=given.name,
        statuses=tuple(given.statuses or ()),
        team_ids=tuple(given.team_ids or ()),
        skill_ids=tuple(given.skill_ids or ()),
        site_ids=tuple(given.site_ids or ()),
    )


async def _agents(
    info: Info,
    filter: Annotated[
        AgentFilter | None, strawberry.argument(description="Which agents are wanted.")
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[Agent] | None:
    context = info.context
    return await agents.agents(  # type: ignore[return-value]  # the type reads the record
        context,
        _wanted(filter),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class AgentQuery:
    """The part of Query that is about agents."""

    agents: Connection[Agent] | None = strawberry.field(
        description="The agents of all platforms that list them, by platform and name.",
        resolver=_agents,
    )
