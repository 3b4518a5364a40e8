"""What the documents show of a terminal is so: each command is run, its answer compared.

A block begins with ```console. A line that begins with `$ ` is a command, what follows its answer.
`…` stands for whatever is there: within a line, or, alone, for any lines. Days, moments and numbers
with a decimal point are those of the day on which they were written down; any others will do.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tests.e2e.running import ROOT, running_gateway

from gateway.pages.tools import KEY_NAME
from gateway.security.keys import hash_of

pytestmark = pytest.mark.timeout(300)

SHOWN_AT = "localhost:8000"
KEY = "swb_transcript"
SECONDS = 60
LOCKED = {"authentication.md"}
"""Pages whose gateway asks for a key."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANYTHING = "…"
_MOMENT = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?"
_FIGURE = r"-?\d+\.\d+"
_VARIES = re.compile(f"(?P<anything>{_ANYTHING})|(?P<moment>{_MOMENT})|(?P<figure>{_FIGURE})")
_MATCHING = {"anything": ".*?", "moment": _MOMENT, "figure": _FIGURE}

SETTINGS = f"""
[documents]
folder = "FOLDER/documents"

[[api_keys]]
name = "transcript"
hash = "{hash_of(KEY)}"
"""
DOCUMENT = "query Keys { platforms { key } }\n"


@dataclass(frozen=True)
class Command:
    """A command with the answer that is written down."""

    text: str
    answer: str


def commands(block: str) -> Iterator[Command]:
    """Yield the commands of a block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        text, _, answer = part.partition("\n")
        while text.endswith("\\"):
            further, _, answer = answer.partition("\n")
            text = f"{text}\n{further}"
        yield Command(text, answer)


def pattern(answer: str) -> re.Pattern[str]:
    """Return what an answer of that form matches."""
    lines = [line.rstrip() for line in answer.rstrip().splitlines()]
    told = ["(?:.*\n)*?" if line == _ANYTHING else f"{_line(line)}\n" for line in lines]
    return re.compile("".join(told))


def _line(line: str) -> str:
    parts: list[str] = []
    end = 0
    for found in _VARIES.finditer(line):
        parts.append(re.escape(line[end : found.start()]))
        parts.append(_MATCHING[found.lastgroup or ""])
        end = found.end()
    return "".join([*parts, re.escape(line[end:])])


def told(output: str, address: str) -> str:
    """Return an answer as a document tells it: without what a sandbox adds about its cost."""
    lines = output.replace("\r", "").replace(address, SHOWN_AT).rstrip().splitlines()
    return "".join(f"{_without_cost(line).rstrip()}\n" for line in lines)


def _without_cost(line: str) -> str:
    if '"extensions":{"switchboard"' not in line:
        return line
    start = line.index("{")
    answer, end = json.JSONDecoder().raw_decode(line, start)
    del answer["extensions"]["switchboard"]
    if not answer["extensions"]:
        del answer["extensions"]
    shown = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return f"{line[:start]}{shown}{line[end:]}"


PAGES = {
    path.relative_to(ROOT / "docs").as_posix(): blocks
    for path in sorted((ROOT / "docs").rglob("*.md"))
    if (blocks := _BLOCK.findall(path.read_text(encoding="utf-8")))
}
CASES = [
    pytest.param(page, block, id=f"{page}-{number}")
    for page, blocks in PAGES.items()
    for number, block in enumerate(blocks)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where commands are run: `switchboard` is there, as it is where it is installed."""
    place = tmp_path_factory.mktemp("transcripts")
    (place / "documents").mkdir()
    (place / "documents" / "keys.graphql").write_text(DOCUMENT, encoding="utf-8")
    command = place / "bin" / "switchboard"
    command.parent.mkdir()
    script = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m gateway "$@"\n'
    command.write_text(script, encoding="utf-8")
    command.chmod(0o755)
    return place


@pytest.fixture(scope="module")
def addresses(folder: Path) -> Iterator[Callable[[str], str]]:
    """Where the gateway of a page is: one that asks for a key, or one that is open."""
    with ExitStack() as stack:

        @cache
        def running(kind: str) -> str:
            settings = folder / f"{kind}.toml"
            first = "require_api_key = true\n" if kind == "locked" else ""
            text = SETTINGS.replace("FOLDER", str(folder))
            settings.write_text(f"{first}{text}", encoding="utf-8")
            options = ("--sandbox", "--config", str(settings))
            (log := folder / kind).mkdir()
            gateway = stack.enter_context(running_gateway(log, *options))
            return gateway.origin.removeprefix("http://")

        yield running


@pytest.mark.parametrize(("page", "block"), CASES)
def test_a_terminal_shows_what_is_written_down(
    addresses: Callable[[str], str], folder: Path, page: str, block: str
) -> None:
    address = addresses("locked" if page in LOCKED else "open")
    for command in commands(block):
        answer = told(output_of(command.text.replace(SHOWN_AT, address), folder), address)
        assert pattern(command.answer).fullmatch(answer), f"$ {command.text}\n{answer}"


def test_every_door_is_seen_at_work() -> None:
    sections = tomllib.loads((ROOT / "docs" / "navigation.toml").read_text(encoding="utf-8"))
    (doors,) = (one["pages"] for one in sections["sections"] if one["title"] == "Doors")

    # Examples are whole programs, with tests of their own.
    assert {page for page in doors if not page.startswith("examples/")} - PAGES.keys() == set()


def output_of(command: str, folder: Path) -> str:
    """Return what a terminal shows of a command."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "NO_PROXY": "*",
            KEY_NAME: KEY,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.stdout


class TestComparing:
    def test_what_varies_may_and_what_does_not_may_not(self) -> None:
        shown = pattern("HTTP/1.1 200 OK\n…\n\nday,value\n2026-11-21,65.0\nid: …, on\n")

        assert shown.fullmatch("HTTP/1.1 200 OK\na: b\n\nday,value\n2031-01-01,7.25\nid: 9f, on\n")
        assert shown.fullmatch("HTTP/1.1 200 OK\n\nday,value\n2031-01-01,7.25\nid: , on\n")
        for other in (
            "HTTP/1.1 400 OK\n\nday,value\n2031-01-01,7.25\nid: 9f, on\n",
            "HTTP/1.1 200 OK\n\nday,value\n2031-01-01,\nid: 9f, on\n",
            "HTTP/1.1 200 OK\n\nday,value\n2031-01-01,7.25\nid: 9f, off\n",
            "HTTP/1.1 200 OK\n\nday,value\n2031-01-01,7.25\nid: 9f, on\nmore\n",
        ):
            assert not shown.fullmatch(other)

    def test_commands_go_on_over_lines(self) -> None:
        found = list(commands("$ one \\\n  two\nanswer\n\nmore\n$ three\n"))

        assert found == [Command("one \\\n  two", "answer\n\nmore\n"), Command("three", "")]

    def test_what_an_answer_cost_is_left_out(self) -> None:
        cost = '"switchboard":{"calls":[{"a":1}]}'

        assert (
            told(f'{{"data":1.0,"extensions":{{{cost}}}}} 200\n', "g.test") == '{"data":1.0} 200\n'
        )
        assert told(f'{{"extensions":{{{cost},"b":2}}}}', "g.test") == '{"extensions":{"b":2}}\n'
