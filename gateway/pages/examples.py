"""Questions that show what can be asked: as tabs of GraphiQL, and answered on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["EXAMPLES", "QUESTIONS", "Question", "example", "variables_of"]

_HOMES = (Path(__file__).parents[1] / "examples", Path(__file__).parents[2] / "examples")
"""The examples are in the package where it is installed, and beside it in a clone."""
_FOLDER = next(home for home in _HOMES if home.is_dir())

EXAMPLES = (
    "first-look",
    "response-times-by-day",
    "conversations-with-messages",
    "abandonment-report",
    "events-behind-a-figure",
    "rehearse-a-new-team",
)
"""The examples that GraphiQL opens with, the first in front."""


@dataclass(frozen=True, slots=True)
class Question:
    """An example in words."""

    name: str
    words: str
    about: str


QUESTIONS = (
    Question(
        "yesterday-against-the-day-before",
        "How did yesterday compare with the day before?",
        "Conversations, first response and time available",
    ),
    Question(
        "by-channel",
        "Which channels do customers use?",
        "The last seven days, in the same words everywhere",
    ),
    Question(
        "available-now",
        "Who can take a conversation now?",
        "Agents who are available, and their free places",
    ),
    Question(
        "volume-by-month",
        "How much comes in, month by month?",
        "The last three months, with totals",
    ),
    Question(
        "abandonment-report",
        "Where was nobody there to answer?",
        "The last three days, the worst first",
    ),
    Question(
        "agent-performance",
        "What did each agent do yesterday?",
        "The busiest first",
    ),
)
"""What the first page answers. None names a platform, so that each is answered anywhere."""


def example(name: str) -> str:
    """Return the text of an example."""
    return (_FOLDER / f"{name}.graphql").read_text(encoding="utf-8")


def variables_of(name: str) -> str:
    """Return the variables of an example, as JSON; empty where it has none."""
    file = _FOLDER / f"{name}.json"
    return file.read_text(encoding="utf-8") if file.exists() else ""
