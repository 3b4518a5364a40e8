"""The one pair of times that a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vendors.livechat.sandbox.refusals import invalid
from vendors.livechat.sandbox.times import INSTANT, instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vendors.livechat.sandbox.chats import Chat

Moment: TypeAlias = "Callable[[Chat], datetime | None]"

_LAST_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when, `start` <= t < `end`, and which moment of a chat has to lie within.

    `survey` is the type of the survey whose filling is that moment, None where it is another one.
    """

    start: datetime
    end: datetime
    moment: Moment
    survey: str | None = None

    def holds(self, chat: Chat) -> bool:
        """Tell whether the chat's moment lies within."""
        at = self.moment(chat)
        return at is not None and self.start <= at < self.end


def last_days(now: datetime) -> Window:
    """Return the window of a request without filters: seven times 24 hours up to now."""
    return Window(now - _LAST_DAYS, now + INSTANT, started)


def started(chat: Chat) -> datetime:
    """Return when a chat began."""
    return chat.started


def greeted(chat: Chat) -> datetime | None:
    """Return when a chat's greeting was sent: it is accepted at once, or never."""
    return None if chat.greeting is None else chat.started


def filled(survey: str) -> Moment:
    """Return what tells when a survey of the type was filled in."""
    return partial(_filled, survey)


def _filled(survey: str, chat: Chat) -> datetime | None:
    return next((one.at for one in chat.surveys if one.type == survey), None)


def pair(
    fields: Mapping[str, object], path: str, moment: Moment, survey: str | None = None
) -> Window | None:
    """Read `from` and `to`, both part of the window; None where there is neither.

    Raises:
        Refusal: One is missing, is no time, or they are in the wrong order.
    """
    given = [name for name in ("from", "to") if name in fields]
    if not given:
        return None
    if len(given) == 1:
        raise invalid(f"{path}.{given[0]}", "cannot stand alone: from and to go together")
    start = instant(fields["from"], f"{path}.from")
    last = instant(fields["to"], f"{path}.to")
    if start > last:
        raise invalid(f"{path}.from", f"must not be later than {path}.to")
    return Window(start, last + INSTANT, moment, survey)


def only(pairs: Iterable[Window | None]) -> Window:
    """Return the one window there is; surveys may repeat theirs, as in the vendor's own sample.

    Raises:
        Refusal: There is none, or more than one.
    """
    given = [one for one in pairs if one is not None]
    plain = [one for one in given if one.survey is None]
    different = {(one.start, one.end, one.survey is None) for one in given}
    if len(different) != 1 or len(plain) > 1:
        raise invalid("filters", "must hold exactly one pair of from and to")
    return given[0]
