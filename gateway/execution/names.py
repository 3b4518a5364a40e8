"""The names of generated code, and what they stand for.

Nothing of a document becomes part of the code: whatever the code needs of it, such as the keys of
the answer, it is given as a value under a name that was made here.
"""

from __future__ import annotations

__all__ = ["Names"]


class Names:
    """Names of values, one for each value."""

    def __init__(self) -> None:
        """Begin without any."""
        self.values: dict[str, object] = {}
        self._known: dict[tuple[str, object], str] = {}

    def of(self, value: object, stem: str) -> str:
        """Return the name of that very value; the stem is for who reads the code."""
        key = (stem, value if isinstance(value, str) else id(value))
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = self.new(stem)
            self.values[name] = value
        return name

    def new(self, stem: str) -> str:
        """Return a name that stands for nothing yet."""
        name = f"{stem}{len(self.values)}"
        self.values[name] = None
        return name
