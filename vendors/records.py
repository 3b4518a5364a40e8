"""What every platform's answer becomes: frozen, vendor-neutral records in our own words.

A missing value is None. Instants are aware datetimes in UTC, durations are seconds, amounts carry
an ISO 4217 currency. Ids are the platform's own, always strings, and mean nothing without its key.
"""

from datetime import datetime

import msgspec

from vendors.words import Word

__all__ = [
    "Agent",
    "AgentPresence",
    "CallMeeting",
    "CallMeetingStatus",
    "Channel",
    "ChannelPresence",
    "ChannelSetting",
    "Client",
    "Conversation",
    "ConversationState",
    "Customer",
    "Dated",
    "Listed",
    "Message",
    "MessageAuthor",
    "MessageKind",
    "PresenceStatus",
    "Record",
    "Site",
    "Skill",
    "SurveyQuestion",
    "SurveyResponse",
    "SurveyScore",
    "Tag",
    "Team",
    "Transaction",
]


class Channel(Word):
    """The way in which a customer and a company talk."""

    CHAT = "chat", "Live chat on a website or in an app."
    CALL = "call", "Telephone or voice call."
    VIDEO = "video", "Video call."
    EMAIL = "email", "E-mail."
    SMS = "sms", "Text message to a phone."
    WHATSAPP = "whatsapp", "WhatsApp."
    MESSENGER = "messenger", "Facebook Messenger."
    FACEBOOK = "facebook", "Facebook page or post."
    INSTAGRAM = "instagram", "Instagram."
    TWITTER = "twitter", "Twitter, now called X."
    TRUSTPILOT = "trustpilot", "Reviews on Trustpilot."
    TELEGRAM = "telegram", "Telegram."
    OTHER = "other", "A channel that has no word of its own here; the native name tells which."


class ConversationState(Word):
    """Where a conversation stands."""

    WAITING = "waiting", "Nobody has taken it yet."
    OPEN = "open", "An agent or a bot is on it."
    CLOSED = "closed", "It has ended."
    UNKNOWN = "unknown", "The platform does not tell, or told it in a word not known here."


class MessageAuthor(Word):
    """Who wrote a message."""

    AGENT = "agent", "A person of the company."
    CUSTOMER = "customer", "The customer."
    BOT = "bot", "An automatic agent."
    SYSTEM = "system", "The platform itself."
    UNKNOWN = "unknown", "The platform does not tell."


class MessageKind(Word):
    """What a message holds."""

    TEXT = "text", "Plain text."
    LINK = "link", "The address of a page."
    RICH = "rich", "A picture, a file, a card or other rich content, by its address."
    NOTICE = "notice", "A notice of the platform, such as a transfer or a closing."
    OTHER = "other", "A kind that is not known here."


class PresenceStatus(Word):
    """Whether an agent can take a conversation now."""

    AVAILABLE = "available", "Connected and able to take a conversation."
    BUSY = "busy", "Connected, but every slot is taken."
    AWAY = "away", "Connected, but not taking conversations."
    OFFLINE = "offline", "Not connected."
    UNAVAILABLE = "unavailable", "Not able to take a conversation; the platform does not say why."
    UNKNOWN = "unknown", "The platform does not tell."


class SurveyQuestion(Word):
    """What a customer was asked about after a conversation."""

    WELCOME = "welcome", "How they were received."
    RESOLUTION = "resolution", "Whether the answer helped."
    WAITING = "waiting", "How long they had to wait."
    OTHER = "other", "A question that has no word of its own here; the native name tells which."


class CallMeetingStatus(Word):
    """What became of an appointment for a call."""

    PENDING = "pending", "The call is still to be made."
    IN_PROGRESS = "in_progress", "Somebody is on it."
    DONE = "done", "The call took place."
    FAILED = "failed", "The customer could not be reached."
    UNKNOWN = "unknown", "The platform does not tell, or told it in a word not known here."


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all records: immutable, compared by value, encodable without pickle."""


class Message(Record, frozen=True, kw_only=True):
    """One message of a conversation. The text is personal data."""

    sent_at: datetime | None
    author: MessageAuthor
    kind: MessageKind
    text: str | None
    native_kind: str | None = None


class Conversation(Record, frozen=True, kw_only=True):
    """One conversation, or one event of one where the platform lists events (`event_id` is set).

    What is not told is None; `tag_ids` and `messages` are empty where it is told that none are.
    """

    platform: str
    native_id: str
    channel: Channel
    native_channel: str | None = None
    state: ConversationState = ConversationState.UNKNOWN
    native_state: str | None = None
    reference: str | None = None
    event_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered: bool | None = None
    queued: bool | None = None
    """Whether it waited in a queue."""
    closed_by_agent: bool | None = None
    agent_id: str | None = None
    customer_id: str | None = None
    team_id: str | None = None
    queue_id: str | None = None
    skill_id: str | None = None
    site_id: str | None = None
    account_id: str | None = None
    rule_id: str | None = None
    page_type: str | None = None
    tag_ids: tuple[str, ...] | None = None
    messages: tuple[Message, ...] | None = None

    @property
    def duration_seconds(self) -> float | None:
        """Return the seconds from start to end, or None while either is not known."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def record_id(self) -> str:
        """Return what identifies this record on its platform: the event where rows are events."""
        return self.event_id or self.native_id


class ChannelSetting(Record, frozen=True, kw_only=True):
    """How an agent serves a channel; `from_chat`: whether chats can be turned into it."""

    channel: Channel
    enabled: bool | None = None
    most_at_once: int | None = None
    priority: int | None = None
    from_chat: bool | None = None


class Agent(Record, frozen=True, kw_only=True):
    """A person or bot who answers customers on one platform. Names and e-mail are staff data."""

    platform: str
    native_id: str
    name: str | None = None
    display_name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    external_id: str | None = None
    roles: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    channels: tuple[Channel, ...] | None = None
    team_ids: tuple[str, ...] | None = None
    skill_ids: tuple[str, ...] | None = None
    site_ids: tuple[str, ...] | None = None
    channel_settings: tuple[ChannelSetting, ...] | None = None
    several_channels: bool | None = None
    """Whether chats and calls are taken at the same time."""
    admin_language: str | None = None
    last_connected_at: datetime | None = None
    status: PresenceStatus | None = None
    """Presence as the agent list itself tells it, where it does; None where it must be asked."""

    @property
    def label(self) -> str:
        """Return what to show people: the best name that the platform tells."""
        return self.display_name or self.name or self.email or self.native_id

    @property
    def record_id(self) -> str:
        """Return what identifies this agent on its platform."""
        return self.native_id


class ChannelPresence(Record, frozen=True, kw_only=True):
    """An agent's state on one channel now."""

    channel: Channel
    enabled: bool | None = None
    available: bool | None = None
    busy: bool | None = None
    slots_used: int | None = None
    slots_total: int | None = None


class AgentPresence(Record, frozen=True, kw_only=True):
    """An agent's state now, as the platform told it at `as_of`."""

    platform: str
    agent_id: str
    status: PresenceStatus
    as_of: datetime
    connected: bool | None = None
    channels: tuple[ChannelPresence, ...] | None = None


class Listed(Record, frozen=True, kw_only=True):
    """One entry of a short list of the account's own making, which platforms give whole."""

    platform: str
    native_id: str

    @property
    def label(self) -> str:
        """Return what to show people: the best name that the platform tells."""
        return self.native_id

    @property
    def record_id(self) -> str:
        """Return what identifies this record on its platform."""
        return self.native_id


class _Named(Listed, frozen=True, kw_only=True):
    name: str | None = None

    @property
    def label(self) -> str:
        """Return the name, or the id where there is none."""
        return self.name or self.native_id


class Team(_Named, frozen=True, kw_only=True):
    """A group of agents."""

    parent_id: str | None = None
    ancestor_ids: tuple[str, ...] | None = None
    """All teams above it."""
    agent_ids: tuple[str, ...] | None = None
    created_at: datetime | None = None


class Skill(_Named, frozen=True, kw_only=True):
    """A subject that some agents can answer."""

    parent_id: str | None = None
    position: int | None = None
    """Its place among the others, where people are shown them."""
    agent_ids: tuple[str, ...] | None = None
    created_at: datetime | None = None


class Tag(_Named, frozen=True, kw_only=True):
    """A label that agents put on conversations."""

    site_ids: tuple[str, ...] | None = None


class Site(_Named, frozen=True, kw_only=True):
    """A website or shop on which customers are met."""

    url: str | None = None
    client_id: str | None = None
    currency: str | None = None
    language: str | None = None
    time_zone: str | None = None


class Client(Listed, frozen=True, kw_only=True):
    """The company that holds the account."""

    language: str | None = None
    premium: bool | None = None


class Dated(Record, frozen=True, kw_only=True):
    """Something that happened, one of many: lists of it are read by pages, newest first."""

    platform: str
    native_id: str
    at: datetime | None = None
    """What such lists are in the order of."""

    @property
    def record_id(self) -> str:
        """Return what identifies this record on its platform."""
        return self.native_id


class Customer(Dated, frozen=True, kw_only=True):
    """A customer, `at` their first visit, by the id that conversations and sales name them by.

    All but the ids is personal data, the company's own id included: it may be an address.
    """

    entry_id: str | None = None
    """What the platform fetches the customer by, where that is another id."""
    external_id: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    browser: str | None = None
    channel: Channel | None = None
    native_channel: str | None = None
    account_id: str | None = None
    site_ids: tuple[str, ...] | None = None

    @property
    def record_id(self) -> str:
        """Return what identifies this customer on its platform."""
        return self.entry_id or self.native_id


class Transaction(Dated, frozen=True, kw_only=True):
    """A sale, `at` its moment; its currency may be left to the site. The e-mail is personal."""

    external_id: str | None = None
    amount: float | None = None
    currency: str | None = None
    site_id: str | None = None
    agent_id: str | None = None
    conversation_id: str | None = None
    customer_id: str | None = None
    customer_email: str | None = None


class SurveyScore(Record, frozen=True, kw_only=True):
    """An answer to one question, as a fraction from 0 to 1."""

    question: SurveyQuestion
    native_question: str
    value: float


class SurveyResponse(Dated, frozen=True, kw_only=True):
    """What a customer answered, `at` that moment. The comment is personal data."""

    scores: tuple[SurveyScore, ...] = ()
    comment: str | None = None
    site_id: str | None = None
    agent_id: str | None = None
    conversation_id: str | None = None


class CallMeeting(Dated, frozen=True, kw_only=True):
    """An appointment to call a customer, `at` the time of the call. The number is personal data."""

    status: CallMeetingStatus = CallMeetingStatus.UNKNOWN
    native_status: str | None = None
    phone: str | None = None
    customer_id: str | None = None
    site_id: str | None = None
    skill_id: str | None = None
    rule_id: str | None = None
