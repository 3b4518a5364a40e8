"""Finds the text of the document that a request names."""

from __future__ import annotations

from dataclasses import replace

from gateway.graphql.requests import Wanted, bad, is_digest
from gateway.persisted.registered import RegisteredDocuments
from gateway.persisted.trusted import TrustedDocuments, digest_of
from gateway.refusals import RefusedError
from resolvers.context import Principal

__all__ = ["Documents"]

_NO_STORE = {"cache-control": "no-store"}
"""What is unknown now may be registered a moment later."""
_SHA256 = "sha256:"
_CODES = {
    "NotFound": "PERSISTED_QUERY_NOT_FOUND",
    "NotSupported": "PERSISTED_QUERY_NOT_SUPPORTED",
}


class Documents:
    """The documents that may be named, and whether any other may be sent."""

    def __init__(
        self,
        trusted: TrustedDocuments | None = None,
        registered: RegisteredDocuments | None = None,
        *,
        only_trusted: bool = False,
    ) -> None:
        """Know the trusted ones, and those in `registered`; None: nothing can be registered."""
        self._trusted = trusted or TrustedDocuments({})
        self._registered = registered
        self._only_trusted = only_trusted

    async def found(self, wanted: Wanted, principal: Principal) -> Wanted:
        """Return what is wanted with the text of its document; raise RefusedError."""
        if wanted.query is None:
            return await self._named(wanted, principal)
        if self._trusted.is_empty and wanted.digest is None and not self._only_trusted:
            return wanted
        digest = digest_of(wanted.query)
        if wanted.digest not in {None, digest}:
            raise bad("`sha256Hash` is not the SHA-256 of the `query` that was sent with it.")
        trusted = self._trusted.with_digest(digest)
        if trusted is not None:
            return replace(wanted, digest=None, most_calls=trusted.most_calls)
        if self._only_trusted:
            raise _not_trusted()
        return wanted

    async def keep(self, wanted: Wanted, principal: Principal) -> None:
        """Keep a document that was executed, where it was sent so that it is registered."""
        if self._registered is not None and wanted.query is not None and wanted.digest is not None:
            await self._registered.keep(principal, wanted.digest, wanted.query)

    async def _named(self, wanted: Wanted, principal: Principal) -> Wanted:
        name = wanted.document_id or wanted.digest or ""
        digest = name.removeprefix(_SHA256).lower()
        trusted = self._trusted.known_as(name) or self._trusted.with_digest(digest)
        if trusted is not None:
            return replace(wanted, query=trusted.text, digest=None, most_calls=trusted.most_calls)
        if self._only_trusted:
            raise _not_trusted()
        if self._registered is not None and is_digest(digest):
            text = await self._registered.read(principal, digest)
            if text is not None:
                # It is not registered anew.
                return replace(wanted, query=text, digest=None)
        raise self._unknown(wanted)

    def _unknown(self, wanted: Wanted) -> RefusedError:
        if wanted.document_id is not None:
            message = "There is no document of this id."
            return RefusedError(404, "PERSISTED_DOCUMENT_NOT_FOUND", message, headers=_NO_STORE)
        # Clients go by these messages, and send the text after a 200 as after a 404.
        status, what = (400, "NotSupported") if self._registered is None else (404, "NotFound")
        return RefusedError(
            status, _CODES[what], f"PersistedQuery{what}", headers=_NO_STORE, plain_status=200
        )


def _not_trusted() -> RefusedError:
    message = "Only trusted documents are answered here: send the `documentId` of one."
    return RefusedError(403, "DOCUMENT_NOT_TRUSTED", message, headers=_NO_STORE)
