"""The one place where chats become figures: of a bucket, of an agent, of the whole."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vendors.livechat.sandbox.chats import Chat
    from vendors.livechat.sandbox.times import Span
    from vendors.livechat.sandbox.window import Moment

_MILLISECONDS = 1_000
# The vendor's quantile: it ranks with more certainty than the usual 1.96.
_Z = 2.69


@dataclass(slots=True)
class Mean:
    """A mean of whole numbers, kept as a sum and a count so that parts merge without loss."""

    total: int = 0
    count: int = 0

    def add(self, value: int) -> None:
        """Count one more value."""
        self.total += value
        self.count += 1

    def over(self, parts: int = 1) -> float:
        """Return the mean, divided by `parts`; that of nothing is 0, which no report tells."""
        return self.total / (self.count * parts) if self.count else 0.0

    def seconds(self) -> float:
        """Return the mean of milliseconds in seconds."""
        return self.over(_MILLISECONDS)


@dataclass(slots=True)
class Waits(Mean):
    """Waits of whole seconds."""

    shortest: int | None = None
    longest: int = 0

    def add(self, value: int) -> None:
        """Count one more wait."""
        Mean.add(self, value)
        self.shortest = value if self.shortest is None else min(self.shortest, value)
        self.longest = max(self.longest, value)

    def told(self) -> dict[str, float]:
        """Return the waits as the queue's report tells them; of none there is nothing to tell."""
        if self.shortest is None:
            return {}
        times = {"min": self.shortest, "max": self.longest, "avg": self.over()}
        return {"count": self.count, **times}


@dataclass(slots=True)
class Tally:
    """What a number of chats come to. Durations are seconds, response times milliseconds."""

    chats: int = 0
    continuous: int = 0
    duration: Mean = field(default_factory=Mean)
    chatting: Mean = field(default_factory=Mean)
    first_response: Mean = field(default_factory=Mean)
    response: Mean = field(default_factory=Mean)
    ratings: Counter[str] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    groups: Counter[int] = field(default_factory=Counter)
    queued: Waits = field(default_factory=Waits)
    left: Waits = field(default_factory=Waits)
    accepted: Counter[int] = field(default_factory=Counter)
    goals: Counter[int] = field(default_factory=Counter)

    def add(self, chat: Chat) -> None:
        """Count one more chat."""
        self.chats += 1
        self.continuous += chat.continuous
        self.origins[chat.origin] += 1
        self.tags.update(chat.tags)
        self.groups[chat.group] += 1
        if chat.waited is not None:
            (self.left if chat.agent is None else self.queued).add(chat.waited)
        if chat.agent is not None:
            self.duration.add(chat.lasted)
            self.chatting.add(chat.chatting)
        if chat.first_response is not None:
            self.first_response.add(chat.first_response)
        if chat.response is not None:
            self.response.add(chat.response)
        if chat.rating is not None:
            self.ratings[chat.rating] += 1
        if chat.greeting is not None:
            self.accepted[chat.greeting] += 1
            self.goals[chat.greeting] += len(chat.sales)

    @property
    def good(self) -> int:
        """The chats rated good."""
        return self.ratings["good"]

    @property
    def bad(self) -> int:
        """The chats rated bad."""
        return self.ratings["bad"]

    def score(self) -> float:
        """Return the vendor's score of at least one rating.

        It is not Wilson's lower bound: under the root stands k / n where Wilson has k.
        """
        n = self.good + self.bad
        p, k = self.good / n, _Z * _Z / (4 * n)
        return (p + 2 * k - _Z * math.sqrt((k / n + p * (1 - p)) / n)) / (1 + 4 * k)


def tally(chats: Iterable[Chat]) -> Tally:
    """Return the figures of all of them together."""
    found = Tally()
    for chat in chats:
        found.add(chat)
    return found


def by_bucket(
    chats: Iterable[Chat], moment: Moment, spans: Sequence[Span]
) -> defaultdict[str, Tally]:
    """Return the figures by the key of the span that holds each chat's moment."""
    starts = [span.start for span in spans]
    found: defaultdict[str, Tally] = defaultdict(Tally)
    for chat in chats:
        at = moment(chat)
        if at is not None:
            found[spans[bisect_right(starts, at) - 1].key].add(chat)
    return found


def by_agent(chats: Iterable[Chat]) -> defaultdict[str, Tally]:
    """Return the figures by e-mail address; chats that nobody had are left out."""
    found: defaultdict[str, Tally] = defaultdict(Tally)
    for chat in chats:
        if chat.agent is not None:
            found[chat.agent].add(chat)
    return found
