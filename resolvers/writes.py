"""Changes on platforms: one after another, each at most once, each in the audit log.

A change that can be repeated is tried again as reads are. One that creates is sent once. Where its
answer is lost, it is looked up: what was not there before and has the name and the parent that
were asked for has been created by it. Where that cannot be told, the outcome is said to be unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from resolvers.context import RequestContext, Scope
from resolvers.keys import cache_key
from resolvers.outcome_book import Outcome, OutcomeBook
from vendors.errors import (
    BadInputError,
    PlatformAuthError,
    PlatformError,
    PlatformForbiddenError,
    PlatformOutcomeUnknownError,
    PlatformRateLimitedError,
    SwitchboardError,
    UnsupportedError,
)
from vendors.port import Platform
from vendors.records import Listed, Record
from vendors.words import Word
from vendors.writes import Change, Create, Refusal, WriteRefusedError, WritesPort

__all__ = ["Asked", "Result", "WriteStatus", "write_each"]

_AUDIT = logging.getLogger("switchboard.audit")
_MOST = 100
_LONGEST_KEY = 255
_NOT_DONE = (PlatformAuthError, PlatformForbiddenError, PlatformRateLimitedError)
"""Answers that say that nothing was done."""


class WriteStatus(Word):
    """What became of a change."""

    DONE = "done", "It was made."
    REFUSED = "refused", "It was refused, and nothing was changed; `userErrors` says why."
    VALID = "valid", "It would be sent as it is: nothing was sent, because `dryRun` was asked for."


@dataclass(frozen=True, slots=True)
class Asked:
    """A change, the platform that it is for, and the key under which it is made once."""

    platform: Platform
    change: Change
    key: str | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change."""

    status: WriteStatus
    platform: str
    native_id: str | None = None
    refusals: tuple[Refusal, ...] = ()


async def write_each(
    context: RequestContext,
    changes: Sequence[tuple[Platform, Change]],
    *,
    key: str | None = None,
    dry_run: bool = False,
) -> list[Result | SwitchboardError]:
    """Make the changes in turn; an error stands in the place of each that failed.

    Raises ForbiddenError where the caller may not write, BadInputError for too many at once.
    """
    context.require(Scope.WRITE)
    if not 1 <= len(changes) <= _MOST:
        message = f"Cannot make {len(changes)} changes at once."
        raise BadInputError(message, argument="input", accepted=f"1 to {_MOST}")
    if key is not None and not 1 <= len(key) <= _LONGEST_KEY:
        accepted = f"1 to {_LONGEST_KEY} characters"
        raise BadInputError("This is no key.", argument="idempotencyKey", accepted=accepted)
    writer = _Writer(context)
    results: list[Result | SwitchboardError] = []
    for place, (platform, change) in enumerate(changes):
        asked = Asked(platform, change, key, place)
        try:
            result: Result | SwitchboardError = await writer.write(asked, dry_run=dry_run)
        except SwitchboardError as error:
            result = error
        _audit(context, asked, result, dry_run=dry_run)
        results.append(result)
    return results


class _Writer:
    """Makes the changes of one field."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._known: dict[tuple[str, type[Record] | None], set[str]] = {}
        """The ids that are there, where something has been created: read once for all."""

    async def write(self, asked: Asked, *, dry_run: bool) -> Result:
        """Return what became of one change; raise SwitchboardError."""
        port = _port(asked)
        refusals = port.refusals(asked.change)
        if refusals:
            return _result(asked, Outcome(_id_of(asked.change), refusals))
        if dry_run:
            return Result(WriteStatus.VALID, asked.platform.key, _id_of(asked.change))
        if asked.key is None:
            return _result(asked, await self._made(asked, port, None))
        return _result(asked, await self._made_once(asked, port, asked.key))

    async def _made_once(self, asked: Asked, port: WritesPort, key: str) -> Outcome:
        """Return the outcome under that key: of the first time, if it is known."""
        services, call = self._context.services, self._context.call
        book = OutcomeBook(self._context, asked.platform, asked.change, key, asked.place)
        # Whoever sends the same at the same time waits for its outcome instead of sending it again.
        async with services.turns.take([book.name]), services.leases.hold(book.name, call):
            begun = await book.read()
            if begun is not None and begun.outcome is not None:
                return begun.outcome
            if begun is None or asked.change.repeatable:
                return await self._made(asked, port, book)
            outcome = await self._looked_up(asked, begun.before or (), None)
            await book.end(outcome)
            return outcome

    async def _made(self, asked: Asked, port: WritesPort, book: OutcomeBook | None) -> Outcome:
        """Send the change; note in the book that it is sent, and what became of it."""
        before = () if asked.change.repeatable else await self._before(asked)
        if book is not None:
            await book.begin(before)
        try:
            outcome = await self._sent(asked, port, before)
        except PlatformError as error:
            if book is not None and not isinstance(error, PlatformOutcomeUnknownError):
                await book.forget()
            raise
        if book is not None:
            await book.end(outcome)
        return outcome

    async def _sent(self, asked: Asked, port: WritesPort, before: tuple[str, ...]) -> Outcome:
        change = asked.change
        try:
            made = await port.make(change, self._context.call)
            if made.native_id is not None:
                self._known.get((asked.platform.key, change.kind), set()).add(made.native_id)
            return Outcome(made.native_id)
        except WriteRefusedError as error:
            return Outcome(_id_of(change), error.refusals)
        except PlatformError as error:
            if not error.sent or error.attempts == 0 or isinstance(error, _NOT_DONE):
                raise
            # Late as it may come, it must not be taken for what is created next.
            self._known.pop((asked.platform.key, change.kind), None)
            return await self._looked_up(asked, before, error)
        finally:
            await self._forget(asked)

    async def _looked_up(
        self, asked: Asked, before: tuple[str, ...], error: PlatformError | None
    ) -> Outcome:
        """Return what a change did whose answer was lost; raise PlatformOutcomeUnknownError."""
        change = asked.change
        found: list[str] = []
        if isinstance(change, Create):
            with suppress(PlatformError):
                listed = await self._listed(asked)
                fresh = [one for one in listed if one.native_id not in before]
                found = [one.native_id for one in fresh if change.made(one)]
        if len(found) == 1:
            return Outcome(found[0])
        raise PlatformOutcomeUnknownError(
            "the answer to a change was lost",
            platform=asked.platform.key,
            operation=type(change).__name__,
            attempts=0 if error is None else error.attempts,
            retryable=change.repeatable,
        )

    async def _before(self, asked: Asked) -> tuple[str, ...]:
        """Return the ids that are there before something is created."""
        place = asked.platform.key, asked.change.kind
        if place not in self._known:
            self._known[place] = {one.native_id for one in await self._listed(asked)}
        return tuple(sorted(self._known[place]))

    async def _listed(self, asked: Asked) -> tuple[Listed, ...]:
        """Return the records of the kind that is changed, as they are now."""
        port, kind = asked.platform.directories, asked.change.kind
        if port is None or kind is None or not issubclass(kind, Listed):
            return ()
        if not asked.platform.lists(kind):
            return ()
        return await port.directory(kind, self._context.call)

    async def _forget(self, asked: Asked) -> None:
        """Let nothing be read that was kept of what has been changed, nor what is being read."""
        platform = asked.platform
        directory = cache_key("directory", platform, getattr(asked.change.kind, "__name__", ""))
        keys = (directory, cache_key("agents", platform))
        self._context.note_change(keys)
        await self._context.entities.forget(*keys)


def _port(asked: Asked) -> WritesPort:
    port = asked.platform.writes
    if port is None or not asked.platform.takes(type(asked.change)):
        message = "The platform does not offer this change."
        raise UnsupportedError(message, extensions={"platform": asked.platform.key})
    return port


def _id_of(change: Change) -> str | None:
    found: str | None = getattr(change, "native_id", None)
    return found


def _result(asked: Asked, outcome: Outcome) -> Result:
    status = WriteStatus.REFUSED if outcome.refusals else WriteStatus.DONE
    return Result(status, asked.platform.key, outcome.native_id, outcome.refusals)


def _audit(
    context: RequestContext, asked: Asked, result: Result | SwitchboardError, *, dry_run: bool
) -> None:
    """Log who changed what, and what became of it; the values stay out of it."""
    about: dict[str, Any] = {
        "key": context.principal.name,
        "change": type(asked.change).__name__,
        "platform": asked.platform.key,
        "native_id": _id_of(asked.change),
        "dry_run": dry_run,
    }
    if isinstance(result, Result):
        about |= {"native_id": result.native_id, "outcome": result.status.value}
        about["codes"] = [one.code.value for one in result.refusals]
    else:
        about |= {"outcome": "failed", "codes": [result.code]}
    _AUDIT.info("write", extra=about)
