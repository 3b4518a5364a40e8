from __future__ import annotations

import re

import pytest
from pydantic import ValidationError
from tests.vendors.livechat.upstream import settings_of

from vendors.livechat.auth import fingerprint
from vendors.livechat.settings import LiveChatSettings

ACCOUNT = "8f0c1f1e-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"account_id": ACCOUNT},
        {"personal_access_token": "dal:pat"},
        {"access_token": "dal:token", "account_id": ACCOUNT, "personal_access_token": "dal:pat"},
        {"access_token": "dal:token", "account_id": ACCOUNT},
        {"access_token": ""},
        {"access_token": " \n"},
        {"account_id": ACCOUNT, "personal_access_token": ""},
    ],
)
def test_exactly_one_credential_is_given(credential: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give either access_token, or account_id"):
        settings_of(**({"access_token": None} | credential))


def test_a_fingerprint_tells_credentials_apart_and_reveals_none() -> None:
    given: list[dict[str, str | None]] = [
        {"access_token": "dal:token"},
        {"access_token": "dal:other"},
        {"access_token": None, "account_id": ACCOUNT, "personal_access_token": "dal:token"},
        {"access_token": None, "account_id": "another", "personal_access_token": "dal:token"},
    ]
    found = [fingerprint(settings_of(**one)) for one in given]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in found)
    assert fingerprint(settings_of(key="other", version="3.6")) == fingerprint(settings_of())


def test_a_token_that_was_copied_with_its_escape_is_the_same_token() -> None:
    copied = settings_of(access_token=" dal%3Asecret\n")
    assert fingerprint(copied) == fingerprint(settings_of(access_token="dal:secret"))


def test_no_secret_is_shown() -> None:
    shown = repr(settings_of(access_token="dal:very-secret"))
    assert "very-secret" not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", "v3.4"),
        ("version_in", "query"),
        ("method", "PUT"),
        ("region", "fra\r\n"),
        ("groups", [{"id": -1}]),
        ("longest_window_days", 0),
        ("total_distribution", "hour"),
        ("agents_look_back", 0),
        ("tags_look_back", 0),
        ("organization_id", "x"),
    ],
)
def test_a_setting_of_no_meaning_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        settings_of(**{name: value})


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in LiveChatSettings.model_fields.values())


def test_versions_are_numbers_and_not_text() -> None:
    assert settings_of(version="3.10").release == (3, 10)
    assert settings_of(version="3.10").release > settings_of(version="3.9").release
