"""The scores of survey responses as columns: one for each question that has a word of its own."""

from __future__ import annotations

from functools import partial

from resolvers.rows.columns import RowType
from resolvers.rows.listing import Field, field_of
from vendors.measures import Unit
from vendors.records import SurveyQuestion, SurveyResponse

__all__ = ["SCORES"]


def _score(question: SurveyQuestion, response: SurveyResponse) -> float | None:
    """Return the score, where the question was answered once; several are not made one."""
    values = [one.value for one in response.scores if one.question is question]
    return values[0] if len(values) == 1 else None


def _every(response: SurveyResponse) -> str | None:
    said = [f"{one.native_question}={one.value:g}" for one in response.scores]
    return ",".join(said) or None


SCORES: tuple[Field, ...] = (
    *(
        field_of(
            f"{question.value}_score",
            f"{question.description} A fraction from 0 to 1; empty unless it was asked once.",
            RowType.NUMBER,
            of=partial(_score, question),
            unit=Unit.RATE,
        )
        for question in SurveyQuestion
        if question is not SurveyQuestion.OTHER
    ),
    field_of("scores", "All scores, each behind the platform's word for the question.", of=_every),
)
