from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.security.authentication import (
    ApiKey,
    Authenticator,
    SeveralKeysError,
    UnauthenticatedError,
    take_query_key,
)
from gateway.security.keys import hash_of, new_api_key, new_id_key
from resolvers.context import Principal, Scope

KEY, OTHER = new_api_key(), new_api_key()
KNOWN = [
    ApiKey(name="wall board", hash=hash_of(KEY), scopes=frozenset({Scope.READ})),
    ApiKey(
        name="desk",
        hash=hash_of(OTHER),
        scopes=frozenset({Scope.READ, Scope.WRITE}),
        platforms=frozenset({"birch"}),
    ),
]
READER = frozenset({Scope.READ})
ANONYMOUS = Principal("anonymous", READER)
STRICT = Authenticator(KNOWN, required=True, anonymous=READER)
OPEN = Authenticator(KNOWN, required=False, anonymous=READER)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("who", [STRICT, OPEN])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer  {KEY} "},
        {"X-API-Key": KEY},
        {"Authorization": basic("anybody", KEY)},
        {"Authorization": basic("", KEY)},
        {"Authorization": "Negotiate abc", "X-API-Key": KEY},
    ],
)
async def test_the_same_key_works_in_every_place(
    who: Authenticator, headers: dict[str, str]
) -> None:
    expected = Principal("wall board", frozenset({Scope.READ}), None)
    assert await who.authenticate(Headers(headers)) == expected


@pytest.mark.parametrize("who", [STRICT, OPEN])
@pytest.mark.parametrize(
    ("headers", "query_key"),
    [
        ([("authorization", f"Bearer {KEY}"), ("x-api-key", OTHER)], None),
        ([("authorization", f"Bearer {KEY}"), ("x-api-key", "wrong")], None),
        ([("authorization", "Bearer wrong"), ("x-api-key", KEY)], None),
        ([("authorization", basic("a", KEY)), ("x-api-key", OTHER)], None),
        ([("authorization", f"Bearer {KEY}")], OTHER),
        ([("x-api-key", KEY)], OTHER),
        ([("x-api-key", KEY), ("x-api-key", OTHER)], None),
        ([("authorization", f"Bearer {KEY}"), ("authorization", f"Bearer {OTHER}")], None),
        ([("authorization", f"Bearer {KEY}"), ("authorization", basic("a", OTHER))], None),
    ],
    ids=map("way-{}".format, range(9)),
)
async def test_of_two_keys_none_is_chosen(
    who: Authenticator, headers: list[tuple[str, str]], query_key: str | None
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    with pytest.raises(SeveralKeysError, match="different keys") as refused:
        await who.authenticate(Headers(raw=raw), query_key)
    assert KEY not in str(refused.value)


async def test_the_same_key_may_be_sent_twice() -> None:
    headers = Headers({"Authorization": basic("a", KEY), "X-API-Key": KEY})
    assert (await STRICT.authenticate(headers, KEY)).name == "wall board"


async def test_a_key_has_its_own_scopes_and_platforms() -> None:
    principal = await STRICT.authenticate(Headers({"X-API-Key": OTHER}))
    assert principal.scopes == {Scope.READ, Scope.WRITE}
    assert principal.platforms == frozenset({"birch"})


@pytest.mark.parametrize("who", [STRICT, OPEN])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"X-API-Key": "wrong"},
        {"X-API-Key": hash_of(KEY)},
        {"Authorization": basic(KEY, "")},
        {"Authorization": basic(KEY, "wrong")},
        {"Authorization": "Basic"},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic \xe9"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode()},
        {"Authorization": "Basic " + base64.b64encode(KEY.encode()).decode()},
        {"Authorization": "Digest username=x"},
        {"Authorization": KEY},
    ],
)
async def test_a_wrong_key_is_refused_everywhere(
    who: Authenticator, headers: dict[str, str]
) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        await who.authenticate(Headers(headers))
    assert KEY not in str(refused.value)


async def test_no_key_is_enough_only_where_none_is_required() -> None:
    assert await OPEN.authenticate(Headers({})) == ANONYMOUS
    assert await OPEN.authenticate(Headers({"X-API-Key": ""})) == ANONYMOUS
    with pytest.raises(UnauthenticatedError, match="Authorization: Bearer"):
        await STRICT.authenticate(Headers({}))


async def test_anonymous_may_what_the_gateway_lets_them() -> None:
    everything = Authenticator(KNOWN, required=False, anonymous=frozenset(Scope))
    assert (await everything.authenticate(Headers({}))).scopes == set(Scope)
    assert (await OPEN.authenticate(Headers({}))).scopes == READER


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
async def test_whatever_is_sent_is_judged_and_never_crashes(value: str) -> None:
    for name in ("Authorization", "X-API-Key"):
        headers = Headers(raw=[(name.lower().encode(), value.encode("latin-1"))])
        try:
            assert await OPEN.authenticate(headers) == ANONYMOUS
            assert not value.strip()
        except UnauthenticatedError:
            assert value


def test_keys_are_long_random_and_tell_what_they_are() -> None:
    keys = {new_api_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(key.startswith("swb_") and len(key) == 47 for key in keys)
    assert len({new_id_key() for _ in range(50)}) == 50
    assert hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("query", "key", "left"),
    [
        ("", None, ""),
        ("a=1&b=2", None, "a=1&b=2"),
        ("api_key=k", "k", ""),
        ("a=%20&api_key=k%2B1&b=+", "k+1", "a=%20&b=+"),
        ("api%5Fkey=k&a=1", "k", "a=1"),
        ("api_key=k&api_key=k", "k", ""),
        ("api_key=&a=1", "", "a=1"),
        ("api_key&a=1", "", "a=1"),
        ("my_api_key=k&API_KEY=l", None, "my_api_key=k&API_KEY=l"),
    ],
)
def test_the_key_is_taken_out_of_the_address(query: str, key: str | None, left: str) -> None:
    scope = {"query_string": query.encode()}
    assert take_query_key(scope) == key
    assert scope["query_string"] == left.encode()


def test_of_two_keys_in_the_address_none_is_chosen() -> None:
    scope = {"query_string": b"api_key=k&a=1&api%5Fkey=l"}
    with pytest.raises(SeveralKeysError):
        take_query_key(scope)
    assert scope["query_string"] == b"a=1"


async def test_a_key_ends_at_its_moment() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    now = [moment - timedelta(seconds=1)]
    key = ApiKey(name="a", hash=hash_of(KEY), scopes=READER, not_after=moment)
    who = Authenticator([key], required=False, anonymous=READER, now=lambda: now[0])
    assert (await who.authenticate(Headers({"X-API-Key": KEY}))).name == "a"
    now[0] = moment
    with pytest.raises(UnauthenticatedError, match="ended"):
        await who.authenticate(Headers({"X-API-Key": KEY}))


async def test_keys_can_be_changed_while_it_runs() -> None:
    who = Authenticator(KNOWN, required=True, anonymous=READER)
    who.know(KNOWN[1:])
    with pytest.raises(UnauthenticatedError):
        await who.authenticate(Headers({"X-API-Key": KEY}))
    assert (await who.authenticate(Headers({"X-API-Key": OTHER}))).name == "desk"
