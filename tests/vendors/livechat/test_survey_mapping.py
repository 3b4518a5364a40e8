"""Surveys and forms: how often they were filled in, and each of their answers was chosen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from vendors.livechat import wire
from vendors.livechat.survey_mapping import forms_readings, surveys_readings
from vendors.measures import Dimension, MeasureCall, Reading

START = datetime(2021, 4, 8, tzinfo=UTC)
T, A = Dimension.TEAM, Dimension.ANSWER

OF_GROUP_0 = {
    "163654772984908812": {"163654772984903574": {"0": 3, "1": 2}, "count": 5},
    "163654879037902091": {
        "163654879038001952": {"0": 2, "1": 1},
        "163654879038004764": {"0": 2, "1": 1},
        "163654879038008855": {"0": 3},
        "count": 3,
    },
}
SURVEYS = {"name": "surveys-report", "records": {"0": OF_GROUP_0}}
CHOSEN = {
    "163654772984903574:0": 3,
    "163654772984903574:1": 2,
    "163654879038001952:0": 2,
    "163654879038001952:1": 1,
    "163654879038004764:0": 2,
    "163654879038004764:1": 1,
    "163654879038008855:0": 3,
}
TWO_GROUPS = {
    "records": {
        "0": {"71": {"77": {"0": 3, "1": 2}, "count": 5}},
        "10": {"71": {"77": {"0": 4}, "count": 4}, "72": {"78": {"0": 1}, "count": 9}},
    }
}
FORMS = {
    "name": "form-report",
    "records": [
        {
            "form_id": "71",
            "count": 5,
            "group_id": 0,
            "fields": [
                {
                    "field_id": "77",
                    "label": "How was it?",
                    "answers": [
                        {"answer_id": "0", "label": "Good", "count": 3},
                        {"answer_id": "1", "label": "Bad", "count": 2},
                    ],
                },
                {"field_id": "80", "label": "Your name", "answers": []},
            ],
        },
        {
            "form_id": "72",
            "count": 9,
            "group_id": 10,
            "fields": [
                {
                    "field_id": 78,
                    "label": "",
                    "answers": [{"answer_id": 0, "label": "Yes", "count": 1}],
                },
                {"field_id": 79, "label": "Why?", "answers": [{"answer_id": 0, "count": 2}]},
            ],
        },
    ],
}


def asked(report: str, *by: Dimension, figures: tuple[str, ...]) -> MeasureCall:
    return MeasureCall(
        source=report,
        figures=tuple(f"{report}.{figure}" for figure in figures),
        start=START,
        end=START + timedelta(days=3),
        zone="UTC",
        group_by=by,
    )


def surveys(
    answer: dict[str, Any],
    *by: Dimension,
    groups: dict[str, str | None] | None = None,
    figures: tuple[str, ...] = ("count", "answers"),
) -> tuple[Reading, ...]:
    report = msgspec.json.decode(msgspec.json.encode(answer), type=wire.Report[wire.GroupSurveys])
    return surveys_readings(asked("surveys", *by, figures=figures), report, groups or {})


def forms(
    *by: Dimension,
    groups: dict[str, str | None] | None = None,
    figures: tuple[str, ...] = ("count", "answers"),
) -> tuple[Reading, ...]:
    report = msgspec.json.decode(msgspec.json.encode(FORMS), type=wire.FormReport)
    return forms_readings(asked("forms", *by, figures=figures), report, groups or {})


def values(readings: tuple[Reading, ...]) -> dict[tuple[str, ...], float | None]:
    assert len({one.group for one in readings}) == len(readings)
    return {one.group: one.value for one in readings}


def test_a_survey_was_filled_in_as_often_as_its_count_says() -> None:
    assert surveys(SURVEYS) == (
        Reading("surveys.count", START, 8),
        Reading("surveys.answers", START, 5 + 3 + 3 + 3),
    )


def test_no_survey_is_zero_surveys_and_no_answer() -> None:
    assert [one.value for one in surveys({"records": {}})] == [0, 0]
    assert surveys({"records": {}}, A, groups={"0": None}) == ()


def test_surveys_are_told_by_group_and_known_groups_without_one_are_zero() -> None:
    assert surveys(SURVEYS, T, groups={"0": "General", "3": None}) == (
        Reading("surveys.count", START, 8, ("0",), ("General",)),
        Reading("surveys.answers", START, 14, ("0",), ("General",)),
        Reading("surveys.count", START, 0, ("3",)),
        Reading("surveys.answers", START, 0, ("3",)),
    )


def test_each_answer_is_told_as_a_filter_by_it_names_it_and_a_count_is_none() -> None:
    readings = surveys(SURVEYS, A, groups={"0": "General", "3": None}, figures=("answers",))
    assert values(readings) == {(answer,): times for answer, times in CHOSEN.items()}
    assert {one.names for one in readings} == {()}
    assert sum(one.value or 0 for one in readings) == 14
    assert [one.group for one in readings] == sorted(one.group for one in readings)


def test_a_survey_is_not_counted_by_its_answers() -> None:
    assert {one.value for one in surveys(SURVEYS, A, figures=("count",))} == {None}


def test_an_answer_to_a_survey_of_several_groups_is_added_up() -> None:
    assert values(surveys(TWO_GROUPS, A, figures=("answers",))) == {
        ("77:0",): 7,
        ("77:1",): 2,
        ("78:0",): 1,
    }


@pytest.mark.parametrize("by", [(T, A), (A, T)])
def test_answers_are_told_by_group_in_the_order_that_was_asked_for(
    by: tuple[Dimension, ...],
) -> None:
    readings = surveys(TWO_GROUPS, *by, groups={"0": "General", "3": "Sales"}, figures=("answers",))
    told = {("0", "77:0"): 3, ("0", "77:1"): 2, ("10", "77:0"): 4, ("10", "78:0"): 1}
    names = {"0": ("General", None), "10": ()}
    step = 1 if by == (T, A) else -1
    assert values(readings) == {group[::step]: times for group, times in told.items()}
    assert {one.group: one.names for one in readings} == {
        group[::step]: names[group[0]][::step] for group in told
    }


def test_forms_are_counted_as_surveys_are() -> None:
    assert [one.value for one in forms()] == [14, 8]
    assert values(forms(T, groups={"3": None}, figures=("count",))) == {
        ("0",): 5,
        ("10",): 9,
        ("3",): 0,
    }


def test_answers_of_forms_are_named_by_their_question_and_themselves() -> None:
    assert forms(A, figures=("answers",)) == (
        Reading("forms.answers", START, 3, ("77:0",), ("How was it?: Good",)),
        Reading("forms.answers", START, 2, ("77:1",), ("How was it?: Bad",)),
        Reading("forms.answers", START, 1, ("78:0",), ("Yes",)),
        Reading("forms.answers", START, 2, ("79:0",)),
    )


def test_answers_of_forms_are_told_by_group() -> None:
    readings = forms(T, A, groups={"10": "Sales"}, figures=("answers",))
    assert [(one.group, one.names, one.value) for one in readings] == [
        (("0", "77:0"), (None, "How was it?: Good"), 3),
        (("0", "77:1"), (None, "How was it?: Bad"), 2),
        (("10", "78:0"), ("Sales", "Yes"), 1),
        (("10", "79:0"), ("Sales", None), 2),
    ]


@pytest.mark.parametrize("lacking", ["field_id", "answer_id", "group_id"])
def test_what_cannot_be_told_apart_is_no_report(lacking: str) -> None:
    body = msgspec.json.encode(FORMS).replace(f'"{lacking}"'.encode(), b'"another"')
    with pytest.raises(msgspec.ValidationError, match=lacking):
        msgspec.json.decode(body, type=wire.FormReport)
