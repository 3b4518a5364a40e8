"""One local day of an account: every contact that begins on it, made at once from the seed."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from vendors.world import dialogue
from vendors.world.arrivals import Arrivals
from vendors.world.calendar import HOUR, is_open, spread
from vendors.world.channels import pace
from vendors.world.desks import Desk
from vendors.world.rota import lane

if TYPE_CHECKING:
    from datetime import date, datetime

    from vendors.world.contact import Contact
    from vendors.world.draft import Draft
    from vendors.world.people import StaffMember
    from vendors.world.profile import AccountProfile
    from vendors.world.rota import Rota

_BOT_WHEN_CLOSED = 0.85
# What a subject or a site that one does not know costs, in seconds of waiting.
_STRANGER = 40
_LEFT_IN_IVR = 0.35
_UNHANDLED = 60 * HOUR
_LETTER_SLICE = 480
_SHORTEST_REOPENING = 600

Stints: TypeAlias = "dict[int, list[tuple[int, int]]]"


@dataclass(frozen=True, slots=True)
class Day:
    """The contacts of a day in order of time, when each last changes, and who had them in hand.

    `stints` has the (from, to) seconds of each member on the day itself, `later` those of letters
    that were answered on another day, by that day.
    """

    contacts: tuple[Contact, ...]
    starts: tuple[datetime, ...]
    settled: tuple[int, ...]
    all_settled: int
    stints: Stints
    later: dict[date, Stints]


class DayMaker:
    """Plays the days of one account: who is free takes the next contact, else it waits or goes."""

    def __init__(
        self,
        profile: AccountProfile,
        seed: int,
        staff: tuple[StaffMember, ...],
        bot: StaffMember | None,
        rota: Rota,
    ) -> None:
        self.profile = profile
        self.seed = seed
        self.staff = {member.id: member for member in staff}
        self.bot = bot
        self.rota = rota

    def make(self, day: date) -> Day:
        """Make a day, the same one whenever it is asked for."""
        rng = Random(f"{self.seed}/{self.profile.name}/day/{day}")
        drafts = Arrivals(self.profile, self.seed, day, rng).drafts()
        play = _Play(self, day, rng)
        play.run(drafts)
        return self._finish(drafts, play)

    def desks(self, day: date) -> list[Desk]:
        """Return the desks of those who work."""
        letters = self.profile.has_deferred_channel()
        return [
            Desk(self.staff[number], blocks, self.rota.letters_until(day, blocks) if letters else 0)
            for number, blocks in self.rota.plan(day).items()
        ]

    def _finish(self, drafts: list[Draft], play: _Play) -> Day:
        prefix = self.profile.reference_prefix
        contacts = tuple(draft.contact(prefix) for draft in drafts)
        settled = tuple(draft.settled for draft in drafts)
        return Day(
            contacts=contacts,
            starts=tuple(contact.started_at for contact in contacts),
            settled=settled,
            all_settled=max(settled, default=0),
            stints=play.stints,
            later=play.later,
        )


class _Play:
    """The course of one day: a queue of (moment, number, draft), taken in order of time."""

    def __init__(self, maker: DayMaker, day: date, rng: Random) -> None:
        self.maker = maker
        self.profile = maker.profile
        self.day = day
        self.rng = rng
        self.desks = maker.desks(day)
        self.events: list[tuple[int, int, Draft]] = []
        self.carried: list[Draft] = []
        self.stints: Stints = {}
        self.later: dict[date, Stints] = {}

    def run(self, drafts: list[Draft]) -> None:
        """Give every draft its end."""
        for draft in drafts:
            self._arrive(draft)
        while self.events:
            moment, _, draft = heapq.heappop(self.events)
            for desk in self.desks:
                desk.forget(moment)
            (self._come_back if draft.ended else self._serve)(draft, moment)
        self._carry_over()

    def _push(self, moment: int, draft: Draft) -> None:
        heapq.heappush(self.events, (moment, draft.id, draft))

    def _arrive(self, draft: Draft) -> None:
        rng, tempo = self.rng, draft.pace
        if not tempo.voice:
            draft.open_with_message()
        if self._for_the_bot(draft):
            return
        draft.queued = draft.started + (round(spread(rng, 28.0)) if tempo.voice else 0)
        if tempo.live and rng.random() < self.profile.abandonment_rate:
            self._give_up(draft)
        elif tempo.live:
            self._push(draft.queued + 1 + int(rng.random() * 6), draft)
        else:
            self._push(draft.queued + round(spread(rng, tempo.patience, 0.9)), draft)

    def _for_the_bot(self, draft: Draft) -> bool:
        bot = self.maker.bot
        if bot is None or draft.pace.voice or not draft.pace.live:
            return False
        closed = not is_open(self.profile, draft.started)
        if self.rng.random() >= (_BOT_WHEN_CLOSED if closed else self.profile.bot_share):
            return False
        draft.follow(bot, draft.started, dialogue.automatic(self.rng))
        return True

    def _give_up(self, draft: Draft) -> None:
        rng = self.rng
        if draft.pace.voice and rng.random() < _LEFT_IN_IVR:
            draft.leave(max(draft.started + 2, draft.queued - 3), "ivr")
            draft.queued = 0
            return
        draft.leave(draft.queued + 3 + round(spread(rng, draft.pace.patience / 4)), "queue")

    def _serve(self, draft: Draft, moment: int) -> None:
        found = self._desk(draft, moment)
        if not draft.pace.live:
            if found is None:
                self.carried.append(draft)
                return
        else:
            gone = draft.queued + 5 + round(spread(self.rng, draft.pace.patience, 0.5))
            if found is None or found[0] > gone:
                draft.leave(gone, "queue")
                return
        self._hand_over(draft, found[1], found[0])

    def _desk(self, draft: Draft, moment: int) -> tuple[int, Desk] | None:
        """Find who can take it first: somebody who knows the subject, else anybody."""
        best: tuple[float, int, Desk] | None = None
        for desk in self.desks:
            if draft.channel not in desk.member.channels:
                continue
            at = desk.free_at(moment, voice=draft.pace.voice)
            if at is None:
                continue
            rank = at - moment + 10 * desk.load(at) + 60 * self.rng.random()
            rank += 0 if draft.queue.skill_id in desk.member.skill_ids else _STRANGER
            rank += 0 if draft.site.id in desk.member.site_ids else _STRANGER
            if best is None or rank < best[0]:
                best = (rank, at, desk)
        return None if best is None else best[1:]

    def _hand_over(self, draft: Draft, desk: Desk, at: int) -> None:
        draft.follow(desk.member, at, self._course(draft, desk.leaves - at))
        desk.take(draft.ended, voice=draft.pace.voice)
        self._note(self.stints, desk.member.id, at, draft.ended)
        if not draft.answered:
            return
        draft.judge(self.rng, self.profile)
        back = draft.ended + 1_200 + int(self.rng.random() * 9_600)
        if not draft.pace.voice and self.rng.random() < self.profile.reopen_rate:
            self._push(back, draft)

    def _course(self, draft: Draft, limit: int) -> dialogue.Course:
        rng = self.rng
        if rng.random() < self.profile.unanswered_rate and draft.pace.live:
            return dialogue.silence(rng, draft.pace, limit)
        course = dialogue.talk if draft.pace.voice else dialogue.writing
        return course(rng, draft.pace, limit)

    def _come_back(self, draft: Draft, moment: int) -> None:
        desk = next(desk for desk in self.desks if desk.member is draft.member)
        at = desk.free_at(moment, voice=False)
        if at is None or at > moment + 1_800 or at + _SHORTEST_REOPENING > desk.leaves:
            return
        closed = at + 120 + int(self.rng.random() * 360)
        draft.reopen(at, closed)
        desk.take(closed, voice=False)
        self._note(self.stints, desk.member.id, at, closed)

    def _carry_over(self) -> None:
        """Share the letters that nobody got to among those who work next, one after another."""
        next_day = self.maker.rota.next_open(self.day)
        lanes = self._lanes(next_day) if next_day else []
        if not lanes or next_day is None:
            for draft in self.carried:
                draft.leave(draft.started + _UNHANDLED, "queue", "system")
            return
        stints = self.later.setdefault(next_day, {})
        for turn, (member, (start, end)) in enumerate(lanes):
            mine = self.carried[turn :: len(lanes)]
            width = min(_LETTER_SLICE, (end - start) // max(1, len(mine)))
            for number, draft in enumerate(mine):
                self._answer_later(draft, member, start + number * width, width)
                self._note(stints, member.id, draft.assigned, draft.ended)

    def _lanes(self, next_day: date) -> list[tuple[StaffMember, tuple[int, int]]]:
        lag = (next_day - self.day).days
        found = [
            (self.maker.staff[number], lane(blocks, lag))
            for number, blocks in self.maker.rota.plan(next_day).items()
        ]
        return [(member, span) for member, span in found if span is not None]

    def _answer_later(self, draft: Draft, member: StaffMember, at: int, width: int) -> None:
        draft.follow(member, at, dialogue.writing(self.rng, pace(draft.channel), width))
        if draft.answered:
            draft.judge(self.rng, self.profile)

    @staticmethod
    def _note(stints: Stints, number: int, start: int, end: int) -> None:
        stints.setdefault(number, []).append((start, end))
