"""Lists the settings that are in force: each with its value, unless secret, and its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel, SecretStr

from gateway.configuration.reading import Loaded

__all__ = ["Line", "listed"]

_MASK = "********"
_DEFAULT = "default"


class Line(NamedTuple):
    """One setting, as it is shown."""

    name: str
    value: str
    origin: str


def listed(loaded: Loaded) -> Iterator[Line]:
    """Yield every setting, platform by platform at the end."""
    values = {name: getattr(loaded.settings, name) for name in type(loaded.settings).model_fields}
    platforms = values.pop("platforms")
    for path, value in _leaves(values):
        yield Line(".".join(path), _text(value), _origin(loaded, path))
    for platform in platforms:
        for path, value in _leaves(_fields(platform), ("platforms", platform.key)):
            yield Line(".".join(path), _text(value), _origin(loaded, path))


def _leaves(
    values: Mapping[str, Any], prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    for name, value in values.items():
        path = (*prefix, str(name))
        if isinstance(value, BaseModel):
            yield from _leaves(_fields(value), path)
        elif isinstance(value, Mapping) and value:
            yield from _leaves(value, path)
        else:
            yield path, value


def _fields(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}


def _text(value: object) -> str:
    shown = value.total_seconds() if isinstance(value, timedelta) else value
    return _ENCODER.encode(shown).decode()


def _shown(value: object) -> object:
    """Return what JSON has no word for otherwise: secrets as a mask."""
    if isinstance(value, SecretStr):
        return _MASK
    if isinstance(value, BaseModel):
        return _fields(value)
    return str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_shown, order="deterministic")


def _origin(loaded: Loaded, path: tuple[str, ...]) -> str:
    """Return the origin of the value, or of what it is a part of."""
    for length in range(len(path), 0, -1):
        if path[:length] in loaded.origins:
            return loaded.origins[path[:length]]
    return _DEFAULT
