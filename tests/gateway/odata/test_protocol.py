"""The OData library is held at arm's length: few modules know it."""

from __future__ import annotations

from pathlib import Path

import gateway

KNOW_THE_LIBRARY = {"addresses.py", "expressions.py", "metadata.py", "protocol.py"}


def test_few_modules_know_the_library() -> None:
    root = Path(gateway.__file__).parent
    found = {
        one.relative_to(root).as_posix()
        for one in root.rglob("*.py")
        if "odatapy" in one.read_text(encoding="utf-8")
    }
    assert found == {f"odata/{name}" for name in KNOW_THE_LIBRARY}
