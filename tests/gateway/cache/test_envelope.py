"""What leaves the process tells nothing, and cannot be changed, moved or forged."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.envelope import Entry, Envelope

ENVELOPE = Envelope("a secret")
MOMENTS = st.integers(0, 2**63)


@given(key=st.text(), value=st.binary(), expires=MOMENTS, mark=MOMENTS)
def test_what_is_sealed_can_be_opened_by_the_same_secret(
    key: str, value: bytes, expires: int, mark: int
) -> None:
    entry = Entry(value, expires, mark)

    assert Envelope("a secret").opened(key, ENVELOPE.sealed(key, entry)) == entry


def test_nothing_can_be_read_from_it() -> None:
    sealed = ENVELOPE.sealed("agents:1", Entry(b"ana.ruiz@example.org", 10, 0))

    assert b"ana" not in sealed
    assert b"agents" not in sealed


def test_another_secret_opens_nothing_and_is_named_otherwise() -> None:
    other = Envelope("another secret")
    sealed = ENVELOPE.sealed("k", Entry(b"v", 10, 0))

    assert other.opened("k", sealed) is None
    assert other.name != ENVELOPE.name == Envelope("a secret").name


def test_it_belongs_to_its_key() -> None:
    assert ENVELOPE.opened("b", ENVELOPE.sealed("a", Entry(b"v", 10, 0))) is None


@given(at=st.integers(0, 40), sign=st.integers(1, 255))
def test_a_changed_byte_opens_nothing(at: int, sign: int) -> None:
    sealed = bytearray(ENVELOPE.sealed("k", Entry(b"value", 10, 3)))
    sealed[at % len(sealed)] ^= sign

    assert ENVELOPE.opened("k", bytes(sealed)) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\x01", b"\x01" + b"x" * 15, pickle.dumps("v"), b"\x02" + b"x" * 64],
    ids=["empty", "form", "short", "pickle", "another form"],
)
def test_what_is_not_ours_is_nothing(content: bytes) -> None:
    assert ENVELOPE.opened("k", content) is None
