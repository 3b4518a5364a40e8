"""What a platform can do, as words, and what each of them is about."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.records import (
    CallMeeting,
    Client,
    Customer,
    Dated,
    Listed,
    Site,
    Skill,
    SurveyResponse,
    Tag,
    Team,
    Transaction,
)
from vendors.words import Word
from vendors.writes import (
    Change,
    CreateAgent,
    CreateCustomer,
    CreateSkill,
    CreateTag,
    CreateTeam,
    DeleteAgent,
    DeleteCustomer,
    DeleteSkill,
    DeleteTeam,
    DisconnectAgent,
    HangUpCallback,
    PickUpCallback,
    RequestNpsExport,
    SetAgentAvailability,
    UpdateAgent,
    UpdateCustomer,
    UpdateSite,
    UpdateSkill,
    UpdateTeam,
)

__all__ = ["CHANGES", "FETCHES", "LISTS", "PORTS", "Capability"]


class Capability(Word):
    """What a platform can do."""

    CONVERSATIONS = "conversations", "It lists conversations."
    CONVERSATION_BY_ID = "conversation_by_id", "It fetches one conversation by its id."
    AGENTS = "agents", "It lists agents."
    PRESENCE = "presence", "It tells who can take a conversation now."
    MEASURES = "measures", "It measures indicators."
    PROFILES = "profiles", "It tells what agents show of themselves."
    LIFETIMES = "lifetimes", "It tells what an agent has ever done."
    EXPORTS = "exports", "It gives tables as files."
    DRILL_THROUGH = "drill_through", "It lists the events that a native figure counts."
    TEAMS = "teams", "It lists the teams of agents."
    SKILLS = "skills", "It lists the subjects that agents can answer."
    TAGS = "tags", "It lists the labels of conversations."
    SITES = "sites", "It lists the websites or shops of the account."
    CLIENTS = "clients", "It lists the companies that hold the account."
    CUSTOMERS = "customers", "It lists customers."
    CUSTOMER_BY_ID = "customer_by_id", "It fetches one customer by its id."
    TRANSACTIONS = "transactions", "It lists sales."
    TRANSACTION_BY_ID = "transaction_by_id", "It fetches one sale by its id."
    SURVEY_RESPONSES = "survey_responses", "It lists what customers answered to surveys."
    SURVEY_RESPONSE_BY_ID = "survey_response_by_id", "It fetches one survey response by its id."
    CALL_MEETINGS = "call_meetings", "It lists appointments for calls."
    CREATE_TEAM = "create_team", "It makes teams."
    UPDATE_TEAM = "update_team", "It changes teams."
    DELETE_TEAM = "delete_team", "It deletes teams."
    CREATE_SKILL = "create_skill", "It makes skills."
    UPDATE_SKILL = "update_skill", "It changes skills."
    DELETE_SKILL = "delete_skill", "It deletes skills."
    CREATE_AGENT = "create_agent", "It makes agents."
    UPDATE_AGENT = "update_agent", "It changes agents."
    DELETE_AGENT = "delete_agent", "It deletes agents."
    SET_AGENT_AVAILABILITY = (
        "set_agent_availability",
        "It lets agents take, or not take, conversations on a channel.",
    )
    DISCONNECT_AGENT = "disconnect_agent", "It disconnects agents."
    CREATE_CUSTOMER = "create_customer", "It makes customers."
    UPDATE_CUSTOMER = "update_customer", "It changes customers."
    DELETE_CUSTOMER = "delete_customer", "It deletes customers."
    CREATE_TAG = "create_tag", "It makes tags."
    UPDATE_SITE = "update_site", "It changes sites."
    PICK_UP_CALLBACK = "pick_up_callback", "It is told that an agent took a call."
    HANG_UP_CALLBACK = "hang_up_callback", "It is told that a call of an agent ended."
    REQUEST_NPS_EXPORT = (
        "request_nps_export",
        "It sends the answers to its survey by e-mail to the owner of the credential.",
    )


LISTS: Mapping[type[Listed | Dated], Capability] = {
    Team: Capability.TEAMS,
    Skill: Capability.SKILLS,
    Tag: Capability.TAGS,
    Site: Capability.SITES,
    Client: Capability.CLIENTS,
    Customer: Capability.CUSTOMERS,
    Transaction: Capability.TRANSACTIONS,
    SurveyResponse: Capability.SURVEY_RESPONSES,
    CallMeeting: Capability.CALL_MEETINGS,
}
FETCHES: Mapping[type[Listed | Dated], Capability] = {
    Customer: Capability.CUSTOMER_BY_ID,
    Transaction: Capability.TRANSACTION_BY_ID,
    SurveyResponse: Capability.SURVEY_RESPONSE_BY_ID,
}
"""What is in a list that is read whole needs no capability of its own to be found by its id."""
CHANGES: Mapping[type[Change], Capability] = {
    CreateTeam: Capability.CREATE_TEAM,
    UpdateTeam: Capability.UPDATE_TEAM,
    DeleteTeam: Capability.DELETE_TEAM,
    CreateSkill: Capability.CREATE_SKILL,
    UpdateSkill: Capability.UPDATE_SKILL,
    DeleteSkill: Capability.DELETE_SKILL,
    CreateAgent: Capability.CREATE_AGENT,
    UpdateAgent: Capability.UPDATE_AGENT,
    DeleteAgent: Capability.DELETE_AGENT,
    SetAgentAvailability: Capability.SET_AGENT_AVAILABILITY,
    DisconnectAgent: Capability.DISCONNECT_AGENT,
    CreateCustomer: Capability.CREATE_CUSTOMER,
    UpdateCustomer: Capability.UPDATE_CUSTOMER,
    DeleteCustomer: Capability.DELETE_CUSTOMER,
    CreateTag: Capability.CREATE_TAG,
    UpdateSite: Capability.UPDATE_SITE,
    PickUpCallback: Capability.PICK_UP_CALLBACK,
    HangUpCallback: Capability.HANG_UP_CALLBACK,
    RequestNpsExport: Capability.REQUEST_NPS_EXPORT,
}
PORTS = frozenset(Capability) - {*LISTS.values(), *FETCHES.values(), *CHANGES.values()}
