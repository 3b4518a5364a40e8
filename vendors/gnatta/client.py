"""Gnatta's Reporting API: tiles by date and counted, and the audits behind them as a list."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from vendors import records
from vendors.calls import Call
from vendors.errors import (
    PlatformBadResponseError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    Retry,
    Trips,
)
from vendors.gnatta import mapping, walking, wire
from vendors.gnatta.auth import SignIn
from vendors.gnatta.settings import GnattaSettings
from vendors.http import VendorHttp
from vendors.http.health import Health
from vendors.http.message import Answer, Ask, Judge
from vendors.http.pacing import RateGate
from vendors.http.status import date_header, judge_by_status, retry_after
from vendors.http.tokens import TokenAuth
from vendors.measures import Dimension, Member
from vendors.port import ConversationQuery, Page, Probe, Wiring

__all__ = ["Allowance", "Directory", "GnattaClient", "judge_of"]

_LOG = logging.getLogger("switchboard.vendors.gnatta")

_ACCEPT = (("Accept", "application/json"),)
_MINUTE = timedelta(minutes=1)
_TOO_MANY = 429
_FORBIDDEN = 403
_NO_ROLE = (
    "status 403: the user lacks the role Analytics: give it to them among Gnatta's user "
    "permissions, or set sign_in to client_application"
)
_LONGEST_QUEUE = 10.0
"""Seconds that a call waits for the reset of the rate limit; beyond, the caller is told at once."""
_EPOCH_TIMES = 1e9
"""From here on a number is a moment in 2001 or later; below, no wait is that long."""

_MOST_LEARNED = 1000
"""Members of a dimension that are learned at most: every one of them is named in each request."""


def judge_of(settings: GnattaSettings, used_up: Callable[[float], None] | None = None) -> Judge:
    """Return a judge by status that reads what answers tell of the rate limit, and of roles.

    Where a 429 has no Retry-After, it is the time to the reset. An answer after which no request
    is left is told to `used_up`, with the seconds to the reset.
    """

    def judge(answer: Answer) -> None:
        seconds = _to_reset(answer, settings)
        if answer.status == _TOO_MANY:
            if seconds is not None and retry_after(answer) is None:
                answer = _with_retry_after(answer, seconds)
        elif used_up is not None and seconds is not None and _is_last(answer, settings):
            used_up(seconds)
        if answer.status == _FORBIDDEN and settings.as_user:
            raise PlatformForbiddenError(_NO_ROLE, status=answer.status)
        judge_by_status(answer)

    return judge


def _with_retry_after(answer: Answer, seconds: float) -> Answer:
    """Return the answer with these seconds as its Retry-After."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    headers["retry-after"] = f"{seconds:.3f}"
    return msgspec.structs.replace(answer, headers=headers)


def _told(answer: Answer, names: Iterable[str]) -> str:
    """Return what the first present header of these names says, or nothing."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return next((headers[name.lower()] for name in names if name.lower() in headers), "").strip()


def _is_last(answer: Answer, settings: GnattaSettings) -> bool:
    """Return whether the answer says that no request is left until the reset."""
    with suppress(ValueError):
        return float(_told(answer, settings.rate_limit_remaining_headers)) <= 0.0
    return False


def _to_reset(answer: Answer, settings: GnattaSettings) -> float | None:
    """Return the seconds to the reset of the rate limit; None where nothing usable is told."""
    now = date_header(answer.headers) or answer.received
    told = _told(answer, settings.rate_limit_reset_headers)
    seconds = _seconds_to(told, now) if now else None
    return seconds if seconds is not None and 0.0 <= seconds < math.inf else None


def _seconds_to(reset: str, now: datetime) -> float | None:
    """Return the seconds to a reset: told as seconds, as an epoch time or as an instant."""
    with suppress(ValueError, OverflowError):
        number = float(reset)
        return number - now.timestamp() if number >= _EPOCH_TIMES else number
    with suppress(ValueError, OverflowError):
        told = datetime.fromisoformat(reset)
        return ((told if told.tzinfo else told.replace(tzinfo=UTC)) - now).total_seconds()
    return None


class Allowance:
    """How many requests answers say are left: where it is none, none is sent before the reset."""

    def __init__(self, platform: str) -> None:
        """Begin with as many as one likes."""
        self._platform = platform
        self._gate = RateGate()

    def used_up(self, seconds: float) -> None:
        """Note that no request is left for so long."""
        now = time.monotonic()
        self._gate.limited(now, now, seconds)

    async def wait(self, call: Call) -> None:
        """Wait for the reset where no request is left; raise PlatformError if that is long."""
        wait = self._gate.wait(time.monotonic())
        if wait > min(call.remaining, _LONGEST_QUEUE):
            raise PlatformRateLimitedError(
                "no request is left until the rate limit's reset",
                platform=self._platform,
                retry_after=wait,
                attempts=0,
                retry=Retry.NONE,
                trips=Trips.NOTHING,
                retryable=True,
            )
        if wait > 0.0:
            await asyncio.sleep(wait)


class Directory:
    """Whom and what can be grouped by: what is configured, then what audits have shown."""

    def __init__(self, settings: GnattaSettings) -> None:
        """Begin with what is configured."""
        self._learns = settings.directory.learn
        self._names: Mapping[Dimension, dict[str, str]] = {
            dimension: dict(names) for dimension, names in mapping.directory(settings).items()
        }
        self._seen = {
            dimension: {one.casefold() for pair in names.items() for one in pair}
            for dimension, names in self._names.items()
        }

    def members(self, dimension: Dimension) -> tuple[Member, ...]:
        """Return the members that are known now."""
        names = self._names.get(dimension, {})
        return tuple(Member(one, name or None) for one, name in names.items())

    @property
    def known(self) -> frozenset[Dimension]:
        """Return the dimensions of which any member is known now."""
        return frozenset(dimension for dimension, names in self._names.items() if names)

    def learn(self, event: wire.Event) -> None:
        """Add the user and the queue of an audit. A queue's id is a GUID; a name is not taken."""
        user, queue = mapping.context(event, "user"), mapping.context(event, "queue")
        self._add(Dimension.AGENT, user)
        self._add(Dimension.QUEUE, queue if queue and _is_guid(queue) else None)

    def _add(self, dimension: Dimension, found: str | None) -> None:
        names, seen = self._names[dimension], self._seen[dimension]
        if not self._learns or found is None or len(names) >= _MOST_LEARNED:
            return
        # Neither another spelling of a known id nor the name of a known member.
        if found.casefold() not in seen:
            seen.add(found.casefold())
            names[found] = ""


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class GnattaClient:
    """Asks one Gnatta domain. It has no list of users: the directory stands in for one."""

    def __init__(self, settings: GnattaSettings, wiring: Wiring) -> None:
        """Prepare; nothing is asked before the first question."""
        self._settings = settings
        self._clock = wiring.clock
        self._wrong_guesses: set[str] = set()
        self.directory = Directory(settings)
        self.auth = TokenAuth(SignIn(settings, lambda: self._http).obtain)
        """The token of all that is asked of the domain."""
        self._allowance = Allowance(settings.key)
        judge = judge_of(settings, self._allowance.used_up)
        self._http = VendorHttp(settings, wiring, auth=self.auth, judge=judge)

    def health(self) -> Health:
        """Return how the platform has fared lately, without asking it."""
        return self._http.health

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def by_date(self, tile: str, body: Mapping[str, Any], call: Call) -> wire.Answer:
        """Return a tile's groups, each with figures for every bucket."""
        return wire.answer(await self._post(f"{tile}.byDate", body, call), "dated")

    async def count(self, tile: str, body: Mapping[str, Any], call: Call) -> wire.Answer:
        """Return a tile's groups, each with its figures for the whole window."""
        shape: wire.Shape = "counted" if len(wire.ENDPOINTS[tile].named) <= 1 else "parted"
        return wire.answer(await self._post(f"{tile}.count", body, call), shape)

    async def view(self, entry: str, body: Mapping[str, Any], call: Call) -> tuple[wire.Event, ...]:
        """Return at most 1000 audits of one family, in the order that the body names."""
        found = wire.events(await self._post(entry, body, call))
        for event in found:
            self.directory.learn(event)
        return found

    async def walk(self, entry: str, question: walking.Question, call: Call) -> Page[walking.Row]:
        """Return one page of audits of one family, by as few calls as can be."""

        async def ask(since: datetime, until: datetime) -> tuple[wire.Event, ...]:
            return await self.view(entry, question.body(since, until), call)

        return await walking.walk(question, ask)

    @property
    def conversation_filters(self) -> frozenset[str]:
        """Return the filters that it applies."""
        return frozenset({"channels", "queue_ids"})

    async def conversations(
        self, query: ConversationQuery, call: Call
    ) -> Page[records.Conversation]:
        """Return the starts of interactions in the window, newest first.

        The page is truncated where more rows share one second than an answer holds.
        """
        if query.channels and not mapping.channel_words(query.channels, self._settings):
            return Page((), (), has_more=False)
        question = walking.Question(
            window=(query.start, query.end),
            limit=query.limit,
            after=query.after,
            filters=mapping.received(query, self._settings),
            contexts=mapping.view_contexts(("Queue", "User"), self._settings),
        )
        page = await self.walk(wire.VIEW_INTERACTIONS, question, call)
        found = (
            mapping.conversation(row.event, row.position.at, place, self._settings.key)
            for row, place in zip(page.items, page.positions, strict=True)
        )
        return Page(tuple(found), page.positions, page.has_more, page.truncated)

    async def agents(self, call: Call) -> tuple[records.Agent, ...]:  # noqa: ARG002 (the port's)
        """Return the users of the directory; nothing is asked."""
        return tuple(
            records.Agent(platform=self._settings.key, native_id=one.id, name=one.name)
            for one in self.directory.members(Dimension.AGENT)
        )

    async def probe(self, call: Call) -> Probe:
        """Count what was closed in the last whole minute: the one path that is documented."""
        end = self._clock.now().astimezone(UTC).replace(second=0, microsecond=0)
        window = {"from": mapping.instant_text(end - _MINUTE), "to": mapping.instant_text(end)}
        body = {"newState": ["Closed"], "filters": window}
        found = await self._http.probe(self._ask("interactionsClosed.count", body), call)
        told = [found.detail] if found.detail else []
        told += [_wrong_guess(entry) for entry in sorted(self._wrong_guesses)]
        return Probe(
            seconds=found.seconds,
            clock_skew_seconds=found.clock_skew_seconds,
            detail="; ".join(told) or None,
        )

    async def _post(self, entry: str, body: Mapping[str, Any], call: Call) -> object:
        await self._allowance.wait(call)
        try:
            return await self._http.fetch(self._ask(entry, body), object, call)
        except PlatformNotFoundError as error:
            if guessed := self.wrong_guess(entry, error):
                raise guessed from error
            raise

    def _ask(self, entry: str, body: Mapping[str, Any]) -> Ask:
        return Ask(
            endpoint=entry,
            method="POST",
            path=self._settings.path(entry),
            json=body,
            headers=_ACCEPT,
            group=wire.PATHS[entry].suffix.split("/")[1],
        )

    def wrong_guess(self, entry: str, error: PlatformNotFoundError) -> PlatformError | None:
        """Return what a 404 means on a path that no document shows, and log it once; else None."""
        if not self._settings.is_guessed(entry):
            return None
        message = _wrong_guess(entry)
        if entry not in self._wrong_guesses:
            self._wrong_guesses.add(entry)
            _LOG.warning("%s: %s", self._settings.key, message)
        return PlatformBadResponseError(
            message,
            platform=error.platform,
            operation=error.operation,
            attempts=error.attempts,
            status=error.status,
            trips=Trips.NOTHING,
        )


def _wrong_guess(entry: str) -> str:
    return f"path guessed, set it: paths.{entry}"
