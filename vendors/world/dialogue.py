"""The course of a conversation once somebody has it in hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from vendors.world.calendar import spread
from vendors.world.contact import AGENT, BOT, CUSTOMER, LINK, NOTICE, RICH, SYSTEM, TEXT, pack

if TYPE_CHECKING:
    from random import Random

    from vendors.world.channels import Pace

_T = TypeVar("_T")
_LINGER = 40.0
_SILENCE = 200.0
_BOT_GAP = 15.0
_ASKS_AGAIN = 0.5
_WRITES_TWICE = 0.15
_LEAVES = 0.7
# Cumulative shares of who ends a live contact; who writes letters never does.
_ENDINGS = ((0.62, "agent"), (0.94, "customer"), (1.0, "system"))
_BY_AGENT = ((1.0, "agent"),)
_BY_OTHERS = ((_LEAVES, "customer"), (1.0, "system"))
_KINDS = ((0.08, LINK), (0.11, RICH), (1.0, TEXT))


class Course(NamedTuple):
    """What happened, in whole seconds after the assignment; turns are (seconds, packed rest)."""

    first_response: int | None
    ended: int
    ended_by: str
    turns: tuple[tuple[float, int], ...]


def talk(rng: Random, pace: Pace, limit: int) -> Course:
    """Return a call that was answered at once."""
    ended = max(1, min(limit, round(spread(rng, pace.talk))))
    return Course(0, ended, _draw(rng, _ENDINGS if pace.live else _BY_AGENT), ())


def silence(rng: Random, pace: Pace, limit: int) -> Course:
    """Return a conversation in which nobody answered."""
    ended = max(1, min(limit, round(spread(rng, _SILENCE))))
    turns = (
        ((ended * 0.4, pack(0, CUSTOMER)),) if not pace.voice and rng.random() < _ASKS_AGAIN else ()
    )
    return Course(None, ended, _draw(rng, _BY_OTHERS), turns)


def writing(rng: Random, pace: Pace, limit: int) -> Course:
    """Return a written conversation, cut where the person has to leave."""
    first = max(1, round(spread(rng, pace.first_reply)))
    if not pace.live:
        first = max(1, min(first, limit - 2))
    elif first >= limit:
        return silence(rng, pace, limit)
    turns, last = _exchange(rng, pace, first, limit)
    ended = min(limit, round(last + spread(rng, _LINGER)) + 1)
    ended_by = _draw(rng, _ENDINGS if pace.live else _BY_AGENT)
    if ended_by == "system":
        turns.append((ended, pack(0, SYSTEM, NOTICE)))
    return Course(first, ended, ended_by, tuple(turns))


def automatic(rng: Random) -> Course:
    """Return a conversation that the bot handled alone."""
    turns: list[tuple[float, int]] = [(1.0, pack(0, BOT))]
    at = 1.0
    for _ in range(1 + int(rng.random() * 3)):
        at += spread(rng, _BOT_GAP)
        turns += [(at, pack(0, CUSTOMER)), (at + 1.0, pack(0, BOT, RICH))]
    ended = round(at + spread(rng, _LINGER)) + 2
    return Course(None, ended, _draw(rng, _BY_OTHERS), tuple(turns))


def _exchange(
    rng: Random, pace: Pace, first: int, limit: int
) -> tuple[list[tuple[float, int]], float]:
    turns: list[tuple[float, int]] = [(first, pack(0, AGENT))]
    at = float(first)
    length = _length(rng, pace)
    for number in range(1, length + 1):
        asked = at + spread(rng, pace.gap)
        answered = math.ceil(asked + spread(rng, pace.gap))
        if answered >= limit:
            break
        turns.append((asked, pack(0, CUSTOMER)))
        if rng.random() < _WRITES_TWICE:
            turns.append(((asked + answered) / 2, pack(0, CUSTOMER)))
        turns.append((answered, pack(0, AGENT, _draw(rng, _KINDS), last=number == length)))
        at = float(answered)
    return turns, at


def _length(rng: Random, pace: Pace) -> int:
    return int(rng.random() * 2 * pace.exchanges + 0.5) if pace.live else int(rng.random() * 1.6)


def _draw(rng: Random, shares: tuple[tuple[float, _T], ...]) -> _T:
    chance = rng.random()
    return next(what for limit, what in shares if chance < limit)
