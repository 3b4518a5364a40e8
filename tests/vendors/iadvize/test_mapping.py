from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vendors.iadvize.upstream import conversation

from vendors.buckets import zone
from vendors.errors import BadInputError, PlatformBadResponseError
from vendors.iadvize import mapping, wire
from vendors.iadvize.walking import Mark
from vendors.records import (
    Channel,
    Conversation,
    ConversationState,
)

PARIS = zone("Europe/Paris")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def mapped(**members: object) -> Conversation:
    row = conversation(666, "2016-02-16 11:24:20", **members)
    return mapping.conversation(msgspec.convert(row, wire.Conversation), "ia", PARIS)


# ----------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2016-02-16 11:24:43", "2016-02-16 10:24:43"),  # the documents' own sample, in winter
        ("2016-07-16 11:24:43", "2016-07-16 09:24:43"),
        ("2016-10-30 02:30:00", "2016-10-30 00:30:00"),  # both passes are read as the first
        ("2016-10-30 03:00:00", "2016-10-30 02:00:00"),
        ("2016-02-16T11:24:43+00:00", "2016-02-16 11:24:43"),
    ],
)
def test_a_local_time_becomes_an_instant(text: str, instant: str) -> None:
    assert mapping.local_instant(text, PARIS) == utc(instant)


@pytest.mark.parametrize("text", ["", "yesterday", "0000-00-00 00:00:00", "0001-01-01 00:00:00"])
def test_a_time_that_cannot_be_read_is_a_bad_answer(text: str) -> None:
    with pytest.raises(PlatformBadResponseError):
        mapping.local_instant(text, PARIS)


# From 2000 to 2037: beyond that, zones' rules are not known to the second.
INSTANTS = st.integers(946_684_800_000, 2_145_916_800_000).map(
    lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC)
)
ZONES = st.sampled_from(
    [
        "Europe/Paris",
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "America/Sao_Paulo",
        "UTC",
    ]
)


@given(INSTANTS, ZONES)
def test_an_instant_survives_as_local_text_but_for_the_second_pass(
    instant: datetime, name: str
) -> None:
    where = zone(name)
    whole = instant.replace(microsecond=0)
    local = whole.astimezone(where)
    read = mapping.local_instant(mapping.local_text(local), where)
    earlier = (
        whole
        - (local.replace(fold=0).utcoffset() or timedelta())
        + (local.utcoffset() or timedelta())
    )
    assert read == (earlier if local.fold else whole)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)), INSTANTS, ZONES)
def test_bounds_hold_every_local_second_of_the_window(
    start: datetime, length: timedelta, other: datetime, name: str
) -> None:
    where = zone(name)
    end = start + length
    for instant in (
        start,
        end - timedelta(seconds=1),
        start + (other - start) % max(length, timedelta(1)),
    ):
        text = mapping.local_text(instant.astimezone(where))
        if start <= mapping.local_instant(text, where) < end:
            bounds = mapping.local_bounds(start, end, where)
            assert bounds is not None
            assert bounds[0] <= text <= bounds[1]


@pytest.mark.parametrize(
    ("start", "end", "bounds"),
    [
        ("2017-03-01 00:00", "2017-04-01 00:00", ("2017-03-01 01:00:00", "2017-04-01 01:59:59")),
        (
            "2017-03-01 00:00:00.5",
            "2017-03-01 00:00:02.5",
            ("2017-03-01 01:00:01", "2017-03-01 01:00:02"),
        ),
        # Until within the second pass of an hour: all of that hour may be the first pass.
        ("2017-10-28 22:00", "2017-10-29 01:30", ("2017-10-29 00:00:00", "2017-10-29 03:29:59")),
        ("2017-03-01 00:00:00.2", "2017-03-01 00:00:00.9", None),
    ],
)
def test_bounds_are_inclusive_local_seconds(
    start: str, end: str, bounds: tuple[str, str] | None
) -> None:
    assert mapping.local_bounds(utc(start), utc(end), PARIS) == bounds


# ------------------------------------------------------------------------------- conversations


def test_a_conversation_is_mapped_whole() -> None:
    one = mapped(
        closed_at="2016-02-16 11:26:43",
        website_id=12,
        operator_id=123,
        skill_id=32,
        rule_id="9",
        tag_list=[4, 5],
        visitor_uid="0a1572b7",
        history=[],
    )
    assert one == Conversation(
        platform="ia",
        native_id="666",
        channel=Channel.CHAT,
        native_channel="chat",
        state=ConversationState.CLOSED,
        started_at=utc("2016-02-16 10:24:20"),
        ended_at=utc("2016-02-16 10:26:43"),
        answered=True,
        queued=False,
        closed_by_agent=True,
        agent_id="123",
        customer_id="0a1572b7",
        skill_id="32",
        site_id="12",
        rule_id="9",
        page_type="product",
        tag_ids=("4", "5"),
        messages=(),
    )
    assert one.duration_seconds == 143.0


def test_what_a_conversation_does_not_tell_is_none() -> None:
    item = wire.Conversation(id=1, created_at="2016-02-16 11:24:20")
    assert mapping.conversation(item, "ia", PARIS) == Conversation(
        platform="ia",
        native_id="1",
        channel=Channel.OTHER,
        state=ConversationState.OPEN,
        started_at=utc("2016-02-16 10:24:20"),
    )


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("chat", Channel.CHAT),
        ("call", Channel.CALL),
        ("video", Channel.VIDEO),
        ("social", Channel.OTHER),
        ("facebookBusinessOnMessenger", Channel.MESSENGER),
        ("pigeon", Channel.OTHER),
    ],
)
def test_an_unknown_channel_keeps_its_native_word(word: str, channel: Channel) -> None:
    one = mapped(channel=word)
    assert (one.channel, one.native_channel) == (channel, word)


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({"closed_at": "2016-02-16 11:30:00"}, ConversationState.CLOSED),
        ({"closed_at": None}, ConversationState.OPEN),
        ({"closed_at": ""}, ConversationState.OPEN),
        (
            {"closed_at": None, "waitinglist": True, "operator_id": None, "operator_answer": False},
            ConversationState.WAITING,
        ),
        ({"closed_at": None, "waitinglist": True, "operator_id": 7}, ConversationState.OPEN),
        ({"closed_at": "soon"}, ConversationState.UNKNOWN),
    ],
)
def test_the_state_is_told_by_the_end_and_the_queue(
    members: dict[str, Any], state: ConversationState
) -> None:
    assert mapped(**members).state is state


def test_an_answered_flag_may_be_a_number() -> None:
    assert mapped(operator_answer=0).answered is False
    assert mapped(operator_answer=None).answered is None


def test_a_conversation_without_a_readable_start_is_a_bad_answer() -> None:
    with pytest.raises(PlatformBadResponseError):
        mapping.conversation(wire.Conversation(id=1, created_at="soon"), "ia", PARIS)


# ------------------------------------------------------------------------------ paging, numbers


@pytest.mark.parametrize(
    ("pagination", "page", "last"),
    [
        (None, 1, True),
        (wire.Pagination(page=1, pages=3), 1, False),
        (wire.Pagination(page=3, pages=3), 3, True),
        (wire.Pagination(pages="2"), 1, False),
        (wire.Pagination(pages=0), 1, True),
        (wire.Pagination(), 1, True),
    ],
)
def test_the_last_page_is_the_one_that_the_list_says(
    pagination: wire.Pagination | None, page: int, *, last: bool
) -> None:
    assert mapping.is_last(pagination, page) is last


def test_pages_that_are_no_number_are_a_bad_answer() -> None:
    with pytest.raises(PlatformBadResponseError):
        mapping.is_last(wire.Pagination(pages="many"), 1)


@given(INSTANTS, st.sets(st.integers(0, 10**12).map(str)))
def test_a_mark_is_read_as_it_was_written(second: datetime, ids: set[str]) -> None:
    mark = Mark(second.replace(microsecond=0), frozenset(ids))
    assert Mark.read(mark.written) == mark


@pytest.mark.parametrize("text", ["", "x", "x:1", "9" * 30])
def test_a_position_of_somebody_else_is_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        Mark.read(text)


def test_a_mark_gathers_the_ids_of_one_second() -> None:
    at = utc("2017-03-01 09:00:01")
    mark = Mark(at, frozenset({"9"})).behind(at, "3").behind(at.replace(microsecond=7), "2")
    assert mark == Mark(at, frozenset({"9", "3", "2"}))
    before = utc("2017-03-01 09:00:00")
    assert mark.behind(before, "1") == Mark(before, frozenset({"1"}))


@pytest.mark.parametrize(
    ("value", "number"), [(None, None), (4, 4.0), (0, 0.0), ("12.5", 12.5), ("-3", -3.0)]
)
def test_a_number_may_be_a_string_and_null_is_not_zero(value: object, number: float | None) -> None:
    assert mapping.number(value) == number


@pytest.mark.parametrize("value", ["", "n/a", "nan", "inf", {}, [], "1e999"])
def test_what_is_no_number_is_a_bad_answer(value: object) -> None:
    with pytest.raises(PlatformBadResponseError):
        mapping.number(value)
