"""One export from its words to its file."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from sys import maxsize
from typing import Any, TypeVar

import msgspec

from gateway.commands.export.output import DUCKDB, check, written
from gateway.commands.export.parts import Part, Parts, Question, rows_in
from gateway.commands.export.progress import Progress
from gateway.commands.export.reading import Reading
from gateway.commands.export.windows import WINDOW, Window, windows_of
from gateway.configuration.complaints import nearest
from gateway.configuration.settings import Settings
from gateway.graphql.asking import operators_context
from gateway.observability.observing import observed
from gateway.rows.asking import FileRequest, asked_of, parameters_for
from gateway.rows.forms import Form
from gateway.services import open_services
from resolvers.context import RequestContext, Services
from resolvers.rows.asking import parameters_of
from resolvers.rows.columns import Row
from resolvers.rows.registry import tables
from resolvers.rows.table import RowArgument, RowTable
from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.port import VendorSpec, Wiring

__all__ = ["Asked", "Done", "InterruptedExportError", "export", "folder_of", "options_of", "run"]

T = TypeVar("T")

_LEFT_OUT = frozenset({"limit", "cursor", "order", "wait", "shape"})
"""What is of use only where a file is asked for in pieces, or by a program."""
_NEEDED = frozenset({"platform"})
"""Columns that are read whoever wants them: rows are counted by platform."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the command was told."""

    table: str
    form: Form
    path: Path
    parameters: Mapping[str, str]
    window: str | None = None
    fresh: bool = False
    patience: float = 0.0


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    rows: Mapping[str, int]
    windows: int
    reused: int
    missing: Sequence[str]
    unsupported: Sequence[str]
    """The platforms that have no such rows."""


class InterruptedExportError(Exception):
    """A signal has ended it."""


def options_of(table: RowTable, form: Form) -> tuple[RowArgument, ...]:
    """Return what can be told of the export of that table, as parameters."""
    every = parameters_for(table, form)
    return (*(one for one in every if one.name not in _LEFT_OUT), WINDOW)


def folder_of(asked: Asked) -> Path:
    """Return where what was read is kept: beside the output, out of sight."""
    # A database holds several tables.
    table = f".{asked.table}" if asked.form is DUCKDB else ""
    return asked.path.with_name(f".{asked.path.name}{table}.part")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns; raise InterruptedExportError where a signal ends it."""

    async def until_signalled() -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (this is one)
        for one in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(one, task.cancel)
        return await work

    try:
        return asyncio.run(until_signalled())
    except asyncio.CancelledError:
        raise InterruptedExportError from None


async def export(
    settings: Settings, specs: Mapping[str, VendorSpec[Any]], asked: Asked, progress: Progress
) -> Done:
    """Write the file that is asked for, whole.

    Raises BadInputError, OtherQuestionError and BusyError for what is to be asked otherwise,
    ShortError where rows would be missing, TooComplexError, OSError, and DatabaseError.
    """
    async with open_services(settings, specs, Wiring(waits=progress)) as opened:
        services = observed(_unlimited(opened), [progress])
        call = Call.within(settings.files.seconds, request_id="command line")
        context = operators_context(services, call)
        table = _table(context, asked.table)
        request = _request(context, table, asked)
        now = context.clock.now()
        windows = windows_of(table, request.rows, now, asked.window)
        question = _question(settings, context, request, asked)
        reading = Reading(
            services=services,
            request=request,
            progress=progress,
            page_seconds=settings.files.seconds,
            patience=asked.patience,
        )
        with Parts(folder_of(asked), question, now, fresh=asked.fresh) as parts:
            await check(asked.form, asked.path, parts.folder)
            progress.begin(question.platforms, len(windows))
            read = [await _part(reading, window, parts) for window in windows]
            finish = await written(request, asked.path, _rows(read, parts, request), parts.folder)
            # From here on nothing waits: it is done, or it has not begun.
            finish()
            parts.drop()
    return _done(read, progress)


def _unlimited(services: Services) -> Services:
    """Return the services without a limit of calls: nobody else is kept waiting by an export."""
    limits = msgspec.structs.replace(services.limits, most_calls=maxsize)
    return replace(services, limits=limits)


def _table(context: RequestContext, name: str) -> RowTable:
    every = tables(context.platforms.values())
    if name not in every:
        message = f"There is no table {name!r}; {nearest(name, every)} `switchboard tables` lists "
        raise BadInputError(f"{message}all.", argument="TABLE")
    return every[name]


def _request(context: RequestContext, table: RowTable, asked: Asked) -> FileRequest:
    accepted = [f"--{one.name.replace('_', '-')}" for one in options_of(table, asked.form)]
    for name in asked.parameters:
        if (option := f"--{name.replace('_', '-')}") not in accepted:
            message = f"`{table.name}` does not take {option} as {asked.form.name}."
            raise BadInputError(message, argument=name, accepted=accepted)
    request = asked_of(context, table, asked.form, asked.parameters.items())
    if request.rows.fields is None:
        return request
    fields = request.rows.fields | _NEEDED
    rows = msgspec.structs.replace(request.rows, fields=fields)
    return msgspec.structs.replace(request, rows=rows)


def _question(
    settings: Settings, context: RequestContext, request: FileRequest, asked: Asked
) -> Question:
    taken = {one.name for one in parameters_of(request.table)}
    accounts = {one.key: one for one in settings.platforms}
    return Question(
        table=request.table.name,
        columns=tuple((one.name, one.type.value) for one in request.columns),
        platforms={
            one.key: "" if settings.sandboxed else _fingerprint(accounts[one.key])
            for one in context.choose(request.rows.platforms)
        },
        parameters={name: text for name, text in asked.parameters.items() if name in taken},
    )


def _fingerprint(account: Any) -> str:  # noqa: ANN401 (settings of whichever vendor)
    """Return what tells apart whom is asked, and what answers mean; it gives no secret away."""
    # Secrets are masked where they are written as text.
    said = account.model_dump(mode="json", exclude={"title", "pacing", "ca_file"})
    return blake2b(repr(sorted(said.items())).encode(), digest_size=16).hexdigest()


async def _part(reading: Reading, window: Window, parts: Parts) -> Part:
    found = parts.find(window)
    part = found or await reading.read(window, parts)
    if found is not None:
        reading.progress.read(found.rows)
    reading.progress.finished(window, sum(part.rows.values()), reused=found is not None)
    return part


def _rows(read: Sequence[Part], parts: Parts, request: FileRequest) -> Iterator[list[Row]]:
    for part in read:
        yield from rows_in(parts.path(part), request.columns)


def _done(read: Sequence[Part], progress: Progress) -> Done:
    rows: Counter[str] = Counter()
    for part in read:
        rows.update(part.rows)
    missing = dict.fromkeys(platform for part in read for platform in part.missing)
    return Done(
        rows=dict(rows),
        windows=len(read),
        reused=progress.reused,
        missing=tuple(missing),
        unsupported=tuple(
            dict.fromkeys(platform for part in read for platform in part.unsupported)
        ),
    )
