"""The page of each vendor in docs/."""

from __future__ import annotations

from pathlib import Path

__all__ = ["manual_of"]

_FOLDER = Path(__file__).parent.parent / "docs" / "platforms"


def manual_of(vendor: str) -> str:
    """Return the page of that vendor."""
    return (_FOLDER / f"{vendor}.md").read_text(encoding="utf-8")
