"""The commands for what is kept: what they say, and with which status."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from tests.stores import RedisServer, running_redis

from gateway.cache.opening import open_store
from gateway.cli import main
from gateway.configuration.reading import load
from gateway.configuration.settings import CacheSettings
from resolvers.keys import TIERS, mark_key, scope_of, tier_of
from vendors.registry import specs
from vendors.world import World, utc_now


class Done(NamedTuple):
    """How a command ended, and what it said."""

    status: object
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 (whatever it says)
        return orjson.loads(self.out)


Run = Callable[..., Done]

pytestmark = pytest.mark.usefixtures("own_logging")

QUERY = "{ agents(first: 5) { nodes { nativeId } failures { platform code } } }"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["switchboard", "cache", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(params=["disk", pytest.param("redis", marks=pytest.mark.redis)])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A configuration of one platform that nobody listens for, and a cache outside."""
    if request.param == "disk":
        return written(tmp_path, backend="disk", path=str(tmp_path / "cache.sqlite"))
    url = request.getfixturevalue("server").url
    return written(tmp_path, backend="redis", url=url, namespace=tmp_path.name.lower())


def written(folder: Path, **cache: object) -> Path:
    """Write a configuration with that cache."""
    name, table = a_table("http://127.0.0.1:9")
    lines = ['id_key = "' + "k" * 43 + '"', "require_api_key = false", "", "[cache]"]
    lines += [f"{field} = {json.dumps(value)}" for field, value in cache.items()]
    lines += ["timeout_seconds = 5", "", "[[platforms]]", 'key = "north"', f'vendor = "{name}"']
    lines += [f"{field} = {json.dumps(value)}" for field, value in table.items()]
    path = folder / "switchboard.toml"
    path.write_text("\n".join(lines))
    return path


def a_table(origin: str) -> tuple[str, dict[str, Any]]:
    """Return the name of some vendor, and the plain settings that reach that origin."""
    world = World(seed=1, clock=utc_now)
    for name, spec in specs().items():
        table = dict(spec.simulator(world).settings(origin))
        if not any(isinstance(value, dict | list | tuple) for value in table.values()):
            return name, table
    raise AssertionError("every vendor needs tables")


@pytest.mark.parametrize("command", [["stats"], ["purge"], ["warm", "query.graphql"]])
def test_in_memory_there_is_nothing_to_do_and_the_status_says_so(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "query.graphql").write_text(QUERY)
    done = run(*command, "--config", str(written(tmp_path, backend="memory")))
    assert (done.status, done.out) == (3, "")
    assert "memory of the server process only" in done.err


def test_an_empty_store_holds_nothing(run: Run, config: Path) -> None:
    told = run("stats", "--config", str(config))
    assert told.status == 0
    assert told.json["tiers"] == []
    assert (told.json["store"]["entries"], told.json["store"]["bytes"]) == (0, 0)
    purged = run("purge", "--config", str(config))
    assert (purged.status, purged.out) == (0, "0 entries dropped\n")


def fill(config: Path, *keys: str) -> None:
    """Keep something under these keys, as a server would."""

    async def write() -> None:
        async with open_store(load(specs(), config=config).settings) as store:
            await store.write(dict.fromkeys(keys, b"12345"), 60)
            await store.exchange({"series.near": 7, "series.far": 2, "agents.missed": 1})

    asyncio.run(write())


def test_entries_bytes_and_hits_are_told_by_tier(run: Run, config: Path) -> None:
    fill(config, "series:aa:1", "series:bb:1", "agents:aa:1")
    told = run("stats", "--config", str(config)).json
    assert (told["store"]["entries"], told["store"]["bytes"]) == (3, 15)
    nothing = {"foundInMemory": 0, "foundInStore": 0, "missed": 0}
    assert told["tiers"] == [
        {"tier": "agents", "entries": 1, "bytes": 5, **nothing, "missed": 1},
        {
            "tier": "series",
            "entries": 2,
            "bytes": 10,
            **nothing,
            "foundInMemory": 7,
            "foundInStore": 2,
        },
    ]


@pytest.mark.parametrize(
    ("arguments", "dropped"),
    [
        ([], 4),
        (["--platform", "north"], 2),
        (["--tier", "series"], 2),
        (["--platform", "north", "--tier", "series"], 1),
    ],
)
def test_a_purge_drops_what_it_names(
    run: Run, config: Path, arguments: list[str], dropped: int
) -> None:
    north, south = scope_of("north"), scope_of("south")
    fill(
        config, *(f"{tier}:{scope}:1" for tier in ("series", "agents") for scope in (north, south))
    )
    done = run("purge", *arguments, "--config", str(config))
    assert (done.status, done.out) == (0, f"{dropped} entries dropped\n")
    assert run("stats", "--config", str(config)).json["store"]["entries"] == 4 - dropped


def test_warming_asks_each_and_tells_of_errors(run: Run, config: Path) -> None:
    query = config.parent / "query.graphql"
    query.write_text(QUERY)
    warmed = run("warm", str(query), "--config", str(config))
    # A platform that cannot be reached is data, not an error.
    assert warmed.status == 0
    assert warmed.json[str(query)]["errors"] == 0

    query.write_text("{ nothing }")
    done = run("warm", str(query), "--config", str(config))
    assert done.status == 1
    assert "nothing" in done.err


def test_stats_as_a_table(run: Run, config: Path) -> None:
    done = run("stats", "--table", "--config", str(config))
    assert done.status == 0
    assert "entries" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--platform", "nroth"], "did you mean north?"),
        (["--tier", "serie"], "did you mean series?"),
    ],
)
def test_names_that_are_not_known(run: Run, config: Path, arguments: list[str], said: str) -> None:
    done = run("purge", *arguments, "--config", str(config))
    assert done.status == 2
    assert said in " ".join(done.err.split())


@pytest.mark.parametrize("command", [["stats"], ["purge"], ["warm", "query.graphql"]], ids=" ".join)
def test_a_store_that_is_not_there_is_told_in_a_line(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / "query.graphql").write_text("{ __typename }")
    config = written(tmp_path, backend="redis", url=f"unix://{tmp_path}/nobody")
    done = run(*command, "--config", str(config))
    assert done.status == 1
    assert done.err.startswith("the cache's store cannot be used: ConnectionError")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("cache", "complaint"),
    [
        ({"backend": "redis"}, "cache.url is missing"),
        ({"backend": "disk"}, "cache.path is missing"),
        ({"backend": "disk", "path": "/"}, "cache.path is a folder, '/'"),
        ({"backend": "memory", "path": "x"}, 'cache.path is set, but cache.backend is "memory"'),
        ({"backend": "disk", "path": "x", "url": "redis://x"}, "cache.url is set, but"),
        ({"backend": "redis", "url": "http://x"}, "cache.url begins with none of redis://"),
    ],
)
def test_nonsense_is_complained_of(
    run: Run, tmp_path: Path, cache: dict[str, str], complaint: str
) -> None:
    done = run("stats", "--config", str(written(tmp_path, **cache)))
    assert done.status == 2
    assert complaint in done.err


def test_a_sandbox_needs_a_secret_of_its_own_to_be_read_again(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "switchboard.toml"
    file.write_text('[cache]\nbackend = "disk"\npath = "cache.sqlite"\n')
    done = run("stats", "--config", str(file))
    assert done.status == 2
    assert done.err.startswith("id_key is missing: what cache.backend")


def test_what_the_server_is_called_by_is_a_secret() -> None:
    settings = CacheSettings.model_validate({"backend": "redis", "url": "redis://:hunter2@x"})
    assert "hunter2" not in repr(settings)


def test_the_tiers_are_those_that_are_kept() -> None:
    named = {
        name
        for path in (Path(__file__).parents[3] / "resolvers").rglob("*.py")
        for name in _first_arguments(path.read_text(encoding="utf-8"))
    }
    # One names calls under way, of which nothing is kept; marks of changes, and documents that
    # belong to no platform, have keys of their own.
    apart = {tier_of(mark_key("agents:0")), "documents"}
    assert named - {"measure"} | apart == set(TIERS)


def _first_arguments(text: str) -> list[str]:
    return re.findall(r'cache_key\(\s*"(\w+)"', text)
