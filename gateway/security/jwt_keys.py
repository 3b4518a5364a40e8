"""The public keys of an OpenID Connect provider, found by discovery and kept.

https://openid.net/specs/openid-connect-discovery-1_0.html, and RFC 7517 for the keys.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import httpx
import orjson
from joserfc import jwk
from joserfc.jwk import Key

from gateway.security.settings import is_confidential

__all__ = ["ProviderKeys"]

_LOG = logging.getLogger("switchboard.tokens")

_DISCOVERY = "/.well-known/openid-configuration"
_FETCH_SECONDS = 5.0
_MOST_BYTES = 1024 * 1024
_APART_SECONDS = 60.0
"""How often keys are fetched at most: whoever invents key ids must not make us ask each time."""
_AT_FIRST_SECONDS = 5.0
"""The same, while there are none and nobody can be let in."""
_KEPT_SECONDS = 3600.0
"""After so long they are fetched anew, so that one that was withdrawn is noticed."""
_PUBLIC_KINDS: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS", "PS"),
    "EC": ("ES",),
    "OKP": ("Ed",),
}
"""By kind of key, what its algorithms begin with. A shared secret is none of them."""


class ProviderKeys:
    """Fetches keys when they are first needed; while the provider is away, those it has hold."""

    def __init__(self, issuer: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Fetch nothing yet."""
        self._issuer = issuer
        self._monotonic = monotonic
        self._keys: tuple[Key, ...] = ()
        self._tried_at = float("-inf")
        self._fetched_at = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        """Return whether there are keys at all."""
        return bool(self._keys)

    async def find(self, name: str | None, algorithm: str) -> Key | None:
        """Return the key of that `kid` for that algorithm, fetched anew where it is not known."""
        found = self._found(name, algorithm)
        if found is None:
            await self._fetched(_APART_SECONDS if self._keys else _AT_FIRST_SECONDS)
            return self._found(name, algorithm)
        if self._monotonic() - self._fetched_at >= _KEPT_SECONDS:
            # Nobody waits for it: the keys hold until there are others.
            self._begin(_APART_SECONDS)
        return found

    async def aclose(self) -> None:
        """End what is under way."""
        if self._flight is not None:
            self._flight.cancel()
            with suppress(asyncio.CancelledError):
                await self._flight

    def _found(self, name: str | None, algorithm: str) -> Key | None:
        """Return the key of that name; without a name, the only one that can be meant."""
        fitting = [
            key
            for key in self._keys
            if algorithm.startswith(_PUBLIC_KINDS[key.key_type]) and name in {None, key.kid}
        ]
        return fitting[0] if len(fitting) == 1 or (fitting and name is not None) else None

    async def _fetched(self, apart: float) -> None:
        """Wait for the one fetch that is under way, begun if it is time for one."""
        flight = self._begin(apart)
        if flight is not None:
            await asyncio.shield(flight)

    def _begin(self, apart: float) -> asyncio.Task[None] | None:
        now = self._monotonic()
        if self._flight is None and now - self._tried_at >= apart:
            self._tried_at = now
            self._flight = asyncio.create_task(self._fetch())
            self._flight.add_done_callback(self._landed)
        return self._flight

    def _landed(self, _task: asyncio.Task[None]) -> None:
        self._flight = None

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                keys = tuple(_usable(await self._published()))
                if not keys:
                    raise ValueError("the provider shows no key that can be used")  # noqa: TRY301 (as what is read wrongly)
        except Exception as error:  # noqa: BLE001 (nobody outside makes a fault of ours of what they show)
            # Its text could hold an address.
            about = {"reason": type(error).__name__, "keys": len(self._keys)}
            _LOG.warning("the provider's keys could not be fetched", extra=about)
            return
        self._keys = keys
        self._fetched_at = self._monotonic()

    async def _published(self) -> Iterable[Mapping[str, Any]]:
        """Return the keys as the provider shows them; raise ValueError where it shows none."""
        async with httpx.AsyncClient(
            timeout=_FETCH_SECONDS, follow_redirects=False, trust_env=False
        ) as client:
            about = await _json(client, self._issuer.rstrip("/") + _DISCOVERY)
            place = about.get("jwks_uri")
            if about.get("issuer") != self._issuer:
                raise ValueError("the provider calls itself otherwise")
            if not isinstance(place, str) or not is_confidential(place):
                raise ValueError("the provider names no place of its keys")
            keys = (await _json(client, place)).get("keys")
        if not isinstance(keys, list) or not keys:
            raise ValueError("the provider shows no keys")
        return [key for key in keys if isinstance(key, dict)]


async def _json(client: httpx.AsyncClient, address: str) -> Mapping[str, Any]:
    """Return the JSON object that is there; raise ValueError or httpx.HTTPError."""
    body = b""
    async with client.stream("GET", address) as response:
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise ValueError("the answer is too large")
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("the answer is no object")  # noqa: TRY004 (what was sent, not our types)
    return found


def _usable(keys: Iterable[Mapping[str, Any]]) -> Iterable[Key]:
    """Give those that are for signatures and can be read; providers show others beside them."""
    for key in keys:
        if str(key.get("kty")) not in _PUBLIC_KINDS or key.get("use", "sig") != "sig":
            continue
        # What libraries raise at a broken key, no list of theirs tells.
        with suppress(Exception):
            yield jwk.import_key(dict(key))
