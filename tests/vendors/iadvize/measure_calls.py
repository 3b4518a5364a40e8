"""Three days of March in Paris, asked for and answered: what tests of measuring begin with."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.vendors.iadvize.upstream import utc

from vendors.measures import Dimension, MeasureCall, Partition, Reading

PARTITION = Partition(time_zone="Europe/Paris", currency="EUR")
START, END = utc("2017-02-28 23:00"), utc("2017-03-03 23:00")
_BASIC = MeasureCall(
    source="statistic",
    figures=("contact_number",),
    start=START,
    end=END,
    zone="Europe/Paris",
    filters=((Dimension.CHANNEL, ("chat",)),),
)


def measured(**changes: Any) -> MeasureCall:  # noqa: ANN401 (any field)
    """Return the number of chats in those days, or a call that differs from it so."""
    return msgspec.structs.replace(_BASIC, **changes)


def told(value: float | None, figure: str = "contact_number", **members: Any) -> Reading:  # noqa: ANN401
    """Return a reading of that call."""
    return msgspec.structs.replace(Reading(figure, START, value), **members)
