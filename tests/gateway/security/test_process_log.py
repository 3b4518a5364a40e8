"""What a gateway that runs by itself writes down of secrets, and how it takes new keys."""

from __future__ import annotations

import asyncio
import base64
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from tests.gateway.security.provider import AUDIENCE, Provider, provider
from websockets.asyncio.client import connect

from gateway.security.keys import hash_of, new_api_key, new_id_key

ROOT = Path(__file__).parents[3]
QUERY = "{platforms{key}}"

pytestmark = pytest.mark.timeout(120)


class Running:
    """A gateway in a process of its own, and all that it writes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.address = ""

    async def until(self, event: str) -> dict[str, Any]:
        """Return the next line of that event."""
        assert self.process.stderr is not None
        while text := (await self.process.stderr.readline()).decode():
            self.lines.append(text)
            line: dict[str, Any] = orjson.loads(text)
            if line["event"] == event:
                return line
        raise AssertionError(f"it ended without {event!r}: {self.lines}")

    async def written(self) -> str:
        """End it, and return all that it wrote."""
        self.process.terminate()
        out, err = await self.process.communicate()
        return "".join(self.lines) + out.decode() + err.decode()


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "serve", "--port", "0", "--config", str(config)),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=1024 * 1024,
    )
    one = Running(process)
    try:
        one.address = (await one.until("listening"))["address"]
        yield one
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def table(name: str, key: str, more: str = "") -> str:
    return f'[[api_keys]]\nname = "{name}"\nhash = "{hash_of(key)}"\n{more}\n'


def config_of(one: Provider, *tables: str) -> str:
    return (
        f'sandbox = true\nrequire_api_key = true\nid_key = "{new_id_key()}"\n'
        '[log]\nlevel = "debug"\nformat = "json"\n'
        f'[oidc]\nissuer = "{one.issuer}"\naudience = "{AUDIENCE}"\n' + "".join(tables)
    )


def ways(secret: str) -> list[dict[str, str]]:
    password = base64.b64encode(f"me:{secret}".encode()).decode()
    return [
        {"authorization": f"Bearer {secret}"},
        {"x-api-key": secret},
        {"authorization": f"Basic {password}"},
    ]


async def ask_everything(address: str, secret: str) -> set[int]:
    """Send the secret in every way to every door; return the statuses that came."""
    statuses = set()
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        paths = await client.post(
            "/graphql",
            json={"query": "{exportCatalogue{path}}"},
            headers={"authorization": f"Bearer {secret}"},
        )
        files = [one["path"] for one in (paths.json().get("data") or NO_FILES)["exportCatalogue"]]
        for headers in [{}, *ways(secret)]:
            for accept in ("application/json", "text/event-stream"):
                sent = {**headers, "accept": accept, "referer": f"http://x/?api_key={secret}"}
                answer = await client.post("/graphql", json={"query": QUERY}, headers=sent)
                statuses.add(answer.status_code)
            for path in ("/status.json", "/metrics", "/nowhere", "/graphql", files[0]):
                query = {"api_key": secret, "query": QUERY, "from": "2026-01-01"}
                answer = await client.get(path, params=query, headers=headers)
                statuses.add(answer.status_code)
                assert secret not in answer.text
        sockets = [
            connect(
                address.replace("http", "ws") + "/graphql?api_key=" + secret,
                additional_headers=headers,
                subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]  # a NewType of str
                proxy=None,
            )
            for headers in ways(secret)
        ]
        for one in sockets:
            async with one as socket:
                payload = {"Authorization": f"Bearer {secret}"}
                await socket.send(
                    orjson.dumps({"type": "connection_init", "payload": payload}).decode()
                )
    return statuses


NO_FILES = {"exportCatalogue": [{"path": "/exports/none/none.csv"}]}


async def test_no_secret_is_written_down(tmp_path: Path) -> None:
    key, stranger = new_api_key(), new_api_key()
    config = tmp_path / "gateway.toml"
    async with provider() as one:
        config.write_text(config_of(one, table("desk", key)), encoding="utf-8")
        good, ended = one.token(name="Ana Ruiz"), one.token(exp=1)
        async with running(config) as gateway:
            assert {200, 401, 403} <= await ask_everything(gateway.address, key)
            assert {200, 401} <= await ask_everything(gateway.address, good)
            for bad in (stranger, ended):
                assert 200 not in await ask_everything(gateway.address, bad)
            written = await gateway.written()
    assert '"key":"desk"' in written
    assert '"key":"token:' in written
    for secret in (key, stranger, good, ended):
        for text in (secret, *(way.split()[-1] for one in ways(secret) for way in one.values())):
            assert text not in written
    for person in ("ana.ruiz", "Ana Ruiz"):
        assert person not in written


async def statuses(address: str, *keys: str) -> list[int]:
    async with httpx.AsyncClient(base_url=address) as client:
        return [
            (
                await client.post("/graphql", json={"query": QUERY}, headers={"x-api-key": key})
            ).status_code
            for key in keys
        ]


async def test_a_hangup_takes_new_keys_and_withdraws_old_ones(tmp_path: Path) -> None:
    first, second = new_api_key(), new_api_key()
    config = tmp_path / "gateway.toml"
    async with provider() as one:
        config.write_text(config_of(one, table("first", first)), encoding="utf-8")
        async with running(config) as gateway:
            assert await statuses(gateway.address, first, second) == [200, 401]
            config.write_text(config_of(one, table("second", second)), encoding="utf-8")
            assert await statuses(gateway.address, first, second) == [200, 401]
            gateway.process.send_signal(signal.SIGHUP)
            assert (await gateway.until("keys were read"))["keys"] == ["second"]
            assert await statuses(gateway.address, first, second) == [401, 200]

            config.write_text(config_of(one, table("", first)), encoding="utf-8")
            gateway.process.send_signal(signal.SIGHUP)
            refused = await gateway.until("the keys stay as they were")
            assert "api_keys" in refused["problems"][0]
            assert await statuses(gateway.address, first, second) == [401, 200]

            ended = table("second", second, "not_after = 2020-01-01T00:00:00Z")
            config.write_text(config_of(one, ended), encoding="utf-8")
            gateway.process.send_signal(signal.SIGHUP)
            await gateway.until("keys were read")
            assert await statuses(gateway.address, first, second) == [401, 401]
            gateway.process.terminate()
            await gateway.process.communicate()
            assert gateway.process.returncode == 0
