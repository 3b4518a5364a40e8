"""The shapes of answers: groups with values by date or alone, and the averages of them.

An average is that of what is listed beneath it, null where there is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from vendors.gnatta.sandbox.figures import columns
from vendors.gnatta.sandbox.reading import Group
from vendors.gnatta.sandbox.values import mean, state_contacts, state_seconds
from vendors.gnatta.sandbox.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from vendors.gnatta.sandbox.figures import Row, Rows, Tally
    from vendors.gnatta.sandbox.ledger import Ledger
    from vendors.gnatta.sandbox.question import Question
    from vendors.gnatta.sandbox.reading import Request

Document: TypeAlias = "dict[str, Any]"
Cell: TypeAlias = "Callable[[Question, Row], Document]"
Answer: TypeAlias = "Callable[[Ledger, Request], Document]"

# How many values a request for the most or least used ones gets.
_RANKED = 10


def listed(tally: Tally, cell: Cell) -> Answer:
    """Return an answer with one group per member: a cell, or one for every date."""

    def answer(ledger: Ledger, request: Request) -> Document:
        return (_count if request.buckets is None else _by_date)(ledger, request, tally, cell)

    return answer


def by_member(tally: Tally, rate: Cell) -> Answer:
    """Return an answer with one group per user and in it one value per member."""

    def answer(ledger: Ledger, request: Request) -> Document:
        rows = ledger.sums(tally, request.question, request.window)
        found = [_user(request, group, rows, (tally, rate)) for group in request.groups]
        return {"groups": found, **_average(found, "average")}

    return answer


def _count(ledger: Ledger, request: Request, tally: Tally, cell: Cell) -> Document:
    rows = ledger.sums(tally, request.question, request.window)
    found = [
        {"id": group.id, "name": group.name}
        | cell(request.question, rows.get(group.key, tally.zero))
        for group in request.groups or _ranked(rows, request.order)
    ]
    return {"groups": found, **_average(found, "value")}


def _by_date(ledger: Ledger, request: Request, tally: Tally, cell: Cell) -> Document:
    parts = [
        (bucket.date, ledger.sums(tally, request.question, Window(bucket.start, bucket.end)))
        for bucket in request.buckets or ()
    ]
    found = []
    for group in request.groups:
        dated = [
            {"date": date} | cell(request.question, rows.get(group.key, tally.zero))
            for date, rows in parts
        ]
        name = {"id": group.id, "name": group.name}
        found.append({**name, "values": dated, **_average(dated, "value")})
    return {"groups": found, **_average(found, "average")}


def _user(request: Request, user: Group, rows: Rows, how: tuple[Tally, Cell]) -> Document:
    """Return a user's contacts per hour, of which each member has some and the time is one."""
    tally, rate = how
    there = rows.get(user.key, tally.zero)
    theirs = [
        columns([there, rows.get((*user.key, *member.key), tally.zero)])
        for member in request.members
    ]
    values = [
        {"id": member.id, "name": member.name} | rate(request.question, row)
        for member, row in zip(request.members, theirs, strict=True)
    ]
    return {
        "id": user.id,
        "name": user.name,
        "totalContacts": sum(state_contacts(request.question, row) for row in theirs),
        "duration": state_seconds(request.question, there),
        "values": values,
        **_average(values, "value"),
    }


def _ranked(rows: Rows, order: str | None) -> Iterable[Group]:
    """Return the values of a data type that are used most, or least."""
    sign = -1 if order == "Descending" else 1
    used = sorted((sign * row[0], key[0]) for key, row in rows.items() if key and key[0])
    return [Group((value,), value, value) for _, value in used[:_RANKED] if value]


def _average(items: Sequence[Mapping[str, Any]], of: str) -> Document:
    """Return the average of items, nothing where they are no single figures."""
    if not all(of in item for item in items):
        return {}
    return {"average": mean(item[of] for item in items)}
