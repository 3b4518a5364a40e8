"""Which of LiveChat's reports are offered, and which figures each of them holds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from vendors.livechat.indicators import FIGURES

__all__ = ["TABLES"]

TABLES: Mapping[str, tuple[str, ...]] = {
    report: tuple(figures)
    for report, figures in groupby(FIGURES, lambda name: name.partition(".")[0])
}
"""The figures of each report, which their names begin with."""
