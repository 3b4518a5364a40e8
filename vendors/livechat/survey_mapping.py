"""From LiveChat's surveys, or forms as they are called later, to readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias, TypeVar

from vendors.livechat import wire
from vendors.measures import Dimension, MeasureCall, Reading

__all__ = ["forms_readings", "surveys_readings"]

_Names: TypeAlias = Mapping[str, str | None]
_Group: TypeAlias = tuple[str, ...]
_GroupNames: TypeAlias = tuple[str | None, ...]
_T = TypeVar("_T")


class _Told(NamedTuple):
    """Something counted in a group: surveys that were filled in, or how often one answer was."""

    field: str
    group: str
    times: int
    answer: str = ""
    name: str | None = None


def surveys_readings(
    measure: MeasureCall, report: wire.Report[wire.GroupSurveys], groups: _Names
) -> tuple[Reading, ...]:
    """Return the readings of the surveys report: of each group or answer, or of all added up.

    `groups` are the known groups and their names; one that is not told of got no survey. Answers
    are known as filters by them name them: by answer id and index.
    """
    told = [
        one
        for group, surveys in report.records.items()
        for survey in surveys.values()
        for one in _of_survey(group, survey)
    ]
    return _readings(measure, told, groups)


def forms_readings(
    measure: MeasureCall, report: wire.FormReport, groups: _Names
) -> tuple[Reading, ...]:
    """Return the readings of the forms report, the same as of surveys before it.

    Answers are known by the ids of their field and their own, and named by the labels of both.
    """
    told = [one for form in report.records for one in _of_form(form)]
    return _readings(measure, told, groups)


def _of_survey(group: str, survey: Mapping[str, int | Mapping[str, int]]) -> Iterator[_Told]:
    for key, one in survey.items():
        if isinstance(one, int):
            yield _Told("count", group, one)
            continue
        for index, times in one.items():
            yield _Told("answers", group, times, f"{key}:{index}")


def _of_form(form: wire.Form) -> Iterator[_Told]:
    group = str(form.group_id)
    yield _Told("count", group, form.count)
    for field in form.fields:
        for answer in field.answers:
            id_ = f"{field.field_id}:{answer.answer_id}"
            yield _Told("answers", group, answer.count, id_, _label(field, answer))


def _label(field: wire.FormField, answer: wire.FormAnswer) -> str | None:
    return ": ".join(filter(None, (field.label, answer.label))) if answer.label else None


def _readings(measure: MeasureCall, told: Sequence[_Told], groups: _Names) -> tuple[Reading, ...]:
    """Return what was counted, added up by what the call is grouped by."""
    names = _places(measure, told, groups)
    # A known group without a survey is zero; of an answer that is not told nothing is known.
    untold = None if Dimension.ANSWER in measure.group_by else 0
    counts: dict[tuple[str, _Group], int] = {}
    for one in told:
        place = one.field, _place(measure, one.group, one.answer)
        counts[place] = counts.get(place, 0) + one.times
    return tuple(
        Reading(
            figure,
            measure.start,
            counts.get((figure.rpartition(".")[2], place), untold),
            place,
            named if any(named) else (),
        )
        for place, named in sorted(names.items())
        for figure in measure.figures
    )


def _places(
    measure: MeasureCall, told: Sequence[_Told], groups: _Names
) -> dict[_Group, _GroupNames]:
    """Return the rows and their names: known groups and those that are told, or told answers."""
    if Dimension.ANSWER in measure.group_by:
        return {
            _place(measure, one.group, one.answer): _place(measure, groups.get(one.group), one.name)
            for one in told
            if one.field == "answers"
        }
    if Dimension.TEAM not in measure.group_by:
        return {(): ()}
    found = dict.fromkeys((*groups, *(one.group for one in told)))
    return {(group,): (groups.get(group),) for group in found}


def _place(measure: MeasureCall, group: _T, answer: _T) -> tuple[_T, ...]:
    found = {Dimension.TEAM: group, Dimension.ANSWER: answer}
    return tuple(found[one] for one in measure.group_by)
