"""The reports that came after version 3.4: each as a function of the chats that are wanted."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vendors.livechat.sandbox import conditions as dialects
from vendors.livechat.sandbox.chat_reports import Bucketed, chats_of
from vendors.livechat.sandbox.figures import tally
from vendors.livechat.sandbox.refusals import invalid
from vendors.livechat.sandbox.request import CHATS_DISTRIBUTIONS, grid, zone_of
from vendors.livechat.sandbox.selection import Chats, by_group, chats

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from vendors.livechat.sandbox.archive import Archive
    from vendors.livechat.sandbox.figures import Tally

_Fields: TypeAlias = "Mapping[str, object]"
_Report: TypeAlias = "Callable[[Mapping[str, object], Archive], dict[str, object]]"


def _forms(parameters: _Fields, archive: Archive) -> dict[str, object]:
    """Count the forms of each group, and how often each answer was selected in each field."""
    grid(parameters, CHATS_DISTRIBUTIONS, archive.zone)
    wanted = chats(parameters, archive.now, dialects.OF_3_5)
    filled = [
        (chat.group, one)
        for chat in chats_of(archive, wanted)
        for one in chat.surveys
        if one.type in wanted.surveys
    ]
    counts = Counter((group, one.survey_id) for group, one in filled)
    answers = Counter(answer for _, one in filled for answer in one.answers)
    fields = {one.survey_id: [answer for answer, _ in one.answers] for _, one in filled}
    return {
        "name": "form-report",
        "records": [
            {
                "form_id": form,
                "count": count,
                "group_id": group,
                "fields": [_field(field, number, answers) for number, field in _told(fields[form])],
            }
            for (group, form), count in sorted(counts.items())
        ],
    }


def _told(fields: list[str]) -> list[tuple[int, str]]:
    return list(enumerate(fields, start=1))


def _field(field: str, number: int, answers: Counter[tuple[str, int]]) -> dict[str, object]:
    selected = sorted((index, count) for (one, index), count in answers.items() if one == field)
    return {
        "field_id": field,
        "label": f"Question {number}",
        "answers": [
            {"answer_id": str(index), "label": f"Answer {index + 1}", "count": count}
            for index, count in selected
        ],
    }


def _chat_usage(parameters: _Fields, archive: Archive) -> dict[str, object]:
    """Count the chats that bear each tag, of the whole window."""
    wanted = _undistributed(parameters, archive, ("groups",))
    return {
        "name": "tags-chat-usage-report",
        "records": dict(sorted(tally(chats_of(archive, wanted)).tags.items())),
    }


def _unique_visitors(parameters: _Fields, archive: Archive) -> dict[str, object]:
    """Count who chatted or let a greeting be, and a page for each chat and each greeting."""
    wanted = _undistributed(parameters, archive, ())
    found = chats_of(archive, wanted)
    greetings = archive.greetings(wanted.window.start, wanted.window.end).values()
    displayed = sum(one.displayed for one in greetings)
    accepted = sum(one.accepted for one in greetings)
    customers = {chat.contact.customer_id for chat in found}
    return {
        "name": "visitors-report",
        "summary": {
            "unique_visitors": len(customers) + displayed - accepted,
            "page_views": len(found) + displayed,
        },
    }


def _undistributed(parameters: _Fields, archive: Archive, filters: Collection[str]) -> Chats:
    """Read the parameters of a report that knows no distribution."""
    if "distribution" in parameters:
        raise invalid("distribution", "is not a known parameter")
    zone_of(parameters, archive.zone)
    return by_group(parameters, archive.now, filters)


def _waits(tally_: Tally) -> dict[str, dict[str, float]]:
    return {"left_queue": tally_.left.told(), "queued": tally_.queued.told()}


def _by_buckets(report: Bucketed, parameters: _Fields, archive: Archive) -> dict[str, object]:
    grid_ = grid(parameters, CHATS_DISTRIBUTIONS, archive.zone)
    return report.answer(archive, chats(parameters, archive.now, dialects.OF_3_5), grid_)


# Resource and name -> the report: parameters and archive in, answer out; it raises Refusal.
OF_3_5: Mapping[tuple[str, str], _Report] = {
    ("chats", "forms"): _forms,
    ("tags", "chat_usage"): _chat_usage,
}
OF_3_6: Mapping[tuple[str, str], _Report] = {
    ("chats", "groups"): partial(
        _by_buckets,
        Bucketed(
            "groups-report",
            lambda tally: {str(group): count for group, count in sorted(tally.groups.items())},
        ),
    ),
    ("chats", "queued_visitors"): partial(_by_buckets, Bucketed("queued-visitors-report", _waits)),
    ("customers", "unique_visitors"): _unique_visitors,
}
