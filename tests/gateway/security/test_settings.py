"""What settings of callers are not taken, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.configuration.settings import Settings
from gateway.security.keys import hash_of

PROVIDER = {"issuer": "https://login.test", "audience": "gateway"}
KEY = {"name": "desk", "hash": hash_of("a key")}


def complaints(**fields: Any) -> str:  # noqa: ANN401 (any field)
    return "\n".join(Settings.model_validate(fields).complaints())


def test_a_provider_is_enough_where_keys_are_required() -> None:
    whole = {"require_api_key": True, "id_key": "k" * 43}
    assert "api_keys" in complaints(**whole)
    assert complaints(**whole, oidc=PROVIDER) == ""


def test_names_of_tokens_are_hidden_by_a_secret_also_in_a_sandbox() -> None:
    assert "id_key is missing" in complaints(sandbox=True, oidc=PROVIDER)
    assert complaints(sandbox=True) == ""


@pytest.mark.parametrize("moment", ["2027-01-01T00:00:00", "tomorrow"])
def test_the_end_of_a_key_is_a_moment_wherever_it_is_read(moment: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"api_keys": [{**KEY, "not_after": moment}]})


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, "open"),
        ({"require_api_key": True}, "key"),
        ({"require_api_key": True, "metrics": "open"}, "open"),
        ({"metrics": "off"}, "off"),
    ],
    ids=str,
)
def test_metrics_are_shown_as_everything_else_is_unless_it_is_said(
    fields: dict[str, Any], shown: str
) -> None:
    assert Settings.model_validate({"sandbox": True, **fields}).metrics_shown == shown
