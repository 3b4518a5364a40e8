"""The plan of a query: each call, what it is made for, and why it is shaped so, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from resolvers.context import RequestContext
from resolvers.planner.calls import PlannedCall
from resolvers.planner.series import MeasureAnswer
from vendors.measures import Grain, MeasureCall
from vendors.parameters import names_of

__all__ = ["Plan", "PlanLine", "PlanNote", "measuring_lines", "told", "unoffered"]


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """One call that would be made."""

    platform: str
    call: str
    """The vendor's endpoint, or what would be listed."""
    figures: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    buckets: str | None = None
    for_: tuple[str, ...] = msgspec.field(default=(), name="for")
    """The indicators and native figures that it is made for."""
    why: str = ""


class PlanNote(msgspec.Struct, frozen=True):
    """What is not asked of a platform, or cannot be known before other calls are made."""

    platform: str
    note: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All calls that are known before any is made, and what cannot be known."""

    calls: tuple[PlanLine, ...]
    notes: tuple[PlanNote, ...]
    errors: tuple[str, ...]
    """Why the query would be refused, in words for its author."""


def measuring_lines(answers: Iterable[MeasureAnswer], operation: RequestContext) -> list[PlanLine]:
    """Return a line for each measuring call, however many requests share it."""
    wanted: dict[tuple[str, PlannedCall], list[MeasureAnswer]] = {}
    for answer in answers:
        for key, calls in answer.made.items():
            for call in (one for one in calls if isinstance(one, PlannedCall)):
                wanted.setdefault((key, call), []).append(answer)
    lines = [_line(key, call, asked, operation) for (key, call), asked in wanted.items()]
    return sorted(lines, key=lambda line: (line.platform, line.call, line.start, line.figures))


def unoffered(answers: Iterable[MeasureAnswer]) -> Iterable[PlanNote]:
    """Return what the platforms do not offer of what is asked, each once."""
    told = (status for answer in answers for status in answer.sources)
    return dict.fromkeys(PlanNote(one.platform, one.note) for one in told if one.note)


def _line(
    key: str, call: PlannedCall, asked: Sequence[MeasureAnswer], operation: RequestContext
) -> PlanLine:
    platform = operation.platforms[key]
    measure = call.measure
    source = platform.measures.measurables.sources[measure.source] if platform.measures else None
    names = frozenset(f"{platform.vendor}.{figure}" for figure in measure.figures)
    items = dict.fromkeys(
        item
        for answer in asked
        for item in answer.request.items
        if names & _figures(item, key, operation)
    )
    return PlanLine(
        platform=key,
        call=measure.source if source is None else source.endpoint,
        figures=measure.figures,
        start=measure.start,
        end=measure.end,
        buckets=None if measure.grain is Grain.TOTAL else measure.grain.name,
        for_=tuple(items),
        why=_why(measure, asked),
    )


def _figures(item: str, platform: str, operation: RequestContext) -> frozenset[str]:
    sources = operation.catalogue.defined(item).sources
    return frozenset(name for one in sources if one.platform == platform for name in one.figures)


def _why(measure: MeasureCall, asked: Sequence[MeasureAnswer]) -> str:
    """Return why the call is shaped so, in a sentence."""
    requests = [answer.request for answer in asked]
    reasons = []
    if measure.grain is Grain.TOTAL:
        whole = any((one.start, one.end) == (measure.start, measure.end) for one in requests)
        reasons.append(
            "One value for the whole period."
            if whole
            else "One value with exact bounds, a part of the period."
        )
    elif all(one.grain is measure.grain for one in requests):
        reasons.append(f"The platform's own buckets of one {measure.grain.name}.")
    else:
        asked_for = " and ".join(dict.fromkeys(one.grain.name for one in requests))
        reasons.append(f"Buckets of one {measure.grain.name}, of which {asked_for} is made.")
    if len(requests) > 1:
        reasons.append(f"{len(requests)} requests share it.")
    if measure.group_by:
        reasons.append(f"By {' and '.join(one.name for one in measure.group_by)} at once.")
    for dimension, ids in measure.filters:
        many = "one" if len(ids) == 1 else str(len(ids))
        reasons.append(f"Restricted to {many} of {dimension.name}.")
    told = names_of(measure.arguments)
    if told:
        reasons.append(f"With the {_parameters(told)}.")
    return " ".join(reasons)


def _parameters(names: Sequence[str]) -> str:
    """Return which parameters are told; with which values is for nobody to read."""
    return f"parameter{'s' if len(names) > 1 else ''} {' and '.join(names)}"


def told(plan: Plan) -> dict[str, Any]:
    """Return the plan as an answer, for people to read."""
    counts = Counter(line.platform for line in plan.calls)
    each = ", ".join(f"{key} {count}" for key, count in sorted(counts.items()))
    rows = [
        {
            "platform": line.platform,
            "call": line.call,
            "from": _instant(line.start),
            "until": _instant(line.end),
            "for": list(line.for_ or line.figures),
            "why": line.why,
        }
        for line in plan.calls
    ]
    total = f"{counts.total()}: {each}" if counts else "none: nothing has to be asked"
    notes = [msgspec.structs.asdict(note) for note in plan.notes]
    known = bool(rows) or not plan.errors
    data = {"calls": rows, "in all": total if known else None, "notes": notes}
    errors = [{"message": message} for message in plan.errors]
    return {"errors": errors, "data": {name: value for name, value in data.items() if value}}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
