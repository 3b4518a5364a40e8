"""Which of Gnatta's figures its own reporting shows side by side."""

from collections.abc import Mapping
from typing import Final

__all__ = ["TABLES"]

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "interactions": ("interactionsReceived", "interactionsClosed", "interactionsReopened"),
    "messages": ("messageVolume/Inbound", "messageVolume/Outbound"),
    "times": ("messageTimes/AdvisorResponseTime", "messageTimes/OriginatorWaitTime"),
    "presence": ("presenceDuration/Available", "presenceDuration/Unavailable"),
}
"""The name of a native report, and the figures that are its columns."""
