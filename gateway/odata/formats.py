"""Which form of an answer a caller takes, by `$format` or `Accept`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from http import HTTPStatus
from typing import NamedTuple

from gateway.refusals import RefusedError

__all__ = ["Form", "Level", "form_of"]


class Level(Enum):
    """How much is told beside the data."""

    NONE = "none"
    MINIMAL = "minimal"
    FULL = "full"


class Form(NamedTuple):
    """A media type, and how much is told beside the data."""

    media_type: str
    level: Level = Level.MINIMAL

    @property
    def content_type(self) -> str:
        """Return it as `Content-Type`."""
        if self.media_type == "application/json":
            return f"application/json;odata.metadata={self.level.value};charset=utf-8"
        return f"{self.media_type};charset=utf-8"


_SHORT: Mapping[str, str] = {
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
}
_LEVEL_NAMES = ("odata.metadata", "metadata")
_ANY = "*/*"


def form_of(accept: str | None, form: str | None, *offered: str) -> Form:
    """Return the form of the answer, the first of those offered where the caller does not care.

    Raises RefusedError, 406, where none of them is taken.
    """
    wanted = form or accept or _ANY
    for media_type, parameters in _ranges(_SHORT.get(wanted.strip().lower(), wanted)):
        found = next((one for one in offered if _fits(media_type, one)), None)
        if found is not None:
            return Form(found, _level(parameters))
    target = "$format" if form else "Accept"
    raise RefusedError(
        HTTPStatus.NOT_ACCEPTABLE,
        "NOT_ACCEPTABLE",
        f"This is given as {' or '.join(offered)}.",
        extensions={"argument": target, "accepted": list(offered)},
    )


def _ranges(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the media ranges and their parameters, the best liked first."""
    read = [_range(part) for part in text.split(",") if part.strip()]
    liked = [(one, _quality(one[1])) for one in read]
    for one, quality in sorted(liked, key=lambda pair: -pair[1]):
        if quality > 0:
            yield one


def _range(text: str) -> tuple[str, Mapping[str, str]]:
    media_type, *parts = (part.strip() for part in text.split(";"))
    pairs = (part.partition("=") for part in parts)
    return media_type.lower(), {
        name.strip().lower(): value.strip(' "').lower() for name, _, value in pairs
    }


def _quality(parameters: Mapping[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0


def _fits(media_range: str, media_type: str) -> bool:
    return media_range in {_ANY, media_type, f"{media_type.partition('/')[0]}/*"}


def _level(parameters: Mapping[str, str]) -> Level:
    told = next((parameters[name] for name in _LEVEL_NAMES if name in parameters), "minimal")
    try:
        return Level(told)
    except ValueError:
        raise RefusedError(
            HTTPStatus.NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "There is no such level of metadata.",
            extensions={
                "argument": "odata.metadata",
                "accepted": [one.value for one in Level],
            },
        ) from None
