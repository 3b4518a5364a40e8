from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.manuals import manual_of
from tests.vendors.iadvize.upstream import settings_of

from vendors.iadvize.settings import IadvizeSettings
from vendors.measures import Partition
from vendors.settings import PlatformSettings


def test_the_defaults_are_those_of_the_documents() -> None:
    settings = settings_of()
    assert settings.base_url == "https://sd.iadvize.com/api/2"
    assert settings.time_zone == "Europe/Paris"
    assert settings.channels == ("chat",)
    assert settings.auth == "header"


def test_the_key_is_not_shown() -> None:
    assert "s3cret" not in repr(settings_of())


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": ""},
        {"auth": "cookie"},
        {"time_zone": "Europe/Nowhere"},
        {"websites": [{"id": 1, "time_zone": "Nowhere"}]},
        {"websites": [{"id": 1, "currency": "euro"}]},
        {"websites": [{"id": ""}]},
        {"channels": []},
        {"channel_mode": "never"},
        {"page_size": 101},
        {"page_size": 0},
        {"statistic_months": 0},
        {"conversation_days": 0},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings_of(**wrong)


def test_channels_named_twice_count_once() -> None:
    assert settings_of(channels=["chat", "call", "chat"]).channels == ("chat", "call")


def test_a_website_has_its_own_zone_or_the_accounts() -> None:
    settings = settings_of(
        websites=[{"id": 1, "time_zone": "Europe/London"}, {"id": "2"}], time_zone="Europe/Madrid"
    )
    assert settings.zone_of("1").key == "Europe/London"
    assert settings.zone_of("2").key == "Europe/Madrid"
    assert settings.zone_of("3").key == "Europe/Madrid"
    assert settings.zone_of(None).key == "Europe/Madrid"


@pytest.mark.parametrize(
    ("zones", "several"),
    [([], False), ([None], False), (["Europe/Paris", None], False), (["Europe/London"], True)],
)
def test_there_are_several_zones_where_a_website_is_elsewhere(
    zones: list[str | None], *, several: bool
) -> None:
    websites = [{"id": number, "time_zone": name} for number, name in enumerate(zones, 1)]
    assert settings_of(websites=websites).several_zones is several


def test_without_websites_the_account_is_one_part() -> None:
    assert settings_of(currency="EUR").partitions == (
        Partition(key="", time_zone="Europe/Paris", currency="EUR", sites=()),
    )


def test_websites_of_one_zone_and_currency_are_one_part() -> None:
    settings = settings_of(
        currency="EUR",
        websites=[
            {"id": 1},
            {"id": 2, "time_zone": "Europe/London", "currency": "GBP"},
            {"id": 3, "currency": "EUR", "time_zone": "Europe/Paris"},
            {"id": 4, "currency": "CHF"},
        ],
    )
    assert [(one.time_zone, one.currency, one.sites) for one in settings.partitions] == [
        ("Europe/Paris", "EUR", ("1", "3")),
        ("Europe/London", "GBP", ("2",)),
        ("Europe/Paris", "CHF", ("4",)),
    ]


def test_a_part_of_other_websites_has_another_key() -> None:
    (one,) = settings_of(websites=[{"id": 1}]).partitions
    (other,) = settings_of(websites=[{"id": 1}, {"id": 2}]).partitions
    assert one.key != other.key


def test_a_website_is_unlike_its_settings_by_zone_or_currency() -> None:
    settings = settings_of(currency="EUR", websites=[{"id": 1, "currency": "GBP"}])
    assert not settings.unlike("1", "Europe/Paris", "GBP")
    assert settings.unlike("1", "Europe/Paris", "EUR")
    assert settings.unlike("1", "Europe/London", "GBP")
    assert not settings.unlike("2", "Europe/Paris", "EUR")


def test_every_setting_of_its_own_is_in_the_readme() -> None:
    readme = manual_of("iadvize")
    shared = set(PlatformSettings.model_fields) - {"base_url", "time_zone"}
    own = set(IadvizeSettings.model_fields) - shared
    assert {name for name in own if f"| `{name}` |" not in readme} == set()
