"""The command line's words and statuses, in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from gateway.cli import main
from gateway.security.keys import hash_of


class Done(NamedTuple):
    """How a command ended, and what it said."""

    status: object
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["switchboard", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code, *capsys.readouterr())

    return run


CONFIG = """
id_key = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
port = 0

[[api_keys]]
name = "tests"
hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of a gateway that is no sandbox."""
    path = tmp_path / "switchboard.toml"
    path.write_text(f"sandbox = false\n{CONFIG}")
    return path


class TestWrongSettings:
    def test_they_are_a_short_list(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SWITCHBOARD_HOTS", "x")
        config = tmp_path / "wrong.toml"
        config.write_text("prot = 1\n[cache]\nmax_bytes = 1\n")
        for command in (["serve"], ["check"], ["query", "-"], ["config", "show"]):
            done = run(*command, "--config", str(config))
            assert done.status == 2
            assert done.out == ""
            assert sorted(line.rpartition("toml: ")[2] for line in done.err.splitlines()) == [
                "SWITCHBOARD_HOTS: hots: there is no such setting; did you mean host?",
                "cache.max_bytes: Input should be greater than or equal to 1024",
                "prot: there is no such setting; did you mean port?",
            ]

    def test_a_missing_id_key_comes_with_a_fresh_one(self, run: Run, config: Path) -> None:
        config.write_text(config.read_text().replace("id_key =", "# id_key ="))
        done = run("serve", "--config", str(config))
        assert done.status == 2
        (line,) = done.err.splitlines()
        fresh = line[line.index('id_key = "') :]
        config.write_text(f"{fresh}\n{config.read_text()}")
        shown = run("config", "show", "--config", str(config))
        assert shown.status == 0
        assert f'id_key = "********"  # {config}' in shown.out.splitlines()

    def test_what_is_only_incomplete_is_shown_and_told(self, run: Run, config: Path) -> None:
        config.write_text("require_api_key = true\n")
        shown = run("config", "show", "--config", str(config))
        assert shown.status == 2
        assert "port = 8000  # default" in shown.out
        assert "api_keys: there is none" in shown.err

    def test_a_demo_needs_no_key(self, run: Run, config: Path) -> None:
        done = run("serve", "--demo", "--config", str(config))
        assert done.status == 1
        assert "--demo asks without a key" in done.err


@pytest.mark.usefixtures("own_logging")
class TestQuery:
    def ask(self, run: Run, config: Path, query: str, *arguments: str) -> Done:
        file = config.parent / "query.graphql"
        file.write_text(query)
        return run("query", str(file), "--config", str(config), *arguments)

    def test_what_is_no_terminal_gets_json(self, run: Run, config: Path) -> None:
        done = self.ask(run, config, "{platforms{key}}")
        answer = orjson.loads(done.out)
        assert answer["data"] == {"platforms": []}
        assert answer["extensions"]["switchboard"]["calls"] == []
        assert done.status == 0

    def test_tables_on_request(self, run: Run, config: Path) -> None:
        done = self.ask(run, config, "{__typename}", "--table")
        assert "__typename\nQuery\n" in done.out
        assert "0 calls, " in done.out
        assert done.status == 0

    def test_errors_are_told(self, run: Run, config: Path) -> None:
        done = self.ask(run, config, "{nothing}")
        (error,) = orjson.loads(done.out)["errors"]
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert done.status == 1

    @pytest.mark.parametrize("variables", ["[1]", "{", "1"])
    def test_variables_are_a_json_object(self, run: Run, config: Path, variables: str) -> None:
        done = self.ask(run, config, "{__typename}", "--variables", variables)
        assert done.status == 2
        assert "--variables" in done.err

    @pytest.mark.parametrize("command", ["query", "plan"])
    def test_a_subscription_is_for_a_server(
        self, run: Run, config: Path, tmp_path: Path, command: str
    ) -> None:
        file = tmp_path / "follow.graphql"
        file.write_text("subscription { platformHealth { __typename } }")

        done = run(command, str(file), "--config", str(config), "--json")

        assert done.status == 1
        assert "is answered by a server" in done.out

    def test_one_of_several_operations_is_named(self, run: Run, config: Path) -> None:
        several = "query A{a:__typename} query B{b:__typename}"
        unnamed = self.ask(run, config, several)
        (error,) = orjson.loads(unnamed.out)["errors"]
        assert "several operations" in error["message"]
        assert unnamed.status == 1
        named = self.ask(run, config, several, "--operation", "B")
        assert orjson.loads(named.out)["data"] == {"b": "Query"}
        assert named.status == 0

    @pytest.mark.parametrize("command", ["query", "plan"])
    def test_what_holds_no_query_is_said_to(self, run: Run, config: Path, command: str) -> None:
        file = config.parent / "odd.graphql"
        file.write_bytes(b"")
        empty = run(command, str(file), "--config", str(config))
        assert "There is no query." in empty.out
        assert empty.status == 1
        file.write_bytes(b"\xff\xfe{")
        unreadable = run(command, str(file), "--config", str(config))
        assert "UTF-8" in unreadable.err
        assert unreadable.status == 2

    def test_a_file_that_is_not_there(self, run: Run, config: Path) -> None:
        done = run("query", "missing.graphql", "--config", str(config))
        assert done.status == 2
        assert "missing.graphql" in done.err


class TestKeys:
    def test_a_key_is_shown_once_and_its_hash_is_ready_to_paste(
        self, run: Run, config: Path
    ) -> None:
        done = run("keys", "new", "--name", 'the "desk"', "--scope", "read", "--scope", "write")
        key = done.out.splitlines()[0].rpartition(" ")[2]
        table = done.out[done.out.index("[[api_keys]]") :]
        assert f'hash = "{hash_of(key)}"' in table
        assert key not in table
        config.write_text(f"{config.read_text()}\n\n{table}")
        shown = run("config", "show", "--config", str(config))
        assert shown.status == 0
        assert '"scopes":["read","write"]' in shown.out

    def test_platforms_can_be_named(self, run: Run) -> None:
        done = run("keys", "new", "--name", "a", "--platform", "b", "--platform", "c")
        assert 'scopes = ["read"]\nplatforms = ["b","c"]' in done.out

    def test_a_key_needs_a_name(self, run: Run) -> None:
        assert run("keys", "new").status == 2

    def test_the_secret_of_ids(self, run: Run) -> None:
        first, second = run("keys", "new", "--id-key"), run("keys", "new", "--id-key")
        assert first.out.startswith('id_key = "')
        assert first.out != second.out


def test_the_schema_is_exported_as_it_stands_in_its_file(run: Run) -> None:
    file = Path(__file__).parents[3] / "schema" / "schema.graphql"
    assert run("schema", "export").out == file.read_text(encoding="utf-8")


def test_without_a_command_it_says_what_it_can_do(run: Run) -> None:
    done = run()
    for command in ("serve", "check", "query", "schema", "config", "keys", "sandbox"):
        assert command in done.out + done.err
