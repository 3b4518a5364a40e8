"""How a platform fares, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.observability.status import PlatformState, PlatformStatus
from gateway.pages.wording import duration, moment
from vendors.http.circuit import BreakerState
from vendors.http.health import RateLimitHeaders
from vendors.port import Platform

__all__ = ["PlatformCard", "card_of", "failure_words", "headline_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCard:
    """What a page shows of a platform without asking it anything. Empty: nothing to say."""

    key: str
    title: str
    vendor: str
    time_zone: str
    state: PlatformState
    word: str
    """The state, in words: beside a shape and a colour, so that none is needed alone."""
    latency: str
    slowest: str
    last_success: datetime | None
    last_failure: datetime | None
    failure: str
    newest_figure: datetime | None
    advice: str
    quota: str
    quota_reset: str
    in_progress: int
    circuits: tuple[tuple[str, str], ...]
    deprecation: str
    abilities: tuple[str, ...]


def card_of(platform: Platform, status: PlatformStatus) -> PlatformCard:
    """Return what is known of a platform now."""
    code = status.last_failure_code or ""
    latency = status.latency
    return PlatformCard(
        key=platform.key,
        title=platform.title,
        vendor=platform.vendor_title,
        time_zone=platform.time_zone,
        state=status.state,
        word=_WORDS[status.state],
        latency=_time(latency.median_seconds),
        slowest=_time(latency.p95_seconds),
        last_success=status.last_success_at,
        last_failure=status.last_failure_at,
        failure=failure_words(code),
        newest_figure=status.newest_figure_at,
        advice=_advice(status.state, code),
        quota=_quota(status.quota),
        quota_reset=_when((status.quota and status.quota.reset) or ""),
        in_progress=status.calls_in_progress,
        circuits=tuple(_circuits(status)),
        deprecation=status.deprecation or "",
        abilities=tuple(one.value.replace("_", " ") for one in sorted(platform.capabilities)),
    )


def failure_words(code: str) -> str:
    """Return what a platform did, by the code of its failure: `did not answer in time`."""
    return _FAILURES.get(code, f"failed: {code.lower().replace('_', ' ')}" if code else "")


def headline_of(cards: list[PlatformCard]) -> str:
    """Return in one sentence how all platforms fare."""
    failing = [card.title for card in cards if card.state in _TROUBLED]
    silent = sum(card.state is PlatformState.NEVER_ASKED for card in cards)
    if failing:
        return f"{' and '.join(failing)} {'needs' if len(failing) == 1 else 'need'} a look"
    if silent == len(cards):
        return "No platform has been asked yet"
    return "Every platform that was asked answers" if silent else "Every platform answers"


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else duration(seconds)


def _advice(state: PlatformState, code: str) -> str:
    if state is PlatformState.SLOW:
        return _ADVICE_SLOW
    return _ADVICE.get(code, _ADVICE_OTHERWISE) if state in _TROUBLED else ""


def _quota(limit: RateLimitHeaders | None) -> str:
    if limit is None or limit.remaining is None:
        return ""
    if limit.limit is None:
        return limit.remaining
    # Some limits name the window that they are of, such as `1m`, instead of a number.
    word = "of" if limit.limit.isdecimal() else "within"
    return f"{limit.remaining} {word} {limit.limit}"


def _when(told: str) -> str:
    """Return a moment as people read it; what is none, such as a number of seconds, as it is."""
    try:
        return moment(datetime.fromisoformat(told).astimezone(UTC))
    except ValueError:
        return told


def _circuits(status: PlatformStatus) -> list[tuple[str, str]]:
    groups = {**status.circuits, "credential": status.credential}
    return [(name, _BREAKERS.get(state, state)) for name, state in sorted(groups.items())]


_TROUBLED = {PlatformState.FAILING, PlatformState.LIMITED}
_WORDS: Mapping[PlatformState, str] = {
    PlatformState.OK: "Answering",
    PlatformState.SLOW: "Slow",
    PlatformState.LIMITED: "Asks to slow down",
    PlatformState.FAILING: "Failing",
    PlatformState.NEVER_ASKED: "Not asked yet",
}
_BREAKERS: Mapping[str, str] = {
    BreakerState.CLOSED.value: "calls go through",
    BreakerState.HALF_OPEN.value: "one call at a time, to see",
    BreakerState.OPEN.value: "no calls for a while",
}
_FAILURES: Mapping[str, str] = {
    "PLATFORM_UNREACHABLE": "could not be reached",
    "PLATFORM_TIMEOUT": "did not answer in time",
    "PLATFORM_BAD_RESPONSE": "answered what could not be read",
    "PLATFORM_TOO_LARGE": "answered more than is read",
    "PLATFORM_AUTH": "refused the credential",
    "PLATFORM_FORBIDDEN": "does not allow this with the credential",
    "PLATFORM_REJECTED": "called the request wrong",
    "PLATFORM_RATE_LIMITED": "asked to slow down",
    "PLATFORM_ERROR": "failed on its side",
    "PLATFORM_CIRCUIT_OPEN": "is left alone for a while",
    "PLATFORM_OUTCOME_UNKNOWN": "answered a change so late that its outcome is not known",
}
_ADVICE: Mapping[str, str] = {
    "PLATFORM_UNREACHABLE": "Check its address and the way out of this network.",
    "PLATFORM_TIMEOUT": "Wait: it is tried again. If it stays slow, raise the deadline.",
    "PLATFORM_BAD_RESPONSE": "Check its address and version; the log says what came.",
    "PLATFORM_TOO_LARGE": "Ask for a shorter period, or for fewer groups.",
    "PLATFORM_AUTH": "Renew its credential in the settings, then run `switchboard check`.",
    "PLATFORM_FORBIDDEN": "Give the credential the rights that the vendor asks for.",
    "PLATFORM_REJECTED": "The log says which call; a setting of this platform may be wrong.",
    "PLATFORM_RATE_LIMITED": "Wait: calls are spaced out until its limit begins anew.",
    "PLATFORM_OUTCOME_UNKNOWN": "Look there whether the change was made before making it again.",
}
_ADVICE_SLOW = "Large queries may pass their deadline: ask for less at once, or raise it."
_ADVICE_OTHERWISE = "Wait: it is tried again by itself."
