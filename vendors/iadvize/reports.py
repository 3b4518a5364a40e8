"""iAdvize's own tables, those of one operator among them, and all that can be measured together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec.structs import replace

from vendors.buckets import Span
from vendors.iadvize.indicators import EVERY_CHANNEL, FIGURES, ROWS, SOURCES
from vendors.iadvize.mapping import CHANNELS, DESK_CHANNELS
from vendors.iadvize.settings import IadvizeSettings
from vendors.measures import Dimension, Figure, Grouping, Measurables, Merge, Source, Unit
from vendors.records import Channel

__all__ = [
    "OPERATOR_FIGURES",
    "OPERATOR_LIVE",
    "OPERATOR_SOURCES",
    "OPERATOR_STATISTIC",
    "TABLES",
    "measurables",
]

OPERATOR_STATISTIC, OPERATOR_LIVE = "operator_statistic", "operator_live"

_OPERATOR = Source(
    name="",
    endpoint="",
    groupings={Dimension.AGENT: Grouping.EACH},
    always_by=Dimension.AGENT,
    fresh_for=timedelta(minutes=1),
    snapshot=True,
)
OPERATOR_SOURCES: Mapping[str, Source] = {
    name: replace(_OPERATOR, name=name, endpoint=endpoint)
    for name, endpoint in (
        (OPERATOR_STATISTIC, "GET /operator/{id}/statistic"),
        (OPERATOR_LIVE, "GET /operator/{id}/live"),
    )
}
"""What is told of one operator a call, as it stands now."""

_NOW = Figure(
    name="",
    title="",
    source=OPERATOR_LIVE,
    unit=Unit.COUNT,
    merge=Merge.SNAPSHOT,
    additive_over=frozenset({Dimension.PLATFORM, Dimension.AGENT}),
)
_EVER = replace(_NOW, source=OPERATOR_STATISTIC)
_OF_ONE = replace(_EVER, additive_over=frozenset())
_FLAG = replace(_NOW, conversion="true becomes 1, false 0")
_ON_A_CHANNEL: Mapping[str, tuple[Figure, str, str]] = {
    "available": (_FLAG, "Can take a {} now", "Who can take a {} now: one, or how many."),
    "busy": (_FLAG, "Has no room for another {} now", "Whose slots for {} are all in use now."),
    "slot_number": (_NOW, "Slots in use by {} now", "Conversations by {} that are in hand now."),
    "slot_max_number": (_NOW, "Slots for {} now", "How many there may be by {} at once."),
}

OPERATOR_FIGURES: Mapping[str, Figure] = {
    one.name: one
    for one in (
        replace(
            _EVER,
            name=f"{OPERATOR_STATISTIC}.conversation_number",
            title="Conversations of an operator, ever",
            description="Conversations that an operator has had in all the account's time.",
        ),
        replace(
            _OF_ONE,
            name=f"{OPERATOR_STATISTIC}.experience",
            title="Experience of an operator",
            description="The experience that iAdvize counts for an operator.",
            unit=Unit.UNKNOWN,
            caveat="iAdvize does not say what it counts.",
        ),
        replace(
            _OF_ONE,
            name=f"{OPERATOR_STATISTIC}.satisfaction_global_rate",
            title="Satisfaction with an operator, ever",
            description="How satisfied visitors were with an operator's conversations.",
            unit=Unit.RATE,
            deprecated="iAdvize marks it as deprecated: satisfaction is computed in another way.",
        ),
        replace(
            _FLAG,
            name=f"{OPERATOR_LIVE}.connected",
            title="Connected now",
            description="Who is connected to the desk now: one, or how many.",
        ),
        *(
            replace(
                kind,
                name=f"{OPERATOR_LIVE}.{channel}.{word}",
                title=title.format(channel),
                description=description.format(channel),
            )
            for channel in DESK_CHANNELS
            for word, (kind, title, description) in _ON_A_CHANNEL.items()
        ),
    )
}

_MEANINGS: Mapping[str, str] = {
    "contact_answered_after_first_message_duration": (
        "From a customer's first question to the agent's answer, on average."
    ),
    "contact_answered_duration": (
        "From each request of a customer to the answer of the agent, on average."
    ),
    "contact_closed_after_last_message_duration": (
        "From a visitor's last message until the chat is closed, on average."
    ),
    "contact_duration": "From the start of a contact to its closing, on average.",
    "contact_number": "Contacts that began in the period.",
    "contact_sent_message_number": "Messages that agents wrote in conversations.",
    "contact_received_message_number": "Messages that agents were sent in conversations.",
    "contact_unanswered_number": "Contacts that a visitor began and no agent responded to.",
    "contact_missed_number": (
        "Contacts that may have been lost because nobody was free, connected or in production."
    ),
    "contact_missed_with_busy_operators_number": (
        "Contacts that may have been lost because every agent was fully busy."
    ),
    "contact_missed_with_no_operators_number": (
        "Contacts that may have been lost because no agent was connected or in production."
    ),
    "contact_simultaneous_number": "How many contacts an agent has in hand at once while present.",
    "contact_waiting_abort_number": "Contacts that gave up waiting in the queue.",
    "contact_waiting_answered_number": "Contacts from the queue that were dealt with.",
    "contact_waiting_before_quit_duration": (
        "How long those who gave up had waited in the queue, on average."
    ),
    "contact_waiting_duration": (
        "How long a contact waited in the queue before it began, on average."
    ),
    "contact_waiting_number": "Contacts that went through the queue.",
    "contact_per_hour_average_number": (
        "Contacts of all agents for each hour in which somebody was in production."
    ),
    "contact_per_hour_number": "Contacts for each hour that one agent is in production.",
    "rule_contact_rate": "Which part of what was displayed to visitors became a contact.",
    "rule_display_number": "How often a button or an invitation to chat or call was displayed.",
    "targeting_rule_triggered": "How often a visitor met the criteria of a targeting rule.",
    "max_and_partial_occupation_duration": (
        "Time in which agents had contacts in hand, be it to the full or not."
    ),
    "max_occupation_duration": (
        "Time in which agents had as many contacts in hand as they can take."
    ),
    "max_occupation_rate": "Which part of production agents were occupied to the full.",
    "non_production_duration": (
        "Time in which agents were connected, but neither available nor busy."
    ),
    "non_production_rate": "Which part of presence agents were neither available nor busy.",
    "presentation_duration": (
        "Time in which buttons could be displayed, since an agent was available."
    ),
    "production_smoothed_duration": "Time in which at least one agent was in production.",
    "presence_duration": "Time in which agents were connected, of all of them together.",
    "presence_smoothed_duration": "Time in which at least one agent was connected.",
    "occupation_rate": "Which part of production agents were occupied, but not to the full.",
    "non_occupation_duration": "Time in which agents were available and had nothing in hand.",
    "non_occupation_rate": "Which part of production agents had nothing in hand.",
    "max_and_partial_occupation_rate": "Which part of production agents had contacts in hand.",
    "production_duration": "Time in which agents were connected and available or busy.",
    "satisfaction_delay_rate": "How satisfied visitors were with the wait for an answer.",
    "satisfaction_global_rate": "How satisfied visitors were in all.",
    "satisfaction_resolution_rate": "How satisfied visitors were with what they were answered.",
    "satisfaction_respondent_number": "Visitors who answered the survey after a conversation.",
    "satisfaction_respondent_rate": (
        "Which part of conversations was followed by an answered survey."
    ),
    "satisfaction_welcome_rate": "How satisfied visitors were with how they were received.",
    "occupation_duration": "Time in which agents had contacts in hand, but not to the full.",
    "conversion_rate": "Which part of conversations led to a transaction.",
    "cart_after_contact_amount": "What a transaction after a contact is worth, on average.",
    "cart_global_amount": (
        "What a transaction on the website is worth, on average, whoever made it."
    ),
    "transaction_after_contact_amount": "What visitors spent after a contact.",
    "transaction_after_contact_number": "Transactions of visitors who had had a contact.",
    "transaction_total_amount": "What all visitors spent.",
    "transaction_total_number": "Transactions of all visitors.",
    "transaction_after_contact_duration": (
        "From the first exchange to the transaction that followed, on average."
    ),
    "transaction_after_conversation_amount_per_hour": (
        "What was spent after contacts for each hour that an agent is in production."
    ),
    "transaction_missed_with_busy_operators_amount": (
        "What may not have been spent because every agent was fully busy."
    ),
    "transaction_missed_with_busy_operators_number": (
        "Transactions that may have been lost because every agent was fully busy."
    ),
    "transaction_missed_with_no_operators_amount": (
        "What may not have been spent because no agent was connected or in production."
    ),
    "transaction_missed_with_no_operators_number": (
        "Transactions that may have been lost because no agent was connected or in production."
    ),
    "transaction_amount_per_conversation": "What was spent after contacts for each contact.",
}
"""What each figure of the statistics says, in words."""

_TABLE_OF: Mapping[str, str] = {
    "contact": "contacts",
    "rule": "contacts",
    "targeting": "contacts",
    "satisfaction": "satisfaction",
    "cart": "transactions",
    "conversion": "transactions",
    "transaction": "transactions",
}
"""The table of a figure, by the first word of its name; the others are of presence."""

TABLES: Mapping[str, tuple[str, ...]] = {
    **{
        table: tuple(
            name for name in FIGURES if _TABLE_OF.get(name.partition("_")[0], "presence") == table
        )
        for table in ("contacts", "presence", "satisfaction", "transactions")
    },
    **{
        table: tuple(name for name, one in OPERATOR_FIGURES.items() if one.source == table)
        for table in OPERATOR_SOURCES
    },
}
"""Figures by the name of their table."""


def measurables(settings: IadvizeSettings) -> Measurables:
    """Return all that can be measured as the settings adapt it: windows, channels and parts."""
    adapted = {name: _adapted(one, settings) for name, one in SOURCES.items()}
    told_once = _told_once(settings) if settings.channel_mode == "each" else {}
    return Measurables(
        sources={**adapted, **OPERATOR_SOURCES},
        figures={**_described({**FIGURES, **told_once}), **OPERATOR_FIGURES},
        indicators={
            name: row
            for name, row in ROWS.items()
            if settings.satisfaction_served or not FIGURES[row.value[0].figure].deprecated
        },
        partitions=settings.partitions,
        channels={word: CHANNELS.get(word, Channel.OTHER) for word in settings.channels},
    ).with_reports(TABLES)


def _described(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return {name: replace(one, description=_MEANINGS[name]) for name, one in figures.items()}


def _adapted(source: Source, settings: IadvizeSettings) -> Source:
    longest = Span(months=settings.statistic_months)
    return replace(
        source,
        grains=dict.fromkeys(source.grains, longest),
        total=longest,
        always_by=Dimension.CHANNEL if settings.channel_mode == "each" else None,
        settling=settings.settling,
        fresh_for=settings.fresh_for,
    )


def _told_once(settings: IadvizeSettings) -> dict[str, Figure]:
    """Return what is told again for every channel, as figures of one channel of the account."""
    one = [word for word in settings.channels if word in EVERY_CHANNEL][:1]
    return {
        name: replace(figure, channels=frozenset(one))
        for name, figure in FIGURES.items()
        if figure.dimensions is not None
    }
