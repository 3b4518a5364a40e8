"""What front ends' builds write is read; what cannot be meant is refused at the start."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson
import pytest

from gateway.persisted.trusted import TrustedDocuments, UnreadableDocumentsError

TEXT = "query Keys { platforms { key } }"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
MD5 = hashlib.md5(TEXT.encode(), usedforsecurity=False).hexdigest()


def write(folder: Path, name: str, content: object) -> None:
    text = content if isinstance(content, str) else orjson.dumps(content).decode()
    (folder / name).write_text(text, encoding="utf-8")


def test_relays_persisted_queries(tmp_path: Path) -> None:
    write(tmp_path, "persisted_queries.json", {MD5: TEXT})
    trusted = TrustedDocuments.read(tmp_path)
    for name in (MD5, DIGEST, f"sha256:{DIGEST}"):
        found = trusted.known_as(name)
        assert found is not None
        assert found.text == TEXT


def test_apollos_manifest(tmp_path: Path) -> None:
    operation = {"id": DIGEST, "body": TEXT, "name": "Keys", "type": "query"}
    manifest = {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [operation],
    }
    write(tmp_path, "manifest.json", manifest)
    found = TrustedDocuments.read(tmp_path).known_as(DIGEST)
    assert found is not None
    assert found.text == TEXT


def test_a_file_is_known_by_its_name_and_by_its_digest_however_it_ends(tmp_path: Path) -> None:
    write(tmp_path, "keys.graphql", f"{TEXT}\n")
    trusted = TrustedDocuments.read(tmp_path)
    whole = hashlib.sha256(f"{TEXT}\n".encode()).hexdigest()
    assert trusted.known_as("keys") is not None
    for digest in (DIGEST, whole):
        found = trusted.with_digest(digest)
        assert found is not None
        assert found.text.strip() == TEXT
    assert trusted.with_digest("0" * 64) is None


def test_the_same_document_may_come_from_several_tools(tmp_path: Path) -> None:
    write(tmp_path, "relay.json", {DIGEST: TEXT})
    write(tmp_path, "codegen.json", {f"sha256:{DIGEST}": TEXT})
    write(tmp_path, "keys.graphql", f"{TEXT}\n")
    write(tmp_path, "notes.txt", "{ what is this")
    assert len([*TrustedDocuments.read(tmp_path).texts()]) == 2


def test_a_comment_limits_the_calls(tmp_path: Path) -> None:
    write(tmp_path, "few.graphql", f"# most_calls: 3\n{TEXT}")
    write(tmp_path, "many.graphql", f"{TEXT} # no most_calls: 4 here")
    trusted = TrustedDocuments.read(tmp_path)
    limits = [one and one.most_calls for one in map(trusted.known_as, ("few", "many"))]
    assert limits == [3, None]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "{", "is no JSON"),
        ("a.json", "[]", "is no JSON object"),
        ("a.json", {"x": 5}, "'x' is not the text"),
        ("a.json", {"x": "{"}, "Syntax Error"),
        ("a.json", {"format": "other", "version": 1, "operations": []}, "is no apollo"),
        (
            "a.json",
            {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [5]},
            "no list of objects",
        ),
        ("a.graphql", "{", "Syntax Error"),
        ("a.graphql", "# most_calls: none\n{a}", "a number above zero"),
        ("a.graphql", "# most_calls: 0\n{a}", "a number above zero"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, name: str, content: object, said: str) -> None:
    write(tmp_path, name, content)
    with pytest.raises(UnreadableDocumentsError, match=said) as caught:
        TrustedDocuments.read(tmp_path)
    assert name in str(caught.value)


def test_one_id_names_one_document(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"one": TEXT})
    write(tmp_path, "b.json", {"one": "{__typename}"})
    with pytest.raises(UnreadableDocumentsError, match="already names another"):
        TrustedDocuments.read(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_bytes(b"\xff")
    with pytest.raises(UnreadableDocumentsError, match="cannot be read"):
        TrustedDocuments.read(tmp_path)
