"""Documents that callers name instead of sending them: trusted ones, and those they registered."""

from gateway.persisted.documents import Documents
from gateway.persisted.opening import documents_of

__all__ = ["Documents", "documents_of"]
