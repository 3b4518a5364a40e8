"""Reports whose rows are members: tags and greetings; and how chats began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from vendors.livechat import mapping, wire
from vendors.livechat.settings import LabelFormats
from vendors.measures import Dimension, Grain, MeasureCall, Reading

LABELS = LabelFormats()
START = datetime(2021, 4, 8, tzinfo=UTC)
DAYS = [START + timedelta(days=number) for number in range(3)]

TAGS = {
    "name": "tags-report",
    "total": 369,
    "records": {
        "2021-04-08": {"spam": 14, "support": 19},
        "2021-04-09": {},
        "2021-04-10": {"spam": 42, "total": 18},
    },
}
GREETINGS = {
    "name": "greetings-conversion-report",
    "total": 3,
    "records": {
        "2021-04-08": {},
        "2021-04-09": {
            "1": {"accepted": 1, "canceled": 0, "displayed": 2, "goals": 0},
            "18": {"accepted": 0, "canceled": 0, "displayed": 1, "goals": 0},
        },
        "2021-04-10": {"1": {"accepted": 2, "canceled": 1, "displayed": 5, "goals": 1}},
    },
}
ENGAGEMENT = {
    "name": "engagement-report",
    "total": 7411,
    "records": {
        "2021-04-08": {
            "started_by_customer_from_greeting": 187,
            "started_by_customer_without_greeting": 689,
            "started_by_agent": 3,
        },
        "2021-04-09": {},
        "2021-04-10": {
            "started_by_customer_from_greeting": 277,
            "started_by_customer_without_greeting": 1051,
        },
    },
}


def measuring(*figures: str, source: str = "", **changes: object) -> MeasureCall:
    measure = MeasureCall(
        source=source or figures[0].partition(".")[0],
        figures=figures,
        start=START,
        end=START + timedelta(days=3),
        zone="UTC",
        grain=Grain.DAY,
    )
    return msgspec.structs.replace(measure, **changes)


def tags(answer: dict[str, Any], figure: str, **changes: Any) -> tuple[Reading, ...]:  # noqa: ANN401 - members of the call
    report = msgspec.convert(answer, wire.Report[wire.Tags])
    return mapping.tags_readings(measuring(figure, **changes), report, LABELS)


def greetings(answer: dict[str, Any], *figures: str, **changes: Any) -> tuple[Reading, ...]:  # noqa: ANN401 - members of the call
    report = msgspec.convert(answer, wire.Report[dict[str, wire.GreetingConversion]])
    named = [f"greetings_conversion.{figure}" for figure in figures]
    return mapping.greetings_readings(measuring(*named, **changes), report, LABELS)


def engagement(answer: dict[str, Any], *figures: str, **changes: Any) -> tuple[Reading, ...]:  # noqa: ANN401 - members of the call
    report = msgspec.convert(answer, wire.Report[wire.Engagement])
    named = [f"engagement.{figure}" for figure in figures]
    return mapping.chats_readings(measuring(*named, **changes), report, LABELS)


BY_TAG = {"group_by": (Dimension.TAG,)}
BY_RULE = {"group_by": (Dimension.RULE,)}


def test_a_tag_has_no_chat_in_a_bucket_that_does_not_name_it() -> None:
    readings = tags(TAGS, "tags.chats", **BY_TAG)
    found = {(one.start, one.group[0]): one.value for one in readings}
    assert found == {
        (DAYS[0], "spam"): 14,
        (DAYS[0], "support"): 19,
        (DAYS[0], "total"): 0,
        (DAYS[1], "spam"): 0,
        (DAYS[1], "support"): 0,
        (DAYS[1], "total"): 0,
        (DAYS[2], "spam"): 42,
        (DAYS[2], "support"): 0,
        (DAYS[2], "total"): 18,
    }


def test_all_buckets_of_a_tag_make_its_total() -> None:
    assert tags(TAGS, "tags.chats", grain=Grain.TOTAL, **BY_TAG) == (
        Reading("tags.chats", START, 56, ("spam",)),
        Reading("tags.chats", START, 19, ("support",)),
        Reading("tags.chats", START, 18, ("total",)),
    )


def test_the_chats_of_the_tags_report_are_those_beside_the_tags() -> None:
    """A tag may be called total, too."""
    asked = {"source": "tags_total", "grain": Grain.TOTAL}
    assert tags(TAGS, "tags.total", **asked) == (Reading("tags.total", START, 369),)
    assert tags({"records": {}}, "tags.total", **asked) == (Reading("tags.total", START, None),)


def test_greetings_are_told_one_by_one() -> None:
    readings = greetings(GREETINGS, "displayed", "goals", **BY_RULE)
    found = {
        (one.figure.partition(".")[2], *one.group, one.start.day): one.value for one in readings
    }
    assert found == {
        ("displayed", "1", 8): 0,
        ("displayed", "1", 9): 2,
        ("displayed", "1", 10): 5,
        ("displayed", "18", 8): 0,
        ("displayed", "18", 9): 1,
        ("displayed", "18", 10): 0,
        ("goals", "1", 8): 0,
        ("goals", "1", 9): 0,
        ("goals", "1", 10): 1,
        ("goals", "18", 8): 0,
        ("goals", "18", 9): 0,
        ("goals", "18", 10): 0,
    }


def test_greetings_are_added_up_where_they_are_not_told_apart() -> None:
    assert greetings(GREETINGS, "accepted", "displayed") == (
        Reading("greetings_conversion.accepted", DAYS[0], 0),
        Reading("greetings_conversion.displayed", DAYS[0], 0),
        Reading("greetings_conversion.accepted", DAYS[1], 1),
        Reading("greetings_conversion.displayed", DAYS[1], 3),
        Reading("greetings_conversion.accepted", DAYS[2], 2),
        Reading("greetings_conversion.displayed", DAYS[2], 5),
    )
    figures = ("accepted", "canceled", "displayed", "goals", "total")
    whole = greetings(GREETINGS, *figures, grain=Grain.TOTAL)
    assert [one.value for one in whole] == [3, 1, 8, 1, 3]


def test_a_greeting_may_have_been_cut_off_where_there_are_a_hundred() -> None:
    """So that it is not told where it is not named, rather than told as zero."""

    def readings(count: int) -> int:
        many = {str(number): {"displayed": 1} for number in range(count)}
        records = {"2021-04-08": many, "2021-04-09": {"0": {"displayed": 4}}}
        return len(greetings({"records": records}, "displayed", **BY_RULE))

    assert readings(99) == 2 * 99
    assert readings(100) == 100 + 1


def test_how_chats_began_is_told_and_what_is_left_out_is_zero() -> None:
    readings = engagement(ENGAGEMENT, "started_by_customer_from_greeting", "started_by_agent")
    assert [one.value for one in readings] == [187, 3, 0, 0, 277, 0]


def test_a_total_that_is_left_out_beside_its_parts_is_not_told() -> None:
    """It is no zero, and that the parts make it is not said."""
    assert [one.value for one in engagement(ENGAGEMENT, "total")] == [None, 0, None]


@pytest.mark.parametrize(("told", "total"), [(None, 7411), (880, 880)])
def test_the_total_of_all_buckets_is_theirs_or_that_beside_them(
    told: int | None, total: float
) -> None:
    bucket = {"started_by_agent": 3} | ({} if told is None else {"total": told})
    answer = {"total": 7411, "records": {"2021-04-08": bucket, "2021-04-09": {}}}
    (reading,) = engagement(answer, "total", grain=Grain.TOTAL)
    assert reading.value == total


@pytest.mark.parametrize("report", ["duration", "response_time", "first_response_time", "ratings"])
def test_a_report_tells_a_total_beside_its_records(report: str) -> None:
    shape = {
        "duration": wire.Duration,
        "response_time": wire.ResponseTime,
        "first_response_time": wire.FirstResponseTime,
        "ratings": wire.Ratings,
    }[report]
    answer = {"total": 39, "records": {"2021-04-08": {"count": 3}, "2021-04-09": {}}}
    measure = measuring(f"{report}.total", grain=Grain.TOTAL)
    found = mapping.chats_readings(measure, msgspec.convert(answer, wire.Report[shape]), LABELS)  # type: ignore[valid-type]  # a shape is chosen
    assert found == (Reading(f"{report}.total", START, 39),)
