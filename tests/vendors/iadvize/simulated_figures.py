"""How figures of the vendor merge and hang together, and assertions that they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from vendors.iadvize.sandbox.indicators import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Figures: TypeAlias = "dict[str, Any]"

# Mean -> what weighs it (the second is taken off the first).
WEIGHTS = {
    "contact_answered_after_first_message_duration": (
        "contact_number",
        "contact_unanswered_number",
    ),
    "contact_answered_duration": ("contact_number", "contact_unanswered_number"),
    "contact_closed_after_last_message_duration": ("contact_number",),
    "contact_duration": ("contact_number",),
    "contact_simultaneous_number": ("presence_duration",),
    "contact_waiting_before_quit_duration": ("contact_waiting_abort_number",),
    "contact_waiting_duration": ("contact_waiting_number",),
    "rule_contact_rate": ("rule_display_number",),
    "conversion_rate": ("contact_number",),
    "transaction_after_contact_duration": ("transaction_after_contact_number",),
}
# Ratio -> numerator, denominator, seconds of the denominator's unit.
RATIOS = {
    "contact_per_hour_average_number": ("contact_number", "production_smoothed_duration", 3600),
    "contact_per_hour_number": ("contact_number", "production_duration", 3600),
    "max_occupation_rate": ("max_occupation_duration", "production_duration", 1),
    "non_production_rate": ("non_production_duration", "presence_duration", 1),
    "occupation_rate": ("occupation_duration", "production_duration", 1),
    "non_occupation_rate": ("non_occupation_duration", "production_duration", 1),
    "max_and_partial_occupation_rate": (
        "max_and_partial_occupation_duration",
        "production_duration",
        1,
    ),
    "cart_after_contact_amount": (
        "transaction_after_contact_amount",
        "transaction_after_contact_number",
        1,
    ),
    "cart_global_amount": ("transaction_total_amount", "transaction_total_number", 1),
    "transaction_after_conversation_amount_per_hour": (
        "transaction_after_contact_amount",
        "production_duration",
        3600,
    ),
    "transaction_amount_per_conversation": (
        "transaction_after_contact_amount",
        "contact_number",
        1,
    ),
}
GONE = {name for name in INDICATORS if name.startswith("satisfaction_")}
SUMS = INDICATORS.keys() - WEIGHTS.keys() - RATIOS.keys() - GONE
PRESENCE = {name for name in SUMS if INDICATORS[name].families == ("desks",)}
UNIONS = {"presence_smoothed_duration", "production_smoothed_duration", "presentation_duration"}
CONTACTS = {name for name in INDICATORS if INDICATORS[name].families == ("contacts",)}


def weight(name: str, figures: Figures) -> float:
    """Return what weighs a mean."""
    first, *rest = (figures[one] for one in WEIGHTS[name])
    return float(first - sum(rest))


def near(value: float) -> object:
    """Return what equals a number but for rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-6)


def assert_merged(parts: Sequence[Figures], total: Figures, names: Iterable[str]) -> None:
    """Assert that the parts make the total, each figure by its own rule."""
    for name in names:
        if name in WEIGHTS:
            weights = [weight(name, part) for part in parts]
            assert sum(weights) == weight(name, total)
            assert all(
                (part[name] is None) == (w == 0) for part, w in zip(parts, weights, strict=True)
            )
            if total[name] is not None:
                mean = sum(
                    part[name] * w for part, w in zip(parts, weights, strict=True) if w
                ) / sum(weights)
                assert total[name] == near(mean)
        elif name in SUMS:
            assert total[name] == near(math.fsum(part[name] for part in parts))


def assert_whole(total: Figures) -> None:
    """Assert that figures of one answer agree with each other."""
    for name, (numerator, denominator, unit) in RATIOS.items():
        if total[denominator]:
            assert total[name] == near(total[numerator] * unit / total[denominator])
        else:
            assert total[name] is None
    assert total["presence_duration"] == (
        total["production_duration"] + total["non_production_duration"]
    )
    assert total["production_duration"] == (
        total["max_and_partial_occupation_duration"] + total["non_occupation_duration"]
    )
    assert total["max_and_partial_occupation_duration"] == (
        total["max_occupation_duration"] + total["occupation_duration"]
    )
    assert total["contact_missed_number"] == (
        total["contact_missed_with_busy_operators_number"]
        + total["contact_missed_with_no_operators_number"]
    )
    assert (
        total["presentation_duration"]
        <= total["production_smoothed_duration"]
        <= total["presence_smoothed_duration"]
        <= total["presence_duration"]
    )
