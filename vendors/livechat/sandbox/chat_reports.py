"""The reports on chats: each is a row that says what is told of a bucket's chats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vendors.livechat.sandbox import figures
from vendors.livechat.sandbox.figures import Tally
from vendors.livechat.sandbox.request import CHATS_DISTRIBUTIONS, grid
from vendors.livechat.sandbox.selection import Chats, chats

if TYPE_CHECKING:
    from vendors.livechat.sandbox.archive import Archive
    from vendors.livechat.sandbox.chats import Chat, Filled
    from vendors.livechat.sandbox.conditions import Dialect
    from vendors.livechat.sandbox.request import Grid

_Report: TypeAlias = "Callable[[Archive, Chats, Grid], dict[str, object]]"


@dataclass(frozen=True, slots=True)
class Bucketed:
    """A report by buckets: what it is called, tells of a bucket's chats, and counts in all."""

    name: str
    fields: Callable[[Tally], Mapping[str, object]]
    total: Callable[[Tally], int] = lambda tally: tally.chats

    def answer(self, archive: Archive, wanted: Chats, grid_: Grid) -> dict[str, object]:
        """Return every bucket of the window, with what is not zero."""
        spans = grid_.spans(wanted.window)
        buckets = figures.by_bucket(chats_of(archive, wanted), wanted.window.moment, spans)
        return {
            "name": self.name,
            "total": sum(self.total(tally) for tally in buckets.values()),
            "records": {
                key: {name: value for name, value in self.fields(buckets[key]).items() if value}
                for key in grid_.keys(spans)
            },
        }


def chats_of(archive: Archive, wanted: Chats) -> list[Chat]:
    """Return the chats that are wanted, in order of time."""
    window = wanted.window
    # A survey may be filled in some time after its chat began.
    start = window.start - archive.reach if window.survey else window.start
    return [chat for chat in archive.chats(start, window.end) if wanted.wants(chat)]


def _ranking(archive: Archive, wanted: Chats, _: Grid) -> dict[str, object]:
    """Rank the agents who were rated at all."""
    agents = figures.by_agent(chats_of(archive, wanted))
    records = {
        email: {
            "total": tally.good + tally.bad,
            "good": tally.good,
            "bad": tally.bad,
            "score": tally.score(),
        }
        for email, tally in sorted(agents.items())
        if tally.ratings
    }
    return {"name": "ranking-report", "records": records}


def _greetings(archive: Archive, wanted: Chats, grid_: Grid) -> dict[str, object]:
    """Tell of each greeting what became of it; here the zeros are written out.

    A filter that only a chat can answer leaves the greetings that led to such a chat.
    """
    spans = grid_.spans(wanted.window)
    buckets = figures.by_bucket(chats_of(archive, wanted), wanted.window.moment, spans)
    ignored: dict[str, Counter[int]] = {key: Counter() for key in grid_.keys(spans)}
    canceled: dict[str, Counter[int]] = {key: Counter() for key in ignored}
    for span in () if wanted.about_chats else spans:
        for number, greeting in archive.greetings(span.start, span.end).items():
            if wanted.wants_greeting(number):
                ignored[span.key][number] += greeting.displayed - greeting.accepted
                canceled[span.key][number] += greeting.canceled
    return {
        "name": "greetings-conversion-report",
        "total": sum(tally.accepted.total() for tally in buckets.values()),
        "records": {key: _outcomes(buckets[key], ignored[key], canceled[key]) for key in ignored},
    }


def _outcomes(
    tally: Tally, ignored: Counter[int], canceled: Counter[int]
) -> dict[str, dict[str, int]]:
    """Return what became of each greeting that was displayed at all."""
    displayed = tally.accepted + ignored
    return {
        str(number): {
            "accepted": tally.accepted[number],
            "canceled": canceled[number],
            "displayed": displayed[number],
            "goals": tally.goals[number],
        }
        for number in sorted(displayed)
    }


def _surveys(archive: Archive, wanted: Chats, _: Grid) -> dict[str, object]:
    """Count the surveys of each group, and how often each answer was selected."""
    filled = [
        (str(chat.group), survey)
        for chat in chats_of(archive, wanted)
        for survey in chat.surveys
        if survey.type in wanted.surveys
    ]
    records: dict[str, dict[str, dict[str, object]]] = {}
    for (group, form), count in sorted(
        Counter((group, one.survey_id) for group, one in filled).items()
    ):
        answers = _answers(one for _, one in filled if one.survey_id == form)
        records.setdefault(group, {})[form] = {**answers, "count": count}
    return {"name": "surveys-report", "records": records}


def _answers(filled: Iterable[Filled]) -> dict[str, dict[str, int]]:
    """Count how often each index was selected for each answer id."""
    selected = Counter(answer for one in filled for answer in one.answers)
    found: dict[str, dict[str, int]] = {}
    for (answer, index), count in sorted(selected.items()):
        found.setdefault(answer, {})[str(index)] = count
    return found


_REPORTS: Mapping[str, _Report] = {
    "duration": Bucketed(
        "duration-report",
        lambda tally: {
            "count": tally.duration.count,
            "agents_chatting_duration": tally.chatting.over(),
            "duration": tally.duration.over(),
        },
        lambda tally: tally.duration.count,
    ).answer,
    "tags": Bucketed("tags-report", lambda tally: tally.tags).answer,
    "total_chats": Bucketed(
        "total-chats-report",
        lambda tally: {"total": tally.chats, "continuous": tally.continuous},
    ).answer,
    "ratings": Bucketed(
        "ratings-report",
        lambda tally: {"chats": tally.chats, "good": tally.good, "bad": tally.bad},
    ).answer,
    "ranking": _ranking,
    "engagement": Bucketed(
        "engagement-report",
        lambda tally: {"total": tally.chats, **tally.origins},
    ).answer,
    "greetings_conversion": _greetings,
    "surveys": _surveys,
    "response_time": Bucketed(
        "response-time-report",
        lambda tally: {
            "count": tally.response.count,
            "response_time": tally.response.seconds(),
        },
    ).answer,
    "first_response_time": Bucketed(
        "first-response-time-report",
        lambda tally: {
            "count": tally.first_response.count,
            "first_response_time": tally.first_response.seconds(),
        },
    ).answer,
}


def _answer(
    report: _Report, dialect: Dialect, parameters: Mapping[str, object], archive: Archive
) -> dict[str, object]:
    grid_ = grid(parameters, CHATS_DISTRIBUTIONS, archive.zone)
    return report(archive, chats(parameters, archive.now, dialect), grid_)


def reports(dialect: Dialect) -> dict[str, Callable[..., dict[str, object]]]:
    """Return by name the reports: parameters and archive in, answer out; it raises Refusal."""
    return {name: partial(_answer, report, dialect) for name, report in _REPORTS.items()}
