"""What several commands share: options, and how they begin and tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.reading import Loaded, load
from gateway.configuration.settings import Settings
from gateway.graphql.asking import Question
from gateway.observability.telemetry import configure_logging
from vendors.registry import specs

__all__ = [
    "Config",
    "Json",
    "Named",
    "Operations",
    "Sandbox",
    "Variables",
    "begun",
    "example",
    "print_json",
    "question_of",
    "usable",
    "wants_json",
]

Operations = Annotated[
    typer.FileText,
    typer.Argument(encoding="utf-8", help="The operation; `-` reads it from the input."),
]
Named = Annotated[
    str | None,
    typer.Option("--operation", help="Which one, where there are several.", show_default=False),
]
Variables = Annotated[str, typer.Option(help="The variables, as JSON.")]
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


def example(arguments: str) -> str:
    """Return what stands below the help of a command: how it is given."""
    return f"For example: `switchboard {arguments}`"


def usable(loaded: Loaded) -> Settings:
    """Return the settings; raise ConfigurationError where something is missing."""
    complaints = loaded.settings.complaints()
    if complaints:
        raise ConfigurationError(complaints)
    return loaded.settings


def begun(config: Path | None, sandbox: bool | None) -> Settings:
    """Return the settings of a command that asks platforms, and log its troubles by them.

    Raises ConfigurationError.
    """
    loaded = load(specs(), {"sandbox": sandbox}, config)
    configure_logging("warning", loaded.settings.log.format)
    return usable(loaded)


def question_of(file: typer.FileText, variables: str, operation: str | None = None) -> Question:
    """Return what the file asks; raise typer.BadParameter where that cannot be read."""
    values = _parsed(variables)
    try:
        return Question(file.read(), values, operation)
    except UnicodeDecodeError:
        message = f"{file.name} is not text in UTF-8."
        raise typer.BadParameter(message, param_hint="FILE") from None


def _parsed(variables: str) -> dict[str, Any]:
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
