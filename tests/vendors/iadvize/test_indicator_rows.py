from __future__ import annotations

from collections.abc import Iterable

from vendors.catalogue import CATALOGUE, IndicatorKey
from vendors.iadvize.indicators import FIGURES, ROWS
from vendors.measures import Merge, Term

CCV = frozenset({"chat", "call", "video"})
C = frozenset({"chat"})
ANSWERED = {"contact_number": 1.0, "contact_unanswered_number": -1.0}


def terms(found: Iterable[Term]) -> dict[str, float]:
    return {term.figure: term.times for term in found}


K = IndicatorKey
HOURS = 1 / 3600
EXPECTED: dict[IndicatorKey, tuple[dict[str, float], dict[str, float]]] = {
    K.CONVERSATIONS_STARTED: ({"contact_number": 1}, {}),
    K.CONVERSATIONS_UNANSWERED: ({"contact_unanswered_number": 1}, {}),
    K.CONVERSATIONS_MISSED: ({"contact_missed_number": 1}, {}),
    K.CONVERSATIONS_ABANDONED: ({"contact_waiting_abort_number": 1}, {}),
    K.CONVERSATIONS_HANDLED: ({"contact_waiting_answered_number": 1}, {}),
    K.MESSAGES_RECEIVED: ({"contact_received_message_number": 1}, {}),
    K.MESSAGES_SENT: ({"contact_sent_message_number": 1}, {}),
    K.FIRST_RESPONSE_TIME: ({"contact_answered_after_first_message_duration": 1}, ANSWERED),
    K.RESPONSE_TIME: ({"contact_answered_duration": 1}, ANSWERED),
    K.QUEUE_TIME: ({"contact_waiting_duration": 1}, {"contact_waiting_number": 1}),
    K.HANDLE_TIME: ({"contact_duration": 1}, {"contact_number": 1}),
    K.LOGGED_IN_TIME: ({"presence_duration": 1}, {}),
    K.AVAILABLE_TIME: ({"production_duration": 1}, {}),
    K.UNAVAILABLE_TIME: ({"non_production_duration": 1}, {}),
    K.OCCUPIED_TIME: ({"max_and_partial_occupation_duration": 1}, {}),
    K.COVERAGE_TIME: ({"production_smoothed_duration": 1}, {}),
    K.AVAILABILITY_RATE: ({"production_duration": 1}, {"presence_duration": 1}),
    K.OCCUPANCY_RATE: (
        {"max_and_partial_occupation_duration": 1},
        {"production_duration": 1},
    ),
    K.CONTACTS_PER_HOUR: ({"contact_number": 1}, {"production_duration": HOURS}),
    K.SURVEY_RESPONSES: ({"satisfaction_respondent_number": 1}, {}),
    K.INVITATIONS_SHOWN: ({"rule_display_number": 1}, {}),
    K.INVITATIONS_ACCEPTED: ({"rule_display_number": 1}, {}),
    K.INVITATION_RATE: ({"rule_display_number": 1}, {"rule_display_number": 1}),
    K.SALES_COUNT: ({"transaction_after_contact_number": 1}, {}),
    K.SALES_AMOUNT: ({"transaction_after_contact_amount": 1}, {}),
    K.AVERAGE_ORDER_VALUE: (
        {"transaction_after_contact_amount": 1},
        {"transaction_after_contact_number": 1},
    ),
    K.CONVERSION_RATE: ({"conversion_rate": 1}, {"contact_number": 1}),
}


def test_the_canonical_rows_are_made_of_their_figures() -> None:
    assert {
        K(name): (terms(row.value), terms(row.weight)) for name, row in ROWS.items()
    } == EXPECTED


def test_accepted_invitations_are_displays_times_their_rate() -> None:
    for key in (K.INVITATIONS_ACCEPTED, K.INVITATION_RATE):
        assert ROWS[key].value == (Term("rule_display_number", by="rule_contact_rate"),)


def test_rows_name_figures_that_exist_in_the_unit_of_the_indicator() -> None:
    for name, row in ROWS.items():
        indicator = CATALOGUE[K(name)]
        (value,) = row.value
        for term in (*row.value, *row.weight):
            assert term.figure in FIGURES
            assert term.by is None or term.by in FIGURES
        if indicator.merge is not Merge.RATIO:
            assert FIGURES[value.figure].unit is indicator.unit
            assert FIGURES[value.figure].merge is indicator.merge


def test_a_mean_and_a_ratio_have_what_weighs_them() -> None:
    for name, row in ROWS.items():
        assert bool(row.weight) is (CATALOGUE[K(name)].merge in {Merge.MEAN, Merge.RATIO})


def test_channels_are_restricted_where_the_definition_demands_it() -> None:
    found = {K(name): row.channels for name, row in ROWS.items() if row.channels is not None}
    assert found == {
        K.CONVERSATIONS_MISSED: C,
        K.OCCUPANCY_RATE: CCV,
        K.CONTACTS_PER_HOUR: CCV,
    }
