"""The reports on agents: when somebody was available, and what each of them did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vendors.livechat.sandbox import figures
from vendors.livechat.sandbox.archive import ACCEPTING, NOT_ACCEPTING
from vendors.livechat.sandbox.request import AGENTS_DISTRIBUTIONS, grid
from vendors.livechat.sandbox.selection import Agents, agents
from vendors.livechat.sandbox.stretches import lasting, overlaps, union

if TYPE_CHECKING:
    from vendors.livechat.sandbox.archive import Archive
    from vendors.livechat.sandbox.chats import Agent
    from vendors.livechat.sandbox.figures import Tally
    from vendors.livechat.sandbox.request import Grid
    from vendors.livechat.sandbox.window import Window

_Report: TypeAlias = "Callable[[Archive, Agents, Grid], dict[str, object]]"

_HOUR = timedelta(hours=1)
# Distribution -> the member of a bucket, and its unit.
_TIMES = {"day": ("hours", _HOUR), "hour": ("minutes", timedelta(minutes=1))}


def _availability(archive: Archive, wanted: Agents, grid_: Grid) -> dict[str, object]:
    """Tell how long at least one of the agents accepted chats; the total is in hours."""
    window = wanted.window
    spans = grid_.spans(window)
    there = union(
        [
            stretch
            for agent in archive.agents
            if wanted.wants(agent)
            for stretch in archive.present(agent, window.start, window.end, ACCEPTING)
        ]
    )
    times = dict.fromkeys(grid_.keys(spans), timedelta())
    for index, (start, end) in overlaps([(span.start, span.end) for span in spans], there):
        times[spans[index].key] += end - start
    member, unit = _TIMES[grid_.unit]
    return {
        "name": "availability-report",
        "total": lasting(there) / _HOUR,
        "records": {key: {member: time / unit if time else 0} for key, time in times.items()},
    }


def _performance(archive: Archive, wanted: Agents, _: Grid) -> dict[str, object]:
    """Tell of everybody who was logged in or had a chat; of times there is no summary."""
    window = wanted.window
    listed = [agent for agent in archive.agents if wanted.wants(agent)]
    emails = {agent.email for agent in listed}
    chats = [
        chat
        for chat in archive.chats(window.start, window.end)
        if chat.agent in emails and wanted.wants_chat(chat)
    ]
    tallies = figures.by_agent(chats)
    records = {
        agent.email: {**_work(tallies[agent.email]), **_attendance(archive, agent, window)}
        for agent in listed
    }
    return {
        "name": "performance-report",
        "records": {email: record for email, record in records.items() if any(record.values())},
        "summary": _work(figures.tally(chats)),
    }


def _work(tally: Tally) -> dict[str, float]:
    """Return what chats say of an agent; without a first response there is no time of one."""
    found: dict[str, float] = {
        "chats_count": tally.chats,
        "chats_rated_good": tally.good,
        "chats_rated_bad": tally.bad,
        "first_response_chats_count": tally.first_response.count,
    }
    if tally.first_response.count:
        found["first_response_time"] = tally.first_response.seconds()
    return found


def _attendance(archive: Archive, agent: Agent, window: Window) -> dict[str, float]:
    """Return an agent's times in whole seconds.

    Somebody who still holds a chat while they accept no others is not chatting: the vendor's
    chatting time is part of the time of accepting.
    """
    accepting = archive.present(agent, window.start, window.end, ACCEPTING)
    other = archive.present(agent, window.start, window.end, NOT_ACCEPTING)
    held = archive.chatting(agent, window.start, window.end)
    chatting = [shared for _, shared in overlaps(accepting, held)]
    times = [int(lasting(one).total_seconds()) for one in (accepting, other, chatting)]
    return {
        "accepting_chats_time": times[0],
        "not_accepting_chats_time": times[1],
        "chatting_time": times[2],
        "logged_in_time": times[0] + times[1],
    }


_REPORTS: Mapping[str, _Report] = {"availability": _availability, "performance": _performance}


def _answer(
    report: _Report, parameters: Mapping[str, object], archive: Archive
) -> dict[str, object]:
    grid_ = grid(parameters, AGENTS_DISTRIBUTIONS, archive.zone)
    return report(archive, agents(parameters, archive.now), grid_)


# Name -> the report: parameters and archive in, answer out; it raises Refusal.
REPORTS = {name: partial(_answer, report) for name, report in _REPORTS.items()}
