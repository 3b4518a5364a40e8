"""`switchboard config check` tells what is wrong with files of queries before anybody starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.gateway.queries.written import STAFF, folder_of
from typer.testing import CliRunner

from gateway.cli import app
from gateway.configuration.complaints import ConfigurationError


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(f"sandbox = true\n[queries]\nfolder = '{tmp_path / 'mine'}'\n")
    return file


def test_what_is_well_is_told(config: Path) -> None:
    folder_of(config.parent / "mine", {"staff": STAFF})
    found = CliRunner().invoke(app, ["config", "check", "--config", str(config)])

    assert (found.exit_code, "as they should be" in found.output) == (0, True)


def test_a_file_that_is_no_query_is_told_with_its_line(config: Path) -> None:
    folder_of(config.parent / "mine", {"staff": STAFF.replace("name }", "roles }")})
    found = CliRunner().invoke(app, ["config", "check", "--config", str(config)])

    assert isinstance(found.exception, ConfigurationError)
    (problem,) = found.exception.problems
    place = config.parent / "mine" / "staff.graphql"
    assert problem.startswith(f"queries: {place}:7: `agents.nodes.roles` is a list beside")
