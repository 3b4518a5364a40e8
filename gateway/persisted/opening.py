"""Makes of the settings what finds documents."""

from __future__ import annotations

from collections.abc import Callable

from gateway.complaints import ConfigurationError
from gateway.persisted.documents import Documents
from gateway.persisted.registered import RegisteredDocuments
from gateway.persisted.trusted import TrustedDocuments, UnreadableDocumentsError
from gateway.settings import DocumentSettings
from resolvers.ports import Cache

__all__ = ["documents_of"]


def documents_of(settings: DocumentSettings, cache: Callable[[], Cache]) -> Documents:
    """Return the documents of these settings, of which those that are registered are cached.

    Raises ConfigurationError where a trusted document cannot be read.
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
    return Documents(trusted, registered, only_trusted=settings.only_trusted)
