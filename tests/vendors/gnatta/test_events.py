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
from vendors.gnatta.mapping import Position
from vendors.gnatta.wire import Event
from vendors.port import ConversationQuery

QUERY = ConversationQuery(
    start=datetime(2023, 1, 5, tzinfo=UTC), end=datetime(2023, 1, 6, tzinfo=UTC), limit=10
)
NOON = "2023-01-05T12:00:00Z"


def test_an_audit_is_the_start_of_a_conversation() -> None:
    event = Event("ABC-1", NOON, "WebChat", {"queue": RETURNS, "user": ANA, "data": []})
    (found,) = mapping.view((event,), QUERY, "gn").conversations
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
    (found,) = mapping.view((Event("A-1", NOON, word),), QUERY, "gn").conversations
    assert (found.channel, found.native_channel) == (channel, word)


@pytest.mark.parametrize("contexts", [None, {}, {"queue": None, "user": ""}, {"queue": {}}])
def test_contexts_that_are_no_texts_are_not_told(contexts: dict[str, object] | None) -> None:
    (found,) = mapping.view((Event("A-1", NOON, None, contexts),), QUERY, "gn").conversations
    assert (found.queue_id, found.agent_id) == (None, None)


def test_the_same_reference_may_start_again() -> None:
    events = (Event("A-1", NOON), Event("A-1", "2023-01-05T13:00:00+01:00"), Event("A-1", NOON))
    again = Event("A-1", "2023-01-05T14:30:00.25")
    found = mapping.view((*events, again), QUERY, "gn").conversations
    assert [one.event_id for one in found] == [
        "A-1@2023-01-05T14:30:00.250000Z",
        "A-1@2023-01-05T12:00:00Z",
        "A-1@2023-01-05T12:00:00Z#2",
        "A-1@2023-01-05T12:00:00Z#3",
    ]


def test_equal_rows_are_numbered_by_what_they_say() -> None:
    mail, chat = Event("A-1", NOON, "Email"), Event("A-1", NOON, "WebChat")
    found = mapping.view((mail, chat), QUERY, "gn")
    assert found == mapping.view((chat, mail), QUERY, "gn")
    assert [one.native_channel for one in found.conversations] == ["Email", "WebChat"]


def test_rows_outside_the_window_are_left_out() -> None:
    events = tuple(
        Event(f"A-{n}", text)
        for n, text in enumerate(
            ("2023-01-06T00:00:00Z", "2023-01-05T00:00:00Z", "2023-01-04T23:59:59Z")
        )
    )
    assert [one.native_id for one in mapping.view(events, QUERY, "gn").conversations] == ["A-1"]


def test_a_time_that_is_none_is_a_bad_response() -> None:
    with pytest.raises(PlatformBadResponseError):
        mapping.view((Event("A-1", "yesterday"),), QUERY, "gn")


def test_a_full_answer_keeps_back_its_oldest_instant() -> None:
    rows = [Event(f"A-{n}", NOON) for n in range(999)]
    older = Event("B-1", "2023-01-05T11:59:59Z")
    full = mapping.view((*rows, older), QUERY, "gn")
    assert full.left_until == datetime(2023, 1, 5, 12, tzinfo=UTC)
    assert len(full.conversations) == 999
    assert "B-1" not in {one.native_id for one in full.conversations}
    whole = mapping.view((*rows[1:], older), QUERY, "gn")
    assert whole.left_until is None
    assert len(whole.conversations) == 999


def test_a_full_answer_of_one_instant_is_taken_whole() -> None:
    full = mapping.view(tuple(Event(f"A-{n}", NOON) for n in range(1000)), QUERY, "gn")
    assert full.left_until == datetime(2023, 1, 5, 12, 0, 1, tzinfo=UTC)
    assert len(full.conversations) == 1000


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
