"""The 57 indicators of the document, each one row: where it exists, and what it is made of.

Rates are fractions, durations seconds, amounts in the website's currency. A mean or a rate over
nothing is null, and so is an indicator on a channel on which the document does not have it. The
satisfaction figures are no longer served: they are always null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from vendors.iadvize.sandbox.profile import EXPECTED_BASKET, EXPECTED_CONVERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from vendors.iadvize.sandbox.ledger import Figures

Value: TypeAlias = "float | None"

CHAT = frozenset({"chat"})
WAITING = frozenset({"chat", "video"})
LIVE = frozenset({"chat", "call", "video"})
EVERY = LIVE | {"facebook", "twitter", "facebookBusinessOnMessenger", "sms", "whatsapp"}
# Instagram is a channel that one may ask for, and that no indicator is available on.
CHANNELS = EVERY | {"instagram"}


class Indicator(NamedTuple):
    """One indicator. `of_bots` is False where the document says that bots have none."""

    name: str
    channels: frozenset[str]
    families: tuple[str, ...]
    value: Callable[[Figures], Value]
    of_bots: bool = True


def _per(total: float, number: float, unit: float = 1) -> Value:
    return total / unit / number if number else None


def _producing(f: Figures) -> int:
    return f.desks.full + f.desks.partial + f.desks.free


def _shown(f: Figures) -> int:
    return f.invitations.ignored + f.contacts.invited


def _lost_number(visitors: int) -> float:
    return round(visitors * EXPECTED_CONVERSION, 2)


def _lost_amount(visitors: int) -> float:
    return round(visitors * EXPECTED_CONVERSION * EXPECTED_BASKET, 2)


def _gone(_: Figures) -> Value:
    return None


_C, _S, _SHOP, _I, _M, _D = (
    ("contacts",),
    ("sales",),
    ("shop",),
    ("invitations", "contacts"),
    ("missed",),
    ("desks",),
)
_HOUR, _CENTS, _MS = 3_600, 100, 1_000

CONTACT = (
    Indicator(
        "contact_answered_after_first_message_duration",
        EVERY,
        _C,
        lambda f: _per(f.contacts.first_response, f.contacts.answered, _MS),
        of_bots=False,
    ),
    Indicator(
        "contact_answered_duration",
        EVERY,
        _C,
        lambda f: _per(f.contacts.response, f.contacts.answered, _MS),
        of_bots=False,
    ),
    Indicator(
        "contact_closed_after_last_message_duration",
        EVERY,
        _C,
        lambda f: _per(f.contacts.silence, f.contacts.number, _MS),
        of_bots=False,
    ),
    Indicator(
        "contact_duration",
        EVERY,
        _C,
        lambda f: _per(f.contacts.duration, f.contacts.number, _MS),
    ),
    Indicator("contact_number", EVERY, _C, lambda f: f.contacts.number),
    Indicator("contact_sent_message_number", EVERY, _C, lambda f: f.contacts.sent),
    Indicator("contact_received_message_number", EVERY, _C, lambda f: f.contacts.received),
    Indicator(
        "contact_unanswered_number",
        EVERY,
        _C,
        lambda f: f.contacts.number - f.contacts.answered,
    ),
    Indicator("contact_missed_number", CHAT, _M, lambda f: f.missed.busy + f.missed.absent),
    Indicator("contact_missed_with_busy_operators_number", CHAT, _M, lambda f: f.missed.busy),
    Indicator("contact_missed_with_no_operators_number", CHAT, _M, lambda f: f.missed.absent),
    Indicator(
        "contact_simultaneous_number", CHAT, _D, lambda f: _per(f.desks.load, f.desks.present)
    ),
    Indicator("contact_waiting_abort_number", WAITING, _C, lambda f: f.contacts.quitted),
    Indicator("contact_waiting_answered_number", WAITING, _C, lambda f: f.contacts.wait_over),
    Indicator(
        "contact_waiting_before_quit_duration",
        WAITING,
        _C,
        lambda f: _per(f.contacts.before_quit, f.contacts.quitted, _MS),
    ),
    Indicator(
        "contact_waiting_duration",
        WAITING,
        _C,
        lambda f: _per(f.contacts.waiting, f.contacts.waited, _MS),
    ),
    Indicator("contact_waiting_number", WAITING, _C, lambda f: f.contacts.waited),
    Indicator(
        "contact_per_hour_average_number",
        LIVE,
        (*_C, *_D),
        lambda f: _per(f.contacts.number * _HOUR, f.desks.somebody_producing),
    ),
    Indicator(
        "contact_per_hour_number",
        LIVE,
        (*_C, *_D),
        lambda f: _per(f.contacts.number * _HOUR, _producing(f)),
    ),
    Indicator("rule_contact_rate", LIVE, _I, lambda f: _per(f.contacts.invited, _shown(f))),
    Indicator("rule_display_number", LIVE, _I, _shown),
    Indicator("targeting_rule_triggered", LIVE, _I, lambda f: _shown(f) + f.invitations.untold),
)

PRESENCE = (
    Indicator(
        "max_and_partial_occupation_duration", LIVE, _D, lambda f: f.desks.full + f.desks.partial
    ),
    Indicator("max_occupation_duration", LIVE, _D, lambda f: f.desks.full),
    Indicator("max_occupation_rate", LIVE, _D, lambda f: _per(f.desks.full, _producing(f))),
    Indicator("non_production_duration", LIVE, _D, lambda f: f.desks.idle),
    Indicator("non_production_rate", LIVE, _D, lambda f: _per(f.desks.idle, f.desks.present)),
    Indicator("presentation_duration", LIVE, _D, lambda f: f.desks.somebody_open),
    Indicator("production_smoothed_duration", LIVE, _D, lambda f: f.desks.somebody_producing),
    Indicator("presence_duration", EVERY, _D, lambda f: f.desks.present),
    Indicator("presence_smoothed_duration", EVERY, _D, lambda f: f.desks.somebody_present),
    Indicator("occupation_rate", EVERY, _D, lambda f: _per(f.desks.partial, _producing(f))),
    Indicator("non_occupation_duration", EVERY, _D, lambda f: f.desks.free),
    Indicator("non_occupation_rate", EVERY, _D, lambda f: _per(f.desks.free, _producing(f))),
    Indicator(
        "max_and_partial_occupation_rate",
        EVERY,
        _D,
        lambda f: _per(f.desks.full + f.desks.partial, _producing(f)),
    ),
    Indicator("production_duration", EVERY, _D, _producing),
)

# The document lists partial occupation under satisfaction, though it is a figure of presence.
SATISFACTION = (
    *(
        Indicator(f"satisfaction_{name}", LIVE, (), _gone)
        for name in (
            "delay_rate",
            "global_rate",
            "resolution_rate",
            "respondent_number",
            "respondent_rate",
            "welcome_rate",
        )
    ),
    Indicator("occupation_duration", LIVE, _D, lambda f: f.desks.partial),
)

TRANSACTION = (
    Indicator(
        "conversion_rate", EVERY, _C, lambda f: _per(f.contacts.converted, f.contacts.number)
    ),
    Indicator(
        "cart_after_contact_amount",
        EVERY,
        _S,
        lambda f: _per(f.sales.cents, f.sales.number, _CENTS),
    ),
    Indicator(
        "cart_global_amount", EVERY, _SHOP, lambda f: _per(f.shop.cents, f.shop.number, _CENTS)
    ),
    Indicator("transaction_after_contact_amount", EVERY, _S, lambda f: f.sales.cents / _CENTS),
    Indicator("transaction_after_contact_number", EVERY, _S, lambda f: f.sales.number),
    Indicator("transaction_total_amount", EVERY, _SHOP, lambda f: f.shop.cents / _CENTS),
    Indicator("transaction_total_number", EVERY, _SHOP, lambda f: f.shop.number),
    Indicator(
        "transaction_after_contact_duration",
        EVERY,
        _S,
        lambda f: _per(f.sales.after, f.sales.number, _MS),
    ),
    Indicator(
        "transaction_after_conversation_amount_per_hour",
        EVERY,
        (*_S, *_D),
        lambda f: _per(f.sales.cents * _HOUR, _producing(f), _CENTS),
    ),
    Indicator(
        "transaction_missed_with_busy_operators_amount",
        EVERY,
        _M,
        lambda f: _lost_amount(f.missed.busy),
    ),
    Indicator(
        "transaction_missed_with_busy_operators_number",
        EVERY,
        _M,
        lambda f: _lost_number(f.missed.busy),
    ),
    Indicator(
        "transaction_missed_with_no_operators_amount",
        EVERY,
        _M,
        lambda f: _lost_amount(f.missed.absent),
    ),
    Indicator(
        "transaction_missed_with_no_operators_number",
        EVERY,
        _M,
        lambda f: _lost_number(f.missed.absent),
    ),
    Indicator(
        "transaction_amount_per_conversation",
        EVERY,
        (*_S, *_C),
        lambda f: _per(f.sales.cents, f.contacts.number, _CENTS),
    ),
)

INDICATORS = {
    indicator.name: indicator for indicator in (*CONTACT, *PRESENCE, *SATISFACTION, *TRANSACTION)
}
