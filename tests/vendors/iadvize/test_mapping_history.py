from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from tests.vendors.iadvize.upstream import conversation

from vendors.buckets import zone
from vendors.iadvize import mapping, wire
from vendors.records import (
    Conversation,
    Message,
    MessageAuthor,
    MessageKind,
)

PARIS = zone("Europe/Paris")

# The documents' sample, with the braces and without the stray sign.
SAMPLE = """{
  [5,"2016-02-16 11:24:21","http://test.com/"],
  [2,"2016-02-16 11:24:23","Hello",1455618264049],
  [3,"2016-02-16 11:24:31","The chat rule has been activated."],
  [1,"2016-02-16 11:24:43","Hello, how can I help you?",1455618283869],
  [6,"2016-02-16 11:25:00","http://img.png/"],
  [7,"2016-02-16 11:25:01","http://img.png/"],
  [3,"2016-02-16 11:26:43","OPERATOR_CHAT_CLOSE"]
}"""
ENTRIES = msgspec.json.decode(f"[{SAMPLE.strip()[1:-1]}]")


def mapped(**members: object) -> Conversation:
    row = conversation(666, "2016-02-16 11:24:20", **members)
    return mapping.conversation(msgspec.convert(row, wire.Conversation), "ia", PARIS)


def message(
    kind: str, author: MessageAuthor, what: MessageKind, at: str, text: str | None
) -> Message:
    return Message(
        sent_at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        author=author,
        kind=what,
        text=text,
        native_kind=kind,
    )


EXPECTED = (
    message(
        "5", MessageAuthor.UNKNOWN, MessageKind.LINK, "2016-02-16 10:24:21", "http://test.com/"
    ),
    message("2", MessageAuthor.CUSTOMER, MessageKind.TEXT, "2016-02-16 10:24:24.049", "Hello"),
    message(
        "3",
        MessageAuthor.SYSTEM,
        MessageKind.NOTICE,
        "2016-02-16 10:24:31",
        "The chat rule has been activated.",
    ),
    message(
        "1",
        MessageAuthor.AGENT,
        MessageKind.TEXT,
        "2016-02-16 10:24:43.869",
        "Hello, how can I help you?",
    ),
    message("6", MessageAuthor.AGENT, MessageKind.RICH, "2016-02-16 10:25:00", "http://img.png/"),
    message(
        "7", MessageAuthor.CUSTOMER, MessageKind.RICH, "2016-02-16 10:25:01", "http://img.png/"
    ),
    message(
        "3", MessageAuthor.SYSTEM, MessageKind.NOTICE, "2016-02-16 10:26:43", "OPERATOR_CHAT_CLOSE"
    ),
)


@pytest.mark.parametrize(
    "history",
    [ENTRIES, msgspec.json.encode(ENTRIES).decode(), SAMPLE],
    ids=["array", "string with an array", "string with braces"],
)
def test_a_history_is_read_in_every_form_it_may_have(history: object) -> None:
    assert mapped(history=history).messages == EXPECTED


@pytest.mark.parametrize("empty", [[], "", "  ", "[]", "{}"])
def test_an_empty_history_has_no_messages(empty: object) -> None:
    assert mapped(history=empty).messages == ()


@pytest.mark.parametrize("unknown", [None, "<b>Hello</b>", '"text"', {"a": 1}, 7])
def test_a_history_of_an_unknown_form_is_not_told(unknown: object) -> None:
    assert mapped(history=unknown).messages is None


@pytest.mark.parametrize("kind", [4, 8, 99, "x"])
def test_an_entry_of_an_unknown_type_passes(kind: object) -> None:
    found = mapped(history=[[kind, "2016-02-16 11:24:21", "something"]]).messages
    assert found == (
        message(
            str(kind), MessageAuthor.UNKNOWN, MessageKind.OTHER, "2016-02-16 10:24:21", "something"
        ),
    )


def test_a_type_may_be_a_string() -> None:
    found = mapped(history=[["1", "2016-02-16 11:24:43", "Hi", "1455618283869"]]).messages
    assert found == (
        message("1", MessageAuthor.AGENT, MessageKind.TEXT, "2016-02-16 10:24:43.869", "Hi"),
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            [1],
            Message(
                sent_at=None,
                author=MessageAuthor.AGENT,
                kind=MessageKind.TEXT,
                text=None,
                native_kind="1",
            ),
        ),
        (
            [2, "some time", {"card": 1}],
            Message(
                sent_at=None,
                author=MessageAuthor.CUSTOMER,
                kind=MessageKind.TEXT,
                text=None,
                native_kind="2",
            ),
        ),
        (
            "loose text",
            Message(
                sent_at=None,
                author=MessageAuthor.UNKNOWN,
                kind=MessageKind.OTHER,
                text="loose text",
            ),
        ),
        (
            [],
            Message(sent_at=None, author=MessageAuthor.UNKNOWN, kind=MessageKind.OTHER, text=None),
        ),
    ],
)
def test_a_misshapen_entry_costs_no_more_than_itself(entry: object, expected: Message) -> None:
    assert mapped(history=[entry]).messages == (expected,)
