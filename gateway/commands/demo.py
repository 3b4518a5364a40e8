"""The first look: one query over every platform, asked of the gateway itself and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from gateway.graphql.asking import ask_over_http
from gateway.graphql.tables import print_answer
from gateway.pages import EXAMPLES, example

__all__ = ["cost_of", "show_first_look"]

_SECONDS = 60.0
"""A sandbox that has just begun still has to invent its past."""
_ROWS = 40


def show_first_look(console: Console, origin: str) -> None:
    """Ask the first example at that address, twice, and print the answer and what each cost."""
    query = example(EXAMPLES[0])
    answer = ask_over_http(origin, query, seconds=_SECONDS)
    print_answer(console, answer, most_rows=_ROWS)
    again = ask_over_http(origin, query, seconds=_SECONDS)
    console.print(f"\nOne query: {cost_of(answer)}.", highlight=False)
    console.print(f"The same again: {cost_of(again)}.", highlight=False)
    console.print(f"GraphiQL: {origin}/graphql  (Ctrl-C ends all of it)", highlight=False)


def cost_of(answer: Mapping[str, Any]) -> str:
    """Return in words how many calls an answer cost, and how long it took."""
    trace = (answer.get("extensions") or {}).get("switchboard", {})
    platforms = trace.get("platforms", [])
    calls = sum(platform["calls"] for platform in platforms)
    milliseconds = trace.get("milliseconds", 0.0)
    spread = f" to {len(platforms)} platforms" if platforms else ""
    return f"{calls} calls{spread}, {milliseconds:,.0f} milliseconds"
