"""The first look: one query over every platform, asked of the gateway itself and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from gateway.asking import ask_over_http
from gateway.pages import EXAMPLES, example
from gateway.tables import print_answer

__all__ = ["cost_of", "show_first_look"]

_SECONDS = 60.0
"""A sandbox that has just begun still has to invent its past."""
_ROWS = 40


def show_first_look(console: Console, origin: str) -> None:
    """Ask the first example at that address and print the answer and what it cost."""
    answer = ask_over_http(origin, example(EXAMPLES[0]), seconds=_SECONDS)
    print_answer(console, answer, most_rows=_ROWS)
    console.print(f"\n{cost_of(answer)}", highlight=False)
    console.print(f"GraphiQL: {origin}/graphql", highlight=False)


def cost_of(answer: Mapping[str, Any]) -> str:
    """Return in words how many calls an answer cost, and how long it took."""
    trace = (answer.get("extensions") or {}).get("switchboard", {})
    platforms = trace.get("platforms", [])
    calls = sum(platform["calls"] for platform in platforms)
    milliseconds = trace.get("milliseconds", 0.0)
    return f"{calls} calls to {len(platforms)} platforms, {milliseconds:,.0f} milliseconds"
