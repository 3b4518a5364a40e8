"""Trusted documents: what an operator has put into a folder, read once when the gateway starts.

A JSON file is what a front end's build has written: Relay's persisted queries and the
`persisted-documents.json` of GraphQL Code Generator, which both map ids to texts, or the manifest
of Apollo's tools. A file `*.graphql` is one document, known by its digest and by the file's name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError, parse

__all__ = ["TrustedDocument", "TrustedDocuments", "UnreadableDocumentsError", "digest_of"]

_APOLLO = "apollo-persisted-query-manifest"
_APOLLO_VERSION = 1
_PLAIN = frozenset({".graphql", ".gql"})
_PREFIX = "sha256:"
_MOST_CALLS = re.compile(r"^[ \t]*#[ \t]*most_calls:[ \t]*(\S*)[ \t]*$", re.MULTILINE)


class UnreadableDocumentsError(ValueError):
    """A trusted document cannot be read; the message names its file."""


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """A text that may be executed, and the most vendor calls that it is granted."""

    text: str
    most_calls: int | None = None


class TrustedDocuments:
    """All trusted documents, by every id that they are known as."""

    def __init__(self, documents: Mapping[str, TrustedDocument]) -> None:
        """Know these documents by their ids, and by the digests of their texts."""
        by_digest = {digest_of(one.text): one for one in documents.values()}
        self._by_id = {**by_digest, **documents}
        self._by_digest = by_digest

    @classmethod
    def read(cls, folder: Path) -> TrustedDocuments:
        """Return the documents of all files of a folder; raise UnreadableDocumentsError."""
        found: dict[str, TrustedDocument] = {}
        for path in sorted(folder.iterdir()):
            for name, text in _texts_of(path):
                document = TrustedDocument(text, _most_calls(text, path))
                if found.setdefault(name, document) != document:
                    message = f"{path}: {name!r} already names another document"
                    raise UnreadableDocumentsError(message)
        return cls(found)

    @property
    def is_empty(self) -> bool:
        """Return whether there is none."""
        return not self._by_id

    def known_as(self, name: str) -> TrustedDocument | None:
        """Return the document of that id; a digest may stand with its prefix or without."""
        return self._by_id.get(name) or self._by_id.get(name.removeprefix(_PREFIX))

    def with_digest(self, digest: str) -> TrustedDocument | None:
        """Return the document of exactly the text that has that digest."""
        return self._by_digest.get(digest)

    def texts(self) -> Iterable[tuple[str, str]]:
        """Return each text once, with an id of it."""
        names = {one.text: name for name, one in self._by_id.items()}
        return [(names[one.text], one.text) for one in self._by_digest.values()]


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """Give the ids and texts of a file; nothing of one that holds no documents by its name."""
    if path.suffix == ".json":
        yield from _listed(_json_of(path), path)
    elif path.suffix in _PLAIN:
        text = _text_of(path)
        _check(text, path)
        yield path.stem, text
        # An editor ends the file with a line break that a program may not send.
        yield digest_of(text.rstrip()), text.rstrip()


def _listed(content: object, path: Path) -> Iterator[tuple[str, str]]:
    if not isinstance(content, dict):
        raise UnreadableDocumentsError(f"{path}: is no JSON object")
    pairs: Iterable[tuple[Any, Any]] = content.items()
    if "operations" in content and "format" in content:
        pairs = _of_manifest(content, path)
    for name, text in pairs:
        if not isinstance(name, str) or not isinstance(text, str):
            raise UnreadableDocumentsError(f"{path}: {name!r} is not the text of a document")
        _check(text, path)
        yield name.removeprefix(_PREFIX), text


def _of_manifest(content: Mapping[str, Any], path: Path) -> list[tuple[Any, Any]]:
    if content["format"] != _APOLLO or content.get("version") != _APOLLO_VERSION:
        message = f"{path}: is no {_APOLLO} of version {_APOLLO_VERSION}"
        raise UnreadableDocumentsError(message)
    operations = content["operations"]
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise UnreadableDocumentsError(f"{path}: its operations are no list of objects")
    return [(one.get("id"), one.get("body")) for one in operations]


def _json_of(path: Path) -> object:
    try:
        return orjson.loads(_text_of(path))
    except orjson.JSONDecodeError as error:
        raise UnreadableDocumentsError(f"{path}: is no JSON: {error}") from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDocumentsError(f"{path}: cannot be read: {error}") from None


def _check(text: str, path: Path) -> None:
    try:
        parse(text)
    except GraphQLError as error:
        raise UnreadableDocumentsError(f"{path}: {error.message}") from None


def _most_calls(text: str, path: Path) -> int | None:
    """Return the limit that a comment line `# most_calls: 20` sets, the least of several."""
    said = _MOST_CALLS.findall(text)
    for one in said:
        if not one.isascii() or not one.isdigit() or int(one) < 1:
            raise UnreadableDocumentsError(f"{path}: most_calls is a number above zero")
    return min(map(int, said), default=None)
