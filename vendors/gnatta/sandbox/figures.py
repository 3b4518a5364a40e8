"""The one place that turns audits and presence within a window into numbers that add up.

A tally gives a row of whole numbers for every group; rows of pieces, buckets and groups are added
column by column.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from vendors.gnatta.sandbox.audits import OUTCOMES
from vendors.gnatta.sandbox.presence import ONLINE, attendance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vendors.gnatta.sandbox.audits import Ending, Move, Sending, Stint
    from vendors.gnatta.sandbox.ledger import Ledger
    from vendors.gnatta.sandbox.question import Question
    from vendors.gnatta.sandbox.window import Window

Key: TypeAlias = "tuple[str | None, ...]"
Row: TypeAlias = "tuple[int, ...]"
Rows: TypeAlias = "Mapping[Key, Row]"


class Tally(NamedTuple):
    """A kind of row: how many columns it has, and how the rows of a window are made."""

    width: int
    rows: Callable[[Ledger, Question, Window], Rows]

    @property
    def zero(self) -> Row:
        """Return the row of a group about which nothing is known."""
        return (0,) * self.width


def columns(rows: Iterable[Row]) -> Row:
    """Add rows up, column by column."""
    return tuple(map(sum, zip(*rows, strict=True)))


RESPONSE_TIMES: Mapping[str, Callable[[Sending], int | None]] = {
    "AdvisorResponseTime": lambda fact: fact.advisor_response,
    "OriginatorWaitTime": lambda fact: fact.originator_wait,
}
ACTIONS: Mapping[str, Callable[[frozenset[str]], bool]] = {
    "Closed": lambda done: "Closed" in done,
    "Message": lambda done: "Message" in done,
    "Data": lambda done: "Data" in done,
    "Note": lambda done: "Note" in done,
    "None": lambda done: not done,
    "Any": bool,
}


def _asks_for_move(question: Question, fact: Move) -> bool:
    return _from(question, fact.old) and (question.new is None or fact.new in question.new)


def _asks_for_message(question: Question, fact: Sending) -> bool:
    time_of = RESPONSE_TIMES.get(question.response_time or "")
    return _goes(question, fact.direction) and (time_of is None or time_of(fact) is not None)


def _asks_for_ending(question: Question, fact: Ending) -> bool:
    return _from(question, fact.old) and _goes(question, fact.direction)


def _asks_for_stint(question: Question, fact: Stint) -> bool:
    did = question.action is None or ACTIONS[question.action](fact.actions)
    return did and (question.user_state is None or _is_contact(fact, question.user_state))


def _from(question: Question, old: str) -> bool:
    return not question.old or old in question.old


def _goes(question: Question, direction: str) -> bool:
    return question.direction is None or direction == question.direction


def _is_contact(fact: Stint, user_state: str) -> bool:
    """Tell whether anything was done, by somebody Online or, for LoggedIn, in any state."""
    here = fact.state == ONLINE if user_state == "Available" else fact.state is not None
    return here and bool(fact.actions)


# Which audits of a family a question asks for, once their subject is what it asks about.
ASKS: Mapping[str, Callable[[Question, Any], bool]] = {
    "states": _asks_for_move,
    "messages": _asks_for_message,
    "conversations": _asks_for_ending,
    "units": _asks_for_stint,
}


def _of_audits(family: str, width: int, row: Callable[[Question, Any], Row]) -> Tally:
    """Return the tally of a family's audits; an empty row is not counted."""
    asks = ASKS[family]

    def rows(ledger: Ledger, question: Question, window: Window) -> Rows:
        found: defaultdict[Key, list[Row]] = defaultdict(list)
        for audit in ledger.audits(family, window):
            if question.holds(audit) and asks(question, audit.fact):
                told = row(question, audit.fact)
                if told:
                    found[question.key(audit)].append(told)
        return {key: columns(some) for key, some in found.items()}

    return Tally(width, rows)


def _presence(ledger: Ledger, question: Question, window: Window) -> Rows:
    known = ledger.tenant.staff.keys() & (question.users or ())
    return {(user,): attendance(ledger.tenant, user, *window) for user in known}


def _joined(*tallies: Tally) -> Tally:
    """Return a tally with the columns of several, one after another."""

    def rows(ledger: Ledger, question: Question, window: Window) -> Rows:
        parts = [(tally, tally.rows(ledger, question, window)) for tally in tallies]
        keys = {key for _, part in parts for key in part}
        return {
            key: tuple(cell for tally, part in parts for cell in part.get(key, tally.zero))
            for key in keys
        }

    return Tally(sum(tally.width for tally in tallies), rows)


def _response_row(question: Question, fact: Sending) -> Row:
    time = RESPONSE_TIMES[question.response_time or ""](fact)
    return () if time is None else (time, 1)


def _outcome_row(question: Question, fact: Ending) -> Row:
    outcomes = OUTCOMES[question.channel or ""]
    return tuple(int(fact.outcome == outcome) for outcome in outcomes)


def _contact_row(_: Question, fact: Stint) -> Row:
    return tuple(int(_is_contact(fact, state)) for state in ("LoggedIn", "Available"))


# Columns: a number; milliseconds and their weight; one per outcome; contacts logged in and
# available; milliseconds available and unavailable.
MOVES = _of_audits("states", 1, lambda _, __: (1,))
STATE_TIMES = _of_audits("states", 2, lambda _, fact: (fact.lasted, 1))
MESSAGES = _of_audits("messages", 1, lambda _, __: (1,))
TIMES = _of_audits("messages", 2, _response_row)
OUTCOME_COUNTS = _of_audits("conversations", 3, _outcome_row)
LIVE_TIMES = _of_audits(
    "conversations", 2, lambda _, fact: () if fact.duration is None else (fact.duration, 1)
)
STINTS = _of_audits("units", 1, lambda _, __: (1,))
PRESENCE = Tally(2, _presence)
WORK = _joined(_of_audits("units", 2, _contact_row), PRESENCE)
ADVISORS = _joined(WORK, TIMES)
