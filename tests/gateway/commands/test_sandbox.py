from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from tests.gateway.serving import LOCAL

from gateway.commands.sandbox import with_sandbox
from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.server import StartError, bind
from vendors.registry import specs

ROOT = Path(__file__).parents[3]
PLATFORMS = specs()


@contextmanager
def sandbox(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "gateway", "sandbox", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def announced(process: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
    assert process.stdout is not None
    lines = iter(process.stdout.readline, b"\n")
    return [msgspec.json.decode(line, type=dict[str, Any]) for line in lines]


def ask(base_url: str) -> int:
    address = urlsplit(base_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


def test_each_vendor_is_announced_as_the_table_that_reaches_it() -> None:
    with sandbox() as process:
        tables = announced(process)
        assert [table["vendor"] for table in tables] == list(PLATFORMS)
        assert [table["title"] for table in tables] == [spec.title for spec in PLATFORMS.values()]
        for table in tables:
            assert table["key"] == table["title"].lower().replace(" ", "-")
            assert table["base_url"].startswith("http://127.0.0.1:")
            assert ask(table["base_url"]) < 500
        assert len({table["base_url"] for table in tables}) == len(PLATFORMS)
        assert len(platform_settings(PLATFORMS, tables)) == len(PLATFORMS)


@pytest.mark.parametrize("way", ["stdin", "SIGTERM", "SIGINT"])
def test_it_ends_in_order(way: str) -> None:
    with sandbox() as process:
        tables = announced(process)
        if way == "stdin":
            assert process.stdin is not None
            process.stdin.close()
        else:
            process.send_signal(getattr(signal, way))
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
        with pytest.raises(OSError, match="refused"):
            ask(tables[0]["base_url"])


def test_ports_can_be_chosen() -> None:
    base = free_ports(len(PLATFORMS))
    with sandbox("--port-base", str(base)) as process:
        ports = [urlsplit(table["base_url"]).port for table in announced(process)]
    assert ports == list(range(base, base + len(PLATFORMS)))


def test_a_taken_port_is_told() -> None:
    with bind("127.0.0.1", 0) as taken:
        base = taken.getsockname()[1]
        with sandbox("--port-base", str(base)) as process:
            assert process.wait(30) == 1
            assert process.stderr is not None
            assert f"port {base}: Address already in use" in process.stderr.read().decode()


def free_ports(count: int) -> int:
    """Return the first of so many ports in a row that are free now."""
    for base in range(21_000, 60_000, 7):
        try:
            for port in range(base, base + count):
                bind("127.0.0.1", port).close()
        except StartError:
            continue
        return base
    raise AssertionError("no ports are free")


def children(pid: int) -> list[int]:
    """Return the processes that this process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def test_settings_that_want_none_are_left_alone() -> None:
    settings = Settings(sandbox=False, **LOCAL)
    before = children(os.getpid())
    with with_sandbox(settings, PLATFORMS) as same:
        assert same is settings
        assert children(os.getpid()) == before


def test_settings_that_want_one_get_its_platforms_while_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    before = children(os.getpid())
    with with_sandbox(Settings(), PLATFORMS) as settings:
        assert len(settings.platforms) == len(PLATFORMS)
        assert settings.sandboxed
        assert settings.complaints() == ()
        (child,) = set(children(os.getpid())) - set(before)
        assert child
    assert children(os.getpid()) == before


def test_one_that_cannot_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gateway.py").write_text("raise SystemExit('not the one you meant')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StartError, match="did not start"), with_sandbox(Settings(), PLATFORMS):
        pass
