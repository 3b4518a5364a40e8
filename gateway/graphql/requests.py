"""Reads the operation that a request, or a message on a socket, asks for."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

import orjson
from strawberry.http import GraphQLRequestData

from gateway.graphql.negotiation import JSON
from gateway.refusals import RefusedError
from vendors.errors import BadInputError

__all__ = ["Wanted", "asked", "bad", "check_form", "is_digest", "json_of"]

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_APQ_VERSION = 1
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


@dataclass
class Wanted(GraphQLRequestData):
    """The operation that is asked for: by its text, or by what its document is known as."""

    document_id: str | None = None
    """The id of a persisted document, as it was sent."""
    digest: str | None = None
    """The SHA-256 of the text, hexadecimal, where the caller has it registered."""
    most_calls: int | None = None
    """The most vendor calls that the document itself allows; None: no limit of its own."""


def json_of(text: bytes, what: str) -> object:
    """Return what the text says; raise RefusedError where it is not JSON."""
    try:
        # Some tools on Windows begin every text with it (RFC 8259, section 8.1).
        return orjson.loads(text.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError:
        raise bad(f"{what} is not JSON.") from None


def check_form(headers: Mapping[str, str]) -> None:
    """Raise RefusedError unless a body comes as JSON, in UTF-8, and not packed."""
    sent = Message()
    sent["content-type"] = headers.get("content-type", "")
    charset = str(sent.get_param("charset", "utf-8")).lower()
    packed = headers.get("content-encoding", "identity").strip().lower()
    if sent.get_content_type() != JSON or "/" not in sent["content-type"]:
        message = f"Send the operation as {JSON}."
    elif charset not in _UTF8:
        message = f"Send the operation in UTF-8, as {JSON} always is."
    elif packed not in {"", "identity"}:
        message = "Send the operation as it is: a body is not unpacked here."
    else:
        return
    headers = {"accept-post": JSON, "accept-encoding": "identity"}
    raise RefusedError(415, "UNSUPPORTED_MEDIA_TYPE", message, headers=headers)


def asked(data: object) -> Wanted:
    """Return the operation that is asked for; raise RefusedError where it cannot be read."""
    if isinstance(data, list):
        raise bad("Batches are not answered; send one operation at a time.")
    if not isinstance(data, dict):
        raise bad("The body must be a JSON object with `query`.")
    for name, kind, said in (
        ("query", str, "text"),
        ("documentId", str, "text"),
        ("operationName", str, "text"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        if not isinstance(data.get(name), kind | None):
            raise bad(f"`{name}` must be {said}.")
    wanted = Wanted(
        query=data.get("query") or None,
        variables=data.get("variables"),
        operation_name=data.get("operationName") or None,
        extensions=data.get("extensions"),
        document_id=data.get("documentId") or None,
        digest=_digest_of(data.get("extensions") or {}),
    )
    _check_named_once(wanted)
    return wanted


def _check_named_once(wanted: Wanted) -> None:
    if wanted.document_id is not None and (wanted.query is not None or wanted.digest is not None):
        raise bad("A `documentId` stands alone: without `query`, and without `persistedQuery`.")
    if wanted.query is None and wanted.document_id is None and wanted.digest is None:
        raise bad("There is no `query`.")


def _digest_of(extensions: dict[str, Any]) -> str | None:
    """Return the digest that `persistedQuery` names; raise RefusedError where it is not one."""
    said = extensions.get("persistedQuery")
    if said is None:
        return None
    if not isinstance(said, dict) or said.get("version") != _APQ_VERSION:
        raise bad(f"`extensions.persistedQuery` must be an object of `version` {_APQ_VERSION}.")
    digest = said.get("sha256Hash")
    if not isinstance(digest, str) or not is_digest(digest):
        raise bad("`extensions.persistedQuery.sha256Hash` must be 64 hexadecimal digits.")
    return digest.lower()


def is_digest(text: str) -> bool:
    """Return whether it is a SHA-256 in hexadecimal digits, small or large ones."""
    return _DIGEST.fullmatch(text) is not None


def bad(message: str) -> RefusedError:
    """Return the refusal of what cannot be read."""
    return RefusedError(400, BadInputError.code, message)
