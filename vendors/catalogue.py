"""The canonical indicators: one name, unit and merge rule for what every vendor defines otherwise.

A vendor says in its own table how its figures make them. Which dimensions a value may be added
over beyond these rules is declared by the vendor per figure.
"""

import msgspec

from vendors.measures import Merge, Unit
from vendors.words import Word

__all__ = ["CATALOGUE", "Indicator", "IndicatorKey"]


class IndicatorKey(Word):
    """The canonical indicators."""

    CONVERSATIONS_STARTED = "CONVERSATIONS_STARTED", "Conversations that began in the period."
    CONVERSATIONS_CLOSED = "CONVERSATIONS_CLOSED", "Closings of conversations in the period."
    CONVERSATIONS_REOPENED = (
        "CONVERSATIONS_REOPENED",
        "Closed conversations that were opened again.",
    )
    CONVERSATIONS_UNANSWERED = "CONVERSATIONS_UNANSWERED", "Conversations that no agent answered."
    CONVERSATIONS_MISSED = (
        "CONVERSATIONS_MISSED",
        "Opportunities for a conversation that were lost because nobody could take it (estimated).",
    )
    CONVERSATIONS_ABANDONED = (
        "CONVERSATIONS_ABANDONED",
        "Conversations that the customer left before an agent was there.",
    )
    CONVERSATIONS_HANDLED = "CONVERSATIONS_HANDLED", "Conversations that an agent took."
    MESSAGES_RECEIVED = "MESSAGES_RECEIVED", "Messages from customers."
    MESSAGES_SENT = "MESSAGES_SENT", "Messages to customers."
    FIRST_RESPONSE_TIME = (
        "FIRST_RESPONSE_TIME",
        "Mean seconds from the customer's first message to the first answer of an agent.",
    )
    RESPONSE_TIME = "RESPONSE_TIME", "Mean seconds that an answer of an agent takes."
    CUSTOMER_WAIT_TIME = (
        "CUSTOMER_WAIT_TIME",
        "Mean seconds from a customer's first unanswered message to the answer.",
    )
    QUEUE_TIME = "QUEUE_TIME", "Mean seconds in the queue before an agent takes a conversation."
    HANDLE_TIME = "HANDLE_TIME", "Mean seconds that a conversation lasts."
    IVR_TIME = "IVR_TIME", "Mean seconds in the telephone menu."
    LOGGED_IN_TIME = "LOGGED_IN_TIME", "Seconds during which agents were connected, added up."
    AVAILABLE_TIME = "AVAILABLE_TIME", "Seconds during which agents could take work, added up."
    UNAVAILABLE_TIME = (
        "UNAVAILABLE_TIME",
        "Seconds during which agents were connected but took no work, added up.",
    )
    OCCUPIED_TIME = "OCCUPIED_TIME", "Seconds during which agents were in a conversation, added up."
    COVERAGE_TIME = "COVERAGE_TIME", "Seconds during which at least one agent was there."
    AVAILABILITY_RATE = "AVAILABILITY_RATE", "Available time as a share of logged-in time."
    OCCUPANCY_RATE = "OCCUPANCY_RATE", "Occupied time as a share of available time."
    CONTACTS_PER_HOUR = (
        "CONTACTS_PER_HOUR",
        "Contacts for each hour in which agents were available.",
    )
    RATED_GOOD = "RATED_GOOD", "Conversations that the customer rated good."
    RATED_BAD = "RATED_BAD", "Conversations that the customer rated bad."
    SATISFACTION_RATE = "SATISFACTION_RATE", "Good ratings as a share of all ratings."
    RATINGS = "RATINGS", "Conversations that the customer rated."
    SURVEY_RESPONSES = "SURVEY_RESPONSES", "Answers to surveys."
    NPS = "NPS", "Net promoter score, from -100 to 100."
    INVITATIONS_SHOWN = "INVITATIONS_SHOWN", "Invitations to talk that were shown to visitors."
    INVITATIONS_ACCEPTED = "INVITATIONS_ACCEPTED", "Invitations to talk that visitors accepted."
    INVITATION_RATE = "INVITATION_RATE", "Accepted invitations as a share of those shown."
    SALES_COUNT = "SALES_COUNT", "Sales after a conversation."
    SALES_AMOUNT = "SALES_AMOUNT", "Turnover of sales after a conversation."
    AVERAGE_ORDER_VALUE = "AVERAGE_ORDER_VALUE", "Turnover for each sale after a conversation."
    CONVERSION_RATE = "CONVERSION_RATE", "Conversations that led to a sale, as a share of all."
    USERS_NEW = "USERS_NEW", "Customers who were seen for the first time."
    USERS_ACTIVE = "USERS_ACTIVE", "Customers who were active in the period."


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the catalogue."""

    key: IndicatorKey
    title: str
    unit: Unit
    merge: Merge
    weighed_by: str | None = None
    """For MEAN what weighs it, for RATIO the two parts, in words."""

    @property
    def description(self) -> str:
        """Return the sentence that says what is measured."""
        return self.key.description


def _row(
    key: IndicatorKey, unit: Unit, merge: Merge, weighed_by: str | None = None
) -> tuple[IndicatorKey, Indicator]:
    title = key.replace("_", " ").capitalize()
    title = {"Nps": "NPS", "Ivr time": "IVR time"}.get(title, title)
    return key, Indicator(key=key, title=title, unit=unit, merge=merge, weighed_by=weighed_by)


_K, _U, _M = IndicatorKey, Unit, Merge
_ANSWERED = "answered conversations"

CATALOGUE: dict[IndicatorKey, Indicator] = dict(
    (
        _row(_K.CONVERSATIONS_STARTED, _U.COUNT, _M.SUM),
        _row(_K.CONVERSATIONS_CLOSED, _U.COUNT, _M.SUM),
        _row(_K.CONVERSATIONS_REOPENED, _U.COUNT, _M.SUM),
        _row(_K.CONVERSATIONS_UNANSWERED, _U.COUNT, _M.SUM),
        _row(_K.CONVERSATIONS_MISSED, _U.COUNT, _M.SUM),
        _row(_K.CONVERSATIONS_ABANDONED, _U.COUNT, _M.SUM),
        _row(_K.CONVERSATIONS_HANDLED, _U.COUNT, _M.SUM),
        _row(_K.MESSAGES_RECEIVED, _U.COUNT, _M.SUM),
        _row(_K.MESSAGES_SENT, _U.COUNT, _M.SUM),
        _row(_K.FIRST_RESPONSE_TIME, _U.SECONDS, _M.MEAN, _ANSWERED),
        _row(_K.RESPONSE_TIME, _U.SECONDS, _M.MEAN, _ANSWERED),
        _row(_K.CUSTOMER_WAIT_TIME, _U.SECONDS, _M.MEAN),
        _row(_K.QUEUE_TIME, _U.SECONDS, _M.MEAN, "queued conversations"),
        _row(_K.HANDLE_TIME, _U.SECONDS, _M.MEAN, "conversations"),
        _row(_K.IVR_TIME, _U.SECONDS, _M.MEAN),
        _row(_K.LOGGED_IN_TIME, _U.SECONDS, _M.SUM),
        _row(_K.AVAILABLE_TIME, _U.SECONDS, _M.SUM),
        _row(_K.UNAVAILABLE_TIME, _U.SECONDS, _M.SUM),
        _row(_K.OCCUPIED_TIME, _U.SECONDS, _M.SUM),
        _row(_K.COVERAGE_TIME, _U.SECONDS, _M.UNION),
        _row(_K.AVAILABILITY_RATE, _U.RATE, _M.RATIO, "available time / logged-in time"),
        _row(_K.OCCUPANCY_RATE, _U.RATE, _M.RATIO, "occupied time / available time"),
        _row(_K.CONTACTS_PER_HOUR, _U.PER_HOUR, _M.RATIO, "contacts / hours available"),
        _row(_K.RATED_GOOD, _U.COUNT, _M.SUM),
        _row(_K.RATED_BAD, _U.COUNT, _M.SUM),
        _row(_K.SATISFACTION_RATE, _U.RATE, _M.RATIO, "good ratings / all ratings"),
        _row(_K.RATINGS, _U.COUNT, _M.SUM),
        _row(_K.SURVEY_RESPONSES, _U.COUNT, _M.SUM),
        _row(_K.NPS, _U.SCORE, _M.MEAN, "survey responses"),
        _row(_K.INVITATIONS_SHOWN, _U.COUNT, _M.SUM),
        _row(_K.INVITATIONS_ACCEPTED, _U.COUNT, _M.SUM),
        _row(_K.INVITATION_RATE, _U.RATE, _M.RATIO, "accepted / shown"),
        _row(_K.SALES_COUNT, _U.COUNT, _M.SUM),
        _row(_K.SALES_AMOUNT, _U.MONEY, _M.SUM),
        _row(_K.AVERAGE_ORDER_VALUE, _U.MONEY, _M.RATIO, "turnover / sales"),
        _row(_K.CONVERSION_RATE, _U.RATE, _M.MEAN, "conversations"),
        _row(_K.USERS_NEW, _U.COUNT, _M.SUM),
        _row(_K.USERS_ACTIVE, _U.COUNT, _M.DISTINCT),
    )
)
