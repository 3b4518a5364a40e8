"""Sends changes to platforms, each at most once, and tells what became of them.

A change that can be repeated is tried again as reads are. One that creates is sent once. Where its
answer is lost, it is looked up: what was not there before and is what was asked for has been
created by it. Where that cannot be told, the outcome is said to be unknown, and what is neither
repeatable nor found is never sent again under its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from resolvers.context import RequestContext
from resolvers.lost_changes import Known, found_by, search_of
from resolvers.outcome_book import Outcome, OutcomeBook
from vendors.errors import (
    PlatformAuthError,
    PlatformError,
    PlatformForbiddenError,
    PlatformOutcomeUnknownError,
    PlatformRateLimitedError,
    PlatformTimeoutError,
    SwitchboardError,
    UnsupportedError,
)
from vendors.port import Platform
from vendors.records import Agent, AgentPresence, Conversation, Customer, Record, Skill, Team
from vendors.writes import (
    Change,
    Delete,
    Made,
    Refusal,
    RefusalCode,
    WriteRefusedError,
    WritesPort,
)

__all__ = ["Asked", "Maker"]

_NOT_DONE = (PlatformAuthError, PlatformForbiddenError, PlatformRateLimitedError)
"""Answers that say that nothing was done."""
_LISTS = ("directory", "members")
_STAFF = ("agents", "presence", "record", *_LISTS)
_PAGES = ("history", "record")
_TOUCHED: Mapping[type[Record], tuple[str, ...]] = {
    Team: _STAFF,
    Skill: _STAFF,
    Agent: _STAFF,
    AgentPresence: ("presence", "agents"),
    Customer: _PAGES,
    Conversation: ("conversations", "conversation", "presence", *_PAGES),
}
"""The tiers of the cache that may show what is changed, by the kind of it; else short lists."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A change, the platform that it is for, and the key under which it is made once."""

    platform: Platform
    change: Change
    key: str | None = None
    place: int = 0


Said: TypeAlias = Outcome | SwitchboardError
"""What became of one change: known, or why it is not."""


class Maker:
    """Makes the changes of one field."""

    def __init__(self, context: RequestContext) -> None:
        """Make them within that operation."""
        self._context = context
        self._known: dict[object, set[str]] = {}
        """The ids that are there, where something has been created: read once for all."""
        self.repeats: set[int] = set()
        """The places of what was not sent, since its key told what had become of it."""
        self._resumed: set[int] = set()
        """The places of what was sent before under its key, and is sent again."""
        self.sending = False
        """Whether something is on its way to a platform that has not answered yet."""

    async def make(self, batch: Sequence[Asked], *, dry_run: bool) -> list[Said | None]:
        """Return what became of each; None: it would be sent as it is.

        A batch is one change, or several of a kind that one platform takes together.
        """
        self.sending = False
        try:
            port = _port(batch[0])
        except UnsupportedError as error:
            return [error] * len(batch)
        refused = [port.refusals(asked.change) for asked in batch]
        sendable = [one for one, why in zip(batch, refused, strict=True) if not why]
        if dry_run or not sendable:
            sent: list[Said | None] = [None] * len(sendable)
        else:
            sent = [*await self._outcomes(sendable, port)]
        left = iter(sent)
        return [
            Outcome(_id_of(asked.change), why) if why else next(left)
            for asked, why in zip(batch, refused, strict=True)
        ]

    async def _outcomes(self, batch: Sequence[Asked], port: WritesPort) -> list[Said]:
        """Return what became of each: of the first time, where its key is known."""
        key = batch[0].key
        if key is None:
            return await self._made(batch, port, ())
        services, context = self._context.services, self._context
        books = [
            OutcomeBook(context, asked.platform, asked.change, key, asked.place) for asked in batch
        ]
        turn = books[0].turn
        # Whoever sends the same at the same time waits for its outcome instead of sending it again.
        async with services.turns.take([turn]), services.leases.hold(turn, context.call):
            earlier = [
                await self._earlier(one, book) for one, book in zip(batch, books, strict=True)
            ]
            open_ = [place for place, said in enumerate(earlier) if said is None]
            now = [batch[place] for place in open_]
            made = await self._made(now, port, [books[place] for place in open_]) if now else []
        left = iter(made)
        return [next(left) if said is None else said for said in earlier]

    async def _earlier(self, asked: Asked, book: OutcomeBook) -> Said | None:
        """Return what became of a change under its key; None: it is to be sent now."""
        try:
            begun = await book.read()
            if begun is None:
                return None
            if begun.outcome is None and asked.change.repeatable:
                self._resumed.add(asked.place)
                return None
            self.repeats.add(asked.place)
            if begun.outcome is not None:
                return begun.outcome
            outcome = await self._looked_up(asked, begun.before or (), None)
        except SwitchboardError as error:
            return error
        await book.end(outcome)
        return outcome

    async def _made(
        self, batch: Sequence[Asked], port: WritesPort, books: Sequence[OutcomeBook]
    ) -> list[Said]:
        """Send the changes; note in the books that they are sent, and what became of them."""
        if self._context.call.remaining <= 0.0:
            # Whoever else has the key may be sending it: what is in the book stays there.
            message, key = "no time left", batch[0].platform.key
            return [PlatformTimeoutError(message, platform=key, attempts=0)] * len(batch)
        try:
            before = [await self._before(asked) for asked in batch]
        except PlatformError as error:
            return [error] * len(batch)
        for book, there in zip(books, before, strict=False):
            await book.begin(there)
        made = await self._sent(batch, port, before)
        for book, said in zip(books, made, strict=False):
            if isinstance(said, Outcome):
                await book.end(said)
            elif not isinstance(said, PlatformOutcomeUnknownError):
                await book.forget()
        return made

    async def _sent(
        self, batch: Sequence[Asked], port: WritesPort, before: Sequence[tuple[str, ...]]
    ) -> list[Said]:
        changes, call = [asked.change for asked in batch], self._context.call
        self.sending = True
        try:
            if changes[0].together:
                told = await port.make_together(changes, call)
            else:
                told = (await port.make(changes[0], call),)
        except WriteRefusedError as error:
            return [self._refused(asked, error) for asked in batch]
        except PlatformError as error:
            if _is_undone(changes[0], error):
                return [error] * len(batch)
            # Late as it may come, it must not be taken for what is created next.
            self._known.clear()
            return await self._looked_up_each(batch, before, error)
        else:
            return [self._done(one, made) for one, made in zip(batch, told, strict=True)]
        finally:
            await self._forget(batch[0])

    def _refused(self, asked: Asked, error: WriteRefusedError) -> Outcome:
        """Return the refusal; what is gone since it was sent before has been deleted by that."""
        native_id, gone = _id_of(asked.change), (Refusal(RefusalCode.NOT_FOUND, "native_id"),)
        deletes = asked.place in self._resumed and isinstance(asked.change, Delete)
        done = deletes and error.refusals == gone
        return Outcome(native_id) if done else Outcome(native_id, error.refusals)

    async def _looked_up_each(
        self, batch: Sequence[Asked], before: Sequence[tuple[str, ...]], error: PlatformError
    ) -> list[Said]:
        found: list[Said] = []
        for asked, there in zip(batch, before, strict=True):
            try:
                found.append(await self._looked_up(asked, there, error))
            except PlatformOutcomeUnknownError as unknown:
                found.append(unknown)
        return found

    async def _looked_up(
        self, asked: Asked, before: tuple[str, ...], error: PlatformError | None
    ) -> Outcome:
        """Return what a change did whose answer was lost; raise PlatformOutcomeUnknownError."""
        found: list[Known] = []
        search = search_of(asked.platform, asked.change)
        if search is not None:
            with suppress(PlatformError):
                now = await search[1](self._context.call)
                found = found_by(asked.change, now, before)
        if len(found) == 1:
            (one,) = found
            ids = {"customer_id": one.native_id} if isinstance(one, Customer) else {}
            return Outcome(one.record_id, (), ids)
        raise PlatformOutcomeUnknownError(
            "the answer to a change was lost",
            platform=asked.platform.key,
            operation=type(asked.change).__name__,
            attempts=0 if error is None else error.attempts,
            retryable=asked.change.repeatable,
        )

    async def _before(self, asked: Asked) -> tuple[str, ...]:
        """Return the ids that are there before something is created."""
        search = search_of(asked.platform, asked.change)
        if search is None:
            return ()
        place = asked.platform.key, search[0]
        if place not in self._known:
            listed = await search[1](self._context.call)
            self._known[place] = {one.record_id for one in listed}
        return tuple(sorted(self._known[place]))

    def _done(self, asked: Asked, made: Made) -> Outcome:
        """Return the outcome; count what has been created among what is there."""
        search = search_of(asked.platform, asked.change)
        if search is not None and made.native_id is not None:
            self._known.get((asked.platform.key, search[0]), set()).add(made.native_id)
        return Outcome(made.native_id, (), made.ids)

    async def _forget(self, asked: Asked) -> None:
        """Let nothing be found that was kept of what has been changed, nor what is being read."""
        kind = asked.change.kind
        if kind is not None:
            await self._context.note_change(asked.platform, _TOUCHED.get(kind, _LISTS))


def _port(asked: Asked) -> WritesPort:
    port = asked.platform.writes
    if port is None or not asked.platform.takes(type(asked.change)):
        message = "The platform does not offer this change."
        raise UnsupportedError(message, extensions={"platform": asked.platform.key})
    return port


def _is_undone(change: Change, error: PlatformError) -> bool:
    """Return whether nothing was done: of several tries, the earlier ones may have done it."""
    if error.attempts != 1:
        return error.attempts == 0
    # What is tried again may be held back in this house after a try that was not answered.
    answered = error.status is not None or not change.repeatable
    return not error.sent or (answered and isinstance(error, _NOT_DONE))


def _id_of(change: Change) -> str | None:
    found: str | None = getattr(change, "native_id", None)
    return found
