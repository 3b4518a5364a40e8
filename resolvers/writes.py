"""Changes on platforms: one after another, each at most once, each in the audit log."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from resolvers.context import RequestContext, Scope
from resolvers.making import Asked, Maker
from resolvers.outcome_book import Outcome
from vendors.errors import BadInputError, PlatformOutcomeUnknownError, SwitchboardError
from vendors.port import Platform
from vendors.words import Word
from vendors.writes import Change, Refusal

__all__ = ["Result", "WriteStatus", "write_each"]

_AUDIT = logging.getLogger("switchboard.audit")
_MOST = 100
_FEWER = "Make fewer changes at once."
_LONGEST_KEY = 255


class WriteStatus(Word):
    """What became of a change."""

    DONE = "done", "It was made."
    REFUSED = "refused", "It was refused, and nothing was changed; `userErrors` says why."
    VALID = "valid", "It would be sent as it is: nothing was sent, because `dryRun` was asked for."


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change."""

    status: WriteStatus
    platform: str
    native_id: str | None = None
    refusals: tuple[Refusal, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    """Ids of what else it is about, by their names in `vendors.writes.Made`."""


async def write_each(
    context: RequestContext,
    changes: Sequence[tuple[Platform, Change]],
    *,
    key: str | None = None,
    dry_run: bool = False,
) -> list[Result | SwitchboardError]:
    """Make the changes in turn; an error stands in the place of each that failed.

    Those that a platform takes together are sent together, at the turn of the first of them.
    Raises ForbiddenError where the caller may not write, BadInputError for too many at once, and
    TooComplexError, before any is made, where the operation has no calls left for all of them.
    """
    context.require(Scope.WRITE)
    if not 1 <= len(changes) <= _MOST:
        message = f"Cannot make {len(changes)} changes at once."
        raise BadInputError(message, argument="input", accepted=f"1 to {_MOST}")
    if key is not None and not 1 <= len(key) <= _LONGEST_KEY:
        accepted = f"1 to {_LONGEST_KEY} characters"
        raise BadInputError("This is no key.", argument="idempotencyKey", accepted=accepted)
    maker = Maker(context)
    results: dict[int, Result | SwitchboardError] = {}
    batches = _batches(changes, key)
    if not dry_run:
        context.spending.plan(Counter(batch[0].platform.key for batch in batches), _FEWER)
    for batch in batches:
        with _interrupted(context, batch, maker):
            made = await maker.make(batch, dry_run=dry_run)
        for asked, said in zip(batch, made, strict=True):
            results[asked.place] = result = _result(asked, said)
            repeat = asked.place in maker.repeats
            _audit(context, asked, result, dry_run=dry_run, repeat=repeat)
    return [results[place] for place in range(len(changes))]


def _batches(changes: Sequence[tuple[Platform, Change]], key: str | None) -> list[list[Asked]]:
    """Return the changes one by one, and those together that are `together`."""
    batches: dict[object, list[Asked]] = {}
    for place, (platform, change) in enumerate(changes):
        asked = Asked(platform, change, key, place)
        apart = (platform.key, type(change)) if change.together else place
        batches.setdefault(apart, []).append(asked)
    return [*batches.values()]


def _result(asked: Asked, said: Outcome | SwitchboardError | None) -> Result | SwitchboardError:
    platform = asked.platform.key
    if said is None:
        native_id: str | None = getattr(asked.change, "native_id", None)
        return Result(WriteStatus.VALID, platform, native_id)
    if isinstance(said, SwitchboardError):
        return said
    status = WriteStatus.REFUSED if said.refusals else WriteStatus.DONE
    return Result(status, platform, said.native_id, said.refusals, said.ids)


@contextmanager
def _interrupted(context: RequestContext, batch: Sequence[Asked], maker: Maker) -> Iterator[None]:
    """Log what was on its way when its caller went, or when the time was up."""
    try:
        yield
    except BaseException:
        for asked in batch if maker.sending else ():
            _audit(context, asked, PlatformOutcomeUnknownError(platform=asked.platform.key))
        raise


def _audit(
    context: RequestContext,
    asked: Asked,
    result: Result | SwitchboardError,
    *,
    dry_run: bool = False,
    repeat: bool = False,
) -> None:
    """Log who changed what, and what became of it; the values stay out of it.

    `repeat`: nothing was sent, since the caller's key told what had become of it before.
    """
    about: dict[str, Any] = {
        "key": context.principal.name,
        "change": type(asked.change).__name__,
        "platform": asked.platform.key,
        "native_id": getattr(asked.change, "native_id", None),
        "dry_run": dry_run,
        "repeat": repeat,
    }
    if isinstance(result, Result):
        about |= {"native_id": result.native_id, "outcome": result.status.value}
        about["codes"] = [one.code.value for one in result.refusals]
    else:
        about |= {"outcome": "failed", "codes": [result.code]}
    _AUDIT.info("write", extra=about)
