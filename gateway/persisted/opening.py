"""Makes of the settings what finds documents."""

from __future__ import annotations

import logging
from collections.abc import Callable

from graphql import parse, validate
from strawberry import Schema

from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.settings import DocumentSettings
from gateway.persisted.documents import Documents
from gateway.persisted.registered import RegisteredDocuments
from gateway.persisted.trusted import TrustedDocuments, UnreadableDocumentsError
from resolvers.ports import Cache

__all__ = ["documents_of"]

_LOG = logging.getLogger("switchboard.documents")


def documents_of(
    settings: DocumentSettings, cache: Callable[[], Cache], schema: Schema
) -> Documents:
    """Return the documents of these settings, of which those that are registered are cached.

    Raises ConfigurationError where a trusted document cannot be read. One that does not fit the
    schema is logged: an old release of a front end keeps no gateway from starting.
    """
    registered = None
    if settings.registering and not settings.only_trusted:
        registered = RegisteredDocuments(cache, settings.lifetime, settings.bytes_per_key)
    trusted = None
    if settings.folder is not None:
        try:
            trusted = TrustedDocuments.read(settings.folder)
        except UnreadableDocumentsError as error:
            raise ConfigurationError([f"documents.folder: {error}"]) from None
        _tell_misfits(trusted, schema)
    return Documents(trusted, registered, only_trusted=settings.only_trusted)


def _tell_misfits(trusted: TrustedDocuments, schema: Schema) -> None:
    for name, text in trusted.texts():
        errors = validate(schema._schema, parse(text))  # noqa: SLF001 (what Strawberry itself executes; it has no public name)
        if errors:
            about = {"document": name, "errors": [error.message for error in errors]}
            _LOG.warning("a trusted document does not fit the schema", extra=about)
