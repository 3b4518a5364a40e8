"""OData over some entity sets: what reads their addresses, and their description in two forms.

`metadata`, `addresses`, `expressions` and this module alone know the OData library; what they give
out is ours: `Asked`, and terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from odatapy.edm import Edm
from odatapy.server.serializer.metadata import MetadataSerializer

from gateway.odata.addresses import Asked, read_address
from gateway.odata.metadata import Described

if TYPE_CHECKING:
    from gateway.odata.service import EntitySet

__all__ = ["JSON_SINCE", "VERSION", "Protocol"]

VERSION, JSON_SINCE = "4.0", "4.01"
"""What is spoken here, and the version since which a description may be JSON."""


class Protocol:
    """OData over some entity sets."""

    def __init__(self, sets: Sequence[EntitySet]) -> None:
        """Describe these entity sets, and read addresses of them."""
        self._edm = Edm.from_provider(Described(sets))

    def metadata_xml(self) -> bytes:
        """Return the description as CSDL XML."""
        return MetadataSerializer().xml(self._edm, VERSION).encode()

    def metadata_json(self) -> bytes:
        """Return the description as CSDL JSON."""
        return MetadataSerializer().json(self._edm, JSON_SINCE).encode()

    def read(self, path: str, query: str) -> Asked:
        """Return what is asked by the path, behind the root, and the query, both as sent.

        Raises RefusedError: 400 for what cannot be read, 404 for what there is not, 501 for what
        is not supported.
        """
        return read_address(self._edm, path, query)
