"""Which of LiveChat's reports are offered, and which figures each of them holds."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.livechat.indicators import FIGURES, SOURCES

__all__ = ["TABLES"]

TABLES: Mapping[str, tuple[str, ...]] = {
    name: tuple(figure.name for figure in FIGURES.values() if figure.source == name)
    for name in SOURCES
}
"""Figures that stand in one answer, by the name of their source."""
