from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.pages.wording import ago, duration, moment, quantity

NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (None, "COUNT", "not measured"),
        (0.0, "COUNT", "0"),
        (1234.0, "COUNT", "1,234"),
        (4.08, "PER_HOUR", "4.08"),
        (4.5, "SCORE", "4.5"),
        (58.33, "SCORE", "58"),
        (100.0, "COUNT", "100"),
        (0.8256, "RATE", "83%"),
        (0.0522, "RATE", "5.2%"),
        (0.0, "RATE", "0%"),
        (0.0004, "RATE", "0.04%"),
        (0.00000012, "RATE", "0.000012%"),
        (0.0996, "RATE", "10%"),
        (0.9951, "RATE", "99.5%"),
        (0.99996, "RATE", "99.996%"),
        (1.0, "RATE", "100%"),
        (1.2, "RATE", "120%"),
        (-0.25, "RATE", "-25%"),
        (0.0004, "SCORE", "0.0004"),
        (0.056, "PER_HOUR", "0.056"),
        (-0.004, "SCORE", "-0.004"),
        (41.2, "SECONDS", "41 s"),
        (7.0, "furlongs", "7"),
    ],
)
def test_a_value_has_its_unit(value: float | None, unit: str, shown: str) -> None:
    assert quantity(value, unit) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.084, "0.084 s"),
        (0.00001, "0.00001 s"),
        (-61, "-1 min 1 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (4284, "1 h 11 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (0.4, "just now"),
        (-3, "just now"),
        (12, "12 s ago"),
        (125, "2 min ago"),
        (90_000, "1 d ago"),
    ],
)
def test_the_past_is_told_by_its_largest_unit(passed: float, shown: str) -> None:
    assert ago(NOW - timedelta(seconds=passed), NOW) == shown


def test_what_never_was_is_never() -> None:
    assert ago(None, NOW) == "never"


def test_a_moment_names_its_zone() -> None:
    assert moment(NOW) == "1 Mar 2026, 12:00:05 UTC"
