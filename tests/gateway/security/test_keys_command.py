"""What `keys new` prints can be pasted, and is all that there is of the key."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.datastructures import Headers
from typer.testing import CliRunner

from gateway.callers import authenticator_for
from gateway.cli import app
from gateway.configuration.settings import Settings


def made(*options: str) -> tuple[str, dict[str, Any]]:
    """Return the key that was shown, and the table for the settings."""
    done = CliRunner().invoke(app, ["keys", "new", "--name", "desk", *options])
    assert done.exit_code == 0
    first, table = done.stdout.split("For the settings:")
    key = first.split()[-1]
    assert done.stdout.count(key) == 1
    return key, tomllib.loads(table)


@pytest.mark.parametrize(
    "options", [(), ("--scope", "metrics", "--platform", "oak", "--days", "90")], ids=str
)
async def test_what_is_printed_lets_the_key_in(options: tuple[str, ...]) -> None:
    key, table = made(*options)
    settings = Settings.model_validate({"require_api_key": True, **table})
    principal = await authenticator_for(settings).authenticate(Headers({"x-api-key": key}))
    assert principal.name == "desk"
    assert {one.value for one in principal.scopes} == ({"metrics"} if options else {"read"})
    assert principal.platforms == (frozenset({"oak"}) if options else None)


def test_the_end_is_so_many_days_from_now() -> None:
    _, table = made("--days", "90")
    ends = table["api_keys"][0]["not_after"]
    assert timedelta(days=89) < ends - datetime.now(UTC) <= timedelta(days=90)


def test_a_key_that_has_ended_already_is_not_made() -> None:
    assert CliRunner().invoke(app, ["keys", "new", "--name", "a", "--days", "0"]).exit_code == 2
