"""Signed tokens, against a provider on a real socket."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, RSAKey
from pydantic import ValidationError
from tests.gateway.security.provider import (
    AUDIENCE,
    Provider,
    encoded,
    forged,
    provider,
    public,
)

from gateway.security.jwt import InvalidTokenError, ProviderAwayError, SignedTokens
from gateway.security.jwt_keys import ProviderKeys
from gateway.security.keys import new_api_key
from gateway.security.settings import OidcSettings
from resolvers.context import Scope

SECRET = "s" * 43


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return self.ahead


def tokens(
    one: Provider,
    clock: Clock | None = None,
    **fields: Any,  # noqa: ANN401 (any field)
) -> SignedTokens:
    own = clock or Clock()
    settings = OidcSettings.model_validate({"issuer": one.issuer, "audience": AUDIENCE, **fields})
    keys = ProviderKeys(one.issuer, monotonic=own.monotonic)
    return SignedTokens(settings, SECRET, keys, now=own.now)


async def test_a_token_tells_scopes_and_hides_whom_it_names() -> None:
    async with provider() as one:
        checked = tokens(one)
        for key in (one.rsa, one.ec):
            who = await checked.bearer(one.token(key))
            assert who.scopes == {Scope.READ}
            assert who.platforms is None
            assert who.name.startswith("token:")
            assert "ana" not in who.name
        other = await checked.bearer(one.token(sub="ben"))
        again = await tokens(one).bearer(one.token())
        assert again == await checked.bearer(one.token())
        assert again.name != other.name


@pytest.mark.parametrize(
    ("claims", "fields", "scopes"),
    [
        ({"scope": "read write"}, {}, {Scope.READ, Scope.WRITE}),
        ({"scope": ["read", "personal", 5]}, {}, {Scope.READ, Scope.PERSONAL}),
        ({"scope": "admin"}, {}, set()),
        ({"scope": None}, {}, set()),
        ({"scp": "sb:read write"}, {"scope_claim": "scp", "scope_prefix": "sb:"}, {Scope.READ}),
    ],
)
async def test_scopes_are_read_from_the_claim_that_is_named(
    claims: dict[str, Any], fields: dict[str, Any], scopes: set[Scope]
) -> None:
    async with provider() as one:
        who = await tokens(one, **fields).bearer(one.token(**claims))
    assert who.scopes == scopes


@pytest.mark.parametrize(
    ("claim", "seen"),
    [(["oak", "elm"], {"oak", "elm"}), ("oak, elm", {"oak", "elm"}), (None, set()), (7, set())],
)
async def test_without_the_claim_of_platforms_none_is_seen(claim: object, seen: set[str]) -> None:
    async with provider() as one:
        checked = tokens(one, platform_claim="accounts")
        who = await checked.bearer(one.token(accounts=claim))
        assert who.platforms == frozenset(seen)


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": NOW + 300},
        {"iat": NOW + 300},
        {"aud": "https://another.test"},
        {"aud": ["a", "b"]},
        {"aud": None},
        {"iss": "http://127.0.0.1:1/other"},
        {"iss": None},
        {"sub": None},
        {"sub": 5},
    ],
    # Moments differ from one process that collects the tests to the next.
    ids=map("claims-{}".format, range(12)),
)
async def test_what_is_not_for_us_or_not_now_is_refused(claims: dict[str, Any]) -> None:
    async with provider() as one:
        with pytest.raises(InvalidTokenError) as refused:
            await tokens(one).bearer(one.token(**claims))
    assert "example.test" not in str(refused.value)
    assert 'error="invalid_token"' in refused.value.challenge
    assert refused.value.challenge.startswith("Basic")


async def test_clocks_may_differ_a_little_and_several_may_be_meant() -> None:
    async with provider() as one:
        now = int(time.time())
        token = one.token(exp=now - 20, nbf=now + 20, iat=now + 20, aud=["else", AUDIENCE])
        await tokens(one).bearer(token)
        with pytest.raises(InvalidTokenError):
            await tokens(one, clock_skew_seconds=5).bearer(token)


async def test_a_token_that_was_good_ends_all_the_same() -> None:
    clock = Clock()
    async with provider() as one:
        checked = tokens(one, clock)
        token = one.token(exp=int(time.time()) + 30)
        await checked.bearer(token)
        clock.ahead = 89
        await checked.bearer(token)
        clock.ahead = 91
        with pytest.raises(InvalidTokenError, match="ended"):
            await checked.bearer(token)


def unsigned(one: Provider, alg: str = "none") -> str:
    claims = one.token().split(".")[1]
    header = encoded(orjson.dumps({"alg": alg, "kid": "r1"}))
    return f"{header}.{claims}."


def tampered(one: Provider) -> str:
    first, _, last = one.token().split(".")
    return f"{first}.{one.token(scope='read write').split('.')[1]}.{last}"


def impostor(one: Provider) -> str:
    return one.token(RSAKey.generate_key(2048, {"kid": "r1"}))


def crossed(one: Provider) -> str:
    return one.token(ECKey.generate_key("P-256", {"kid": "r1"}))


@pytest.mark.parametrize(
    "make", [unsigned, tampered, forged, impostor, crossed], ids=lambda make: make.__name__
)
async def test_what_the_provider_did_not_sign_is_refused(
    make: Callable[[Provider], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with provider() as one:
        token = make(one)
        checked = tokens(one)
        assert checked.is_one(token)
        with pytest.raises(InvalidTokenError):
            await checked.bearer(token)
    assert token not in caplog.text
    assert "ana.ruiz" not in caplog.text


async def test_other_algorithms_are_taken_only_where_they_are_named() -> None:
    async with provider() as one:
        token = one.token(header={"alg": "RS512"})
        with pytest.raises(InvalidTokenError):
            await tokens(one).bearer(token)
        await tokens(one, algorithms="RS512").bearer(token)


@pytest.mark.parametrize("name", ["none", "HS256", "HS512", ""])
def test_no_setting_takes_what_anybody_could_sign(name: str) -> None:
    with pytest.raises(ValidationError):
        OidcSettings.model_validate(
            {"issuer": "https://login.test", "audience": "a", "algorithms": name}
        )


@pytest.mark.parametrize(
    "fields",
    [{"issuer": "http://login.test", "audience": "a"}, {"issuer": "https://login.test"}],
    ids=str,
)
def test_a_provider_needs_tls_and_an_audience(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OidcSettings.model_validate(fields)


async def test_nothing_is_fetched_before_the_first_token_and_then_once_for_all() -> None:
    async with provider() as one:
        checked = tokens(one)
        assert one.asked == []
        one.gate = asyncio.Event()
        waiting = [asyncio.ensure_future(checked.bearer(one.token(sub=f"s{n}"))) for n in range(20)]
        await one.until_asked(1)
        one.gate.set()
        found = await asyncio.gather(*waiting)
        assert len({who.name for who in found}) == 20
        assert one.asked == ["/tenant/.well-known/openid-configuration", "/tenant/keys"]


async def test_one_that_leaves_does_not_take_the_others_keys_away() -> None:
    async with provider() as one:
        checked = tokens(one)
        one.gate = asyncio.Event()
        first = asyncio.ensure_future(checked.bearer(one.token()))
        second = asyncio.ensure_future(checked.bearer(one.token(sub="ben")))
        await one.until_asked(1)
        first.cancel()
        one.gate.set()
        assert (await second).scopes == {Scope.READ}
        assert len(one.asked) == 2


async def test_a_new_key_is_found_at_once_but_keys_are_not_asked_for_all_the_time() -> None:
    clock = Clock()
    async with provider() as one:
        checked = tokens(one, clock)
        await checked.bearer(one.token())
        new = RSAKey.generate_key(2048, {"kid": "r2"})
        one.shown = [public(new)]
        clock.ahead = 61
        await checked.bearer(one.token(new))
        assert len(one.asked) == 4
        for number in range(5):
            stranger = RSAKey.generate_key(2048, {"kid": f"x{number}"})
            with pytest.raises(InvalidTokenError, match="not known here"):
                await checked.bearer(one.token(stranger))
        assert len(one.asked) == 4
        # The old one is no longer shown.
        with pytest.raises(InvalidTokenError):
            await checked.bearer(one.token(sub="ben"))


async def test_without_a_kid_the_only_key_is_meant() -> None:
    async with provider() as one:
        await tokens(one).bearer(one.token(header={"kid": None}))
        one.shown = [*one.shown, public(RSAKey.generate_key(2048, {"kid": "r2"}))]
        with pytest.raises(InvalidTokenError):
            await tokens(one).bearer(one.token(header={"kid": None}))


async def test_while_the_provider_is_away_its_keys_hold() -> None:
    clock = Clock()
    async with provider() as one:
        checked = tokens(one, clock)
        await checked.bearer(one.token())
        await one.close()
        clock.ahead = 4000
        assert (await checked.bearer(one.token(sub="b", exp=9999999999))).scopes == {Scope.READ}
        await checked.aclose()
        await one.open()


async def test_after_an_hour_keys_are_fetched_behind_the_answer() -> None:
    clock = Clock()
    async with provider() as one:
        checked = tokens(one, clock)
        await checked.bearer(one.token())
        clock.ahead = 3601
        one.shown = [public(one.ec)]
        late: dict[str, Any] = {"exp": int(time.time()) + 9000}
        await checked.bearer(one.token(sub="b", **late))
        await one.until_asked(4)
        await until_refused(checked, one, late)


async def until_refused(checked: SignedTokens, one: Provider, late: dict[str, Any]) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await checked.bearer(one.token(sub=str(time.monotonic()), **late))
            except InvalidTokenError:
                return
            await asyncio.sleep(0.01)


async def test_nobody_is_let_in_before_there_are_keys_and_it_is_tried_again() -> None:
    clock = Clock()
    async with provider() as one:
        checked = tokens(one, clock)
        await one.close()
        with pytest.raises(ProviderAwayError):
            await checked.bearer(one.token())
        await one.open()
        with pytest.raises(ProviderAwayError):
            await checked.bearer(one.token())
        clock.ahead = 5
        await checked.bearer(one.token())


REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        REDIRECT,
        b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        b"nonsense\r\n\r\n",
        HEAD + b"<html>",
        HEAD + b"[]",
        HEAD + b"{}",
        HEAD + b'"' + b"x" * 2_000_000 + b'"',
    ],
    ids=["redirect", "failure", "nonsense", "html", "list", "empty", "giant"],
)
async def test_what_is_no_discovery_document_gives_no_keys(raw: bytes) -> None:
    async with provider() as one:
        one.raw = raw
        with pytest.raises(ProviderAwayError):
            await tokens(one).bearer(one.token())
        assert len(one.asked) == 1


@pytest.mark.parametrize(
    "changes",
    [{"issuer": "https://else.test"}, {"jwks_uri": "http://else.test/keys"}, {"jwks_uri": None}],
    ids=str,
)
async def test_a_provider_that_names_another_gives_no_keys(changes: dict[str, object]) -> None:
    async with provider() as one:
        one.changes = changes
        with pytest.raises(ProviderAwayError):
            await tokens(one).bearer(one.token())


async def test_keys_that_are_none_of_ours_are_passed_over() -> None:
    async with provider() as one:
        one.shown = [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "r1"},
            {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
            {"kty": "XYZ"},
            {**public(one.rsa), "use": "enc", "kid": "enc"},
            public(one.rsa),
        ]
        await tokens(one).bearer(one.token())


def test_a_key_is_no_token() -> None:
    checked = SignedTokens(OidcSettings(), SECRET, ProviderKeys("https://login.test"))
    for text in (new_api_key(), "a.b.c", "", "..", "eyJ.eyJ.x", "bm8.bm8.bm8"):
        assert not checked.is_one(text)


@pytest.mark.parametrize(
    "key",
    [
        {"kty": ["RSA"]},
        {"kty": "EC", "crv": {"P-256": 1}, "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": 5, "e": "AQAB"},
        {"kty": "RSA", "n": "", "e": "AQAB"},
        {"kty": "RSA", "n": "AA", "e": "AA"},
        {"kty": "RSA", "n": None, "e": []},
        {"kty": "OKP", "crv": "X448", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": {}},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": ["r1"], "n": "4f", "e": "AQAB", "use": ["sig"], "key_ops": 5},
    ],
    ids=map("key-{}".format, range(10)),
)
async def test_a_key_that_cannot_be_read_takes_no_other_away(key: dict[str, Any]) -> None:
    async with provider() as one:
        one.shown = [key, *one.shown]
        assert (await tokens(one).bearer(one.token())).scopes == {Scope.READ}
        one.shown = [key]
        with pytest.raises(ProviderAwayError):
            await tokens(one).bearer(one.token())


async def test_keys_hold_where_those_that_are_shown_cannot_be_used() -> None:
    clock = Clock()
    async with provider() as one:
        checked = tokens(one, clock)
        await checked.bearer(one.token())
        one.shown = [{"kty": "oct", "k": "AAAA"}]
        clock.ahead = 61
        with pytest.raises(InvalidTokenError):
            await checked.bearer(one.token(header={"kid": "new"}))
        assert (await checked.bearer(one.token(sub="ben"))).scopes == {Scope.READ}


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:0/keys",
        "http://127.0.0.1:99999/keys",
        "http://[::1/keys",
        "http://127.0.0.1:port/keys",
        "https://\u0000.test/keys",
        "https://" + "a" * 70_000 + ".test/keys",
        "https://xn--\u00fc.test/keys",
    ],
    ids=map("address-{}".format, range(7)),
)
async def test_wherever_keys_are_said_to_be_a_token_is_refused_and_it_is_told(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with provider() as one:
        one.changes = {"jwks_uri": address}
        with pytest.raises(ProviderAwayError):
            await tokens(one).bearer(one.token())
    (line,) = [one for one in caplog.records if "could not be fetched" in one.message]
    assert address[-40:] not in caplog.text
    assert line.levelno == logging.WARNING


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256", "jwk": {"kty": "oct", "k": "AAAA"}, "kid": "r1"},
        {"alg": "RS256", "jku": "https://evil.test/keys", "kid": "r1"},
        {"alg": "RS256", "crit": ["x"], "x": 1, "kid": "r1"},
        {"alg": "RS256", "crit": 5, "kid": "r1"},
        {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "r1"},
        {"alg": ["RS256"], "kid": "r1"},
        {"alg": {"RS256": 1}},
        {"alg": "RS256", "kid": {"r": 1}},
        {"alg": "RS256", "zip": "DEF", "kid": "r1"},
    ],
    ids=map("header-{}".format, range(9)),
)
async def test_what_a_token_says_of_its_own_key_is_not_believed(header: dict[str, Any]) -> None:
    async with provider() as one:
        own = RSAKey.generate_key(2048)
        claims = one.token().split(".")[1]
        signed = f"{encoded(orjson.dumps(header))}.{claims}"
        signature = signature_of(own, signed)
        with pytest.raises(InvalidTokenError):
            await tokens(one).bearer(f"{signed}.{signature}")


@pytest.mark.parametrize("number", ["1e400", "NaN", "1e30", "true", "-1e400", "[]"])
@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
async def test_no_moment_of_a_token_is_too_strange_to_be_judged(number: str, claim: str) -> None:
    async with provider() as one:
        good = orjson.loads(decoded(one.token().split(".")[1]))
        strange = orjson.dumps({**good, claim: "@"}).replace(b'"@"', number.encode())
        header = encoded(orjson.dumps({"alg": "RS256", "kid": "r1"}))
        signed = f"{header}.{encoded(strange)}"
        signature = signature_of(one.rsa, signed)
        with suppress(InvalidTokenError):
            await tokens(one).bearer(f"{signed}.{signature}")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signature_of(key: RSAKey, text: str) -> str:
    assert key.private_key is not None
    return encoded(key.private_key.sign(text.encode(), PKCS1v15(), SHA256()))
