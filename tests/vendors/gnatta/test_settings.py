from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.vendors.gnatta.upstream import RETURNS, SHOP, settings_of

from vendors.gnatta.wire import EXPORTED, PATHS


def test_only_the_client_and_its_token_endpoint_must_be_set() -> None:
    settings = settings_of(base_url=None, directory=None)
    assert settings.base_url == "https://api.gnatta.io/reporting/v1.2"
    assert settings.duration_unit == "seconds"
    assert settings.scope is None
    assert settings.settling_seconds == 900
    assert settings.directory.channels == (
        *("Facebook", "Instagram", "Email", "Twitter"),
        *("SMS", "Voice", "TrustPilot", "WebChat"),
    )


def test_tokens_come_from_somewhere() -> None:
    with pytest.raises(ValidationError, match="discovery_url or token_url"):
        settings_of(token_url=None)
    assert settings_of(token_url=None, discovery_url="https://auth.test/d").token_url is None


def test_the_secret_is_not_shown() -> None:
    assert "s3cret" not in repr(settings_of())


@pytest.mark.parametrize("entry", PATHS)
def test_a_path_is_overridden_alone_or_with_its_export(entry: str) -> None:
    settings = settings_of(paths={entry: "/elsewhere"})
    changed = {one for one in PATHS if settings.path(one) != PATHS[one].suffix}
    # The average has addresses of its own there.
    followers = {EXPORTED[entry]} if entry in EXPORTED and entry != "cphAverage.count" else set()
    assert changed == {entry} | followers
    assert settings.path(entry) == "/elsewhere"
    assert not settings.is_guessed(entry)


def test_documented_paths_are_no_guesses() -> None:
    known = {entry for entry in PATHS if not settings_of().is_guessed(entry)}
    documented = {
        "interactionsClosed.byDate",
        "interactionsClosed.count",
        "interactionsClosedByChannel.byDate",
    }
    assert known == documented | {EXPORTED[entry] for entry in documented}


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "https://gnatta.test/reporting/export/v1.2"),
        ({"base_url": "https://g.test/x/reporting/v2/"}, "https://g.test/x/reporting/export/v2"),
        ({"export_base_url": "https://files.test/csv/"}, "https://files.test/csv"),
        ({"base_url": "https://g.test/api", "export_base_url": "https://f.test"}, "https://f.test"),
        ({"base_url": "https://g.test/api"}, None),
    ],
)
def test_exports_live_beside_reports(settings: dict[str, object], address: str | None) -> None:
    assert settings_of(**settings).export_address == address


def test_what_is_set_of_the_pace_of_exports_leaves_the_rest_tight() -> None:
    pacing = settings_of(export_pacing={"read_seconds": 5}).export_pacing
    assert (pacing.concurrency, pacing.read_seconds) == (1, 5.0)
    assert settings_of().pacing.concurrency == 10


def test_an_unknown_entry_is_told_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"nearest is 'messageVolume\.count'"):
        settings_of(paths={"mesageVolume.count": "/messages"})


@pytest.mark.parametrize("path", ["messages", "https://elsewhere.test/messages", ""])
def test_a_path_stays_under_the_base(path: str) -> None:
    with pytest.raises(ValidationError, match="slash"):
        settings_of(paths={"messageVolume.count": path})


def test_a_word_is_overridden_alone() -> None:
    words = settings_of(group_by={"day": "Daily"}).group_by
    assert (words.hour, words.day, words.month) == ("Hour", "Daily", "Month")


def test_figures_settle_no_sooner_than_the_vendor_forgets_its_answers() -> None:
    with pytest.raises(ValidationError):
        settings_of(settling_seconds=599)


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="user"):
        settings_of(directory={"user": {}})


def test_tags_are_values_of_a_type() -> None:
    directory = {"tag_type": SHOP, "tags": {RETURNS: "Late"}}
    assert settings_of(directory=directory).directory.tags == {RETURNS: "Late"}
    with pytest.raises(ValidationError, match="give tag_type"):
        settings_of(directory={"tags": {RETURNS: "Late"}})
