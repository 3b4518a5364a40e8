"""What is wrong with settings, said so that the reader can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from gateway.configuration.layers import Layer

__all__ = ["ConfigurationError", "explain", "is_secret", "nearest"]


class ConfigurationError(Exception):
    """The settings cannot be used; `problems` lists everything that is wrong with them."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep each problem once, in order."""
        self.problems: Sequence[str] = tuple(dict.fromkeys(problems))
        super().__init__("; ".join(self.problems))


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that was probably meant, or at all there are."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(names)}" if names else "there is none"


def explain(
    error: ValidationError,
    model: type[BaseModel],
    layer: Layer,
    prefix: tuple[str, ...] = (),
) -> list[str]:
    """Return one line for each thing that pydantic found, with the origin of the value."""
    return [_line(details, model, layer, prefix) for details in error.errors()]


def _line(
    details: ErrorDetails, model: type[BaseModel], layer: Layer, prefix: tuple[str, ...]
) -> str:
    place = tuple(str(part) for part in details["loc"])
    name = ".".join((*prefix, *place))
    origin = _origin(layer, place)
    return f"{origin}{name}{': ' if name else ''}{_said(details, model)}"


def _origin(layer: Layer, place: tuple[str, ...]) -> str:
    """Return the origin of the value, or of one that holds it or is held by it."""
    for path, setting in layer.items():
        shorter = min(len(path), len(place))
        if shorter and path[:shorter] == place[:shorter]:
            return f"{setting.origin}: "
    return ""


def _said(details: ErrorDetails, model: type[BaseModel]) -> str:
    if details["type"] == "missing":
        return "is missing"
    if details["type"] == "extra_forbidden":
        holder = _model_at(model, details["loc"][:-1])
        known = holder.model_fields if holder is not None else {}
        return f"there is no such setting; {nearest(str(details['loc'][-1]), known)}"
    return details["msg"].removeprefix("Value error, ")


def _model_at(model: type[BaseModel], place: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the model of the table at that place, or None where it has none."""
    found: type[BaseModel] | None = model
    for part in place:
        if found is None:
            return None
        if isinstance(part, str):
            field = found.model_fields.get(part)
            found = None if field is None else _model_in(field.annotation)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 (any annotation)
    """Return the first model that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def is_secret(model: type[BaseModel], path: Sequence[str]) -> bool:
    """Return whether the setting at that path holds a secret."""
    holder = _model_at(model, path[:-1])
    field = None if holder is None else holder.model_fields.get(path[-1])
    return field is not None and _is_secret_type(field.annotation)


def _is_secret_type(annotation: Any) -> bool:  # noqa: ANN401 (any annotation)
    return annotation is SecretStr or any(map(_is_secret_type, get_args(annotation)))
