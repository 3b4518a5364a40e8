from __future__ import annotations

from dataclasses import replace as make
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace
from tests.fakes import platform_of

from gateway.observability.status import Latency, PlatformState, PlatformStatus
from gateway.pages.platform_cards import PlatformCard, card_of, failure_words, headline_of
from vendors import errors
from vendors.http.health import RateLimitHeaders

CALM = PlatformStatus(
    key="birch",
    title="Birch",
    state=PlatformState.OK,
    last_success_at=datetime(2026, 3, 1, tzinfo=UTC),
    last_failure_at=None,
    last_failure_code=None,
    latency=Latency(calls=3, median_seconds=0.2, p95_seconds=1.5),
    calls_in_progress=0,
    circuits={"reports": "closed"},
    credential="closed",
    quota=None,
    newest_figure_at=None,
    newest_figure_age_seconds=None,
    deprecation=None,
)


def card(**changes: Any) -> PlatformCard:  # noqa: ANN401 (any field)
    return card_of(make(platform_of("birch"), title="Birch"), replace(CALM, **changes))


@pytest.mark.parametrize("state", PlatformState)
def test_each_state_has_a_word_of_its_own(state: PlatformState) -> None:
    others = {card(state=other).word for other in PlatformState if other is not state}

    assert card(state=state).word
    assert card(state=state).word not in others


@pytest.mark.parametrize("state", PlatformState)
def test_there_is_something_to_do_where_something_is_wrong(state: PlatformState) -> None:
    calm = state in {PlatformState.OK, PlatformState.NEVER_ASKED}

    assert (card(state=state, last_failure_code="PLATFORM_AUTH").advice == "") is calm


def test_every_failure_has_words() -> None:
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PlatformError)
    }

    assert len(codes) > 9
    assert [code for code in codes if failure_words(code).startswith("failed:")] == []
    assert failure_words("SOMETHING_NEW") == "failed: something new"
    assert failure_words("") == ""


@pytest.mark.parametrize(
    ("quota", "shown"),
    [
        (None, ""),
        (RateLimitHeaders(limit="100"), ""),
        (RateLimitHeaders(remaining="0"), "0"),
        (RateLimitHeaders(limit="100", remaining="7"), "7 of 100"),
        (RateLimitHeaders(limit="1m", remaining="7"), "7 within 1m"),
    ],
)
def test_the_quota_is_told_where_it_is_known(quota: RateLimitHeaders | None, shown: str) -> None:
    assert card(quota=quota).quota == shown


@pytest.mark.parametrize(
    ("reset", "shown"),
    [
        (None, ""),
        ("30", "30"),
        ("2026-11-22T08:18:00.0000000Z", "22 Nov 2026, 08:18:00 UTC"),
        ("2026-11-22T09:18:00+01:00", "22 Nov 2026, 08:18:00 UTC"),
    ],
)
def test_when_the_quota_begins_anew_is_told_as_people_read_it(
    reset: str | None, shown: str
) -> None:
    assert card(quota=RateLimitHeaders(remaining="7", reset=reset)).quota_reset == shown


def test_circuits_are_told_in_words() -> None:
    shown = dict(card(circuits={"reports": "open"}, credential="half-open").circuits)

    assert shown == {"reports": "no calls for a while", "credential": "one call at a time, to see"}


@pytest.mark.parametrize(
    ("states", "headline"),
    [
        (["never asked", "never asked"], "No platform has been asked yet"),
        (["ok", "never asked"], "Every platform that was asked answers"),
        (["ok", "slow"], "Every platform answers"),
        (["ok", "failing"], "Birch needs a look"),
        (["limited", "failing"], "Birch and Birch need a look"),
    ],
)
def test_the_headline_is_how_all_of_them_fare(states: list[str], headline: str) -> None:
    assert headline_of([card(state=PlatformState(state)) for state in states]) == headline
