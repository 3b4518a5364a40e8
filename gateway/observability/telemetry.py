"""What the process says of itself: structured lines, and no secret in them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection, Mapping, MutableMapping
from datetime import date, time, timedelta
from enum import Enum
from typing import Any, Literal, TextIO

import orjson
import structlog

__all__ = ["configure_logging", "redact"]

_SECRET_NAMES = ("authorization", "api_key", "api-key", "token", "secret", "password")
_SECRETS_IN_TEXT = (
    re.compile(r"(?i)\b((?:bearer|basic)\s+)[a-z0-9+/=._~-]{16,}"),
    # Our keys, and signed tokens, wherever they stand: also in what was written for an address.
    re.compile(r"()(?:swb(?:_|%5[Ff])(?:[\w-]|%5[Ff]){20,}|eyJ[\w-]+\.[\w-]+\.[\w-]*)"),
    re.compile(
        r"(?i)((?:api(?:[_-]|%5f|%2d)?key|token|secret|password)[\"']?\s*(?:[=:]|%3d)\s*[\"']?)"
        r"[^\s\"'&,;]+"
    ),
)
_REDACTED = "[redacted]"
_HARMLESS = (type(None), int, float, date, time, timedelta, Enum)
"""What is logged as it is; of anything else, what it would be shown as."""

_LEVELS = {
    # Whole addresses at INFO, with whatever they carry.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    # Strawberry logs each error of each field with its traceback; ours are logged once.
    "strawberry.execution": logging.CRITICAL + 1,
    # It counts the tries of a call, and the call's own lines tell of each.
    "stamina": logging.ERROR,
    # It says that the server has started and stopped, which ours says better.
    "uvicorn.error": logging.WARNING,
}


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Return the event without anything that is, or is named as, a secret."""
    for name, value in event.items():
        event[name] = _shown(name, value)
    return event


def _shown(name: object, value: object) -> object:
    """Return what is logged under that name, however deep a secret is in it."""
    if any(secret in str(name).lower() for secret in _SECRET_NAMES):
        return _REDACTED
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, Mapping):
        return {key: _shown(key, each) for key, each in value.items()}
    if isinstance(value, Collection) and not isinstance(value, bytes):
        return [_shown("", each) for each in value]
    return value if isinstance(value, _HARMLESS) else _without_secrets(repr(value))


def _without_secrets(text: str) -> str:
    for pattern in _SECRETS_IN_TEXT:
        text = pattern.sub(rf"\1{_REDACTED}", text)
    return text


def configure_logging(
    level: str, shape: Literal["auto", "json", "console"], stream: TextIO = sys.stderr
) -> None:
    """Send everything that is logged to the stream, as JSON or, on a terminal, for people."""
    for_people = shape == "console" or (shape == "auto" and stream.isatty())
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    # Before what is secret is cut out: a traceback may show some.
    last += [structlog.processors.format_exc_info, redact]
    last.append(_console(stream) if for_people else _json())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=last)
    )
    # For libraries that log by structlog itself: without it, they write to our standard output.
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *first,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, least in _LEVELS.items():
        logging.getLogger(name).setLevel(least)


def _console(stream: TextIO) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _json() -> structlog.processors.JSONRenderer:
    return structlog.processors.JSONRenderer(
        serializer=lambda event, default, **_: orjson.dumps(
            event, default=default, option=orjson.OPT_NON_STR_KEYS
        ).decode()
    )
