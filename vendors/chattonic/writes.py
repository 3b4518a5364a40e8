"""What Chat-Tonic can be told to do: to send the answers to its survey by e-mail.

Its document makes that a `GET`, and says nothing of the answer but that a mail goes out.
"""

from __future__ import annotations

from collections.abc import Sequence

from vendors.calls import Call
from vendors.chattonic.client import ChatTonicClient
from vendors.errors import PlatformNotFoundError, PlatformRejectedError
from vendors.writes import (
    Change,
    Made,
    Refusal,
    RefusalCode,
    RequestNpsExport,
    WriteRefusedError,
)

__all__ = ["ChatTonicWrites"]


class ChatTonicWrites:
    """The one thing that an app can be told to do."""

    def __init__(self, client: ChatTonicClient) -> None:
        """Ask by that client."""
        self._client = client

    @property
    def changes(self) -> frozenset[type[Change]]:
        """Return the request for a mail."""
        return frozenset({RequestNpsExport})

    def refusals(self, change: Change) -> tuple[Refusal, ...]:
        """Return what cannot be asked for: a window that holds no time."""
        if isinstance(change, RequestNpsExport) and change.end <= change.start:
            return (Refusal(RefusalCode.INVALID, "end"),)
        return ()

    async def make(self, change: Change, call: Call) -> Made:
        """Have the mail sent, by one request; nothing that could be named comes of it."""
        if not isinstance(change, RequestNpsExport):
            message = "a change that this platform does not take was sent to it"
            raise TypeError(message)
        refused = self.refusals(change)
        if refused:
            raise WriteRefusedError(*refused)
        try:
            await self._client.export_nps(change.group.value, change.start, change.end, call)
        except (PlatformRejectedError, PlatformNotFoundError):
            raise WriteRefusedError(Refusal(RefusalCode.REFUSED)) from None
        return Made()

    async def make_together(self, changes: Sequence[Change], call: Call) -> tuple[Made, ...]:
        """Have mails sent one after another: each is a request of its own."""
        return tuple([await self.make(one, call) for one in changes])
