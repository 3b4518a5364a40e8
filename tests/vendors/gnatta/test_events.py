"""Interaction audits as the starts of conversations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.gnatta.upstream import ANA, RETURNS

from vendors import records
from vendors.errors import BadInputError, PlatformBadResponseError
from vendors.gnatta import mapping
from vendors.gnatta.walking import Order, Position, View, view
from vendors.gnatta.wire import Event
from vendors.port import ConversationQuery

QUERY = ConversationQuery(
    start=datetime(2023, 1, 5, tzinfo=UTC), end=datetime(2023, 1, 6, tzinfo=UTC), limit=10
)
NOON = "2023-01-05T12:00:00Z"
WINDOW = (QUERY.start, QUERY.end)


def conversations(*events: Event) -> list[records.Conversation]:
    return [
        mapping.conversation(row.event, row.position.at, str(row.position), "gn")
        for row in view(events, WINDOW).rows
    ]


def references(found: View) -> list[str]:
    return [row.event.reference for row in found.rows]


def test_an_audit_is_the_start_of_a_conversation() -> None:
    event = Event("ABC-1", NOON, "WebChat", {"queue": RETURNS, "user": ANA, "data": []})
    (found,) = conversations(event)
    assert found == records.Conversation(
        platform="gn",
        native_id="ABC-1",
        channel=records.Channel.CHAT,
        native_channel="WebChat",
        state=records.ConversationState.UNKNOWN,
        reference="ABC-1",
        event_id="ABC-1@2023-01-05T12:00:00Z",
        started_at=datetime(2023, 1, 5, 12, tzinfo=UTC),
        agent_id=ANA,
        queue_id=RETURNS,
    )


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("Facebook", records.Channel.FACEBOOK),
        ("Instagram", records.Channel.INSTAGRAM),
        ("Email", records.Channel.EMAIL),
        ("Twitter", records.Channel.TWITTER),
        ("SMS", records.Channel.SMS),
        ("Voice", records.Channel.CALL),
        ("TrustPilot", records.Channel.TRUSTPILOT),
        ("WhatsApp", records.Channel.WHATSAPP),
        ("Carrier pigeon", records.Channel.OTHER),
        (None, records.Channel.OTHER),
    ],
)
def test_channels_have_words_of_ours(word: str | None, channel: records.Channel) -> None:
    (found,) = conversations(Event("A-1", NOON, word))
    assert (found.channel, found.native_channel) == (channel, word)


@pytest.mark.parametrize("contexts", [None, {}, {"queue": None, "user": ""}, {"queue": {}}])
def test_contexts_that_are_no_texts_are_not_told(contexts: dict[str, object] | None) -> None:
    (found,) = conversations(Event("A-1", NOON, None, contexts))
    assert (found.queue_id, found.agent_id) == (None, None)


def test_the_same_reference_may_start_again() -> None:
    events = (Event("A-1", NOON), Event("A-1", "2023-01-05T13:00:00+01:00"), Event("A-1", NOON))
    again = Event("A-1", "2023-01-05T14:30:00.25")
    found = conversations(*events, again)
    assert [one.event_id for one in found] == [
        "A-1@2023-01-05T14:30:00.250000Z",
        "A-1@2023-01-05T12:00:00Z",
        "A-1@2023-01-05T12:00:00Z#2",
        "A-1@2023-01-05T12:00:00Z#3",
    ]


def test_equal_rows_are_numbered_by_what_they_say() -> None:
    mail, chat = Event("A-1", NOON, "Email"), Event("A-1", NOON, "WebChat")
    found = conversations(mail, chat)
    assert found == conversations(chat, mail)
    assert [one.native_channel for one in found] == ["Email", "WebChat"]


def test_rows_outside_the_window_are_left_out() -> None:
    events = tuple(
        Event(f"A-{n}", text)
        for n, text in enumerate(
            ("2023-01-06T00:00:00Z", "2023-01-05T00:00:00Z", "2023-01-04T23:59:59Z")
        )
    )
    assert references(view(events, WINDOW)) == ["A-1"]


def test_a_time_that_is_none_is_a_bad_response() -> None:
    with pytest.raises(PlatformBadResponseError):
        view((Event("A-1", "yesterday"),), WINDOW)


def test_a_full_answer_keeps_back_its_oldest_instant() -> None:
    rows = [Event(f"A-{n}", NOON) for n in range(999)]
    older = Event("B-1", "2023-01-05T11:59:59Z")
    full = view((*rows, older), WINDOW)
    assert full.broken_off == datetime(2023, 1, 5, 11, 59, 59, tzinfo=UTC)
    assert len(full.rows) == 999
    assert "B-1" not in references(full)
    whole = view((*rows[1:], older), WINDOW)
    assert whole.broken_off is None
    assert len(whole.rows) == 999


def test_a_full_answer_that_begins_with_the_oldest_keeps_back_its_newest_instant() -> None:
    rows = [Event(f"A-{n}", NOON) for n in range(999)]
    newer = Event("B-1", "2023-01-05T12:00:01Z")
    full = view((*rows, newer), WINDOW, Order(descending=False))
    assert full.broken_off == datetime(2023, 1, 5, 12, 0, 1, tzinfo=UTC)
    assert "B-1" not in references(full)
    assert len(full.rows) == 999


def test_a_full_answer_of_one_instant_is_taken_whole() -> None:
    full = view(tuple(Event(f"A-{n}", NOON) for n in range(1000)), WINDOW)
    assert full.broken_off == datetime(2023, 1, 5, 12, tzinfo=UTC)
    assert len(full.rows) == 1000


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(), ["B-1", "A-1", "A-2", "C-1"]),
        (Order(descending=False), ["C-1", "A-1", "A-2", "B-1"]),
        (Order("Reference", descending=False), ["A-1", "A-2", "B-1", "C-1"]),
        (Order("Reference"), ["C-1", "B-1", "A-2", "A-1"]),
    ],
    ids=str,
)
def test_rows_come_in_the_order_asked_for(order: Order, expected: list[str]) -> None:
    events = (
        Event("A-2", NOON),
        Event("C-1", "2023-01-05T11:00:00Z"),
        Event("A-1", NOON),
        Event("B-1", "2023-01-05T13:00:00Z"),
    )
    assert references(view(events, WINDOW, order)) == expected


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.text(min_size=1, max_size=8),
    st.integers(1, 30),
)
def test_a_position_is_read_back(at: datetime, reference: str, number: int) -> None:
    position = Position(at, reference, number)
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", ["", "A-1", "A-1@noon", "A-1@2023-01-05T12:00:00Z#x"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        Position.parse(text)
