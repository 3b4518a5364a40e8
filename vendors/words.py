"""Enums whose members carry their own description, so that a word is explained where it is born."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["Word"]


class Word(StrEnum):
    """A string enum whose members are written as `NAME = "value", "what it means"`."""

    description: str

    def __new__(cls, value: str, description: str = "") -> Self:
        """Create the member from its value and keep the description beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member
