"""Where settings come from: each source as a flat layer, laid upon the one below it.

A layer maps the path of a setting, such as `("cache", "max_bytes")`, to its value and the origin
to be told of it. Nothing here knows which settings there are, but for which of them are secret.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, MutableSequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

__all__ = [
    "Layer",
    "Setting",
    "SettingPath",
    "Variables",
    "flatten",
    "from_flags",
    "laid_upon",
    "nested",
    "read_toml",
    "with_secrets_from_files",
]

_VARIABLE = re.compile(r"\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FROM_FILE = "_file"


class Setting(NamedTuple):
    """A value and where it came from."""

    value: Any
    origin: str


SettingPath = tuple[str, ...]
Layer = dict[SettingPath, Setting]


def flatten(values: Mapping[str, Any], origin: str, prefix: SettingPath = ()) -> Layer:
    """Return a nested table as a layer; lists and empty tables are values."""
    layer: Layer = {}
    for name, value in values.items():
        path = (*prefix, str(name))
        if isinstance(value, Mapping) and value:
            layer.update(flatten(value, origin, path))
        else:
            layer[path] = Setting(value, origin)
    return layer


def nested(layer: Layer) -> dict[str, Any]:
    """Return the values of a layer as nested tables."""
    whole: dict[str, Any] = {}
    for path, setting in layer.items():
        table = whole
        for name in path[:-1]:
            inner = table.setdefault(name, {})
            if not isinstance(inner, dict):
                # A value stands where a table should: validation says so.
                break
            table = inner
        else:
            table[path[-1]] = setting.value
    return whole


def laid_upon(layers: Iterable[Layer]) -> Layer:
    """Return the layers as one; what comes first wins."""
    whole: Layer = {}
    for layer in reversed([*layers]):
        whole.update(layer)
    return whole


def from_flags(flags: Mapping[str, Any]) -> Layer:
    """Return the flags that were given on the command line."""
    return {
        (name,): Setting(value, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if value is not None
    }


class Variables(NamedTuple):
    """The variables of one place: lower-case names, and how an origin names them."""

    named: Mapping[str, str]
    origin: str

    def layer(self, prefix: str, is_secret: Callable[[SettingPath], bool]) -> Layer:
        """Return the variables that begin with the prefix; `__` parts the rest of a name.

        A value that looks like a JSON table or list is read as one, unless it is a secret.
        """
        layer: Layer = {}
        for name, text in self.named.items():
            if name.startswith(prefix):
                path = tuple(name.removeprefix(prefix).split("__"))
                origin = f"{self.origin}{name.upper()}"
                value = text if is_secret(path) else _structured(text)
                if isinstance(value, Mapping) and value:
                    layer.update(flatten(value, origin, path))
                else:
                    layer[path] = Setting(value, origin)
        return layer


def _structured(text: str) -> object:
    if text[:1] in {"[", "{"}:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def read_toml(
    path: Path, variables: Mapping[str, str], problems: MutableSequence[str]
) -> dict[str, Any]:
    """Return the tables of a TOML file, in which `${NAME}` stands for a variable.

    `$${NAME}` stands for itself. What cannot be read, and all names that are not set, are noted.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: is no TOML: {error}")
        return {}
    missing: dict[str, None] = {}

    def replaced(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return match[0][1:]
        if name not in variables:
            missing[name] = None
        return variables.get(name, "")

    expanded = _each_text(values, lambda text: _VARIABLE.sub(replaced, text))
    problems.extend(f"{path}: ${{{name}}} is not set in the environment" for name in missing)
    return dict(expanded)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 (whatever TOML has)
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {name: _each_text(item, change) for name, item in value.items()}
    return value


def with_secrets_from_files(
    layer: Layer,
    is_secret: Callable[[SettingPath], bool],
    folder: Path,
    problems: MutableSequence[str],
) -> Layer:
    """Return the layer with `<secret>_file` replaced by the secret that the file holds."""
    whole: Layer = {}
    for path, setting in layer.items():
        secret = (*path[:-1], path[-1].removesuffix(_FROM_FILE))
        if secret == path or is_secret(path) or not is_secret(secret):
            whole[path] = setting
            continue
        file = folder / str(setting.value)
        name = ".".join(path)
        if secret in layer:
            problems.append(f"{setting.origin}: {name} and {secret[-1]} are both given")
        try:
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            problems.append(f"{setting.origin}: {name}: cannot read {file}")
        else:
            whole[secret] = Setting(text, f"{setting.origin}, by {file}")
    return whole
