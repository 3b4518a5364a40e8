from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the settings of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("SWITCHBOARD_"):
            monkeypatch.delenv(name)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A present folder without any `.env`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Let a test configure the logging of the process, and put it back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    names = ("httpx", "httpcore", "strawberry.execution", "uvicorn.error", "stamina")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)
