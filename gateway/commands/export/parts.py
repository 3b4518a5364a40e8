"""What an export has read so far, beside its output: a window a file, and a manifest of them.

The folder is its owner's alone. A window that is in the manifest is whole and on the disk, so that
the same command goes on from there whatever ended it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from gateway.commands.export.windows import Window
from resolvers.rows.columns import Row, RowColumn, RowType

__all__ = ["BusyError", "OtherQuestionError", "Part", "PartFile", "Parts", "Question", "rows_in"]

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_MANIFEST, _LOCK = "manifest.json", "lock"
_LENGTH = 4
_LONGEST_FRAME = 2_000
"""Rows that are decoded at once."""
_KEPT = timedelta(hours=24)
"""How long a window is good for: records of the past still change a little."""

_TYPES: Mapping[RowType, type] = {
    RowType.TEXT: str,
    RowType.INTEGER: int,
    RowType.NUMBER: float,
    RowType.BOOLEAN: bool,
    RowType.INSTANT: datetime,
    RowType.DATE: date,
}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, in full: windows of one question are of no use for another."""

    table: str
    columns: tuple[tuple[str, str], ...]
    """The names and types of the columns."""
    platforms: Mapping[str, str]
    """What tells the accounts and their settings apart, by key."""
    parameters: Mapping[str, str]
    """As they were told, but for what only says how the file is written."""

    def __str__(self) -> str:
        """Return it as it was told."""
        told = (f"--{name.replace('_', '-')} {text}" for name, text in self.parameters.items())
        return " ".join([self.table, *told])


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One window that was read whole."""

    start: datetime
    end: datetime
    read_at: datetime
    file: str
    rows: Mapping[str, int]
    """How many, by platform."""
    settled: bool
    """Whether it would be the same if it were read again."""
    missing: tuple[str, ...] = ()
    """The platforms of which rows may be missing."""
    unsupported: tuple[str, ...] = ()
    """The platforms that have no such rows."""

    @property
    def window(self) -> Window:
        """Return which window it is."""
        return Window(self.start, self.end)


class _Manifest(msgspec.Struct):
    question: Question
    parts: list[Part] = []


class OtherQuestionError(Exception):
    """What is kept belongs to another question."""

    def __init__(self, kept: str) -> None:
        """Say which, as far as that can be read."""
        super().__init__(kept)


class BusyError(Exception):
    """Another process writes the same output."""


class Parts:
    """The folder, held by this process alone until the end of the `with` block."""

    def __init__(self, folder: Path, question: Question, now: datetime, *, fresh: bool) -> None:
        """Name the folder; `fresh` drops what is kept in it, whatever it is."""
        self.folder = folder
        self._question = question
        self._now = now
        self._fresh = fresh
        self._manifest = _Manifest(question)
        self._lock = -1

    def __enter__(self) -> Self:
        """Take the folder; raise BusyError, OtherQuestionError or OSError."""
        self.folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        self._lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, _FILE_MODE)
        try:
            self._take()
        except BaseException:
            os.close(self._lock)
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let others have it: the windows that were read, or nothing where none was."""
        if self._manifest.parts:
            self._clean()
        else:
            self.drop()
        os.close(self._lock)

    def _take(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError from None
        kept = None if self._fresh else self._read()
        if kept is not None and kept.question != self._question:
            self._manifest = kept
            raise OtherQuestionError(str(kept.question))
        parts = [] if kept is None else [one for one in kept.parts if self._good(one)]
        self._manifest = _Manifest(self._question, parts)
        self._clean()
        self._write()

    def _read(self) -> _Manifest | None:
        path = self.folder / _MANIFEST
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Manifest)
        except msgspec.MsgspecError:
            raise OtherQuestionError("another version of this command") from None

    def _good(self, part: Part) -> bool:
        young = timedelta(0) <= self._now - part.read_at < _KEPT
        return part.settled and young and (self.folder / part.file).exists()

    def _clean(self) -> None:
        """Remove what was not finished: it would take the room that is wanting."""
        kept = {_LOCK, _MANIFEST, *(one.file for one in self._manifest.parts)}
        for path in self.folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def _write(self) -> None:
        written = self.folder / f"{_MANIFEST}.new"
        with _owned(written) as file:
            file.write(msgspec.json.encode(self._manifest))
            file.flush()
            os.fsync(file.fileno())
        written.replace(self.folder / _MANIFEST)

    def find(self, window: Window) -> Part | None:
        """Return what was read of that window before."""
        return next((one for one in self._manifest.parts if one.window == window), None)

    def path(self, part: Part) -> Path:
        """Return where its rows lie."""
        return self.folder / part.file

    def begin(self, window: Window) -> PartFile:
        """Return the file for the rows of a window."""
        return PartFile(self.folder / f"{window.start:%Y%m%dT%H%M%S%f}.rows")

    def keep(self, part: Part) -> None:
        """Keep a window for good: it is on the disk when this returns."""
        self._manifest.parts.append(part)
        self._write()

    def drop(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._manifest.parts.clear()


class PartFile:
    """The rows of one window, as they come."""

    def __init__(self, path: Path) -> None:
        """Begin it anew."""
        self.path = path
        self._file = _owned(path)

    def add(self, rows: Sequence[Row]) -> None:
        """Write further rows."""
        for at in range(0, len(rows), _LONGEST_FRAME):
            frame = _ENCODER.encode(rows[at : at + _LONGEST_FRAME])
            self._file.write(len(frame).to_bytes(_LENGTH, "big"))
            self._file.write(frame)

    def end(self) -> None:
        """Bring all of it to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def give_up(self) -> None:
        """Remove it."""
        with suppress(OSError):
            # What there was no room for is still to be written.
            self._file.close()
        self.path.unlink(missing_ok=True)


_ENCODER = msgspec.msgpack.Encoder()


def _owned(path: Path) -> Any:  # noqa: ANN401 (a binary file, buffered)
    """Return the file, empty, open for writing, and readable by nobody else."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return os.fdopen(os.open(path, flags, _FILE_MODE), "wb")


def rows_in(path: Path, columns: Sequence[RowColumn]) -> Iterator[list[Row]]:
    """Yield the rows of a window's file, some at a time, with the types of these columns."""
    row = tuple.__class_getitem__(tuple(_TYPES[one.type] | None for one in columns))
    decoder = msgspec.msgpack.Decoder(list[row])  # type: ignore[valid-type]  # of these columns
    with path.open("rb") as file:
        while length := file.read(_LENGTH):
            yield decoder.decode(file.read(int.from_bytes(length, "big")))
