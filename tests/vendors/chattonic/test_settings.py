from __future__ import annotations

import tomllib

import pytest
from pydantic import ValidationError
from tests.manuals import manual_of
from tests.vendors.chattonic.upstream import settings_of

from vendors.chattonic.settings import ChatTonicSettings
from vendors.measures import Grain


def test_defaults_are_polite_and_leave_the_undocumented_open() -> None:
    settings = settings_of(pacing={})
    assert settings.pacing.concurrency == 4
    assert settings.pacing.read_seconds == 60.0
    assert settings.duration_unit == "unknown"
    assert settings.bucket_time_zone == "UTC"
    assert not settings.end_inclusive
    assert not settings.lists.filter_by_date
    assert settings.lists.page_size == 100


def test_the_manuals_sample_is_a_platform() -> None:
    manual = manual_of("chattonic")
    sample = manual.partition("```toml\n")[2].partition("```")[0]
    (table,) = tomllib.loads(sample)["platforms"]
    settings = ChatTonicSettings.model_validate(table)
    assert settings.codename == "acme"
    assert settings.duration_unit == "minutes"


def test_one_limit_of_our_own_leaves_the_others_polite() -> None:
    settings = settings_of(pacing={"attempts": 2})
    assert settings.pacing.attempts == 2
    assert settings.pacing.concurrency == 4


@pytest.mark.parametrize("name", ["base_url", "codename", "username", "password"])
def test_what_the_vendor_issues_has_no_default(name: str) -> None:
    given = settings_of().model_dump()
    del given[name]
    with pytest.raises(ValidationError):
        type(settings_of()).model_validate(given)


@pytest.mark.parametrize(
    "address", ["https://ct.test", "https://ct.test/", "https://ct.test/api/v1/"]
)
def test_the_address_is_taken_with_or_without_the_prefix(address: str) -> None:
    assert settings_of(base_url=address).base_url == "https://ct.test"


def test_bucket_formats_are_overridden_one_by_one() -> None:
    formats = settings_of(date_formats={"day": "%d/%m/%Y", "month": ""}).date_formats.by_grain
    assert formats == {
        Grain.YEAR: "%Y",
        Grain.WEEK: "%G-%V",
        Grain.DAY: "%d/%m/%Y",
        Grain.HOUR: "%Y-%m-%d %H",
    }
    assert next(iter(formats)) is Grain.YEAR


@pytest.mark.parametrize(
    ("formats", "grain", "asked"),
    [
        ({}, Grain.WEEK, (Grain.WEEK, "%G-%V")),
        ({}, Grain.TOTAL, (Grain.YEAR, "%Y")),
        ({"year": ""}, Grain.TOTAL, (Grain.MONTH, "%Y-%m")),
        ({"year": "", "month": ""}, Grain.TOTAL, (Grain.WEEK, "%G-%V")),
        ({"total": "0"}, Grain.TOTAL, (Grain.TOTAL, "0")),
        ({"total": "0"}, Grain.DAY, (Grain.DAY, "%Y-%m-%d")),
    ],
)
def test_a_total_is_one_row_where_that_can_be_asked_and_else_the_longest_buckets(
    formats: dict[str, str], grain: Grain, asked: tuple[Grain, str]
) -> None:
    assert settings_of(date_formats=formats).date_formats.asked_by(grain) == asked


@pytest.mark.parametrize(
    "formats",
    [
        {"day": "%m-%d"},
        {"hour": "%Y-%m-%d"},
        {"day": "%Y-%m-%d %H"},
        {"hour": "%Y-%m-%d %H:%M"},
        {"month": "%Y"},
        {"year": "%m"},
        {"day": "%Y-%m-%d'); DROP TABLE users; --"},
        {"day": "%A %Y-%m-%d"},
        {"day": "nonsense"},
        {"hour": "", "day": "", "week": "", "month": "", "year": ""},
        {"week": "%Y-%V"},
        {"week": "%G"},
        {"day": "%G-%V"},
        {"total": "%Y"},
        {"total": "0'"},
    ],
)
def test_a_format_that_names_no_bucket_is_refused(formats: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings_of(date_formats=formats)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bucket_time_zone": "Mars/Olympus"},
        {"duration_unit": "hours"},
        {"lists": {"page_size": 101}},
        {"lists": {"page_size": 9}},
        {"channels": {"line": "line"}},
        {"codename": ""},
        {"token": "x"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings_of(**wrong)
