"""`switchboard export`: its options, which are those of the tables, and what it says."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.commands.export.exporting import Asked, Done, export, options_of, run
from gateway.commands.export.output import OUTPUTS
from gateway.commands.export.progress import Progress, shown
from gateway.commands.export.telling import telling
from gateway.commands.export.windows import WINDOW
from gateway.commands.options import Config, Sandbox, begun
from gateway.commands.sandbox import with_sandbox
from gateway.rows.forms import Form
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowArgument
from vendors.registry import specs

__all__ = ["export_table"]

_PATIENCE = 600.0
_FEW = 8
_STDOUT = "-"


def _parameters() -> dict[str, RowArgument]:
    """Return all that the tables and forms take, by name."""
    every = (
        one
        for table in STANDARD.values()
        for form in OUTPUTS.values()
        for one in options_of(table, form)
    )
    return {one.name: one for one in every}


_PARAMETERS = _parameters()


def _with_parameters(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with an option for each parameter, which Typer reads off its signature."""
    signature = inspect.signature(command)
    own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    options = [_option(one) for one in _PARAMETERS.values()]
    command.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]  # as functions may have
    annotated = {one.name: one.annotation for one in options}
    command.__annotations__ = {**command.__annotations__, **annotated}
    return command


def _option(argument: RowArgument) -> inspect.Parameter:
    few = 0 < len(argument.choices) <= _FEW
    choices = f" One of {', '.join(argument.choices)}." if few else ""
    flag = typer.Option(
        f"--{argument.name.replace('_', '-')}",
        help=f"{argument.description}{choices}",
        show_default=False,
    )
    kind: Any = list[str] | None if argument.several else str | None
    return inspect.Parameter(
        f"{argument.name}_",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind, flag],
    )


@_with_parameters
def export_table(
    table: Annotated[str, typer.Argument(help="The table; `switchboard tables` lists them.")],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help=f"The file; its ending says: {', '.join(OUTPUTS)}."),
    ],
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew; drop what was read.")] = False,
    patience: Annotated[
        float,
        typer.Option(min=0, help="Seconds to wait where a platform says how long, for a window."),
    ] = _PATIENCE,
    progress: Annotated[
        bool | None, typer.Option("--progress/--no-progress", help="By default on a terminal.")
    ] = None,
    config: Config = None,
    sandbox: Sandbox = None,
    **parameters: Any,  # noqa: ANN401 (texts, and lists of them)
) -> None:
    """Write a table to a file: whole, typed, and resumable where it was interrupted."""
    told = _told(parameters)
    asked = Asked(
        table=table,
        form=_form_of(output),
        path=output,
        window=told.pop(WINDOW.name, None),
        parameters=told,
        fresh=fresh,
        patience=patience,
    )
    loaded = begun(config, sandbox)
    with telling(asked), with_sandbox(loaded, specs()) as settings:
        with shown(progress, lambda: datetime.now(UTC)) as seen:
            done = run(export(settings, specs(), asked, seen))
        _tell(asked, done, seen)


def _told(parameters: dict[str, Any]) -> dict[str, str]:
    """Return the parameters that were told, by the names that tables have for them."""
    return {
        name: value if isinstance(value, str) else ",".join(value)
        for name in _PARAMETERS
        if (value := parameters[f"{name}_"])
    }


def _form_of(output: Path) -> Form:
    if str(output) == _STDOUT:
        message = "Windows are kept beside the file until it is whole, so that it has to be one; "
        hint = "`switchboard serve` and curl give a stream."
        raise typer.BadParameter(f"{message}{hint}", param_hint="--output")
    form = OUTPUTS.get(output.suffix.removeprefix(".").lower())
    if form is None:
        message = f"{output.name} does not say what to write: let it end with "
        endings = ", ".join(f".{name}" for name in OUTPUTS)
        raise typer.BadParameter(f"{message}one of {endings}.", param_hint="--output")
    if form.missing:
        message = f"Files of the kind {form.name!r} need the extra: install "
        raise typer.BadParameter(f"{message}switchboard[{form.extra}].", param_hint="--output")
    if output.is_dir() or not output.parent.is_dir():
        problem = "is a folder" if output.is_dir() else "lies in a folder that does not exist"
        raise typer.BadParameter(f"{output} {problem}.", param_hint="--output")
    return form


def _tell(asked: Asked, done: Done, progress: Progress) -> None:
    before = f", {done.reused} of them read before" if done.reused else ""
    rows = sum(done.rows.values())
    typer.echo(
        f"{asked.path}: {rows:,} rows of {asked.table}; {progress.calls:,} calls; "
        f"windows: {done.windows}{before}",
        err=True,
    )
    for line in progress.summary():
        typer.echo(line, err=True)
    if done.unsupported:
        typer.echo(f"Not offered by {', '.join(done.unsupported)}.", err=True)
    if done.missing:
        typer.echo(f"Rows are missing: {', '.join(done.missing)} failed.", err=True)
