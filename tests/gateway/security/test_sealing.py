from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from gateway.security.sealing import SivSealer
from resolvers.node_ids import NodeId, NodeKind, node_id, read_node_id

SEALER = SivSealer("first secret")
OTHER = SivSealer("second secret")


@given(purpose=st.text(max_size=8), content=st.binary(max_size=200))
def test_what_was_sealed_is_read_again(purpose: str, content: bytes) -> None:
    assert SEALER.unseal(purpose, SEALER.seal(purpose, content)) == content


@given(content=st.binary(max_size=100))
def test_equal_contents_make_equal_tokens_for_ever(content: bytes) -> None:
    assert SEALER.seal("node", content) == SivSealer("first secret").seal("node", content)


def test_the_form_of_tokens_is_a_promise() -> None:
    assert SEALER.seal("node", b"content") == "Mf9TSOcFEr-EIGS3N1MV3vA1_UDGI2w"


@given(content=st.binary(max_size=100))
def test_another_purpose_or_key_reads_nothing(content: bytes) -> None:
    token = SEALER.seal("node", content)
    assert SEALER.unseal("cursor", token) is None
    assert OTHER.unseal("node", token) is None


@given(content=st.binary(max_size=40), where=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_token_is_refused(content: bytes, where: int, bit: int) -> None:
    token = SEALER.seal("node", content)
    sealed = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    sealed[where % len(sealed)] ^= 1 << bit
    changed = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
    assert SEALER.unseal("node", changed) is None


@given(token=st.one_of(st.text(max_size=80), st.text("Aa0-_=+/ \n", max_size=80)))
def test_anything_else_is_refused_and_never_raises(token: str) -> None:
    assert SEALER.unseal("node", token) is None


@given(content=st.binary(max_size=40))
def test_a_token_has_one_spelling(content: bytes) -> None:
    token = SEALER.seal("node", content)
    for spelling in (f"{token}=", f"{token}==", f" {token}", f"{token}\n", token.swapcase()):
        assert spelling == token or SEALER.unseal("node", spelling) is None
    last = chr(ord(token[-1]) + 1)
    assert SEALER.unseal("node", token[:-1] + last) is None


def test_what_names_hundreds_of_ids_is_read_again() -> None:
    content = b"5d7fda27f02d5c4e24374cf2" * 500

    assert SEALER.unseal("cursor", SEALER.seal("cursor", content)) == content


def test_a_very_long_token_is_not_even_decoded() -> None:
    assert SEALER.unseal("node", SEALER.seal("node", bytes(40_000))) is None


def test_a_node_id_shows_neither_platform_nor_e_mail() -> None:
    token = node_id(SEALER, NodeKind.AGENT, "birch-fr", "ana@shop.example")
    shown = token.encode() + base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert b"birch" not in shown
    assert b"ana" not in shown
    assert read_node_id(SEALER, token) == NodeId(NodeKind.AGENT, "birch-fr", "ana@shop.example")
