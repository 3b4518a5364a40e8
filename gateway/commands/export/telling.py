"""What an export says where it comes to no good end: what is wrong, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from gateway.commands.export.database import DatabaseError
from gateway.commands.export.exporting import Asked, InterruptedExportError, folder_of
from gateway.commands.export.parts import BusyError, OtherQuestionError
from gateway.rows.filling import ShortError
from resolvers.outcomes import PlatformFailure
from vendors.errors import CallerError, PlatformError

__all__ = ["telling"]

_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130
_Ending = tuple[int, Sequence[str]]
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def telling(asked: Asked) -> Iterator[None]:
    """Say what went wrong, and end with the status that says so."""
    try:
        yield
    except tuple(_ENDINGS) as error:
        ending = next(end for kind, end in _ENDINGS.items() if isinstance(error, kind))
        status, lines = ending(asked, error)
        for line in lines:
            typer.echo(line, err=True)
        raise typer.Exit(status) from None


def _refused(_asked: Asked, error: CallerError) -> _Ending:
    """Refuse what is not acceptable, naming the option and what it accepts."""
    argument, accepted = (error.extensions.get(name) for name in ("argument", "accepted"))
    if argument is None:
        return _FAILED, [str(error)]
    listed = accepted if isinstance(accepted, str) else ", ".join(map(str, accepted or ()))
    accepts = f" It accepts: {listed}." if listed else ""
    hint = argument if argument == "TABLE" else f"--{str(argument).replace('_', '-')}"
    raise typer.BadParameter(f"{error}{accepts}", param_hint=hint)


def _other(asked: Asked, error: OtherQuestionError) -> _Ending:
    return _USAGE, [
        f"{asked.path} has an unfinished export of another question: {error}",
        "Repeat that command to finish it, or give --fresh to drop what it has read.",
    ]


def _busy(asked: Asked, _error: BusyError) -> _Ending:
    return _FAILED, [f"Another process is writing {asked.path}; let it end first."]


def _short(asked: Asked, error: ShortError) -> _Ending:
    full = [
        f"{key} holds more in one window than it can be made to list: shorter ones may help, "
        "by --window."
        for key in error.truncated
    ]
    written = "Nothing was written; --partial allow writes what there is."
    return _FAILED, [*map(_failed, error.failures), *full, written, *_kept(asked)]


def _failed(failure: PlatformFailure) -> str:
    wait = failure.retry_after_seconds
    again = "" if wait is None else f"; it wants to be asked again in {wait:.0f} seconds"
    return f"{failure.platform} failed: {failure.code}{again}."


def _platform(asked: Asked, error: PlatformError) -> _Ending:
    return _short(asked, ShortError([PlatformFailure.of(error)], ()))


def _database(asked: Asked, error: DatabaseError) -> _Ending:
    return _FAILED, [f"{asked.path} cannot be written: {error}", *_kept(asked)]


def _disk(asked: Asked, error: OSError) -> _Ending:
    folder = asked.path.resolve().parent
    if error.errno in _NO_ROOM:
        told = f"There is no room left on the disk of {folder}: make some, and try again."
        return _FAILED, [told, *_kept(asked)]
    if error.errno in _CLOSED:
        return _USAGE, [f"{folder} cannot be written to: choose another place by --output."]
    return _FAILED, [f"{asked.path} cannot be written: {error.strerror or error}", *_kept(asked)]


def _interrupted(asked: Asked, _error: BaseException) -> _Ending:
    return _INTERRUPTED, [f"Interrupted: nothing was written to {asked.path}.", *_kept(asked)]


def _kept(asked: Asked) -> list[str]:
    """Return how to go on, where something is kept to go on from."""
    if not folder_of(asked).exists():
        return []
    return ["What was read is kept: the same command goes on from there."]


_ENDINGS: dict[type[BaseException], Callable[[Asked, Any], _Ending]] = {
    CallerError: _refused,
    OtherQuestionError: _other,
    BusyError: _busy,
    ShortError: _short,
    PlatformError: _platform,
    DatabaseError: _database,
    OSError: _disk,
    InterruptedExportError: _interrupted,
    KeyboardInterrupt: _interrupted,
}
