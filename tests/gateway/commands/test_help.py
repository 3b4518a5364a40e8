"""What the help of each command says."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from gateway.cli import app


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (Typer's own)
    """Yield each command that does something, by the words that call it."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
    else:
        for word, one in inner.items():
            yield from leaves(one, f"{name} {word}")


COMMANDS = dict(leaves(typer.main.get_command(app), "switchboard"))


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_is_given_and_can_be_read(name: str) -> None:
    command = COMMANDS[name]
    before, line, after = command.epilog.split("`")
    assert (before, after) == ("For example: ", "")
    assert line.startswith(f"{name} ")

    typed = line.partition(" > ")[0].removeprefix(name)

    with command.make_context(name, shlex.split(typed)) as context:
        assert context.args == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = COMMANDS[name]

    assert command.help
    assert [one.name for one in command.params if not one.help] == []
