"""What iAdvize's statistics measure: 57 figures, and the canonical rows that are made of them.

Names, titles, units and channels are the vendor's. How values merge is our reading of what they
mean; the vendor does not say.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from vendors.buckets import Span
from vendors.catalogue import IndicatorKey
from vendors.iadvize.mapping import CHANNELS, RESOURCES
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Merge,
    Source,
    Term,
    Unit,
    Zoning,
)

__all__ = ["EVERY_CHANNEL", "FIGURES", "ROWS", "SOURCES"]

_THREE_MONTHS = Span(months=3)
_STATISTIC = Source(
    name="statistic",
    endpoint="GET /statistic",
    grains=dict.fromkeys((Grain.HOUR, Grain.DAY, Grain.MONTH), _THREE_MONTHS),
    total=_THREE_MONTHS,
    figures_per_bucketed_call=1,
    zoning=Zoning.PARTITION,
    groupings={
        **dict.fromkeys(RESOURCES, Grouping.ALL),
        Dimension.CHANNEL: Grouping.EACH,
        Dimension.SITE: Grouping.EACH,
    },
    # A resource together with a granularity is not documented.
    grouped_grains=frozenset(),
    always_by=Dimension.CHANNEL,
    several_at_once=frozenset({Dimension.SITE}),
)
# Satisfaction is asked apart: what is no longer served may be refused, with all that is asked too.
SOURCES: Mapping[str, Source] = {
    name: replace(_STATISTIC, name=name) for name in ("statistic", "satisfaction")
}

_CHAT = frozenset({"chat"})
_QUEUED = frozenset({"chat", "video"})
_DESK = frozenset({"chat", "call", "video"})
# The earlier document's list; the later one is without twitter. No figure names instagram.
EVERY_CHANNEL = frozenset(CHANNELS) - {"instagram"}

_CONTACTS = frozenset(Dimension) - {Dimension.TAG}
"""A conversation has one agent, channel, skill, site and rule."""
_OFFERS = _CONTACTS - {Dimension.AGENT, Dimension.TEAM, Dimension.SKILL}
"""What was shown to visitors, or missed, before any agent had a part in it."""
_PRESENCE = frozenset({Dimension.PLATFORM, Dimension.AGENT})
"""An agent is counted with each channel, skill, site and rule that the agent serves."""
_WEBSITE = frozenset({Dimension.PLATFORM, Dimension.SITE})
"""What a whole website sold is told again for every channel, agent and rule."""
_BY_SITE = frozenset({Dimension.SITE})
_NOTHING: frozenset[Dimension] = frozenset()

_HOURS = 1 / 3600
_ANSWERED = (Term("contact_number"), Term("contact_unanswered_number", -1.0))
_CONTACT = (Term("contact_number"),)
_SALES = (Term("transaction_after_contact_number"),)
_SHOWN = (Term("rule_display_number"),)
_LEFT = (Term("contact_waiting_abort_number"),)
_WAITED = (Term("contact_waiting_number"),)
_ACCEPTED = Term("rule_display_number", by="rule_contact_rate")
_OCCUPIED = "max_and_partial_occupation_duration"
_TURNOVER = "transaction_after_contact_amount"

_REPLIES = "Weighed by answered conversations: iAdvize does not count replies."
_ESTIMATE = "An estimate by iAdvize."
_CURRENCY = "In the currency of the website."
_WHOLE = "Of the whole website: of visitors with and without a contact."
_LEFT_OUT = "The vendor's later documents leave it out."
_GONE = "The REST API no longer serves it: satisfaction is computed in another way now."
_MISPLACED = "Documented among the satisfaction figures, by another figure's description."
_BUSY_TOO = "An agent who is busy counts as available."
_QUEUE_ONLY = f"Contacts of the queue only. {_LEFT_OUT}"
_PRODUCT = "Displays times their response rate: as exact as iAdvize tells the rate."


_FIGURE = Figure(name="", title="", source="statistic", unit=Unit.COUNT, merge=Merge.SUM)


def _kind(
    unit: Unit,
    over: frozenset[Dimension],
    channels: frozenset[str],
    merge: Merge = Merge.SUM,
    caveat: str | None = None,
) -> Figure:
    """Return what figures of one kind have in common."""
    return replace(
        _FIGURE, unit=unit, additive_over=over, channels=channels, merge=merge, caveat=caveat
    )


def _each(kind: Figure, *rows: tuple[str, str], weight: tuple[Term, ...] = ()) -> list[Figure]:
    """Return the figures of one kind, by name and title, and what weighs them if they are means."""
    return [replace(kind, name=name, title=title, weight=weight) for name, title in rows]


def _over(
    denominator: str, kind: Figure, *rows: tuple[str, str, str], times: float = 1.0
) -> list[Figure]:
    """Return ratios of one kind and denominator, by numerator, name and title."""
    below = (Term(denominator, times),)
    return [
        replace(kind, name=name, title=title, numerator=(Term(above),), denominator=below)
        for above, name, title in rows
    ]


_COUNT = _kind(Unit.COUNT, _CONTACTS, EVERY_CHANNEL)
_MONEY = _kind(Unit.MONEY, _CONTACTS, EVERY_CHANNEL, caveat=_CURRENCY)
_MEAN = _kind(Unit.SECONDS, _CONTACTS, EVERY_CHANNEL, Merge.MEAN)
_SHARE = replace(_MEAN, unit=Unit.RATE)
_BOTS = _kind(Unit.SECONDS, _CONTACTS, EVERY_CHANNEL, Merge.MEAN, "Null for bots.")
_QUEUE = _kind(Unit.SECONDS, _CONTACTS, _QUEUED, Merge.MEAN, _LEFT_OUT)
_DESK_TIME = _kind(Unit.SECONDS, _PRESENCE, _DESK)
_PARTIAL = replace(_DESK_TIME, caveat=_MISPLACED)
_DESK_RATE = _kind(Unit.RATE, _PRESENCE, _DESK, Merge.RATIO)
_RATE = _kind(Unit.RATE, _PRESENCE, EVERY_CHANNEL, Merge.RATIO)
_PACE = _kind(Unit.PER_HOUR, _PRESENCE, _DESK, Merge.RATIO)
_COVER = _kind(Unit.SECONDS, _NOTHING, _DESK, Merge.UNION)
_COVER_ALL = replace(_COVER, channels=EVERY_CHANNEL)
_SURVEY = replace(
    _kind(Unit.RATE, _CONTACTS, _DESK, Merge.MEAN), source="satisfaction", deprecated=_GONE
)
_ASKED = replace(_SURVEY, unit=Unit.COUNT, merge=Merge.SUM)
_BASKET = replace(_MONEY, merge=Merge.RATIO)
_SITE_SALES = replace(_COUNT, additive_over=_WEBSITE, dimensions=_BY_SITE, caveat=_WHOLE)
_SITE_MONEY = replace(_SITE_SALES, unit=Unit.MONEY, caveat=f"{_WHOLE} {_CURRENCY}")
_LOST_SALES = _kind(Unit.COUNT, _OFFERS, EVERY_CHANNEL, caveat=_ESTIMATE)
_LOST_MONEY = _kind(Unit.MONEY, _OFFERS, EVERY_CHANNEL, caveat=f"{_ESTIMATE} {_CURRENCY}")

FIGURES: Mapping[str, Figure] = {
    one.name: one
    for one in (
        *_each(
            _BOTS,
            ("contact_answered_after_first_message_duration", "Time to the first response"),
            weight=_ANSWERED,
        ),
        *_each(
            replace(_BOTS, caveat=f"{_BOTS.caveat} {_REPLIES}"),
            ("contact_answered_duration", "Response time"),
            weight=_ANSWERED,
        ),
        *_each(
            _BOTS,
            ("contact_closed_after_last_message_duration", "Time from last message to closing"),
            weight=_CONTACT,
        ),
        *_each(_MEAN, ("contact_duration", "Processing time"), weight=_CONTACT),
        *_each(
            _COUNT,
            ("contact_number", "Initiated contacts"),
            ("contact_sent_message_number", "Messages sent by agents"),
            ("contact_received_message_number", "Messages received by agents"),
            ("contact_unanswered_number", "Initiated contacts without a response"),
            ("transaction_after_contact_number", "Transactions after a contact"),
        ),
        *_each(
            _kind(Unit.COUNT, _OFFERS, _CHAT, caveat=_ESTIMATE),
            ("contact_missed_number", "Missed contacts"),
            ("contact_missed_with_busy_operators_number", "Missed contacts: agents all busy"),
            ("contact_missed_with_no_operators_number", "Missed contacts: agents absent"),
        ),
        *_each(
            _kind(Unit.COUNT, _PRESENCE, _CHAT, Merge.MEAN, _LEFT_OUT),
            ("contact_simultaneous_number", "Simultaneous contacts of an agent, on average"),
            weight=(Term("presence_duration"),),
        ),
        *_each(
            _kind(Unit.COUNT, _CONTACTS, _QUEUED, caveat=_LEFT_OUT),
            ("contact_waiting_abort_number", "Contacts that left the queue"),
            ("contact_waiting_answered_number", "Contacts processed from the queue"),
            ("contact_waiting_number", "Contacts initiated in the queue"),
        ),
        *_each(_QUEUE, ("contact_waiting_before_quit_duration", "Wait till leaving"), weight=_LEFT),
        *_each(_QUEUE, ("contact_waiting_duration", "Wait till the contact"), weight=_WAITED),
        *_over(
            "production_smoothed_duration",
            replace(_PACE, additive_over=_NOTHING),
            ("contact_number", "contact_per_hour_average_number", "Contacts an hour: website"),
            times=_HOURS,
        ),
        *_over(
            "production_duration",
            _PACE,
            ("contact_number", "contact_per_hour_number", "Contacts an hour: agent"),
            times=_HOURS,
        ),
        *_each(
            _kind(Unit.RATE, _OFFERS, _DESK, Merge.MEAN),
            ("rule_contact_rate", "Displays that led to a contact"),
            weight=_SHOWN,
        ),
        *_each(
            _kind(Unit.COUNT, _OFFERS, _DESK),
            ("rule_display_number", "Displays"),
            ("targeting_rule_triggered", "Triggers of targeting rules"),
        ),
        *_each(
            _DESK_TIME,
            ("max_and_partial_occupation_duration", "Global occupation"),
            ("max_occupation_duration", "Maximum occupation"),
            ("non_production_duration", "Not in production: neither available nor busy"),
        ),
        *_each(_PARTIAL, ("occupation_duration", "Partial occupation")),
        *_each(
            _kind(Unit.SECONDS, _PRESENCE, EVERY_CHANNEL),
            ("presence_duration", "Presence"),
            ("non_occupation_duration", "Available and not busy"),
            ("production_duration", "In production: available or busy"),
        ),
        *_each(
            _COVER,
            ("presentation_duration", "Time with at least one agent available"),
            ("production_smoothed_duration", "Time with at least one agent in production"),
        ),
        *_each(_COVER_ALL, ("presence_smoothed_duration", "Time with at least one agent present")),
        *_over(
            "production_duration",
            _DESK_RATE,
            ("max_occupation_duration", "max_occupation_rate", "Maximum occupation rate"),
        ),
        *_over(
            "presence_duration",
            _DESK_RATE,
            ("non_production_duration", "non_production_rate", "Not in production rate"),
        ),
        *_over(
            "production_duration",
            _RATE,
            ("occupation_duration", "occupation_rate", "Partial occupation rate"),
            ("non_occupation_duration", "non_occupation_rate", "Rate of available and not busy"),
            (_OCCUPIED, "max_and_partial_occupation_rate", "Global occupation rate"),
        ),
        *_each(
            _SURVEY,
            ("satisfaction_delay_rate", "Satisfaction with the waiting time"),
            ("satisfaction_global_rate", "Overall satisfaction"),
            ("satisfaction_resolution_rate", "Satisfaction with the response"),
            ("satisfaction_welcome_rate", "Satisfaction with the welcome"),
            weight=(Term("satisfaction_respondent_number"),),
        ),
        *_each(_ASKED, ("satisfaction_respondent_number", "Respondents of the survey")),
        *_over(
            "contact_number",
            replace(_SURVEY, merge=Merge.RATIO),
            ("satisfaction_respondent_number", "satisfaction_respondent_rate", "Survey responses"),
        ),
        *_each(_SHARE, ("conversion_rate", "Contacts that led to a transaction"), weight=_CONTACT),
        *_each(_MONEY, (_TURNOVER, "Turnover after a contact")),
        *_over(
            "transaction_after_contact_number",
            _BASKET,
            (_TURNOVER, "cart_after_contact_amount", "Order value after a contact"),
        ),
        *_over(
            "contact_number",
            _BASKET,
            (_TURNOVER, "transaction_amount_per_conversation", "Turnover for each contact"),
        ),
        *_over(
            "production_duration",
            replace(_BASKET, additive_over=_PRESENCE),
            (_TURNOVER, "transaction_after_conversation_amount_per_hour", "Turnover an hour"),
            times=_HOURS,
        ),
        *_over(
            "transaction_total_number",
            replace(_SITE_MONEY, merge=Merge.RATIO),
            ("transaction_total_amount", "cart_global_amount", "Order value on the website"),
        ),
        *_each(_SITE_MONEY, ("transaction_total_amount", "Turnover of the website")),
        *_each(_SITE_SALES, ("transaction_total_number", "Transactions of the website")),
        *_each(
            _MEAN,
            ("transaction_after_contact_duration", "Time from contact to transaction"),
            weight=_SALES,
        ),
        *_each(
            _LOST_SALES,
            ("transaction_missed_with_busy_operators_number", "Missed sales: agents all busy"),
            ("transaction_missed_with_no_operators_number", "Missed sales: agents absent"),
        ),
        *_each(
            _LOST_MONEY,
            ("transaction_missed_with_busy_operators_amount", "Missed turnover: agents all busy"),
            ("transaction_missed_with_no_operators_amount", "Missed turnover: agents absent"),
        ),
    )
}


def _row(
    indicator: IndicatorKey,
    *value: Term | str,
    weight: tuple[Term, ...] = (),
    channels: frozenset[str] | None = None,
    caveat: str | None = None,
) -> IndicatorRow:
    """Return how figures, by name or as terms, make an indicator."""
    terms = tuple(Term(one) if isinstance(one, str) else one for one in value)
    return IndicatorRow(
        indicator=indicator, value=terms, weight=weight, channels=channels, caveat=caveat
    )


_K = IndicatorKey
ROWS: Mapping[str, IndicatorRow] = {
    row.indicator: row
    for row in (
        _row(_K.CONVERSATIONS_STARTED, "contact_number"),
        _row(_K.CONVERSATIONS_UNANSWERED, "contact_unanswered_number"),
        _row(_K.CONVERSATIONS_MISSED, "contact_missed_number", channels=_CHAT, caveat=_ESTIMATE),
        _row(_K.CONVERSATIONS_ABANDONED, "contact_waiting_abort_number", caveat=_QUEUE_ONLY),
        _row(_K.CONVERSATIONS_HANDLED, "contact_waiting_answered_number", caveat=_QUEUE_ONLY),
        _row(_K.MESSAGES_RECEIVED, "contact_received_message_number"),
        _row(_K.MESSAGES_SENT, "contact_sent_message_number"),
        _row(
            _K.FIRST_RESPONSE_TIME,
            "contact_answered_after_first_message_duration",
            weight=_ANSWERED,
            caveat=_BOTS.caveat,
        ),
        _row(
            _K.RESPONSE_TIME,
            "contact_answered_duration",
            weight=_ANSWERED,
            caveat=f"{_BOTS.caveat} {_REPLIES}",
        ),
        _row(_K.QUEUE_TIME, "contact_waiting_duration", weight=_WAITED, caveat=_LEFT_OUT),
        _row(_K.HANDLE_TIME, "contact_duration", weight=_CONTACT),
        _row(_K.LOGGED_IN_TIME, "presence_duration"),
        _row(_K.AVAILABLE_TIME, "production_duration", caveat=_BUSY_TOO),
        _row(_K.UNAVAILABLE_TIME, "non_production_duration"),
        _row(_K.OCCUPIED_TIME, _OCCUPIED),
        _row(_K.COVERAGE_TIME, "production_smoothed_duration", caveat=_BUSY_TOO),
        _row(
            _K.AVAILABILITY_RATE,
            "production_duration",
            weight=(Term("presence_duration"),),
            caveat=_BUSY_TOO,
        ),
        # Occupation is measured on the desk's channels only: so must be what it is a share of.
        _row(_K.OCCUPANCY_RATE, _OCCUPIED, weight=(Term("production_duration"),), channels=_DESK),
        _row(
            _K.CONTACTS_PER_HOUR,
            "contact_number",
            weight=(Term("production_duration", _HOURS),),
            channels=_DESK,
            caveat="Contacts by chat, call and video only.",
        ),
        _row(_K.SURVEY_RESPONSES, "satisfaction_respondent_number", caveat=_GONE),
        _row(_K.INVITATIONS_SHOWN, "rule_display_number"),
        _row(_K.INVITATIONS_ACCEPTED, _ACCEPTED, caveat=_PRODUCT),
        _row(_K.INVITATION_RATE, _ACCEPTED, weight=_SHOWN),
        _row(_K.SALES_COUNT, "transaction_after_contact_number"),
        _row(_K.SALES_AMOUNT, _TURNOVER, caveat=_CURRENCY),
        _row(_K.AVERAGE_ORDER_VALUE, _TURNOVER, weight=_SALES, caveat=_CURRENCY),
        _row(_K.CONVERSION_RATE, "conversion_rate", weight=_CONTACT),
    )
}
