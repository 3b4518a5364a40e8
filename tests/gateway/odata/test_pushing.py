"""What filters ask of tables: as little as there need be, and never less than they keep."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.odata.protocol import Protocol
from gateway.odata.pushing import Pushed, pushed
from gateway.odata.service import entity_sets
from resolvers.rows.registry import STANDARD

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 4, 1, 12, tzinfo=PARIS)
PROTOCOL = Protocol(tuple(entity_sets(STANDARD.values()).values()))


def asked(table: str, text: str, **told: str) -> Pushed:
    term = PROTOCOL.read(table, f"$filter={text}").filter
    return pushed(term, STANDARD[table], told, NOW, ("elm", "oak"))


@pytest.mark.parametrize(
    ("text", "platforms"),
    [
        ("platform eq 'oak'", "oak"),
        ("'oak' eq platform", "oak"),
        ("platform in ('oak','elm','ash')", "elm,oak"),
        ("platform eq 'oak' or platform eq 'elm'", "elm,oak"),
        (
            "(platform eq 'oak' or platform eq 'elm') and platform ne 'x' and platform eq 'elm'",
            "elm",
        ),
        ("platform eq 'oak' or agent_id eq '1'", None),
        ("not (platform eq 'oak')", None),
        ("platform ne 'oak'", None),
        ("tolower(platform) eq 'oak'", None),
    ],
)
def test_platforms_are_those_that_can_be_meant(text: str, platforms: str | None) -> None:
    assert asked("agents", text) == Pushed({} if platforms is None else {"platform": platforms})


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("started_at ge 2026-03-01T00:30:00Z", "2026-03-01T00:30:00+00:00", None),
        ("started_at gt 2026-03-01T00:30:00Z", "2026-03-01T00:30:00.000001+00:00", None),
        ("started_at lt 2026-03-01T01:00:00%2B01:00", None, "2026-03-01T00:00:00+00:00"),
        ("started_at le 2026-03-01T00:00:00Z", None, "2026-03-01T00:00:00.000001+00:00"),
        ("2026-03-01T00:00:00Z gt started_at", None, "2026-03-01T00:00:00+00:00"),
        (
            "started_at_date eq 2026-03-29",
            "2026-03-28T23:00:00+00:00",
            "2026-03-29T22:00:00+00:00",
        ),
        ("ended_at ge 2026-03-01T00:00:00Z", None, None),
        ("started_at ge 2026-03-01T00:00:00Z or answered", None, None),
        ("started_at ne null", None, None),
    ],
)
def test_periods_of_lists_are_those_of_the_filter(
    text: str, start: str | None, end: str | None
) -> None:
    expected = {name: one for name, one in (("from", start), ("to", end)) if one is not None}
    assert asked("conversations", text) == Pushed(expected)


@pytest.mark.parametrize(
    ("bucket", "text", "start", "end"),
    [
        # Midnight in Paris is an edge, any other moment is not: no bucket is ever cut.
        ("day", "bucket_start ge 2026-03-28T23:00:00Z", "2026-03-28T23:00:00+00:00", None),
        ("day", "bucket_start ge 2026-03-28T23:00:01Z", "2026-03-29T22:00:00+00:00", None),
        ("day", "bucket_start lt 2026-03-28T23:00:00Z", None, "2026-03-28T23:00:00+00:00"),
        ("day", "bucket_start le 2026-03-28T23:00:00Z", None, "2026-03-29T22:00:00+00:00"),
        ("hour", "bucket_start gt 2026-03-29T00:00:00Z", "2026-03-29T01:00:00+00:00", None),
        ("month", "local_date ge 2026-02-02", "2026-02-28T23:00:00+00:00", None),
        ("total", "bucket_start ge 2026-02-02T00:00:01Z", "2026-02-02T00:00:01+00:00", None),
    ],
)
def test_periods_of_figures_end_at_edges(
    bucket: str, text: str, start: str | None, end: str | None
) -> None:
    expected = {name: one for name, one in (("from", start), ("to", end)) if one is not None}
    assert asked("report_volume", text, bucket=bucket) == Pushed(expected)


def test_what_the_caller_has_told_is_left_as_it_is() -> None:
    text = "started_at ge 2026-03-01T00:00:00Z and platform eq 'oak'"
    assert asked("conversations", text, to="today", platform="elm") == Pushed({})


@pytest.mark.parametrize(
    ("text", "parameters", "possible"),
    [
        ("indicator eq 'HANDLE_TIME'", {"keys": "HANDLE_TIME"}, True),
        (
            "indicator in ('HANDLE_TIME','birch.leaves','other')",
            {"keys": "HANDLE_TIME", "native": "birch.leaves"},
            True,
        ),
        ("indicator eq 'other'", {}, False),
        ("startswith(indicator,'HANDLE')", {}, True),
    ],
)
def test_indicators_are_those_that_are_named(
    text: str, parameters: dict[str, str], possible: bool
) -> None:
    assert asked("indicators", text) == Pushed(parameters, possible)
    assert asked("indicators", text, keys="HANDLE_TIME") == Pushed({})


@pytest.mark.parametrize(
    "text",
    [
        "started_at gt 2026-03-01T00:00:00Z and started_at le 2026-03-01T00:00:00Z",
        "started_at ge 2026-04-02T00:00:00Z",
        "platform eq 'oak' and platform eq 'elm'",
    ],
)
def test_a_period_without_a_moment_is_nothing_to_ask_for(text: str) -> None:
    assert not asked("conversations", text).possible


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("starts_at ge 2026-05-01T00:00:00Z", "2026-05-01T00:00:00+00:00", None),
        ("starts_at ge 2036-05-01T00:00:00Z", "2036-05-01T00:00:00+00:00", None),
        ("starts_at lt 2026-05-01T00:00:00Z", None, "2026-05-01T00:00:00+00:00"),
        ("starts_at lt 2026-03-01T00:00:00Z", None, "2026-03-01T00:00:00+00:00"),
    ],
)
def test_what_may_lie_ahead_does_not_end_today(
    text: str, start: str | None, end: str | None
) -> None:
    expected = {name: one for name, one in (("from", start), ("to", end)) if one is not None}
    assert asked("call_meetings", text) == Pushed(expected)


def test_a_period_ahead_that_is_none_asks_nobody() -> None:
    text = "starts_at ge 2026-05-01T00:00:00Z and starts_at lt 2026-04-30T00:00:00Z"
    assert asked("call_meetings", text) == Pushed({}, possible=False)
