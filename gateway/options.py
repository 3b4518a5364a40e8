"""What several commands share: options, and how they begin and tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gateway.complaints import ConfigurationError
from gateway.configuration import Loaded
from gateway.settings import Settings

__all__ = ["Config", "Json", "Sandbox", "parsed", "print_json", "usable", "wants_json"]

Config = Annotated[
    Path | None, typer.Option("--config", help="The TOML file to read.", show_default=False)
]
Sandbox = Annotated[
    bool | None,
    typer.Option(
        "--sandbox/--no-sandbox",
        help="Simulate the vendors; the default where no platform is configured.",
        show_default=False,
    ),
]
Json = Annotated[
    bool | None,
    typer.Option("--json/--table", help="By default tables on a terminal, else JSON."),
]


def usable(loaded: Loaded) -> Settings:
    """Return the settings; raise ConfigurationError where something is missing."""
    complaints = loaded.settings.complaints()
    if complaints:
        raise ConfigurationError(complaints)
    return loaded.settings


def parsed(variables: str) -> dict[str, Any]:
    """Return the variables that the text holds as a JSON object; raise typer.BadParameter."""
    try:
        return msgspec.json.decode(variables, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise typer.BadParameter(str(error), param_hint="--variables") from None


def wants_json(asked: bool | None) -> bool:
    """Return whether to print JSON: as asked, else where no person looks on."""
    return not sys.stdout.isatty() if asked is None else asked


def print_json(value: object) -> None:
    """Print the value for programs, and for people without a terminal."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
