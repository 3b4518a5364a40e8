"""Changes of agents: who they are, what they serve, and whether they are there."""

import msgspec
import strawberry
from strawberry import ID

from resolvers.node_ids import NodeKind
from schema.agents import Agent
from schema.changing import created, deleted, filled, payload_type, shown, thing, updated
from vendors import records, writes
from vendors.records import Channel

__all__ = ["AgentMutation"]

_LEFT = " Left out or null: as it is, or up to the platform."


_AGENTS = payload_type(
    "Agent",
    "an agent",
    shown(
        "agent", Agent, thing(NodeKind.AGENT), "The agent as it is now; null where there is none."
    ),
)


@strawberry.input(description="How an agent is to serve a channel.")
class ChannelSettingInput:
    """A channel's settings."""

    channel: Channel = strawberry.field(description="The channel.")
    enabled: bool | None = strawberry.field(
        description="Whether the agent serves it at all." + _LEFT, default=None
    )
    most_at_once: int | None = strawberry.field(
        description="Conversations at once, at most." + _LEFT, default=None
    )
    priority: int | None = strawberry.field(
        description="Who is asked first, in the platform's numbers." + _LEFT, default=None
    )
    from_chat: bool | None = strawberry.field(
        description="Whether chats can be turned into it." + _LEFT, default=None
    )


@strawberry.input(description="What can be said of an agent.")
class _AgentMembers:
    """The members that making and changing have in common."""

    given_name: str | None = strawberry.field(description="The given name." + _LEFT, default=None)
    family_name: str | None = strawberry.field(description="The family name." + _LEFT, default=None)
    display_name: str | None = strawberry.field(
        description="The name that customers see." + _LEFT, default=None
    )
    email: str | None = strawberry.field(
        description="The e-mail address at work; no two agents have the same." + _LEFT, default=None
    )
    external_id: str | None = strawberry.field(
        description="The company's own id of the agent." + _LEFT, default=None
    )
    roles: list[str] | None = strawberry.field(
        description="Roles, in the platform's words." + _LEFT, default=None
    )
    languages: list[str] | None = strawberry.field(
        description="Languages, by ISO 639-1." + _LEFT, default=None
    )
    admin_language: str | None = strawberry.field(
        description="The language of the platform's own pages." + _LEFT, default=None
    )
    team_id: str | None = strawberry.field(
        description="The platform's own id of the team." + _LEFT, default=None
    )
    site_ids: list[str] | None = strawberry.field(
        description="The platform's own ids of sites." + _LEFT, default=None
    )
    skill_ids: list[str] | None = strawberry.field(
        description="The platform's own ids of skills." + _LEFT, default=None
    )
    channel_settings: list[ChannelSettingInput] | None = strawberry.field(
        description="How channels are served, each once." + _LEFT, default=None
    )
    several_channels: bool | None = strawberry.field(
        description="Whether chats and calls are taken at the same time." + _LEFT, default=None
    )


@strawberry.input(description="An agent to be made.")
class CreateAgentInput(_AgentMembers):
    """A new agent."""


@strawberry.input(description="What is to be changed of an agent.")
class UpdateAgentInput(_AgentMembers):
    """A changed agent."""

    id: ID = strawberry.field(description="The global id of the agent.")


@strawberry.input(description="Whether conversations can be taken on a channel.")
class ChannelAvailabilityInput:
    """A channel's availability."""

    channel: Channel = strawberry.field(description="The channel.")
    available: bool = strawberry.field(description="Whether conversations can be taken there.")


@strawberry.input(description="On which channels an agent is to take conversations.")
class SetAgentAvailabilityInput:
    """An agent's availability."""

    id: ID = strawberry.field(description="The global id of the agent.")
    channels: list[ChannelAvailabilityInput] = strawberry.field(
        description="The channels, each once; those that are not named stay as they are."
    )


def _members(given: _AgentMembers) -> writes.AgentMembers:
    members = filled(writes.AgentMembers, given)
    if given.channel_settings is None:
        return members
    settings = tuple(filled(records.ChannelSetting, one) for one in given.channel_settings)
    return msgspec.structs.replace(members, channel_settings=settings)


def _availability(given: SetAgentAvailabilityInput, native_id: str) -> writes.SetAgentAvailability:
    channels = tuple((one.channel, one.available) for one in given.channels)
    return writes.SetAgentAvailability(native_id=native_id, channels=channels)


@strawberry.type
class AgentMutation:
    """The part of Mutation that is about agents."""

    create_agent = created(
        _AGENTS,
        CreateAgentInput,
        lambda one: writes.CreateAgent(members=_members(one)),
        "Make agents on a platform that offers CREATE_AGENT.",
    )
    update_agent = updated(
        _AGENTS,
        UpdateAgentInput,
        NodeKind.AGENT,
        lambda one, native_id: writes.UpdateAgent(native_id=native_id, members=_members(one)),
        "Change agents on a platform that offers UPDATE_AGENT.",
    )
    delete_agent = deleted(
        _AGENTS,
        NodeKind.AGENT,
        lambda native_id: writes.DeleteAgent(native_id=native_id),
        "Delete agents on a platform that offers DELETE_AGENT.",
    )
    set_agent_availability = updated(
        _AGENTS,
        SetAgentAvailabilityInput,
        NodeKind.AGENT,
        _availability,
        "Let agents take, or not take, conversations on some channels of a platform that offers "
        "SET_AGENT_AVAILABILITY.",
    )
    disconnect_agent = deleted(
        _AGENTS,
        NodeKind.AGENT,
        lambda native_id: writes.DisconnectAgent(native_id=native_id),
        "Disconnect agents on a platform that offers DISCONNECT_AGENT.",
    )
