"""The course of a conversation once somebody has it in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.world.calendar import spread
from vendors.world.contact import AGENT, BOT, CUSTOMER, LINK, NOTICE, RICH, SYSTEM, TEXT, pack

if TYPE_CHECKING:
    from random import Random

    from vendors.world.channels import Pace

_LINGER = 40.0
_SILENCE = 200.0


class Course(NamedTuple):
    """What happened, in whole seconds after the assignment; turns are (seconds, packed rest)."""

    first_response: int | None
    ended: int
    ended_by: str
    turns: tuple[tuple[float, int], ...]


def talk(rng: Random, pace: Pace, limit: int) -> Course:
    """Return a call that was answered at once."""
    ended = max(1, min(limit, round(spread(rng, pace.talk))))
    return Course(0, ended, _who_ends(rng, pace), ())


def silence(rng: Random, limit: int) -> Course:
    """Return a conversation in which nobody answered."""
    ended = max(1, min(limit, round(spread(rng, _SILENCE))))
    turns = ((ended * 0.4, pack(0, CUSTOMER)),) if rng.random() < 0.5 else ()
    return Course(None, ended, "customer" if rng.random() < 0.7 else "system", turns)


def writing(rng: Random, pace: Pace, limit: int) -> Course:
    """Return a written conversation, cut where the person has to leave."""
    first = max(1, round(spread(rng, pace.first_reply)))
    if first >= limit:
        return silence(rng, limit)
    turns, last = _exchange(rng, pace, first, limit)
    ended = min(limit, round(last + spread(rng, _LINGER)) + 1)
    ended_by = _who_ends(rng, pace)
    if ended_by == "system":
        turns.append((ended, pack(0, SYSTEM, NOTICE)))
    return Course(first, ended, ended_by, tuple(turns))


def automatic(rng: Random) -> Course:
    """Return a conversation that the bot handled alone."""
    turns: list[tuple[float, int]] = [(1.0, pack(0, BOT))]
    at = 1.0
    for _ in range(1 + int(rng.random() * 3)):
        at += spread(rng, 15.0)
        turns += [(at, pack(0, CUSTOMER)), (at + 1.0, pack(0, BOT, RICH))]
    ended = round(at + spread(rng, _LINGER)) + 2
    return Course(None, ended, "customer" if rng.random() < 0.6 else "system", tuple(turns))


def _exchange(
    rng: Random, pace: Pace, first: int, limit: int
) -> tuple[list[tuple[float, int]], float]:
    turns: list[tuple[float, int]] = [(first, pack(0, AGENT))]
    at = float(first)
    length = _length(rng, pace)
    for number in range(1, length + 1):
        asked = at + spread(rng, pace.gap)
        answered = round(asked + spread(rng, pace.gap))
        if answered >= limit:
            break
        turns.append((asked, pack(0, CUSTOMER)))
        if rng.random() < 0.15:
            turns.append(((asked + answered) / 2, pack(0, CUSTOMER)))
        turns.append((answered, pack(0, AGENT, _kind(rng), last=number == length)))
        at = float(answered)
    return turns, at


def _length(rng: Random, pace: Pace) -> int:
    return int(rng.random() * 2 * pace.exchanges + 0.5) if pace.live else int(rng.random() * 1.6)


def _kind(rng: Random) -> int:
    chance = rng.random()
    if chance < 0.08:
        return LINK
    return RICH if chance < 0.11 else TEXT


def _who_ends(rng: Random, pace: Pace) -> str:
    chance = rng.random()
    if not pace.live or chance < 0.62:
        return "agent"
    return "customer" if chance < 0.94 else "system"
