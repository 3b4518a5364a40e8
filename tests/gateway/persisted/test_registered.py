"""Registered documents: each key's apart, of so many bytes, and never another text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from pydantic import ValidationError

from gateway.cache import BoundedBackend, MemoryCache
from gateway.persisted.registered import RegisteredDocuments
from gateway.persisted.trusted import digest_of
from gateway.security.settings import ApiKeySettings
from resolvers.context import Principal, Scope
from resolvers.keys import TIERS, scope_of

ANA, BEN = (Principal(name, frozenset({Scope.READ})) for name in ("ana", "ben"))


def opened(most_bytes: int = 1024) -> tuple[RegisteredDocuments, MemoryCache]:
    cache = MemoryCache(BoundedBackend(1024 * 1024))
    return RegisteredDocuments(lambda: cache, timedelta(days=1), most_bytes), cache


async def test_each_key_finds_its_own() -> None:
    documents, _ = opened()
    digest = digest_of("{a}")
    await documents.keep(ANA, digest, "{a}")
    assert await documents.read(ANA, digest) == "{a}"
    assert await documents.read(BEN, digest) is None


async def test_what_was_not_used_for_longest_goes() -> None:
    documents, _ = opened(most_bytes=1024)
    texts = [f"{{a{n}}} #{'x' * 300}" for n in range(4)]
    for text in texts[:3]:
        await documents.keep(ANA, digest_of(text), text)
    assert await documents.read(ANA, digest_of(texts[0])) is not None
    await documents.keep(ANA, digest_of(texts[3]), texts[3])
    left = [await documents.read(ANA, digest_of(text)) is not None for text in texts]
    assert left == [True, False, True, True]


async def test_one_key_takes_no_room_of_another() -> None:
    documents, _ = opened(most_bytes=1024)
    await documents.keep(BEN, digest_of("{b}"), "{b}")
    for n in range(50):
        text = f"{{a{n}}} #{'x' * 300}"
        await documents.keep(ANA, digest_of(text), text)
    assert await documents.read(BEN, digest_of("{b}")) == "{b}"


async def test_tiny_ones_are_not_kept_without_number() -> None:
    cache = MemoryCache(BoundedBackend(64 * 1024 * 1024))
    documents = RegisteredDocuments(lambda: cache, timedelta(days=1), 4 * 1024 * 1024)
    texts = [f"{{a{n}}}" for n in range(10_001)]
    for text in texts:
        await documents.keep(ANA, digest_of(text), text)
    assert cache.counts.entries == 10_000
    assert await documents.read(ANA, digest_of(texts[0])) is None
    assert await documents.read(ANA, digest_of(texts[-1])) == texts[-1]


async def test_what_is_larger_than_all_room_is_not_kept() -> None:
    documents, _ = opened(most_bytes=1024)
    small, large = "{a}", f"{{a}} #{'x' * 2000}"
    await documents.keep(ANA, digest_of(small), small)
    await documents.keep(ANA, digest_of(large), large)
    assert await documents.read(ANA, digest_of(large)) is None
    assert await documents.read(ANA, digest_of(small)) == small


async def test_a_store_that_holds_another_text_is_not_believed() -> None:
    documents, cache = opened()
    digest = digest_of("{a}")
    await documents.keep(ANA, digest, "{a}")

    class Forged(MemoryCache):
        async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
            return [b"mutation{b}" for _ in keys]

    forged = Forged(BoundedBackend(1024))
    other = RegisteredDocuments(lambda: forged, timedelta(days=1), 1024)
    assert await other.read(ANA, digest) is None
    assert cache.counts.entries == 1


async def test_shelves_are_not_kept_without_number() -> None:
    cache = MemoryCache(BoundedBackend(64 * 1024 * 1024))
    documents = RegisteredDocuments(lambda: cache, timedelta(days=1), 1024)
    digest = digest_of("{a}")
    for n in range(1100):
        await documents.keep(Principal(f"token:{n}", ANA.scopes), digest, "{a}")
        # Whoever asks all the time stays.
        await documents.keep(ANA, digest, "{a}")
    assert cache.counts.entries == 1000
    assert await documents.read(Principal("token:100", ANA.scopes), digest) is None
    assert await documents.read(ANA, digest) == "{a}"


async def test_all_keys_together_keep_no_endless_number() -> None:
    cache = MemoryCache(BoundedBackend(256 * 1024 * 1024))
    documents = RegisteredDocuments(lambda: cache, timedelta(days=1), 4 * 1024 * 1024)
    texts = {digest_of(text): text for text in (f"{{a{n}}}" for n in range(10_000))}
    for n in range(11):
        for digest, text in texts.items():
            await documents.keep(Principal(f"token:{n}", ANA.scopes), digest, text)
    assert cache.counts.entries <= 100_000


async def test_what_is_kept_of_a_platform_goes_without_the_documents_of_a_key_named_so() -> None:
    documents, cache = opened()
    await documents.keep(ANA, digest_of("{a}"), "{a}")
    await cache.purge(scope_of("ana"))
    assert await documents.read(ANA, digest_of("{a}")) == "{a}"


def test_the_tier_is_one_that_can_be_named() -> None:
    assert "documents" in TIERS


@pytest.mark.parametrize("name", ["anonymous", "token:9f2c0a0a0a0a0a0a"])
def test_no_key_has_the_name_of_those_without_one(name: str) -> None:
    with pytest.raises(ValidationError, match="without a key"):
        ApiKeySettings(name=name, hash="0" * 64)
