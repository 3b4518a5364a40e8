"""An OpenID Connect provider on a real socket, with real keys, that can go away and come back."""

from __future__ import annotations

import asyncio
import base64
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

__all__ = ["AUDIENCE", "Provider", "encoded", "forged", "provider", "public"]

AUDIENCE = "https://gateway.test"


class Provider:
    """Shows its keys, and signs whatever it is told to."""

    def __init__(self) -> None:
        self.rsa = RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"})
        self.ec = ECKey.generate_key("P-256", {"kid": "e1", "use": "sig"})
        self.shown: list[Mapping[str, Any]] = [public(self.rsa), public(self.ec)]
        self.issuer = ""
        self.changes: dict[str, Any] = {}
        """What its discovery document says otherwise."""
        self.raw: bytes | None = None
        """An answer to everything, instead of the right one."""
        self.asked: list[str] = []
        self.gate: asyncio.Event | None = None
        self.arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self._port}/tenant"

    async def close(self) -> None:
        """Refuse connections from now on."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def until_asked(self, times: int) -> None:
        """Wait until it has been asked so often."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.asked) >= times)

    def token(
        self,
        key: Key | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,  # noqa: ANN401 (any claim)
    ) -> str:
        """Return a token that is good, but for what is said otherwise; None leaves a claim out."""
        now = int(time.time())
        whole = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "ana.ruiz@example.test",
            "iat": now,
            "exp": now + 600,
            "scope": "openid read",
            **claims,
        }
        said = {name: value for name, value in whole.items() if value is not None}
        signer = key or self.rsa
        top = {"alg": ALGORITHMS[signer.key_type], "kid": signer.kid, **(header or {})}
        shown = {name: value for name, value in top.items() if value is not None}
        return jwt.encode(shown, said, signer, algorithms=[top["alg"]])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        async with self.arrived:
            self.asked.append(path)
            self.arrived.notify_all()
        if self.gate is not None:
            await self.gate.wait()
        writer.write(self.raw or _answer(self._content(path)))
        await writer.drain()
        writer.close()

    def _content(self, path: str) -> object:
        if path.endswith("/.well-known/openid-configuration"):
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **self.changes}
        return {"keys": self.shown}


ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}


def public(key: Key) -> Mapping[str, Any]:
    return {**key.as_dict(private=False)}


def forged(one: Provider) -> str:
    """Return a token signed with the text of the public key as if that were a shared secret."""
    header, claims, _ = one.token(header={"alg": "RS256"}).split(".")
    header = encoded(orjson.dumps({"alg": "HS256", "kid": one.rsa.kid}))
    signed = f"{header}.{claims}"
    digest = hmac.digest(one.rsa.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{encoded(digest)}"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _answer(content: object) -> bytes:
    body = orjson.dumps(content)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Open a provider, and close it at the end."""
    one = Provider()
    await one.open()
    try:
        yield one
    finally:
        await one.close()
