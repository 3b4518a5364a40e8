"""Writes docs/settings.md from the settings themselves, so that no setting is missing there.

.venv/bin/python -m scripts.settings_reference
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from gateway.configuration.settings import Settings
from vendors.registry import specs
from vendors.settings import Pacing, PlatformSettings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

_REPEATED = ("api_keys", "refresh")
"""Lists of tables."""

_HEAD = """# Settings

Flags come before environment variables, these before `.env`, that before the TOML file (`--config
FILE` or `SWITCHBOARD_CONFIG`), and that before the defaults. A variable begins with `SWITCHBOARD_`,
and `__` parts the levels: `SWITCHBOARD_LIMITS__MOST_CALLS=500`. One field of one platform is
`SWITCHBOARD_PLATFORM__<KEY>__<FIELD>`. In the file any text may hold `${NAME}`, an environment
variable, and any secret may come from a file as `<name>_file`. An unknown name is an error that
says which known one is nearest. `switchboard config show` prints what applies, secrets masked, and
where each value came from.

This page is written from the code by `python -m scripts.settings_reference`.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(reference(), encoding="utf-8")


def reference() -> str:
    """Return the page: the process's settings, then those of a platform, by vendor."""
    parts = [_HEAD, "## The process\n", _table(Settings, skip={"platforms", *_REPEATED})]
    for name, field in Settings.model_fields.items():
        nested = _model_in(field.annotation)
        if nested is not None and name != "platforms":
            parts += _section(name, nested, repeated=name in _REPEATED)
    parts += ["## Platforms\n", "Each account is a `[[platforms]]` table.\n"]
    parts += ["### Every platform\n", _table(PlatformSettings)]
    parts += ["### Pacing: `platforms.pacing`\n", _table(Pacing)]
    for spec in specs().values():
        parts += [f'### {spec.title}: `vendor = "{spec.name}"`\n']
        parts.append(_table(spec.settings, skip=_inherited(spec.settings)))
        for name, field in spec.settings.model_fields.items():
            nested = _model_in(field.annotation)
            if nested is not None and nested is not Pacing:
                parts += [f"#### `{name}` of {spec.title}\n", _table(nested)]
    return "\n".join(parts)


def _section(name: str, model: type[BaseModel], *, repeated: bool) -> Iterator[str]:
    """Yield the tables of a nested model, and of those nested in it."""
    title = f"[[{name}]]" if repeated else f"[{name}]"
    yield f"### `{title}`\n"
    yield f"{(model.__doc__ or '').strip()}\n"
    yield _table(model)
    seen: set[type[BaseModel]] = set()
    for inner, field in model.model_fields.items():
        nested = _model_in(field.annotation)
        if nested is not None and nested not in seen:
            seen.add(nested)
            yield from _section(f"{name}.{inner}", nested, repeated=False)


def _inherited(model: type[PlatformSettings]) -> set[str]:
    """Return the names whose meaning and default the vendor leaves as they are."""
    return {
        name
        for name, field in PlatformSettings.model_fields.items()
        if model.model_fields[name].description == field.description
        and model.model_fields[name].default == field.default
    }


def _table(model: type[BaseModel], skip: set[str] | None = None) -> str:
    rows = [
        f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {_said(field)} |"
        for name, field in model.model_fields.items()
        if name not in (skip or set())
    ]
    return "\n".join(["| setting | type | default | means |", "|---|---|---|---|", *rows, ""])


def _said(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|").replace("\n", " ")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "below"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    empty = value is None or value in ((), frozenset(), {})
    if empty or isinstance(value, dict):
        return "–" if empty else "a table"
    return f"`{_plain(value)}`".replace("|", "\\|")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | frozenset | list):
        return ", ".join(sorted(_plain(one) for one in value))
    return str(value)


_NAMES: dict[object, str] = {
    str: "text",
    int: "number",
    float: "number",
    bool: "true or false",
    SecretStr: "secret",
    timedelta: "seconds",
    type(None): "",
}


def _type(annotation: Any) -> str:  # noqa: ANN401 - whatever stands in an annotation
    """Return the type in the words of a TOML file."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _plain_type(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in {Union, types.UnionType}:
        return " or ".join(filter(None, (_type(one) for one in arguments)))
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    lists = {tuple, frozenset, list, set}
    return f"list of {_type(arguments[0])}" if origin in lists else "table"


def _plain_type(annotation: object) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{one.value}`" for one in annotation)
    return _NAMES.get(annotation, "text")


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - as above
    """Return the model that an annotation holds, itself or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for one in get_args(annotation):
        found = _model_in(one)
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    main()
